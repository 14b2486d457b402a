"""Lenient reading of FHIR JSON, element by element: only what is read must be well-formed.

A malformed element raises Unreadable with its path; the caller makes that visible. No message holds a value.
A CodeableReference of R5 is read by shape; what else R5 has in another shape was put into that of R4 before (versions.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

# zib Problem: what the code of a problem leaves unsaid, in words (nl-core-Problem).
FURTHER_SPECIFICATION = (
    "http://nictiz.nl/fhir/StructureDefinition/ext-Problem.FurtherSpecificationProblemName"
)


class Unreadable(Exception):
    """An element that is not what FHIR says; `path` names it, never its content."""

    def __init__(self, path: str):
        self.path = path
        super().__init__(path)


@dataclass(frozen=True)
class Coding:
    system: str
    code: str
    display: str


def as_list(node: object) -> list:
    """A list as it is, nothing as empty, anything else as a list of one (clients send both shapes)."""
    if node is None:
        return []
    return node if isinstance(node, list) else [node]


def objects(node: object, path: str) -> list[dict]:
    """The JSON objects of an element that may repeat. Raises Unreadable."""
    found = []
    for item in as_list(node):
        if isinstance(item, dict):
            found.append(item)
        elif item is not None:
            raise Unreadable(path)
    return found


def string(node: object, path: str) -> str:
    """A primitive string, "" where absent. Raises Unreadable."""
    if node is None:
        return ""
    if not isinstance(node, str):
        raise Unreadable(path)
    return node.strip()


def concepts(node: object, path: str) -> list[dict]:
    """CodeableConcepts of an element; a CodeableReference (R5) gives its concept."""
    return [
        inner
        for item in objects(node, path)
        for inner in (objects(item["concept"], path) if "concept" in item else [item])
    ]


def codings(node: object, path: str = "code") -> Iterator[Coding]:
    """All codings of CodeableConcepts or Codings. Codings without a code are passed over."""
    for concept in concepts(node, path):
        inner = (
            objects(concept.get("coding"), f"{path}.coding") if "coding" in concept else [concept]
        )
        for coding in inner:
            code = string(coding.get("code"), f"{path}.coding.code")
            if code:
                system = string(coding.get("system"), f"{path}.coding.system")
                yield Coding(system, code, string(coding.get("display"), f"{path}.coding.display"))


def texts(node: object, path: str = "code") -> Iterator[str]:
    """The text of CodeableConcepts and the displays of their codings; a plain string gives itself."""
    if isinstance(node, str):
        yield node
        return
    for item in as_list(node):
        if isinstance(item, str):
            yield item
            continue
        for concept in concepts(item, path):
            for key in ("text", "display"):
                if text := string(concept.get(key), f"{path}.{key}"):
                    yield text
            for extension in objects(concept.get("extension"), f"{path}.extension"):
                if extension.get("url") == FURTHER_SPECIFICATION and isinstance(
                    extension.get("valueString"), str
                ):
                    yield extension["valueString"]
            for coding in objects(concept.get("coding"), f"{path}.coding"):
                if display := string(coding.get("display"), f"{path}.coding.display"):
                    yield display


def extensions(node: dict) -> Iterator[dict]:
    """Extensions of an element, nested ones too."""
    for extension in objects(node.get("extension"), "extension"):
        yield extension
        yield from extensions(extension)


def reference(resource: dict) -> str:
    """`Type/id` of a resource, "" without an id."""
    identity = resource.get("id")
    return (
        f"{resource.get('resourceType')}/{identity}"
        if isinstance(identity, str) and identity
        else ""
    )


def references(node: object, path: str) -> list[str]:
    """The `reference` strings of References."""
    return [
        text
        for item in objects(node, path)
        if (text := string(item.get("reference"), f"{path}.reference"))
    ]


def relative(reference_text: str) -> str:
    """`Type/id` of a reference that may be absolute or versioned; the text itself where it has no such shape."""
    text = reference_text.split("/_history/")[0]
    parts = text.split("/")
    return "/".join(parts[-2:]) if len(parts) >= 2 else text
