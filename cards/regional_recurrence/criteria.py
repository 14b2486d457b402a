"""The questions of the module on regional recurrence (9.2.3, draft 2026), about one side: `facts.side`.

A regional field always has a side: nodes of an unknown side are unknown for the left and for the right. What the
meeting wants on the table stands in considerations.py.
"""

from datetime import date

from cds_service.facts.model import Fact, Side
from cds_service.fhir.dates import Dates, add_months
from cds_service.guideline.criterion import Answer, Facts, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, either, every

from ..shared.criteria.answers import any_of, attribute_values
from ..shared.criteria.cancer import CANCER
from ..shared.criteria.lesions import REGIONAL_NODES, certainty, is_distant
from ..shared.criteria.orders import ordered, reasons
from ..shared.criteria.treatment import mdt_since

AXILLA = frozenset(("axillary_nodes",))
BEYOND_AXILLA = REGIONAL_NODES - AXILLA  # supra- and infraclavicular, internal mammary
BREAST_SURGERY = frozenset(("mastectomy", "breast_conserving"))
STATION_NOT_SAID = "lymph_nodes"
# What it takes to recognise the recurrence: the facts that `recurrences` reads.
RECURRENCE = ("cancer_diagnosis", "cancer_surgery", "lesion", "regional_recurrence_in_words")


def _is(said: bool) -> Truth:
    return MET if said else NOT_MET


# --- the recurrence


def cancers(facts: Facts) -> list[Fact]:
    """The breast cancers on record, in situ left out. A recurrence in nodes that is coded as breast cancer does not tell the side of the
    first one, unless it is the only one on record."""
    nodal = {
        f.reference for f in facts.of("lesion").facts if f.value in REGIONAL_NODES and f.reference
    }
    found = [
        f
        for f in facts.of("cancer_diagnosis").facts
        if f.value in CANCER and f.holds is not NOT_MET
    ]
    return [f for f in found if f.reference not in nodal] or found


@criterion(reads=("cancer_diagnosis", "lesion"), source="regional-recurrence-2026, Uitgangsvraag")
def breast_cancer_of_this_side(facts: Facts) -> Answer:
    """Is a breast cancer of this side on record, current or past? Nodes of the other side are distant."""
    return any_of(
        ((f, f.holds & of_this_side(facts, f)) for f in cancers(facts)),
        facts.of("cancer_diagnosis").unread,
    )


def of_this_side(facts: Facts, fact: Fact) -> Truth:
    """Whether something is of this side. While the side of the nodes is not on record either side may be theirs."""
    return MET if facts.side is Side.UNKNOWN else fact.on(facts.side)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="project choice: nodes without a side are of neither side",
)
def side_of_the_nodes_is_on_record(facts: Facts) -> Answer:
    """Is the side of the nodes on record? Many codes of nodes hold none, and nodes of the other side are distant."""
    told = facts.side is not Side.UNKNOWN
    return Answer(
        MET if told else UNKNOWN,
        tuple(lesion for lesion, sure in recurrences(facts) if sure is not NOT_MET),
    )


def took_place(fact: Fact) -> Dates:
    """When something was done; what is known from the problem list only ("status na ablatio") was done before it was recorded."""
    return fact.when if fact.when.is_known else Dates(None, fact.recorded.latest)


def first_told(lesion: Fact) -> Dates:
    """When a lesion was first there: its onset or finding, or else its record."""
    return lesion.when if lesion.when.is_known else lesion.recorded


def _said_to_recur(lesion: Fact) -> Truth:
    said = [
        m for m in lesion.attributes.get("course", ()) if m.value == "recurrence" and not m.negated
    ]
    return either(UNKNOWN if m.uncertain else MET for m in said)


def _after_surgery(facts: Facts, lesion: Fact) -> Truth:
    """Whether it was first recorded so many months (a setting) after surgery of the breast on this side, or later.

    A new primary of that side since the operation leaves it unknown: its nodes are synchronous. So does a cancer that is only past while no
    operation is on record.
    """
    months, told = (
        facts.setting("recurrence_after_months"),
        [d for d in (lesion.when, lesion.recorded) if d.is_known],
    )
    operations = [
        (f, f.holds & of_this_side(facts, f))
        for f in facts.of("cancer_surgery").facts
        if f.value in BREAST_SURGERY
    ]
    operations = [(f, sure) for f, sure in operations if sure is not NOT_MET]
    late = either(sure & _every_date(told, _later(took_place(f), months)) for f, sure in operations)
    if late is NOT_MET and (
        facts.of("cancer_surgery").unread or not operations and not _has_current_cancer(facts)
    ):
        return UNKNOWN
    return late & (
        UNKNOWN if late is MET and _new_primary(facts, [f for f, _ in operations], months) else MET
    )


def _later(when: Dates, months: int) -> Dates:
    return Dates(
        *(add_months(day, months) if day else None for day in (when.earliest, when.latest))
    )


def _every_date(told: list[Dates], opens: Dates) -> Truth:
    return every(d.not_before(opens) for d in told) if told and opens.is_known else UNKNOWN


