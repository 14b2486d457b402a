"""Matching what a resource says against value sets: codes before words, questions with their answers, yes and no."""

import re
from collections.abc import Iterable, Iterator

from cds_service.clinical_text.context import clauses
from cds_service.clinical_text.folding import fold
from cds_service.facts.model import AttributeDefinition, FactDefinition
from cds_service.fhir.elements import Unreadable, as_list, codings, texts
from cds_service.fhir.paths import Path
from cds_service.logic import Truth, truth
from cds_service.terminology.value_set import ANSWER_CODES, Match, ValueSet


def matches(nodes: Iterable[object], value_set: ValueSet) -> list[Match]:
    """Rows of a value set said by CodeableConcepts, Codings, components or strings. Coded rows win over words."""
    coded: list[Match] = []
    worded: list[Match] = []
    for node in nodes:
        for item in as_list(node):
            if isinstance(item, str):
                worded += value_set.text(item)
            elif isinstance(item, dict) and _is_component(item):
                coded_here, worded_here = _answers(item, value_set)
                coded += coded_here
                worded += worded_here
            elif isinstance(item, dict):
                coded += [m for c in codings(item) if (m := value_set.coding(c.system, c.code))]
                worded += [m for text in texts(item) for m in value_set.text(text)]
            elif not isinstance(item, bool | int | float):
                raise Unreadable("code")
    # A code that only hints ("symptoms of the nipple") gives way to words that say it.
    return [m for m in coded if m.value != "possible"] or worded or coded


def _is_component(node: dict) -> bool:
    return "code" in node and ("coding" not in node) and isinstance(node["code"], dict)


def _answers(component: dict, value_set: ValueSet) -> tuple[list[Match], list[Match]]:
    """What a question with its answer says: a component, or an Observation as a whole.

    The answer's own row counts first. A yes/no or a number counts for the row of the question.
    """
    value = next((component[key] for key in component if key.startswith("value")), None)
    asked = matches([component["code"]], value_set)
    answered = (
        [m for m in matches([value], value_set) if m.value] if isinstance(value, dict | str) else []
    )
    if not answered and asked and value is not None:
        question = asked[0]
        yes = _yes_or_no(value)
        if isinstance(value, bool) or yes is not None:
            affirmed = value if isinstance(value, bool) else yes
            negated = question.negated if affirmed else not question.negated
            answered = [
                Match(
                    question.value,
                    question.side,
                    negated,
                    False,
                    question.from_text,
                    question.words,
                )
            ]
        elif not question.value and (number := _number(value)) is not None:
            answered = [
                Match(
                    f"{number:g}", question.side, from_text=question.from_text, words=f"{number:g}"
                )
            ]
    return [m for m in answered if not m.from_text], [m for m in answered if m.from_text]


_COUNTS = {
    "een": 1,
    "one": 1,
    "single": 1,
    "enkel": 1,
    "enkele": 1,
    "1": 1,
    "twee": 2,
    "two": 2,
    "meerdere": 2,
    "multiple": 2,
    "several": 2,
}


def _number(value: object) -> float | None:
    """The number that an answer gives, as a number, a Quantity or a counting word ("één")."""
    inner = value.get("value") if isinstance(value, dict) and "value" in value else value
    if isinstance(inner, int | float) and not isinstance(inner, bool):
        return inner if abs(inner) < 1_000_000 else None
    words = (
        [fold(text).strip(" .") for text in texts(value, "value")]
        if isinstance(value, dict | str)
        else []
    )
    return next((_COUNTS[word] for word in words if word in _COUNTS), None)


_YES = {"ja", "yes", "aanwezig", "present", "positief", "positive", "true"}
_NO = {
    "nee",
    "no",
    "geen",
    "afwezig",
    "absent",
    "negatief",
    "negative",
    "false",
    "niet aanwezig",
    "not present",
    "none",
    "ontkent",
    "ontkend",
    "denied",
    "denies",
}


# "Nee, eerste ziekte-episode", "ja, links": the answer comes first.
_NO_AT_ONCE = re.compile(r"(?:nee|neen|nooit|never|no)(?:\s*[,.;:(\-]|$)")
_YES_AT_ONCE = re.compile(r"(?:ja|yes)(?:\s*[,.;:(\-]|$)")


