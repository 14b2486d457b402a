"""The questions of the draft module on autologous fat transfer after mastectomy (aft-2026), about one breast: `facts.side`."""

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import first
from cds_service.guideline.criterion import Answer, Facts, all_of, any_of, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values
from ..shared.criteria.cancer import sides_of
from ..shared.criteria.orders import STAGING_REASONS, is_urgent, reasons

# In situ too: the module speaks of breast cancer patients who have a mastectomy.
CANCER_HERE = frozenset(("invasive", "in_situ", "inflammatory", "cancer"))
# What surveillance of a reconstructed breast may say as its reason; to name or ask a recurrence or metastases is another question.
ROUTINE_REASONS = STAGING_REASONS - {
    "recurrence",
    "metastases",
    "suspected_metastases",
    "suspected_recurrence",
}
FIELDS = frozenset(
    (
        "breast",
        "chest_wall",
        "regional_nodes",
        "axilla",
        "supraclavicular",
        "infraclavicular",
        "internal_mammary",
        "unspecified_field",
    )
)


def cancers(facts: Facts) -> list[Fact]:
    """The breast cancers on record, invasive or in situ, of either side."""
    return [
        f
        for f in facts.find("cancer_diagnosis", CANCER_HERE, possible=True)
        if f.current is not NOT_MET
    ]


def concerns(facts: Facts, order: Fact) -> Truth:
    """Whether an operation is for this breast. One without a side is for the breast with the cancer, as far as that is known."""
    if order.side is not Laterality.UNKNOWN:
        return NOT_MET if facts.side is Laterality.UNKNOWN else order.on(facts.side)
    sides = sides_of(cancers(facts)) & {Laterality.LEFT, Laterality.RIGHT}
    return truth(facts.side in (sides or {Laterality.UNKNOWN}))


def _mastectomy_done(facts: Facts) -> Answer:
    return facts.on_record(
        "cancer_surgery", lambda f: truth(f.value == "mastectomy") & f.on(facts.side)
    )


@criterion(
    reads=("cancer_diagnosis",),
    source="project choice: a mastectomy without a side is of the breast with the cancer",
)
def mastectomy_concerns_this_breast(facts: Facts) -> Answer:
    """Is the mastectomy that is being ordered one of this breast?"""
    if facts.order is None:
        return Answer(NOT_MET)
    return Answer(concerns(facts, facts.order), (facts.order,))


@criterion(reads=("cancer_surgery",), source="aft-2026, Aanbeveling")
def mastectomy_is_not_done_yet(facts: Facts) -> Answer:
    """Is no mastectomy of this breast on record yet?"""
    return ~_mastectomy_done(facts)


@criterion(
    reads=("cancer_diagnosis", "cancer_surgery", "care_order"), source="aft-2026, Aanbeveling"
)
def mastectomy_is_planned(facts: Facts) -> Answer:
    """Is a mastectomy of this breast ordered or planned, and not done yet?"""
    orders = [
        (f, f.asserted & concerns(facts, f))
        for f in facts.of("care_order").facts
        if f.value == "mastectomy" and "completed" not in attribute_values(f, "state")
    ]
    planned = any_of(orders, facts.of("care_order").unread)
    answer = all_of([planned, mastectomy_is_not_done_yet(facts)])
    return Answer(answer.truth, planned.evidence, answer.unread)


@criterion(reads=("cancer_diagnosis",), source="aft-2026, Uitgangsvraag")
def cancer_of_either_breast(facts: Facts) -> Answer:
    """Is there a breast cancer now at all, invasive or in situ?"""
    return facts.on_record("cancer_diagnosis", lambda f: truth(f.value in CANCER_HERE) & f.current)


@criterion(reads=("cancer_diagnosis",), source="aft-2026, Uitgangsvraag")
def cancer_of_this_breast(facts: Facts) -> Answer:
    """Is there a cancer of this breast now, invasive or in situ? A preventive mastectomy is another matter."""
    return facts.on_record(
        "cancer_diagnosis",
        lambda f: truth(f.value in CANCER_HERE) & f.current & f.on(facts.side),
    )


def _wish(facts: Facts, yes: str, no: str) -> Answer:
    """What is recorded of a wish: the open world, since nobody need have written it down."""
    said = facts.find("reconstruction_wish", (yes, no))
    values = {f.value for f in said}
    if len(values) == 1:
        return Answer(truth(values == {yes}), said)
    unread = facts.of("reconstruction_wish").unread
    return Answer(UNKNOWN, said, unread, conflicting=bool(values))


@criterion(reads=("reconstruction_wish",), source="aft-2026, Aanbeveling")
def values_own_tissue(facts: Facts) -> Answer:
    """Does the patient value a reconstruction with tissue of her own?"""
    return _wish(facts, "own_tissue", "no_own_tissue")