def _has_current_cancer(facts: Facts) -> bool:
    return any(
        f.value != "history" and f.current is not NOT_MET and f.on(facts.side) is not NOT_MET
        for f in cancers(facts)
    )


def _new_primary(facts: Facts, operations: list[Fact], months: int) -> bool:
    """A cancer of this side, not itself called a recurrence, that began that long after the first operation."""
    begun = [
        f.when
        for f in cancers(facts)
        if f.value != "history" and f.on(facts.side) is MET and _said_to_recur(f) is NOT_MET
    ]
    return any(
        d.not_before(_later(took_place(f), months)) is MET
        for d in begun
        for f in operations
        if f.when.is_known and d.is_known
    )


def recurrences(
    facts: Facts, stations: frozenset[str] = REGIONAL_NODES
) -> list[tuple[Fact, Truth]]:
    """The nodal disease of this side, each with how surely it is a recurrence. Suspected disease and nodes whose station is not said: unknown."""
    judged = []
    for lesion in facts.of("lesion").facts:
        here = (
            _is(lesion.side not in (Side.LEFT, Side.RIGHT, Side.BOTH))
            if facts.side is Side.UNKNOWN
            else lesion.on(facts.side)
        )
        sure = (
            lesion.holds
            & lesion.current
            & here
            & (MET if certainty(lesion) == "confirmed" else UNKNOWN)
        )
        sure &= _of_these_stations(facts, lesion, stations)
        if sure is not NOT_MET:
            said = _said_to_recur(lesion)
            judged.append(
                (lesion, sure & (said if said is MET else said | _after_surgery(facts, lesion)))
            )
    return judged


def _of_these_stations(facts: Facts, lesion: Fact, stations: frozenset[str]) -> Truth:
    """Whether a lesion lies in one of the stations. "Regionaal recidief" names none, but it is one of them."""
    if lesion.value != STATION_NOT_SAID:
        return _is(lesion.value in stations)
    regional = {
        f.reference
        for f in facts.of("regional_recurrence_in_words").facts
        if f.holds is MET and f.reference
    }
    return MET if stations == REGIONAL_NODES and lesion.reference in regional else UNKNOWN


def _recurrence_in(facts: Facts, stations: frozenset[str]) -> Answer:
    judged = recurrences(facts, stations)
    unread = facts.of("lesion").unread
    if any(_said_to_recur(lesion) is not MET for lesion, _ in judged):  # then the operation decided
        unread |= facts.of("cancer_surgery").unread
    return any_of(judged, unread)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Uitgangsvraag",
)
def regional_recurrence(facts: Facts) -> Answer:
    """Is there a recurrence in the regional nodes of this side: called so, or first recorded long enough after breast surgery?"""
    return _recurrence_in(facts, REGIONAL_NODES)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Chirurgie, Rationale",
)
def recurrence_in_the_axilla(facts: Facts) -> Answer:
    """Is it in the axilla?"""
    return _recurrence_in(facts, AXILLA)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Chirurgie, Radiotherapie, Rationale",
)
def recurrence_beyond_the_axilla(facts: Facts) -> Answer:
    """Is it supraclavicular, infraclavicular or parasternal?"""
    return _recurrence_in(facts, BEYOND_AXILLA)


def recurrent_lesions(facts: Facts) -> list[Fact]:
    """The lesions that surely are this recurrence."""
    return [lesion for lesion, sure in recurrences(facts) if sure is MET]


def _first_by_station(facts: Facts) -> list[Dates]:
    first: dict[str, Dates] = {}
    for lesion in recurrent_lesions(facts):
        when = first_told(lesion)
        if when.is_known and (
            lesion.value not in first
            or (when.earliest or date.min) < (first[lesion.value].earliest or date.min)
        ):
            first[lesion.value] = when
    return list(first.values())


def recurrence_began(facts: Facts) -> Dates:
    """When the recurrence was first recorded."""
    return min(_first_by_station(facts), key=lambda d: d.earliest or date.min, default=Dates())


def latest_station(facts: Facts) -> Dates:
    """When its latest station was first recorded: what was discussed or marked before that did not know of it."""
    return max(_first_by_station(facts), key=lambda d: d.latest or date.max, default=Dates())


def since(when: Dates, opens: Dates) -> Truth:
    """Whether something was done on or after a date; unknown while either date is."""
    return when.not_before(opens) if when.is_known and opens.is_known else UNKNOWN


# --- what switches the advice off


@criterion(
    reads=("cancer_diagnosis", "lesion", "tumour_stage"),
    source="regional-recurrence-2026, Rationale",
)
def distant_metastasis_beyond_this_field(facts: Facts) -> Answer:
    """Is a distant metastasis confirmed? One that is suspected or uncertain is still to be settled; nodes of this field are none."""

    def surely(lesion: Fact) -> Truth:
        if lesion.value in REGIONAL_NODES and lesion.on(facts.side) is MET:
            return NOT_MET
        return (
            lesion.current
            & is_distant(facts, lesion)
            & (MET if certainty(lesion) == "confirmed" else UNKNOWN)
        )

    return one_of(
        (
            facts.on_record("lesion", surely),
            facts.on_record("tumour_stage", lambda fact: _is(fact.value == "m1")),
        )
    )


