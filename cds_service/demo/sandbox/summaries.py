"""Parts of resources: _summary and _elements (search.html#summary, #elements). Pure."""

import re
from collections.abc import Set
from dataclasses import dataclass

from cds_service.demo.sandbox.search_values import BadParameter
from cds_service.fhir.validation import mandatory_elements, summary_elements

_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_ALWAYS = {"resourceType", "id", "meta", "implicitRules", "modifierExtension"}
_ELEMENT = re.compile(r"(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z]*)", re.ASCII)


@dataclass(frozen=True)
class Shape:
    """How much of a resource is asked for; "" is all of it. `elements` are (type or "", name)."""

    summary: str = ""
    elements: tuple[tuple[str, str], ...] = ()

    @property
    def only_counts(self) -> bool:
        return self.summary == "count"

    def of(self, resource: dict) -> dict:
        """The resource as asked for; a part is marked ("the resources SHALL be marked with the tag SUBSETTED").

        "Servers SHOULD always return mandatory elements whether they are requested or not": what is left is valid.
        """
        kind = resource["resourceType"]
        kept: Set[str]
        if self.elements:
            names = {name for only, name in self.elements if only in ("", kind)}
            if not names:  # only those of another type, an included one, are named
                return resource
            kept = names | mandatory_elements(kind)
        elif self.summary == "true":
            kept = summary_elements(kind) | mandatory_elements(kind)
        elif self.summary == "text":
            kept = {"text"} | mandatory_elements(kind)
        elif self.summary == "data":
            kept = set(resource) - {"text"}
        else:
            return resource
        # The extensions of a primitive element stand beside it, as _birthDate.
        part = {
            name: value
            for name, value in resource.items()
            if name.removeprefix("_") in kept | _ALWAYS
        }
        meta = part.get("meta") or {}
        return {**part, "meta": {**meta, "tag": [*(meta.get("tag") or []), _SUBSETTED]}}


def read_shape(parameters: list[tuple[str, str]]) -> Shape:
    """The shape that _summary and _elements ask for. Raises BadParameter, also for _summary=text with includes.

    "_summary=text ... cannot be combined with _include or _revinclude" (search.html#summary).
    """
    summaries = [value for name, value in parameters if name == "_summary"]
    if not {"true", "text", "data", "count", "false"}.issuperset(summaries):
        raise BadParameter("_summary", "write true, text, data, count or false")
    summary = summaries[-1] if summaries else ""
    if summary == "text" and any(
        name.startswith(("_include", "_revinclude")) for name, _ in parameters
    ):
        raise BadParameter("_summary", "text does not go together with _include or _revinclude")
    named = [
        element for name, value in parameters if name == "_elements" for element in value.split(",")
    ]
    matches = [match for element in named if (match := _ELEMENT.fullmatch(element))]
    if len(matches) < len(named):
        raise BadParameter("_elements", "write names of elements such as code,status")
    return Shape(
        summary if summary != "false" else "",
        tuple((match[1] or "", match[2]) for match in matches),
    )
