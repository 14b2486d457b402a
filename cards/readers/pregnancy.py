"""Pregnancy, lactation and delivery."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.facts.extraction import Reading, facts_of, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from .report_text.phrases import without


@reader(value_sets=("not_pregnancy",))
def pregnancy_or_lactation(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Pregnancy, lactation, delivery. An Observation that asks ("pregnancy status") is judged by its answer; one without an
    answer, as nl-core-Pregnancy, tells of a pregnancy. A delivery has no end: its date says how long ago it was."""

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set):
            return []
        phrases = read.value_sets["not_pregnancy"]
        given = [
            resource[key] for key in ("valueCodeableConcept", "valueString") if resource.get(key)
        ]
        answered = matches([without(node, phrases) for node in given], definition.value_set)
        return answered or matches(
            [without(node, phrases) for node in nodes_of(resource, definition)],
            definition.value_set,
        )

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        for fact in facts_of(read, definition, resource, draft, found):
            yield replace(fact, current=Truth.MET) if fact.value == "delivery" else fact

    return recognised(read, definition, look, make)
