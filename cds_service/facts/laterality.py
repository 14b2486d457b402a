"""Which breast a resource is about: by codes, by extensions, by words."""

import re

from cds_service.clinical_text.context import clauses, findings
from cds_service.clinical_text.laterality import sides as sides_in_text
from cds_service.facts.model import Laterality
from cds_service.fhir.elements import as_list, codings, concepts, extensions, objects, string, texts
from cds_service.terminology.systems import SNOMED
from cds_service.terminology.value_set import ValueSet


def side(resource: dict, laterality: ValueSet, code_sides: tuple[str, ...]) -> Laterality:
    """Which breast a resource is about.

    Coded: the matched codes themselves, bodySite, laterality extensions on it (zib, mCODE or any other), the series of
    an ImagingStudy, components. Sides of one element add up (two series, left and right: both); elements that
    disagree are a conflict, and so are codes and the words of the name or the place beside them. Other words are read only
    where no code says it.
    """
    kind = str(resource.get("resourceType"))
    places: list[object] = [resource.get("bodySite")]
    places.append(
        [
            s.get(key)
            for s in objects(resource.get("series"), "series")
            for key in ("laterality", "bodySite")
        ]
    )
    places.append(
        [c.get("valueCodeableConcept") for c in objects(resource.get("component"), "component")]
    )
    places.append(resource.get("code") if kind != "ImagingStudy" else resource.get("procedureCode"))
    found = [s for s in code_sides if s]
    found += [named for place in places if (named := _coded_side(place, laterality))]
    if found:
        return (
            Laterality(found[0])
            if len(set(found)) == 1 and not _words_deny(resource, found[0])
            else Laterality.CONFLICT
        )
    return _side_in_words(resource, places)


def _words_deny(resource: dict, coded: str) -> bool:
    """Whether the name of a thing or of its place says the other side than the codes do ("tepelvloed links", with the right breast)."""
    named = [
        text
        for key in ("code", "bodySite")
        for node in as_list(resource.get(key))
        if node
        for text in texts(node, key)
    ]
    said = {side for text in named for side in sides_in_text(text)}
    return coded in ("left", "right") and len(said) == 1 and coded not in said


def _coded_side(place: object, laterality: ValueSet) -> str:
    named: set[str] = set()
    for node in as_list(place):
        if not isinstance(node, dict):
            continue
        for concept in concepts(node, "bodySite"):
            # ICD-10-GM has the side as an extension of the coding itself.
            bearers = [concept, *objects(concept.get("coding"), "bodySite.coding")]
            inside = [
                concept,
                *(
                    e.get("valueCodeableConcept") or e.get("valueCoding")
                    for b in bearers
                    for e in extensions(b)
                ),
            ]
            here = {
                m.side
                for n in inside
                if n
                for c in codings(n, "bodySite")
                if (m := laterality.coding(c.system or SNOMED, c.code)) and m.side
            }
            # "Left breast" with the extension "right" contradicts itself.
            if here == {"left", "right"}:
                return Laterality.CONFLICT.value
            named |= here
    return (
        Laterality.BOTH.value
        if "both" in named or {"left", "right"} <= named
        else next(iter(named), "")
    )


def side_beside(resource: dict, words: list[str]) -> Laterality:
    """The side that the conclusion of a report names in the clauses that hold these words."""
    told = [
        clause
        for clause in findings(string(resource.get("conclusion"), "conclusion"))
        if any(word in clause for word in words)
    ]
    found = {side for clause in told for side in sides_in_text(clause)}
    return (
        Laterality.UNKNOWN
        if not found
        else Laterality.BOTH
        if len(found) == 2
        else Laterality(found.pop())
    )


# A complaint goes with the side in its own part of a sentence: "knobbel rechts, tepelvloed links", "pijn re en uitvloed li".
_PARTS = re.compile(
    r",|;|(?<![a-z])(?:en|and|met|with|\+|/)(?![a-z])(?!\s*(?:links|rechts|linker|rechter|li|re|left|right)(?![a-z]))"
)


def side_of_words(resource: dict, side: Laterality, words: list[str]) -> Laterality:
    """The side of what some words say, where that of their resource is not known, or both: of a report the side in the clauses that
    hold them, of a complaint the one in its own part of a sentence."""
    if side is Laterality.BOTH and words:
        return side_of_its_part(resource, words[0]) or side
    if side is Laterality.UNKNOWN and resource["resourceType"] == "DiagnosticReport":
        return side_beside(resource, words)
    return side


def side_of_its_part(resource: dict, words: str) -> Laterality | None:
    """The side in the part of a sentence that says these words, where a resource speaks of both sides, each by itself; None where its
    part names none, or both."""
    said = [
        text
        for key in ("code", "valueString", "valueCodeableConcept")
        for node in as_list(resource.get(key))
        if node
        for text in texts(node, key)
    ]
    parts = [part for text in said for clause in clauses(text) for part in _PARTS.split(clause)]
    sides = [sides_in_text(part, denied_too=True) for part in parts]
    if not {frozenset(("left",)), frozenset(("right",))} <= set(sides):
        return None
    own = {side for part, side in zip(parts, sides, strict=True) if words in part and side}
    named = own.pop() if len(own) == 1 else frozenset()
    return Laterality(next(iter(named))) if len(named) == 1 else None


def _side_in_words(resource: dict, places: list[object]) -> Laterality:
    """The side in words: first of the thing itself, then of remarks beside it."""
    named = [
        text
        for place in places
        for node in as_list(place)
        if node
        for text in texts(node, "bodySite")
    ]
    named += list(texts(resource.get("valueCodeableConcept"), "valueCodeableConcept"))
    named += [
        string(resource.get(key), key)
        for key in ("description", "valueString")
        if isinstance(resource.get(key), str)
    ]
    named += [
        string(s.get("description"), "series.description")
        for s in objects(resource.get("series"), "series")
    ]
    beside = [
        text
        for detail in objects(resource.get("orderDetail"), "orderDetail")
        for text in texts(detail, "orderDetail")
    ]
    beside += [
        string(note.get("text"), "note.text") for note in objects(resource.get("note"), "note")
    ]
    beside += [
        c["valueString"]
        for c in objects(resource.get("component"), "component")
        if isinstance(c.get("valueString"), str)
    ]
    for words in (named, beside):
        found = {side for text in words for side in sides_in_text(text)}
        if found:
            return Laterality.BOTH if len(found) == 2 else Laterality(found.pop())
    return Laterality.UNKNOWN
