"""What words and numbers say of lymph nodes: whether they can be resected, how bulky and how many they are."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.context import findings
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading, facts_of, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import texts
from cds_service.guideline.criterion import reader
from cds_service.terminology.value_set import Match

from .report_text.sites import is_of, site_hits

_NUMBERS = {
    "een": 1,
    "one": 1,
    "twee": 2,
    "two": 2,
    "drie": 3,
    "three": 3,
    "vier": 4,
    "four": 4,
    "vijf": 5,
    "five": 5,
    "zes": 6,
    "six": 6,
    "zeven": 7,
    "seven": 7,
    "acht": 8,
    "eight": 8,
    "negen": 9,
    "nine": 9,
    "tien": 10,
    "ten": 10,
}
# "3 pathologische okselklieren", "drie aangedane lymfeklieren": only nodes that are called diseased are counted.
_COUNTED = re.compile(
    r"(?<![a-z0-9.,/])(\d{1,2}|" + "|".join(_NUMBERS) + r")\s+(?:[a-z]+\s+)?"
    r"(?:pathologische|verdachte|suspecte|positieve|aangedane|metastatische|pathologic|pathological|suspicious|positive|involved|affected)\s+(?:[a-z]+\s+)?"
    r"(?:[a-z]*klier(?:en|metastasen)?|(?:lymph\s)?nodes?)(?![a-z])"
)
# How many nodes were taken out or looked at says nothing of how many are diseased.
_LOOKED_AT = re.compile(
    r"(?<![a-z])(?:examined|removed|harvested|onderzocht\w*|verwijderd\w*|untersucht\w*)(?![a-z])"
)


@reader(value_sets=("lesion_site", "metastasis_site", "nodal_word"))
def nodal_state(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Resectable, not resectable, bulky, and a count (attribute `number`); words about another organ are passed over."""

    def look(resource: dict) -> list[Match]:
        mentioned = read.mentions(resource, definition.value_set, read.value_sets["nodal_word"])
        return _state(read, resource, definition) if mentioned else []

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        for fact in facts_of(
            read, definition, resource, draft, [m for m in found if m.value != "counted"]
        ):
            if fact.value != "number" or fact.attributes.get("number"):
                yield fact
        counted = [m for m in found if m.value == "counted"]
        for match in counted[:1]:
            number = read.fact(
                definition,
                resource,
                draft,
                replace(match, value="number"),
                read.side(resource),
                {"number": (replace(match, value=match.words),)},
            )
            if number is not None:
                yield number

    return recognised(read, definition, look, make)


def _state(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """What a resource says of nodes, clause by clause; a number in words as `counted`, with the number as its words."""
    nodes = nodes_of(resource, definition)
    elsewhere = _names_only_others(
        read, " ".join(text for node in nodes[:1] for text in texts(node))
    )
    found: list[Match] = []
    for node in nodes:
        for clause in (clause for text in texts(node) for clause in findings(text)):
            if elsewhere or _names_only_others(read, clause):
                continue
            found += [
                m
                for m in matches([clause], definition.value_set)
                if not (m.value == "number" and _LOOKED_AT.search(fold(clause)))
            ]
            found += [
                Match("counted", from_text=True, words=str(_NUMBERS.get(m[1]) or int(m[1])))
                for m in _COUNTED.finditer(clause)
            ]
    if any(m.value == "not_resectable" and not m.negated for m in found):
        found = [
            m for m in found if m.value != "resectable"
        ]  # "niet resectabel" holds the word too
    return found


def _names_only_others(read: Reading, words: str) -> bool:
    sites = {hit.value for hit in site_hits(words.lower(), read.value_sets)} - {
        "breast",
        "unspecified",
    }
    return bool(sites) and not any(is_of(site, "lymph_nodes") for site in sites)
