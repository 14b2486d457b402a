"""The questions of the module on regional recurrence (9.2.3, draft 2026), about one side: `facts.side`.

A regional field always has a side: nodes of an unknown side are unknown for the left and for the right. What the
meeting wants on the table stands in considerations.py.
"""

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates, first, latest
from cds_service.guideline.criterion import (
    Answer,
    Facts,
    any_of,
    criterion,
    day_of,
    newest,
    one_of,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, either, every, truth

from ..shared.criteria.answers import attribute_values
from ..shared.criteria.cancer import CANCER
from ..shared.criteria.lesions import REGIONAL_NODES, confirmed, is_distant
from ..shared.criteria.orders import ordered, reasons
from ..shared.criteria.treatment import mdt_since

AXILLA = frozenset(("axillary_nodes",))
BEYOND_AXILLA = REGIONAL_NODES - AXILLA  # supra- and infraclavicular, internal mammary
BREAST_SURGERY = frozenset(("mastectomy", "breast_conserving"))
STATION_NOT_SAID = "lymph_nodes"
# What it takes to recognise the recurrence: the facts that `recurrences` reads.
RECURRENCE = ("cancer_diagnosis", "cancer_surgery", "lesion", "regional_recurrence_in_words")


# --- the recurrence


def cancers(facts: Facts) -> list[Fact]:
    """The breast cancers on record, in situ left out. A recurrence in nodes that is coded as breast cancer does not tell the side of the
    first one, unless it is the only one on record."""
    nodal = {
        f.reference for f in facts.of("lesion").facts if f.value in REGIONAL_NODES and f.reference
    }
    found = facts.find("cancer_diagnosis", CANCER, possible=True)
    return [f for f in found if f.reference not in nodal] or list(found)


@criterion(reads=("cancer_diagnosis", "lesion"), source="regional-recurrence-2026, Uitgangsvraag")
def breast_cancer_of_this_side(facts: Facts) -> Answer:
    """Is a breast cancer of this side on record, current or past? Nodes of the other side are distant."""
    return any_of(
        ((f, f.asserted & of_this_side(facts, f)) for f in cancers(facts)),
        facts.of("cancer_diagnosis").unread,
    )


def of_this_side(facts: Facts, fact: Fact) -> Truth:
    """Whether something is of this side. While the side of the nodes is not on record either side may be theirs."""
    return MET if facts.side is Laterality.UNKNOWN else fact.on(facts.side)


@criterion(
    reads=RECURRENCE,
    settings=("recurrence_after_months",),
    source="project choice: nodes without a side are of neither side",
)
def side_of_the_nodes_is_on_record(facts: Facts) -> Answer:
    """Is the side of the nodes on record? Many codes of nodes hold none, and nodes of the other side are distant."""
    told = facts.side is not Laterality.UNKNOWN
    nodes = tuple(lesion for lesion, sure in recurrences(facts) if sure is not NOT_MET)
    return Answer(MET if told else UNKNOWN, nodes)


def took_place(fact: Fact) -> Dates:
    """When something was done; what is known from the problem list only ("status na ablatio") was done before it was recorded."""
    return fact.when if fact.when.is_known else Dates(None, fact.recorded.latest)


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
    months = facts.setting("recurrence_after_months")
    told = [day for day in (lesion.when, lesion.recorded) if day.is_known]
    operations = [
        f
        for f in facts.find("cancer_surgery", BREAST_SURGERY, possible=True)
        if of_this_side(facts, f) is not NOT_MET
    ]

    def long_after(operation: Fact) -> Truth:
        opens = took_place(operation).shifted(months=months)
        late = every(day.since(opens) for day in told) if told else UNKNOWN
        return operation.asserted & of_this_side(facts, operation) & late

    late = either(map(long_after, operations))
    if late is MET:
        return UNKNOWN if _new_primary(facts, operations, months) else MET
    if late is NOT_MET and not facts.of("cancer_surgery").unread:
        return NOT_MET if operations or _has_current_cancer(facts) else UNKNOWN
    return UNKNOWN


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
    opens = [operation.when.shifted(months=months) for operation in operations]
    return any(began.since(day) is MET for began in begun for day in opens)


def recurrences(
    facts: Facts, stations: frozenset[str] = REGIONAL_NODES
) -> list[tuple[Fact, Truth]]:
    """The nodal disease of this side, each with how surely it is a recurrence. Suspected disease and nodes whose station is not said: unknown."""
    judged = []
    for lesion in facts.find("lesion", possible=True):
        sure = lesion.asserted & lesion.current & _here(facts, lesion) & confirmed(lesion)
        sure &= _of_these_stations(facts, lesion, stations)
        if sure is NOT_MET:
            continue
        recurs = _said_to_recur(lesion)
        if recurs is not MET:
            recurs |= _after_surgery(facts, lesion)
        judged.append((lesion, sure & recurs))
    return judged


def _here(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion is of the side under evaluation; one without a side belongs to the side unknown."""
    if facts.side is Laterality.UNKNOWN:
        return truth(lesion.side not in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH))
    return lesion.on(facts.side)


def _of_these_stations(facts: Facts, lesion: Fact, stations: frozenset[str]) -> Truth:
    """Whether a lesion lies in one of the stations. "Regionaal recidief" names none, but it is one of them."""
    if lesion.value != STATION_NOT_SAID:
        return truth(lesion.value in stations)
    regional = {f.reference for f in facts.find("regional_recurrence_in_words") if f.reference}
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
    lesions = recurrent_lesions(facts)
    stations = dict.fromkeys(lesion.value for lesion in lesions)
    return [first(day_of(f) for f in lesions if f.value == station) for station in stations]


def recurrence_began(facts: Facts) -> Dates:
    """When the recurrence was first recorded."""
    return first(_first_by_station(facts))


def latest_station(facts: Facts) -> Dates:
    """When its latest station was first recorded: what was discussed or marked before that did not know of it."""
    return latest(_first_by_station(facts))


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
        return lesion.current & is_distant(facts, lesion) & confirmed(lesion)

    return one_of(
        (
            facts.on_record("lesion", surely),
            facts.on_record("tumour_stage", lambda fact: truth(fact.value == "m1")),
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
    for fact in facts.find("nodal_state", ("resectable", "not_resectable"), possible=True):
        about = MET if fact.reference in nodes else fact.when.since(opens)
        judged.append((fact, fact.asserted & fact.current & fact.on(facts.side) & about))
    for wanted in (MET, UNKNOWN):
        last = newest(fact for fact, sure in judged if sure is wanted)
        if len({fact.value for fact in last}) > 1:
            return Answer(UNKNOWN, last, conflicting=True)
        if last:
            says = truth(last[0].value == "not_resectable")
            return Answer(says if wanted is MET else UNKNOWN, last)
    return Answer(UNKNOWN, (), facts.of("nodal_state").unread)


@criterion(
    reads=(*RECURRENCE, "medication_course", "systemic_treatment"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def endocrine_treatment_starts_now(facts: Facts) -> Answer:
    """Does this order start endocrine treatment: none runs already? What was ended before the recurrence does not count."""
    opens = recurrence_began(facts)

    def given(treatment: Fact) -> Truth:
        return _earlier_endocrine(facts, treatment) & treatment.when.since(opens)

    def runs(treatment: Fact) -> Truth:
        when = treatment.when
        over = (
            when.latest is not None and when.latest != when.earliest and when.latest < facts.today
        )
        return _earlier_endocrine(facts, treatment) & truth(
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
    return truth(treatment.value == "endocrine" and treatment.draft is None and not itself)


# --- what answers it already


@criterion(
    reads=(*RECURRENCE, "care_order", "mdt_meeting"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def mdt_since_the_recurrence(facts: Facts) -> Answer:
    """Was a multidisciplinary meeting held since the recurrence, is one planned, or asked for?"""
    opens = latest_station(facts)
    asked = ordered(facts, "care_order", ("mdt",), opens, sideless=MET)
    return one_of((mdt_since(facts, opens), asked))


@criterion(
    reads=(*RECURRENCE, "mdt_meeting"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Rationale",
)
def mdt_held_since_the_recurrence(facts: Facts) -> Answer:
    """Was such a meeting held since the recurrence? One that is still to come has decided nothing."""
    opens = latest_station(facts)

    def held(meeting: Fact) -> Truth:
        planned = "yes" in attribute_values(meeting, "planned")
        return truth(not planned) & meeting.when.since(opens)

    return facts.on_record("mdt_meeting", held)


@criterion(
    reads=(*RECURRENCE, "care_order"),
    settings=("recurrence_after_months",),
    source="regional-recurrence-2026, Aanbeveling",
)
def node_marked_or_marking_ordered(facts: Facts) -> Answer:
    """Was a node of this side marked since the recurrence, or is that ordered? A MARI or TAD that was done marked one; an order for it may."""
    opens = latest_station(facts)

    def marked(surgery: Fact) -> Truth:
        marks = truth(surgery.value in ("node_marking", "mari"))
        return marks & surgery.on(facts.side) & surgery.when.since(opens)

    done = facts.on_record("cancer_surgery", marked)
    asked = ordered(facts, "care_order", ("node_marking",), opens, sideless=UNKNOWN)
    may_mark = ordered(facts, "care_order", ("mari",), opens, sideless=UNKNOWN)
    if may_mark.truth is MET:
        may_mark = Answer(UNKNOWN, may_mark.evidence)
    return one_of((done, asked, may_mark))


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
