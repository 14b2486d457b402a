"""By which examination of the breast something was found: mammography, ultrasound, MRI, in codes and in words."""

import re
from collections.abc import Iterable

from cds_service.clinical_text.context import findings
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading
from cds_service.facts.matching import matches
from cds_service.fhir.elements import objects, texts
from cds_service.terminology.value_set import Match

from .report_text.birads import categories
from .report_text.examinations import only_to_follow
from .report_text.phrases import parts_of, without
from .reports import prose

VALUE_SETS = (
    "breast_examination",
    "breast_site",
    "generic_modality",
    "image_guidance",
    "other_region",
)  # looked up here

# What stands before a modality (here: *) that makes it another one.
_OF_ANOTHER = re.compile(r"(?<![a-z])mri?[\s\-]*\*")


def naming_several(read: Reading, resource: dict, named: set[str]) -> list[object]:
    """The clauses of a report that name its own examination, and perhaps another one beside it: "MX bdz, aansluitend echo li"."""
    sets = [read.value_sets[name] for name in ("breast_examination", "generic_modality")]
    return [
        clause
        for text in prose(resource)
        for clause in findings(text)
        if named & {m.value for s in sets for m in s.text(clause)}
    ]


def with_a_category(read: Reading, words: list[object]) -> list[Match]:
    """The modalities that the words around a category name; beside a category of the breast an "echo" is one of the breast."""
    if matches(words, read.value_sets["other_region"]):
        return []
    said = [
        m
        for name in ("breast_examination", "generic_modality")
        for m in matches(words, read.value_sets[name])
        if _was_made(m, words)
    ]
    return list({m.value: m for m in reversed(said)}.values())


def modalities_in(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    """The breast modalities that these codes and words name: specific ones, and general ones of the breast; each once.

    What a needle or a wire was guided by is no examination: "biopsy of breast using ultrasound guidance".
    """
    nodes = [without(node, read.value_sets["image_guidance"]) for node in nodes]
    specific = matches(nodes, read.value_sets["breast_examination"])
    found = [m for m in specific if _was_made(m, nodes)]
    named = {m.value for m in specific}
    general = [
        m
        for m in matches(nodes, read.value_sets["generic_modality"])
        if _was_made(m, nodes) and m.value not in named
    ]
    # "Mammografie en echografie rechts": beside a mammogram an ultrasound is of the breast too, unless it names another region.
    beside = bool(found) and not matches(nodes, read.value_sets["other_region"])
    if general and (beside or _is_of_the_breast(read, resource, nodes)):
        found += general
    return list({m.value: m for m in reversed(found)}.values())


def _was_made(match: Match, nodes: list[object]) -> bool:
    """Whether a modality is that of the examination: not denied, not of before or still to come; "MR-mammografie" is an MRI."""
    naming = [part for part in parts_of(nodes) if match.from_text and match.words in part]
    another = bool(naming) and all(
        only_to_follow(p, match.words) or _OF_ANOTHER.search(p.replace(match.words, "*"))
        for p in naming
    )
    return not match.negated and not match.past and not match.planned and not another


def _is_of_the_breast(read: Reading, resource: dict, nodes: Iterable[object]) -> bool:
    """Whether a general modality was of the breast: its own words and sites say so, a report's text only beside a category.

    "Echo oksel bij mammacarcinoom" is of the armpit, "pijn op de borst" of the chest.
    """
    sites = [resource.get("bodySite"), resource.get("description"), *nodes]
    for series in objects(resource.get("series"), "series"):
        sites += [series.get("bodySite"), series.get("description")]
    if any(categories(text) for text in prose(resource)):
        sites.append(resource.get("conclusion"))
    sites = [site for site in sites if site]
    if not matches(sites, read.value_sets["breast_site"]):
        return False
    elsewhere = matches(sites, read.value_sets["other_region"])
    return not any(
        m.value == "chest" or m.value == "axilla" and not m.from_text for m in elsewhere
    ) and not _names_axilla_first(read, sites)


def _names_axilla_first(read: Reading, sites: list[object]) -> bool:
    words = fold(" ".join(text for site in sites for text in texts(site, "bodySite")))
    breast, axilla = (
        read.value_sets["breast_site"].any_term,
        read.value_sets["other_region"].any_term,
    )
    first_breast = breast.search(words) if breast else None
    first_axilla = axilla.search(words) if axilla else None
    return first_axilla is not None and (
        first_breast is None or first_axilla.start() < first_breast.start()
    )