def _yes_or_no(value: object) -> bool | None:
    """Yes or no in the words of an answer; None where it says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        for coding in codings(value, "value"):
            if (coding.system, coding.code) in ANSWER_CODES:
                return ANSWER_CODES[coding.system, coding.code]
    said = (
        {fold(text).strip(" .") for text in texts(value, "value")}
        if isinstance(value, dict | str)
        else set()
    )
    said |= {text.split("(")[0].strip() for text in said}
    if said & _NO or any(_NO_AT_ONCE.match(text) for text in said):
        return False
    if any(_YES_AT_ONCE.match(text) for text in said):
        return True
    return True if said & _YES else None


def nodes_of(resource: dict, definition: FactDefinition) -> list[object]:
    """What stands in a resource where the definition's concept is looked for."""
    return list(nodes_at(resource, definition.paths[resource["resourceType"]]))


def nodes_at(resource: dict, paths: Iterable[Path]) -> Iterator[object]:
    """What stands in a resource at any of the paths."""
    for path in paths:
        yield from path.find(resource)


def attribute_of(resource: dict, wanted: AttributeDefinition) -> tuple[Match, ...]:
    """The values of an attribute that a resource gives; an Observation as a whole is a question with its answer."""
    nodes = list(nodes_at(resource, wanted.paths))
    found = matches(nodes, wanted.value_set)
    if (
        resource.get("resourceType") == "Observation"
        and "code" in resource
        and any(k.startswith("value") for k in resource)
    ):
        coded, worded = _answers(
            {k: v for k, v in resource.items() if k == "code" or k.startswith("value")},
            wanted.value_set,
        )
        found = [m for m in found + coded if not m.from_text] or found + worded
    return tuple(dict.fromkeys(match for match in found if match.value))


_DENIES_SOMETHING = re.compile(
    r"(?<![a-z])(?:geen|niet|nooit|no|not|none|never|zonder|ontkent|denies|afwezig|negatief|absent)(?![a-z])"
)
_UNSAID = re.compile(
    r"(?<![a-z])(?:onbekend|unknown|niet (?:beoordeeld|gevraagd|bekend)|not (?:assessed|asked|known)|n\.?v\.?t|n/?a|mogelijk|possibl[ey])(?![a-z])|^\s*\?\s*$"
)


def answer_of(resource: dict, definition: FactDefinition) -> Truth:
    """What the value of an Observation says of its finding: without a value the finding stands; "nee" denies it.

    A value in words that say neither stands beside the finding ("sinds mei"); a code that nobody here knows is unknown.
    """
    key = next((key for key in resource if key.startswith("value")), None)
    if key is None:
        return Truth.UNKNOWN if any(k.startswith("_value") for k in resource) else Truth.MET
    value = resource[key]
    if (yes := _yes_or_no(value)) is not None:
        return truth(yes)
    if not isinstance(value, dict | str) or _number(value) is not None:
        return Truth.MET
    found = (
        matches([value], definition.value_set)
        if key in ("valueString", "valueCodeableConcept")
        else []
    )
    if found:
        return Truth.NOT_MET if all(m.negated for m in found) else Truth.MET
    words = [fold(text) for text in texts(value, key)]
    if any(_UNSAID.search(text) for text in words):
        return Truth.UNKNOWN
    if any(matches([value], attribute.value_set) for attribute in definition.attributes.values()):
        return Truth.MET  # "niet everteerbaar" tells of a retraction that is there
    # "Geen koorts; borst links warm" denies no more than its first clause.
    if any(
        all(re.match(r"(?:nee|no|geen|niet)\b", clause) for clause in clauses(text))
        for text in words
        if text.strip()
    ):
        return Truth.NOT_MET
    # An answer that denies something, and nobody here knows what, says no "yes".
    if any(text.strip() and all(map(_DENIES_SOMETHING.search, clauses(text))) for text in words):
        return Truth.UNKNOWN
    return Truth.MET if words else Truth.UNKNOWN