@criterion(reads=("reconstruction_wish",), source="aft-2026, Aanbeveling")
def accepts_several_sessions(facts: Facts) -> Answer:
    """Is the patient willing to have several sessions of treatment?"""
    return _wish(facts, "several_sessions", "few_sessions")


@criterion(reads=("cancer_diagnosis", "care_order"), source="aft-2026, Aanbeveling")
def radiotherapy_is_indicated(facts: Facts) -> Answer:
    """Is radiotherapy of this side ordered or planned, or is the cancer inflammatory? No record leaves it open: to be asked."""
    inflammatory = facts.on_record(
        "cancer_diagnosis",
        lambda f: truth(f.value == "inflammatory") & f.current & f.on(facts.side),
    )
    if inflammatory.truth is MET:
        return inflammatory

    def irradiates(order: Fact) -> Truth:
        fields = attribute_values(order, "field")
        of_this_region = not fields or bool(fields & FIELDS)
        return truth(order.value == "radiotherapy" and of_this_region) & order.on(facts.side)

    return facts.on_record("care_order", irradiates, otherwise=UNKNOWN)


@criterion(
    reads=("cancer_diagnosis", "care_order"),
    source="project choice: what is ordered answers the advice",
)
def fat_transfer_is_ordered(facts: Facts) -> Answer:
    """Is a fat transfer of this breast ordered already?"""
    return facts.on_record(
        "care_order", lambda f: truth(f.value == "fat_transfer") & concerns(facts, f)
    )


@criterion(reads=("cancer_surgery",), source="aft-2026, Aanbeveling")
def fat_transfer_after_mastectomy(facts: Facts) -> Answer:
    """Did this side have a fat transfer after a mastectomy? Dates that are not on record do not stand in the way."""
    mastectomy = _mastectomy_done(facts)
    removed = first(f.when for f in mastectomy.evidence)

    def afterwards(transfer: Fact) -> Truth:
        before = transfer.when.since(removed) is NOT_MET
        return truth(transfer.value == "fat_transfer" and not before) & transfer.on(facts.side)

    return all_of([mastectomy, facts.on_record("cancer_surgery", afterwards)])


@criterion(source="aft-2026, Aanbeveling")
def order_is_for_surveillance(facts: Facts) -> Answer:
    """Is the order routine, without a question of its own? A suspicion, a complaint, a recurrence or metastases as its reason make it
    diagnostic, and urgency exempts it. One without a reason may be either."""
    order = facts.order
    exempt = order is None or is_urgent(order) or bool(reasons(order) - ROUTINE_REASONS)
    return Answer(NOT_MET if exempt else MET, (order,) if order is not None else ())


@criterion(
    reads=("cancer_diagnosis",),
    aside=("lesion",),
    source="project choice: the rule that a suspicion is a new question",
)
def recurrence_of_this_side(facts: Facts) -> Answer:
    """Is there a recurrence of this side now, in the breast, its chest wall or its nodes? A suspected one is a new question."""

    def of_this_side(fact: Fact) -> Truth:
        recurs = "recurrence" in attribute_values(fact, "course") or fact.value == "chest_wall"
        stands = fact.asserted is not NOT_MET  # a suspected one too
        return truth(recurs and stands) & fact.current & fact.on(facts.side)

    lesions = facts.of("lesion")
    answer = any_of(
        ((f, of_this_side(f)) for f in (*facts.of("cancer_diagnosis").facts, *lesions.facts)),
        facts.of("cancer_diagnosis").unread,
    )
    if answer.truth is not MET and lesions.unread:
        return Answer(UNKNOWN, answer.evidence, answer.unread, asked=lesions.unread)
    return answer


@criterion(source="project choice: the advice against imaging is about this breast alone")
def order_names_this_breast(facts: Facts) -> Answer:
    """Does the order name this breast? After a mastectomy an order without a side is as likely for the other one."""
    if facts.order is None:
        return Answer(NOT_MET)
    return Answer(facts.order.on(facts.side), (facts.order,))


@criterion(source="project choice: the other breast keeps its surveillance")
def order_is_of_this_breast_only(facts: Facts) -> Answer:
    """Is the order for this breast alone, so that it can be removed?"""
    return Answer(truth(facts.order is not None and facts.order.side is facts.side))


@criterion(reads=("breast_complaint_now",), source="aft-2026, Aanbeveling")
def complaint_of_this_breast(facts: Facts) -> Answer:
    """Is there a complaint of this side now, which asks for imaging of its own?"""
    return facts.on_record("breast_complaint_now", lambda f: f.current & f.on(facts.side))
