"""Operations: of the breast, of the nodes, reconstructions, and those that keep a bone from breaking."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.context import clauses
from cds_service.facts.extraction import Reading, facts_of, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.dates import Dates
from cds_service.fhir.elements import texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from .report_text.phrases import (
    is_only_talked_of,
    is_told_as_earlier,
    parts_of,
    soundly_said,
    without,
)

# What words add to a code: another operation of the same session, never another name for the coded one.
GROUP = {
    "mastectomy": "breast",
    "breast_conserving": "breast",
    "axillary_dissection": "nodes",
    "sentinel_node": "nodes",
    "mari": "nodes",
    "node_excision": "nodes",
    "fat_transfer": "reconstruction",
    "implant_reconstruction": "reconstruction",
    "flap_reconstruction": "reconstruction",
    "reconstruction": "reconstruction",
}
SETS = ("cancer_surgery", "general_surgery", "node_marking", "partial_mastectomy")


@reader(
    value_sets=(
        "breast_site",
        "cancer_surgery",
        "combined_surgery",
        "general_surgery",
        "lymph_node_words",
        "node_marking",
        "other_body_part",
        "other_region",
        "other_surgery",
        "partial_mastectomy",
        "treatment_talk",
    )
)
def cancer_surgery(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Operations that were done. A history on the problem list ("status na ablatio links") is one that was done: it has no
    end, and began with the onset. Where words tell of an operation of before ("lymfoedeem na okselklierdissectie"), the date is not its own."""

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, *(read.value_sets[name] for name in SETS)):
            return []
        nodes = nodes_of(resource, definition)
        return [
            m
            for m in surgery_matches(read, resource, nodes)
            if not is_only_talked_of(read, resource, m, nodes)
        ]

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        nodes = nodes_of(resource, definition)
        earlier = {m.value for m in found if is_told_as_earlier(resource, m, nodes)}
        for fact in facts_of(read, definition, resource, draft, found):
            dated = fact.value not in earlier
            yield replace(
                fact,
                current=Truth.MET,
                when=fact.when if dated else Dates(),
                recorded=fact.recorded if dated else Dates(),
            )

    return recognised(read, definition, look, make)


def surgery_matches(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    """The operations that codes or words name; uncertain where only words do that fit other parts of the body as well.

    A code may hold two (mastectomy with axillary lymphadenectomy). Words beside a code add operations of another kind.
    """
    clean = [without(node, read.value_sets["other_surgery"]) for node in nodes]
    clean = [without(node, read.value_sets["partial_mastectomy"], "lumpectomie") for node in clean]
    found = matches(clean, read.value_sets["cancer_surgery"])
    coded = [m for m in found if not m.from_text]
    coded += [m for m in matches(clean, read.value_sets["combined_surgery"]) if not m.from_text]
    named = {GROUP.get(m.value) for m in coded}
    worded = [
        m
        for m in _in_words(read, resource, clean)
        if GROUP.get(m.value) not in named or m.value == "node_marking"
    ]
    found = soundly_said(coded + worded)
    values = {m.value for m in found}
    if values & {"fat_transfer", "implant_reconstruction", "flap_reconstruction"}:
        found = [m for m in found if m.value != "reconstruction"]  # the kind is known
    return [m for m in found if not any(_names_it_better(other, m) for other in found)]


def _names_it_better(longer: Match, match: Match) -> bool:
    """Whether longer words of the same kind hold these: "targeted axillary dissection" is no axillary dissection."""
    same = (
        match.from_text and longer.from_text and GROUP.get(longer.value) == GROUP.get(match.value)
    )
    return same and len(longer.words) > len(match.words) and match.words in longer.words


def _in_words(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    """The operations that the words name, each in its own part of the body."""
    words = [text for node in nodes for text in texts(node)]
    marked = [m for text in words for m in _markings(read, text)]
    left = [_without_markings(read, text) for text in words]
    found = [m for text in left for m in read.value_sets["cancer_surgery"].text(text)]
    general = [m for text in left for m in read.value_sets["general_surgery"].text(text)]
    sites = [*words, *([resource["bodySite"]] if resource.get("bodySite") else [])]
    if matches(sites, read.value_sets["breast_site"]):
        return found + marked + general
    if matches(sites, read.value_sets["other_body_part"]) and not matches(
        sites, read.value_sets["other_region"]
    ):
        return [m for m in found if GROUP.get(m.value) != "nodes"]
    # "Segmentectomie" may be of a lung, "lipofilling" of a hand.
    return (
        found
        + marked
        + [
            replace(m, uncertain=True, negated=False)
            for m in general
            if m.value not in {f.value for f in found}
        ]
    )


def _markings(read: Reading, text: str) -> list[Match]:
    """The marking of a lymph node, in the parts of a text that tell of it."""
    acts = [
        m
        for part in parts_of([text])
        if _marks_a_node(read, part)
        for m in read.value_sets["node_marking"].text(part)
    ]
    return [replace(m, value="node_marking") for m in acts]


def _marks_a_node(read: Reading, part: str) -> bool:
    """Whether a part of a sentence speaks of marking a node ("jodiumzaadje in lymfeklier"), not of taking it out and not of
    a clip in the breast beside an axilla that was looked at."""
    acts = {m.value for m in read.value_sets["node_marking"].text(part)}
    nodes = {m.value for m in read.value_sets["lymph_node_words"].text(part)}
    named = "node" in nodes or "axilla" in nodes and not read.value_sets["breast_site"].text(part)
    return "marking" in acts and "removal" not in acts and named


def _without_markings(read: Reading, text: str) -> str:
    """What a text tells besides the marking of a node: the seed of the MARI procedure is not the procedure."""
    if not _markings(read, text):
        return text
    kept = (
        [part for part in clause.split(",") if not _marks_a_node(read, part)]
        for clause in clauses(text)
    )
    return "; ".join(",".join(parts) for parts in kept)
