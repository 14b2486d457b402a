"""JSON Patch (RFC 6902) on plain JSON, for PATCH of the sandbox (http.html#patch). Pure; what is handed in is not changed.

A library of its own would be installed with the service for the demo's sake only; the examples of the RFC are the tests.
"""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from cds_service.errors import MammaCardsError
from cds_service.strict import json as strict_json

_MOST_OPERATIONS, _MOST_BYTES = 1000, 32 * 1024 * 1024
_INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_MEMBERS = {
    "add": ("value",),
    "replace": ("value",),
    "test": ("value",),
    "remove": (),
    "move": ("from",),
    "copy": ("from",),
}


class BadPatch(MammaCardsError):
    """A patch that is none (`malformed`), or that does not fit what it is for. The text names the operation by its position only."""

    def __init__(self, position: int, advice: str, malformed: bool = False):
        self.malformed = malformed
        super().__init__(f"Operation {position} of the patch cannot be done: {advice}.")


def patched(document: object, operations: object) -> object:
    """The document after all operations, in their order; one that fails undoes all. Raises BadPatch."""
    if not isinstance(operations, list):
        raise BadPatch(0, "a patch is a list of operations", malformed=True)
    if len(operations) > _MOST_OPERATIONS:
        raise BadPatch(
            _MOST_OPERATIONS, f"a patch has {_MOST_OPERATIONS} operations at most", malformed=True
        )
    document = copy.deepcopy(document)
    for position, operation in enumerate(operations):
        document = _Operation(position, operation).applied(document)
    return document


class _Operation:
    """One operation, checked for what it must have."""

    def __init__(self, position: int, raw: object):
        self._position = position
        raw = raw if isinstance(raw, dict) else {}
        self._name = raw.get("op")
        if not isinstance(self._name, str) or self._name not in _MEMBERS:
            raise self._refusal("op is add, remove, replace, move, copy or test", malformed=True)
        if not all(member in raw for member in ("path", *_MEMBERS[self._name])):
            raise self._refusal("it lacks path, value or from", malformed=True)
        self._path, self._value = self._pointer(raw["path"]), raw.get("value")
        self._from = self._pointer(raw["from"]) if "from" in _MEMBERS[self._name] else ()

    def applied(self, document: object) -> object:
        match self._name:
            case "test":
                if not _equal(self._at(document, self._path), self._value):
                    raise self._refusal("the value that it tests is another")
                return document
            case "remove":
                return self._removed(document, self._path)
            case "replace":
                self._at(document, self._path)
                return self._changed(
                    document,
                    self._path,
                    lambda holder, step: holder.__setitem__(step, self._value),
                    self._value,
                )
            case "add":
                return self._added(document, self._value)
        value = copy.deepcopy(self._at(document, self._from))
        if self._name == "move":
            if self._path[: len(self._from)] == self._from and self._path != self._from:
                raise self._refusal("nothing moves into itself")
            return self._added(self._removed(document, self._from), value)
        return self._bounded(self._added(document, value))

    def _bounded(self, document: object) -> object:
        """A copy of the whole into itself doubles it, every time."""
        text = json.dumps(document).encode()
        try:
            if len(text) > _MOST_BYTES:
                raise strict_json.BadJson("too large")
            return strict_json.loads_any(text)
        except strict_json.BadJson:
            raise self._refusal("what it makes is too large or nests too deeply") from None

    def _added(self, document: object, value: object) -> object:
        def put(holder: dict | list, step: Any) -> None:
            holder.insert(step, value) if isinstance(holder, list) else holder.__setitem__(
                step, value
            )

        return self._changed(document, self._path, put, value, new=True)

    def _removed(self, document: object, path: tuple[str, ...]) -> object:
        self._at(document, path)
        return self._changed(document, path, lambda holder, step: holder.__delitem__(step), None)

    def _changed(
        self,
        document: object,
        path: tuple[str, ...],
        change: Callable,
        whole: object,
        new: bool = False,
    ) -> object:
        if not path:
            return whole
        holder = self._at(document, path[:-1])
        change(holder, self._step(holder, path[-1], new))
        return document

    def _at(self, document: Any, path: tuple[str, ...]) -> Any:
        for text in path:
            step = self._step(document, text)
            if isinstance(document, dict) and step not in document:
                raise self._refusal("there is nothing at its path")
            document = document[step]
        return document

    def _step(self, holder: object, text: str, new: bool = False) -> str | int:
        if isinstance(holder, dict):
            return text
        if isinstance(holder, list):
            if new and text == "-":
                return len(holder)
            if _INDEX.fullmatch(text) and int(text) < len(holder) + new:
                return int(text)
        raise self._refusal("there is nothing at its path")

    def _pointer(self, text: object) -> tuple[str, ...]:
        """The steps of a JSON Pointer (RFC 6901)."""
        if (
            not isinstance(text, str)
            or (text and not text.startswith("/"))
            or re.search("~(?![01])", text)
        ):
            raise self._refusal("a path is a JSON Pointer such as /name/0/family", malformed=True)
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])

    def _refusal(self, advice: str, malformed: bool = False) -> BadPatch:
        return BadPatch(self._position, advice, malformed)


def _equal(one: object, other: object) -> bool:
    """As JSON compares: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other
