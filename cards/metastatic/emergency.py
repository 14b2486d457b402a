"""An alarm beside a metastasis: the emergency comes before the work-up, until bone was irradiated or decompressed."""

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates, latest
from cds_service.guideline.criterion import Answer, Facts, all_of, criterion, day_of, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.alarm import alarm_on_record, standing_alarms
from ..shared.criteria.answers import attribute_values
from ..shared.criteria.lesions import certainty, distant_lesions
from ..shared.criteria.orders import ordered
from ..shared.criteria.treatment import done_since
from .criteria import distant_metastasis_confirmed, metastasis_is_newly_found, metastatic_stage
from .work_up import WORK_UP, WORK_UP_SETTINGS, something_is_missing


def alarm_began(facts: Facts) -> Dates:
    """When the latest alarm began; a draft is of today."""
    today = Dates(facts.today, facts.today)
    return latest(
        day_of(alarm) if alarm.draft is None else today for alarm in standing_alarms(facts)
    )


def alarm_treated(facts: Facts) -> Answer:
    """Whether bone was irradiated, decompressed or stabilised since the alarm."""
    opens = alarm_began(facts)
    return one_of(
        (
            done_since(
                facts, "radiotherapy", ("bone",), opens, doubtful=("unspecified_field", "brain")
            ),
            done_since(facts, "cancer_surgery", ("bone_stabilisation",), opens),
        )
    )


@criterion(
    aside=("alarm", "cancer_surgery", "radiotherapy"),
    settings=("alarm_days", "alarm_months"),
    source="project choice: the rule on alarms, which come before every advice",
)
def alarm_without_treatment(facts: Facts) -> Answer:
    """Is there an alarm now, also a suspected one, without radiotherapy of bone or decompression on record since? Where treatment is
    not certain the alarm stands."""
    answer = alarm_on_record(facts)
    if answer.truth is MET and (treated := alarm_treated(facts)).truth is MET:
        return Answer(NOT_MET, treated.evidence)
    return answer


def _not_asked(facts: Facts, kind: str, fields: frozenset[str] = frozenset()) -> Answer:
    """Whether no order of a kind was surely made since the alarm; what is not certain is offered once more. `fields`: what the
    radiotherapy may name. An order without a date stands on the record now."""

    def of_bone(order: Fact) -> Truth:
        return truth(not attribute_values(order, "field") - fields)

    asked = ordered(facts, "care_order", (kind,), alarm_began(facts), where=of_bone)
    return Answer(NOT_MET, asked.evidence) if asked.truth is MET else Answer(MET)


@criterion(
    aside=("alarm", "care_order"),
    settings=("alarm_days", "alarm_months"),
    source="project choice: an order that was made is not offered again",
)
def radiotherapist_not_asked(facts: Facts) -> Answer:
    """Was radiotherapy of bone, or assessment for it, not ordered since the alarm? Decides only what is offered."""
    return _not_asked(facts, "radiotherapy", frozenset(("bone", "unspecified_field")))


@criterion(
    aside=("alarm", "care_order"),
    settings=("alarm_days", "alarm_months"),
    source="project choice: an order that was made is not offered again",
)
def surgeon_not_asked(facts: Facts) -> Answer:
    """Was decompression or stabilisation, or assessment for it, not ordered since the alarm? Decides only what is offered."""
    return _not_asked(facts, "bone_stabilisation")


@criterion(
    aside=("cancer_diagnosis", "lesion", "tumour_stage"),
    source="project choice: the rule on alarms, which come before every advice",
)
def metastasis_confirmed_or_suspected(facts: Facts) -> Answer:
    """Is a distant metastasis confirmed or suspected, whatever its age? A finding of which nobody says what it is, is none."""
    found = (
        *(
            f
            for f in distant_lesions(facts, (MET, UNKNOWN))
            if certainty(f) in ("confirmed", "suspected")
        ),
        *metastatic_stage(facts),
        *metastatic_stage(facts, UNKNOWN),
    )
    if found:
        return Answer(MET, found)
    unread = facts.of("lesion").unread | facts.of("tumour_stage").unread
    return Answer(UNKNOWN, unread=unread) if unread else Answer(NOT_MET)


@criterion(
    reads=WORK_UP,
    settings=WORK_UP_SETTINGS,
    source="project choice: one card names the emergency and what is missing",
)
def work_up_is_open(facts: Facts) -> Answer:
    """Is a newly found, confirmed metastasis surely not worked up, so that this card lists what is missing behind the emergency?"""
    answer = all_of(
        (
            distant_metastasis_confirmed(facts),
            metastasis_is_newly_found(facts),
            something_is_missing(facts),
        )
    )
    return answer if answer.truth is MET else Answer(NOT_MET)
