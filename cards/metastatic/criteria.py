"""Metastatic disease on record, first-line treatment, the yield of a PET/CT (metastatic-information), about the patient."""

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates, add_months, first, lasts_longer_than
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values, first_record
from ..shared.criteria.lesions import (
    DAYS_BEFORE_RECORD,
    PARTS,
    REGIONAL_NODES,
    confirmed,
    counts,
    distinct,
    newest_lesion,
)
from ..shared.criteria.receptors import hormone_receptor
from ..shared.criteria.treatment import systemic_treatment_since

BONE = PARTS["bone"] | {"bone"}
NODES = REGIONAL_NODES | {"mediastinal_nodes", "other_nodes", "lymph_nodes"}
OWN_WORDS = ("nodes",)  # an organ in which lesions lie, by a name of its own
# Sites that are one organ, or one compartment: the source takes lung and pleural cavity together.
ORGANS = {
    "bone": BONE,
    "lung": frozenset(("lung", "pleura")),
    "brain": frozenset(("brain", "meninges", "brain_or_meninges")),
    "nodes": NODES,
}


def is_metastasis(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion surely is a distant metastasis; one that is only suspected leaves it unknown."""
    there = counts(facts, lesion)
    return there if there is NOT_MET else there & confirmed(lesion)


def metastases(facts: Facts, wanted: tuple[Truth, ...] = (MET,)) -> list[Fact]:
    """The confirmed distant metastases (or, as `wanted` says, the possible ones too)."""
    return [f for f in facts.of("lesion").facts if is_metastasis(facts, f) in wanted]


def metastatic_stage(facts: Facts, wanted: Truth = MET) -> list[Fact]:
    """Statements of M1 or stage IV."""
    return [f for f in facts.of("tumour_stage").facts if f.value == "m1" and f.asserted is wanted]


@criterion(
    reads=("cancer_diagnosis", "lesion", "tumour_stage"),
    source="metastatic-information, Aanvullend onderzoek",
)
def distant_metastasis_confirmed(facts: Facts) -> Answer:
    """Is a distant metastasis confirmed? Regional nodes are none; a suspicion is not enough."""
    found = (*metastases(facts), *metastatic_stage(facts))
    if found:
        return Answer(MET, found)
    doubtful = (*metastases(facts, (UNKNOWN,)), *metastatic_stage(facts, UNKNOWN))
    unread = facts.of("lesion").unread | facts.of("tumour_stage").unread
    return Answer(UNKNOWN, doubtful, unread) if doubtful or unread else Answer(NOT_MET)


def newest_recorded(facts: Facts) -> Dates:
    """When the latest metastasis was first on record; where no lesion is, when the stage was."""
    day = newest_lesion(metastases(facts))
    return day if day.is_known else first_recorded(facts)


def first_recorded(facts: Facts) -> Dates:
    """When the metastatic disease was first on record."""
    found = (*metastases(facts), *metastatic_stage(facts))
    return first(map(first_record, found), by_end=True)


def since_found(facts: Facts) -> Dates:
    """From when something counts for the latest metastasis: the scan that found it may precede its record."""
    return newest_recorded(facts).shifted(days=-DAYS_BEFORE_RECORD)


@criterion(
    reads=("cancer_diagnosis", "lesion", "tumour_stage"),
    settings=("new_metastasis_months",),
    source="metastatic-information, Aanvullend onderzoek",
)
def metastasis_is_newly_found(facts: Facts) -> Answer:
    """Was a distant metastasis first recorded at most so many months ago (a setting)?"""
    evidence = distant_metastasis_confirmed(facts).evidence
    # What was not read may hold a newer metastasis.
    if unread := facts.of("lesion").unread | facts.of("tumour_stage").unread:
        return Answer(UNKNOWN, evidence, unread)
    months = facts.setting("new_metastasis_months")
    return Answer(~lasts_longer_than(months, newest_recorded(facts), facts.today), evidence)


# --- first-line treatment


@criterion(reads=("receptor",), source="metastatic-information, Hormoontherapie")
def hormone_receptor_positive(facts: Facts) -> Answer:
    """Is the tumour hormone receptor positive? The newest result wins, whatever tissue it is of."""
    return hormone_receptor(facts)


@criterion(reads=("receptor",), source="metastatic-information, Aanvullend onderzoek")
def receptors_are_not_of_the_metastasis(facts: Facts) -> Answer:
    """Is that result of the primary tumour, or of a tissue that is not on record?"""
    found = hormone_receptor(facts)
    if not found.evidence or found.truth is UNKNOWN:
        return Answer(UNKNOWN, found.evidence, found.unread)
    of_metastasis = any("metastasis" in attribute_values(f, "tissue") for f in found.evidence)
    return Answer(NOT_MET if of_metastasis else MET, found.evidence)


@criterion(
    reads=("cancer_diagnosis", "lesion", "systemic_treatment", "tumour_stage"),
    source="metastatic-information, Hormoontherapie",
)
def first_line(facts: Facts) -> Answer:
    """Did no systemic treatment begin since the metastasis was first recorded?"""
    return ~systemic_treatment_since(facts, first_recorded(facts))


@criterion(
    reads=("cancer_diagnosis", "complication", "lesion", "tumour_stage"),
    source="metastatic-information, Hormoontherapie, Chemotherapie",
)
def course_on_record(facts: Facts, course: str) -> Answer:
    """Is this course of the disease on record, or the reason of the order? Not on record is unknown; "no" counts where it is said."""
    opens = since_found(facts)
    if facts.order is not None and course in attribute_values(facts.order, "course"):
        return Answer(MET, (facts.order,))

    def now(fact: Fact) -> Truth:
        lately = fact.current if fact.resource_type == "Condition" else fact.when.since(opens)
        return truth(fact.value == course) & lately

    return facts.on_record("complication", now, denied=lambda fact: ~fact.asserted & now(fact))


@criterion(
    reads=("systemic_treatment",),
    source="project choice: an order that says so is about another tumour",
)
def chemotherapy_is_for_early_disease(facts: Facts) -> Answer:
    """Does the order say that it is adjuvant or neoadjuvant, so that it is about another tumour than the metastases?"""
    order = facts.order
    same = [
        f
        for f in facts.of("systemic_treatment").facts
        if order is not None and order.draft is not None and f.draft == order.draft
    ]
    early = tuple(f for f in same if attribute_values(f, "intent") & {"adjuvant", "neoadjuvant"})
    return Answer(MET if early else NOT_MET, early)


# --- how widespread


def organs(lesions: list[Fact]) -> set[str]:
    """The organs in which lesions lie; a lesion without a site adds none."""
    return {
        next((organ for organ, sites in ORGANS.items() if f.value in sites), f.value)
        for f in lesions
        if f.value != "unspecified"
    }


@criterion(
    reads=("cancer_diagnosis", "lesion"),
    settings=("several_organs_lesions", "several_sites_lesions"),
    source="metastatic-information, Aanvullend onderzoek",
    values=("lesions", "organs"),
)
def metastases_at_several_sites(facts: Facts) -> Answer:
    """Are more than so many lesions, or metastases in at least so many organs, confirmed (settings)?"""
    sure, possible = metastases(facts), metastases(facts, (MET, UNKNOWN))
    unread = facts.of("lesion").unread
    most, enough = facts.setting("several_sites_lesions"), facts.setting("several_organs_lesions")
    told = {"lesions": len(distinct(sure)), "organs": len(organs(sure))}
    if told["lesions"] > most or told["organs"] >= enough:
        return Answer(MET, tuple(sure), values=told)
    uncounted = any("multiple" in attribute_values(f, "extent") for f in possible)
    if unread or uncounted or len(distinct(possible)) > most or len(organs(possible)) >= enough:
        return Answer(UNKNOWN, tuple(possible), unread)
    return Answer(NOT_MET, tuple(sure), values=told)


def recent(facts: Facts, fact: Fact) -> Truth:
    """Whether a complaint exists now: a current condition, or an observation of the last months (a setting)."""
    if fact.resource_type == "Condition":
        return fact.current
    return fact.when.on_or_after(add_months(facts.today, -facts.setting("new_metastasis_months")))