@criterion(
    reads=(*RECURRENCE, "nodal_state"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling, Rationale",
)
def recurrence_not_resectable(facts: Facts) -> Answer:
    """Does the record call the recurrence not resectable? The newest word counts; none leaves it unknown."""
    nodes = {lesion.reference for lesion in recurrent_lesions(facts) if lesion.reference}
    opens, judged = recurrence_began(facts), []
    for fact in facts.of("nodal_state").facts:
        if fact.value in ("resectable", "not_resectable"):
            about = MET if fact.reference in nodes else since(fact.when, opens)
            judged.append((fact, fact.holds & fact.current & fact.on(facts.side) & about))
    for wanted in (MET, UNKNOWN):
        told = [fact for fact, sure in judged if sure is wanted]
        newest = _newest(told)
        if len({fact.value for fact in newest}) > 1:
            return Answer(UNKNOWN, tuple(newest), conflicting=True)
        if newest:
            says = _is(newest[0].value == "not_resectable")
            return Answer(says if wanted is MET else UNKNOWN, tuple(newest))
    return Answer(UNKNOWN, (), facts.of("nodal_state").unread)


def _newest(found: list[Fact]) -> list[Fact]:
    last = max((took_place(f).latest or date.min for f in found), default=date.min)
    return [f for f in found if (took_place(f).latest or date.min) == last]


@criterion(
    reads=(*RECURRENCE, "medication_course", "systemic_treatment"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def endocrine_treatment_starts_now(facts: Facts) -> Answer:
    """Does this order start endocrine treatment: none runs already? What was ended before the recurrence does not count."""
    opens = recurrence_began(facts)

    def given(treatment: Fact) -> Truth:
        return _earlier_endocrine(facts, treatment) & since(treatment.when, opens)

    def runs(treatment: Fact) -> Truth:
        when = treatment.when
        over = (
            when.latest is not None and when.latest != when.earliest and when.latest < facts.today
        )
        return _earlier_endocrine(facts, treatment) & _is(
            not over and "not_running" not in attribute_values(treatment, "state")
        )

    return ~one_of(
        (facts.on_record("medication_course", runs), facts.on_record("systemic_treatment", given))
    )


def _earlier_endocrine(facts: Facts, treatment: Fact) -> Truth:
    """Endocrine, and neither the order under review nor another draft."""
    itself = (
        facts.order is not None
        and bool(treatment.reference)
        and treatment.reference == facts.order.reference
    )
    return _is(treatment.value == "endocrine" and treatment.draft is None and not itself)


# --- what answers it already


@criterion(
    reads=(*RECURRENCE, "care_order", "mdt_meeting"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def mdt_since_the_recurrence(facts: Facts) -> Answer:
    """Was a multidisciplinary meeting held since the recurrence, is one planned, or asked for?"""
    opens = latest_station(facts)
    return one_of(
        (mdt_since(facts, opens), ordered(facts, "care_order", "mdt", opens, sideless=True))
    )


@criterion(
    reads=(*RECURRENCE, "mdt_meeting"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Rationale",
)
def mdt_held_since_the_recurrence(facts: Facts) -> Answer:
    """Was such a meeting held since the recurrence? One that is still to come has decided nothing."""
    opens = latest_station(facts)
    return facts.on_record(
        "mdt_meeting",
        lambda meeting: (
            _is("yes" not in attribute_values(meeting, "planned")) & since(meeting.when, opens)
        ),
    )


@criterion(
    reads=(*RECURRENCE, "care_order"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def node_marked_or_marking_ordered(facts: Facts) -> Answer:
    """Was a node of this side marked since the recurrence, or is that ordered? A MARI or TAD that was done marked one; an order for it may."""
    opens = latest_station(facts)
    done = facts.on_record(
        "cancer_surgery",
        lambda f: (
            _is(f.value in ("node_marking", "mari")) & f.on(facts.side) & since(f.when, opens)
        ),
    )
    may = ordered(facts, "care_order", "mari", opens, sideless=False)
    perhaps = Answer(UNKNOWN, may.evidence, may.unread) if may.truth is MET else may
    return one_of(
        (done, ordered(facts, "care_order", "node_marking", opens, sideless=False), perhaps)
    )


@criterion(reads=("study_participation",), source="regional-recurrence-2026, Rationale")
def in_a_study(facts: Facts) -> Answer:
    """Is the patient in a study, or does the order say that it is for one?"""
    if facts.order is not None and "research" in reasons(facts.order):
        return Answer(MET, (facts.order,))
    return facts.on_record("study_participation", lambda fact: fact.current)


@criterion(
    reads=(*RECURRENCE, "care_order", "mdt_meeting"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Rationale",
)
def no_mdt_planned_or_ordered(facts: Facts) -> Answer:
    """Is no meeting about this recurrence held, planned or asked for?"""
    return ~mdt_since_the_recurrence(facts)
