"""Tissue diagnoses of the breast."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.context import findings
from cds_service.clinical_text.laterality import sides as sides_in_text
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition, Laterality
from cds_service.guideline.criterion import reader
from cds_service.terminology.value_set import Match

from .reports import SIDE_OF_WORDS, prose, results


@reader(value_sets=("breast_biopsy", "breast_site", "other_region"))
def breast_tissue(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Benign or malignant, from pathology of the breast: a report or biopsy whose code speaks of tissue and of the breast.

    The diagnosis may stand in the results that a report lists. In words it counts for the side that its own part of the
    report names. "Geen maligniteit" is benign; both together are malignant; a benign lymph node clears no breast.
    """
    return recognised(
        read,
        definition,
        lambda resource: _tissue(read, resource, definition),
        lambda resource, _, found: _tissue_facts(read, definition, resource, *found),
    )


def _tissue(read: Reading, resource: dict, definition: FactDefinition) -> tuple[Match, list] | None:
    """What says that a resource is about tissue of the breast, and the diagnoses that it states."""
    if not read.mentions(resource, definition.value_set, read.value_sets["breast_biopsy"]):
        return None
    nodes, site = (
        nodes_of(resource, definition),
        [resource["bodySite"]] if resource.get("bodySite") else [],
    )
    of_breast = matches(nodes, read.value_sets["breast_biopsy"])
    tissue = of_breast or matches(nodes, definition.value_set)
    sites = [
        *nodes,
        *site,
        *(n for n in (resource.get("conclusion"), resource.get("valueString")) if n),
    ]
    sites += [s for other in results(read, resource) if (s := other.get("bodySite"))]
    about_breast = (
        of_breast
        or any(m.value == "breast" for m in tissue)
        or matches(sites, read.value_sets["breast_site"])
    )
    stated = _diagnoses(read, resource, definition) if tissue and about_breast else []
    if matches(nodes + site, read.value_sets["other_region"]):
        stated = [(m, sides) for m, sides in stated if m.value == "malignant" and not m.negated]
    return (tissue[0], stated) if stated else None


def _diagnoses(
    read: Reading, resource: dict, definition: FactDefinition
) -> list[tuple[Match, frozenset[str]]]:
    """(benign or malignant, sides named beside it) of a report with its results; codes win over words."""
    wanted = definition.attributes["diagnosis"]
    coded = [
        m
        for one in (resource, *results(read, resource))
        for m in attribute_of(one, wanted)
        if not m.from_text
    ]
    if coded:
        return [(m, frozenset()) for m in coded]
    found = []
    for one in (resource, *results(read, resource)):
        heading: frozenset[str] = frozenset()
        for clause in (clause for text in prose(one) for clause in findings(text)):
            for part in clause.split(","):
                # "Rechts: benigne, links: atypie": a side holds until another is named.
                heading = sides_in_text(part, denied_too=True) or heading
                if not any(m.value == "axilla" for m in read.value_sets["other_region"].text(part)):
                    found += [(m, heading) for m in wanted.value_set.text(part) if not m.past]
    return found


def _tissue_facts(
    read: Reading, definition: FactDefinition, resource: dict, tissue: Match, stated: list
) -> Iterator[Fact]:
    own = read.side(resource, [tissue.side])
    if own is Laterality.UNKNOWN:
        linked = {
            side
            for other in results(read, resource)
            if (side := read.side(other)) is not Laterality.UNKNOWN
        }
        own = linked.pop() if len(linked) == 1 else Laterality.UNKNOWN
    by_side: dict[Laterality, list[Match]] = {}
    for match, sides in stated:
        by_side.setdefault(SIDE_OF_WORDS.get(sides, own), []).append(match)
    for side, diagnoses in by_side.items():
        malignant = [d for d in diagnoses if d.value == "malignant" and not d.negated]
        benign = [d for d in diagnoses if (d.value == "malignant") is d.negated and not d.uncertain]
        # Benign and conclusive (R13): B1, B3, atypia or too little material leave it open.
        is_open = any(d.value == "inconclusive" and not d.negated for d in diagnoses)
        benign = [] if is_open else [d for d in benign if d.value != "inconclusive"]
        value = "malignant" if malignant else "benign" if benign else "possible"
        match = replace((malignant or benign or diagnoses)[0], value=value, negated=False, side="")
        fact = read.fact(definition, resource, None, match, side, {})
        if fact is not None:
            yield fact
