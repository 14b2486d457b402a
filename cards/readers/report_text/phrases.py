"""Which part of a text tells what: phrases that only look like it, plans, talks, and what was done before."""

import re
from collections.abc import Iterable

from cds_service.clinical_text.context import clauses
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading
from cds_service.facts.matching import matches
from cds_service.fhir.elements import texts
from cds_service.terminology.value_set import Match, ValueSet

VALUE_SETS = ("treatment_talk",)  # looked up here

# "Controle na ablatio", "status after mastectomy": told of before, in words that stand right ahead of it.
_BETWEEN = r"(?:een|the|her|links|rechts|left|right|previous|prior|[a-z\-]*sparing|[a-z\-]*[^i\s]e)\s+"  # "na huidsparende mastectomie"
_AFTER = re.compile(rf"(?<![a-z])(?:na|after|following|post)[\s\-]+(?:{_BETWEEN}){{0,2}}$")

_DENIED_INSIDE = re.compile(r"(?<![a-z])(?:geen|niet|zonder|no|not|without)(?![a-z])")


def without(node: object, phrases: ValueSet, instead: str = " ") -> object:
    """A node with some phrases of its words taken out: "ablatio retinae" is no ablatio of the breast. Codes stay."""
    if isinstance(node, str):
        return (
            phrases.any_term.sub(instead, fold(node))
            if phrases.any_term is not None and phrases.any_term.search(fold(node))
            else node
        )
    if isinstance(node, list):
        return [without(item, phrases, instead) for item in node]
    if isinstance(node, dict):
        kept = ("code", "system", "id", "url", "reference")
        return {
            key: value
            if key in kept and isinstance(value, str)
            else without(value, phrases, instead)
            for key, value in node.items()
        }
    return node


def parts_of(nodes: Iterable[object]) -> list[str]:
    """The folded words of nodes, in parts of sentences."""
    return [
        part.strip()
        for node in nodes
        for text in texts(node)
        for clause in clauses(text)
        for part in clause.split(",")
        if part.strip()
    ]


def is_only_talked_of(read: Reading, resource: dict, match: Match, nodes: Iterable[object]) -> bool:
    """Whether words name a treatment that was planned, wished or talked about, not given: "wachtlijst mastectomie", "consult
    radiotherapie". A Procedure has a status of its own for plans, so that only talks count there."""
    if not match.from_text:
        return False
    kinds = {"about"} if resource["resourceType"] == "Procedure" else {"about", "planned"}
    naming = [part for part in parts_of(nodes) if match.words in part]
    return bool(naming) and all(
        any(m.value in kinds for m in read.value_sets["treatment_talk"].text(part))
        for part in naming
    )


def is_told_as_earlier(resource: dict, match: Match, nodes: Iterable[object]) -> bool:
    """Whether words tell of a treatment as something of before, so that the date beside them is not its own.

    "Status na ablatio" on the problem list is the treatment's own entry, with its date; "lymfoedeem na okselklierdissectie" is not.
    """
    if not match.from_text:
        return False
    if match.past:
        return resource["resourceType"] == "Procedure"
    ahead = [part.partition(match.words)[0] for part in parts_of(nodes) if match.words in part]
    return bool(ahead) and all(_AFTER.search(words) for words in ahead)


def soundly_said(found: Iterable[Match]) -> list[Match]:
    """Matches without those whose own words hold a denial: "excisie mamma, geen lymfeklieren" is no excision of nodes."""
    return [m for m in found if not (m.from_text and _DENIED_INSIDE.search(m.words))]


def coded_and_further(nodes: Iterable[object], value_set: ValueSet) -> list[Match]:
    """What codes say, and what the words beside them say of something else: "erythema" with the words "roodheid en oedeem"."""
    nodes = list(nodes)
    found = matches(nodes, value_set)
    if any(m.from_text for m in found):
        return soundly_said(found)
    named = {m.value for m in found}
    worded = [m for node in nodes for text in texts(node) for m in value_set.text(text)]
    return found + [m for m in soundly_said(worded) if m.value not in named]
