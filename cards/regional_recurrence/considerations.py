"""What the meeting wants on the table about a regional recurrence: earlier treatment of that field, and what says something of the outlook.

Every answer is for the reader to weigh; none of them decides. What is not on record is called so, never "no".
"""

from collections.abc import Iterable
from datetime import date

from cds_service.facts.model import Fact
from cds_service.fhir.dates import add_months
from cds_service.guideline.criterion import Answer, Facts, all_of, criterion, newest, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values
from ..shared.criteria.lesions import DAYS_BEFORE_RECORD
from ..shared.criteria.receptors import receptor
from ..shared.criteria.treatment import done_since
from .criteria import (
    BREAST_SURGERY,
    RECURRENCE,
    cancers,
    latest_station,
    recurrence_began,
    recurrent_lesions,
)

NODAL_SURGERY = frozenset(("axillary_dissection", "sentinel_node", "mari", "node_excision"))
# The fields that hold a station; a neighbouring or wider field may hold it too.
FIELDS_OF = {
    "axillary_nodes": frozenset(("axilla", "regional_nodes")),
    "supraclavicular_nodes": frozenset(("supraclavicular", "regional_nodes")),
    "infraclavicular_nodes": frozenset(("infraclavicular", "regional_nodes")),
    "internal_mammary_nodes": frozenset(("internal_mammary",)),
    "lymph_nodes": frozenset(("regional_nodes",)),
}
MAY_HOLD = {
    "axillary_nodes": frozenset(("unspecified_field",)),
    "supraclavicular_nodes": frozenset(("infraclavicular", "unspecified_field")),
    "infraclavicular_nodes": frozenset(("supraclavicular", "axilla", "unspecified_field")),
    "internal_mammary_nodes": frozenset(("regional_nodes", "unspecified_field")),
    "lymph_nodes": frozenset(
        ("axilla", "supraclavicular", "infraclavicular", "internal_mammary", "unspecified_field")
    ),
}
RESTAGING = frozenset(("fdg_pet", "pet", "other_pet", "fes_pet", "ct_chest", "ct_abdomen"))


# --- earlier treatment


def _earlier(facts: Facts, fact: Fact) -> Truth:
    """Whether something was done before the recurrence was first recorded. What has no date counts as earlier: "status na okselbestraling"."""
    return ~fact.when.since(recurrence_began(facts)) if fact.when.is_known else MET


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def earlier_breast_surgery(facts: Facts) -> Answer:
    """Was this breast operated on for cancer before the recurrence?"""
    return facts.on_record(
        "cancer_surgery",
        lambda f: truth(f.value in BREAST_SURGERY) & f.on(facts.side) & _earlier(facts, f),
        otherwise=UNKNOWN,
    )


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def earlier_axillary_surgery(facts: Facts) -> Answer:
    """Were nodes of this axilla removed before the recurrence?"""
    return facts.on_record(
        "cancer_surgery",
        lambda f: truth(f.value in NODAL_SURGERY) & f.on(facts.side) & _earlier(facts, f),
        otherwise=UNKNOWN,
    )


