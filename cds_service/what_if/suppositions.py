"""Suppositions: what could be otherwise in a record, and the same request judged anew with it. The record is not touched.

A supposition changes, takes away or adds one fact; `suppose` hands the changed facts to the one evaluator there is, and what
comes out is a Decision like any other. Nothing here knows a guideline: what can be supposed follows from the facts that a
recommendation asks for, their value sets and its thresholds.

A supposition is about one fact. A resource of which two facts are read (a prescription is an order and a treatment) is there twice,
and "not on record" of the one leaves the other. That an input which was not read had been read is not supposed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cds_service.decision.decide import Decision, decision_of
from cds_service.errors import MammaCardsError
from cds_service.facts.extraction import Reading, contradicted
from cds_service.facts.model import Fact, FactDefinition, FactSet, Laterality
from cds_service.guideline.evaluation import Assessment, assess, unreadable_orders
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline, Recommendation
from cds_service.logic import Truth
from cds_service.rendering.voice import Phrasebook
from cds_service.what_if.conceivable import Maker, Supposition, moments

MOST = 400  # suppositions about one recommendation
MOST_OF_A_KIND = 60  # new facts of one definition


class CannotSuppose(MammaCardsError):
    """What was to be supposed cannot be, for this record; the message names no data."""


# --- judging anew


def suppose(decision: Decision, library: Library, chosen: Iterable[str]) -> Decision:
    """The same request with these suppositions, judged anew. The decision that was given stays as it is.

    Of two suppositions about one aspect of one fact the later counts; one that says "not on record" outweighs all about that fact.
    Raises CannotSuppose for a key that is none of this decision's.
    """
    reading = decision.reading.supposing({})
    tried = named(decision, library, reading, tuple(dict.fromkeys(chosen)))
    definitions = {name: d for g in decision.guidelines for name, d in g.facts.items()}
    reading = supposing(reading, definitions, tried)
    hook = decision.request.hook
    assessments = {
        g.id: assess(g, hook, reading, unreadable_orders(g, hook, reading))
        for g in decision.guidelines
    }
    return decision_of(decision.request, reading, assessments, decision.guidelines)


def supposing(
    reading: Reading, definitions: Mapping[str, FactDefinition], chosen: Iterable[Supposition]
) -> Reading:
    """The reading with suppositions applied, in their order; facts that no supposition is about stay the same objects."""
    about: dict[str, list[Supposition]] = {}
    for supposition in chosen:
        about.setdefault(supposition.fact, []).append(supposition)
    return reading.supposing(
        {name: _changed(reading.facts(definitions[name]), tried) for name, tried in about.items()}
    )


def _changed(found: FactSet, chosen: list[Supposition]) -> FactSet:
    facts = []
    for fact in found.facts:
        # What was in doubt because of another entry is looked at again: that entry may be another one now.
        now: Fact | None = replace(fact, asserted=Truth.MET, against=()) if fact.against else fact
        for supposition in chosen:
            if supposition.about is fact:
                now = supposition.applied_to(now)
        facts += [now] if now is not None else []
    facts += [s.new for s in chosen if s.new is not None]
    return FactSet(contradicted(facts), found.unread)


def named(
    decision: Decision, library: Library, reading: Reading, keys: tuple[str, ...]
) -> list[Supposition]:
    """The suppositions with these keys, in their order."""
    wanted = {key.partition(":")[0] for key in keys}
    known: dict[str, Supposition] = {}
    for guideline in decision.guidelines:
        for assessment in decision.assessments[guideline.id]:
            if (
                wanted & asked(assessment.recommendation, decision.request.hook)
                and not set(keys) <= known.keys()
            ):
                known |= {
                    s.key: s for s in possible(decision, library, guideline, assessment, reading)
                }
    if not set(keys) <= known.keys():
        raise CannotSuppose(
            "One of these suppositions is none that can be made for this record. Choose from those that are offered."
        )
    return [known[key] for key in keys]


# --- what can be supposed


def suppositions(decision: Decision, library: Library, key: str) -> tuple[Supposition, ...]:
    """Everything that can be supposed for one recommendation (its key), fact by fact: what is on record first, then new facts.

    At most MOST. Only facts that its criteria ask for; an order that is under review is not changed, nor is an input that was
    not read supposed to have been.
    """
    guideline, assessment = assessed(decision, key)
    return possible(decision, library, guideline, assessment, decision.reading.supposing({}))


def assessed(decision: Decision, key: str) -> tuple[Guideline, Assessment]:
    """A recommendation of a decision by its key."""
    for guideline in decision.guidelines:
        for assessment in decision.assessments[guideline.id]:
            if assessment.recommendation.key == key:
                return guideline, assessment
    raise CannotSuppose("This recommendation was not judged for this request.")


def asked(recommendation: Recommendation, hook: str) -> frozenset[str]:
    """The names of the facts (and settings) that a recommendation may ask for on a hook."""
    return frozenset().union(
        *(use.asks for situation in recommendation.situations_on(hook) for use in situation.uses)
    )


def possible(
    decision: Decision,
    library: Library,
    guideline: Guideline,
    assessment: Assessment,
    reading: Reading,
) -> tuple[Supposition, ...]:
    """The suppositions of one recommendation about the facts of a reading."""
    names = [
        name
        for name in guideline.facts
        if name in asked(assessment.recommendation, decision.request.hook)
    ]
    sets = {name: reading.facts(guideline.facts[name]) for name in names}
    maker = Maker(
        Phrasebook("nl", library.wording, guideline),
        reading.now.date(),
        moments(guideline, assessment.recommendation),
    )
    side = _side_in_view(guideline, assessment, sets.values())
    on_record = [s for name in names for s in maker.of_record(guideline.facts[name], sets[name])]
    new = [list(maker.new(guideline.facts[name], side)) for name in names]
    # Where there are too many, each definition gives up its last.
    share = next(
        (
            n
            for n in range(MOST_OF_A_KIND, 0, -1)
            if len(on_record) + sum(len(group[:n]) for group in new) <= MOST
        ),
        1,
    )
    return tuple([*on_record, *(s for group in new for s in group[:share])][:MOST])


def _side_in_view(
    guideline: Guideline, assessment: Assessment, sets: Iterable[FactSet]
) -> Laterality:
    """The side of a new fact: the breast that was judged furthest, both where its side is unknown; else the side of what is on record."""
    if guideline.per_breast:
        side = assessment.evaluations[0].side
        return Laterality.BOTH if side is Laterality.UNKNOWN else side
    sides = [
        fact.side
        for found in sets
        for fact in found.facts
        if fact.side in (Laterality.LEFT, Laterality.RIGHT)
    ]
    return sides[0] if sides else Laterality.LEFT