@criterion(
    reads=(*RECURRENCE, "radiotherapy"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling; Radiotherapie, Rationale",
)
def earlier_irradiation_of_this_field(facts: Facts) -> Answer:
    """Was the field of the recurrence irradiated before? Irradiation of the breast or chest wall alone is another field, and is shown."""
    stations = {lesion.value for lesion in recurrent_lesions(facts)}
    sure = frozenset().union(*(FIELDS_OF.get(s, ()) for s in stations))
    perhaps = frozenset().union(*(MAY_HOLD.get(s, ()) for s in stations))

    def here(fact: Fact) -> Truth:
        return fact.on(facts.side) & _earlier(facts, fact)

    def holds_it(fact: Fact) -> Truth:
        if fact.value in sure:
            return here(fact)
        return here(fact) & UNKNOWN if fact.value in perhaps else NOT_MET

    answer = facts.on_record("radiotherapy", holds_it)
    if answer.truth is not NOT_MET:
        return answer
    elsewhere = tuple(f for f in facts.find("radiotherapy") if here(f) is MET)
    return Answer(NOT_MET if elsewhere else UNKNOWN, elsewhere)


@criterion(
    reads=(*RECURRENCE, "systemic_treatment"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def systemic_therapy_before_the_recurrence(facts: Facts) -> Answer:
    """Was systemic therapy given before the recurrence?"""
    return facts.on_record(
        "systemic_treatment",
        lambda f: truth(f.draft is None) & _earlier(facts, f),
        otherwise=UNKNOWN,
    )


@criterion(
    reads=(*RECURRENCE, "systemic_treatment"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def systemic_therapy_since_the_recurrence(facts: Facts) -> Answer:
    """Is systemic therapy on record since the recurrence?"""
    opens = recurrence_began(facts)
    return facts.on_record(
        "systemic_treatment",
        lambda f: truth(f.draft is None) & f.when.since(opens),
        otherwise=UNKNOWN,
    )


@criterion(
    reads=(*RECURRENCE, "scan"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def restaging_since_the_recurrence(facts: Facts) -> Answer:
    """Was a PET/CT or CT made since the recurrence, or shortly before it was recorded?"""
    opens = latest_station(facts).shifted(days=-DAYS_BEFORE_RECORD)
    return done_since(facts, "scan", RESTAGING, opens)


# --- the outlook


def _interval_from(facts: Facts) -> Fact | None:
    """Where the disease-free interval begins: the first breast surgery of this side, or else the first diagnosis of that breast."""

    def surely_earlier(found: Iterable[Fact]) -> list[Fact]:
        return [
            f
            for f in found
            if f.when.is_known and (f.asserted & f.on(facts.side) & _earlier(facts, f)) is MET
        ]

    operations = surely_earlier(facts.find("cancer_surgery", BREAST_SURGERY))
    diagnoses = surely_earlier(
        f for f in cancers(facts) if "recurrence" not in attribute_values(f, "course")
    )
    return min(operations or diagnoses, key=lambda f: f.when.earliest or date.min, default=None)


def _interval(facts: Facts, years: int, *, over: bool) -> Answer:
    """Whether the disease-free interval is at least so many years (`over`: longer), with its whole years and months.

    The values are left out where the dates leave more than a month open.
    """
    start, end = _interval_from(facts), recurrence_began(facts)
    unread = facts.of("cancer_surgery").unread | facts.of("cancer_diagnosis").unread
    if start is None:
        return Answer(UNKNOWN, (), unread)
    limit = start.when.shifted(months=12 * years, days=1 if over else 0)
    least = _whole_months(start.when.latest, end.earliest)
    most = _whole_months(start.when.earliest, end.latest)
    told: dict[str, int | None] = {"interval_years": None, "interval_months": None}
    if least is not None and most is not None and most - least <= 1:
        told = {"interval_years": least // 12, "interval_months": least % 12}
    result = end.since(limit)
    return Answer(result, (start,), unread if result is UNKNOWN else frozenset(), told)


def _whole_months(start: date | None, end: date | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (add_months(start, months) > end)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Waarden en voorkeuren",
    values=("interval_years", "interval_months"),
)
def disease_free_interval_shorter_than(facts: Facts, years: int) -> Answer:
    """Did the recurrence come within so many years of the first surgery (or else the diagnosis) of this breast?"""
    return ~_interval(facts, years, over=False)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Waarden en voorkeuren",
)
def disease_free_interval_longer_than(facts: Facts, years: int) -> Answer:
    """Did it take more than so many years?"""
    return _interval(facts, years, over=True)


@criterion(source="regional-recurrence-2026, Algemene overwegingen", values=("age",))
def age_is_known(facts: Facts) -> Answer:
    """How old is the patient now? A value to weigh: the source names no limit."""
    born, today = facts.reading.birth, facts.today
    least, most = _whole_months(born.latest, today), _whole_months(born.earliest, today)
    if least is None or most is None or least // 12 != most // 12:
        return Answer(UNKNOWN, values={"age": None})
    return Answer(MET, values={"age": least // 12})


def _receptor_positive(facts: Facts, marker: str) -> Answer:
    """Whether a receptor is positive: the newest result counts, of whatever tissue; those of the other breast do not."""
    return receptor(facts, marker, side=facts.side)


@criterion(reads=("receptor",), source="regional-recurrence-2026, Waarden en voorkeuren")
def oestrogen_receptor_negative(facts: Facts) -> Answer:
    """Is the newest oestrogen receptor negative?"""
    return ~_receptor_positive(facts, "er")


@criterion(reads=("receptor",), source="regional-recurrence-2026, Waarden en voorkeuren")
def recurrence_is_her2_positive(facts: Facts) -> Answer:
    """Is the newest HER2 result positive?"""
    return _receptor_positive(facts, "her2")


@criterion(reads=("receptor",), source="regional-recurrence-2026, Waarden en voorkeuren")
def triple_negative(facts: Facts) -> Answer:
    """Are the newest oestrogen receptor, progesterone receptor and HER2 all negative?"""
    return all_of(~_receptor_positive(facts, marker) for marker in ("er", "pr", "her2"))


@criterion(
    reads=(*RECURRENCE, "nodal_state"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Waarden en voorkeuren",
)
def several_or_bulky_nodes(facts: Facts) -> Answer:
    """Are there several nodes, several stations, or bulky nodes?"""
    lesions, opens = recurrent_lesions(facts), recurrence_began(facts)
    nodes = {lesion.reference for lesion in lesions if lesion.reference}
    several_stations = len({lesion.value for lesion in lesions}) > 1
    if several_stations or any("multiple" in attribute_values(f, "extent") for f in lesions):
        return Answer(MET, tuple(lesions))

    def told(fact: Fact) -> Truth:
        about = MET if fact.reference in nodes else fact.when.since(opens)
        return fact.current & fact.on(facts.side) & about

    def many(fact: Fact) -> Truth:
        several = bool(attribute_values(fact, "number") - {"0", "1"})
        return told(fact) & truth(fact.value == "bulky" or several)

    answer = facts.on_record("nodal_state", many)
    single = tuple(
        f
        for f in facts.find("nodal_state")
        if "1" in attribute_values(f, "number") and told(f) is MET
    )
    if answer.truth is NOT_MET and not single:
        return Answer(UNKNOWN)
    return Answer(answer.truth, answer.evidence or single, answer.unread)


@criterion(reads=("general_condition",), source="regional-recurrence-2026, Rationale")
def general_condition_is_known(facts: Facts) -> Answer:
    """Is a performance status on record? The newest one."""
    if latest := newest(facts.find("general_condition")):
        return Answer(MET, latest)
    return Answer(UNKNOWN, (), facts.of("general_condition").unread)


@criterion(
    reads=(*RECURRENCE, "radiotherapy", "receptor"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Algemene overwegingen",
    values=("counted", "undecided"),
)
def cohort_risk_factors(facts: Facts) -> Answer:
    """Is at least one of the two cohort risk factors present that can be counted: inside an irradiated field; not luminal A?

    ER negative or HER2 positive is surely not luminal A; with ER positive and HER2 negative grade or Ki-67 decides, so that it stays open.
    """
    not_luminal_a = one_of((oestrogen_receptor_negative(facts), recurrence_is_her2_positive(facts)))
    if not_luminal_a.truth is NOT_MET:
        not_luminal_a = Answer(UNKNOWN, not_luminal_a.evidence)
    factors = (earlier_irradiation_of_this_field(facts), not_luminal_a)
    answer = one_of(factors)
    counted, undecided = (sum(f.truth is wanted for f in factors) for wanted in (MET, UNKNOWN))
    return Answer(
        answer.truth, answer.evidence, answer.unread, {"counted": counted, "undecided": undecided}
    )
