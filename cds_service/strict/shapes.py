"""The shape of a file that people write, checked with pydantic: every fault with its place and the nearest name that exists."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class Part(BaseModel):
    """A part of a file: no member that is not named here, no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True)


def shape_faults(content: object, shape: type[BaseModel], place: str) -> list[str]:
    """Every fault of a file's shape, with its place and the nearest member that exists."""
    try:
        shape.model_validate(content)
    except ValidationError as error:
        return [
            _told(fault, content, shape, place)
            for fault in error.errors(include_url=False, include_input=False)
        ]
    return []


def _told(fault: Mapping[str, Any], content: object, shape: type[BaseModel], place: str) -> str:
    path = ".".join(_named_steps(fault["loc"], content))
    if fault["type"] == "missing":
        return f"{place}: {path} is missing"
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), _members(shape), 1)
        return f"{place}: {path} is not known here" + (f"; did you mean {near[0]}?" if near else "")
    if fault["type"] == "invalid_key":
        return f"{place}: a key must be a text (on, off, yes, no and numbers: between quotes)"
    if fault["type"] == "string_type":
        return f"{place}: {path} must be a text (a number, a date, yes or no: between quotes)"
    return f"{place}: {path or 'the file'}: {fault['msg']}"


def _named_steps(steps: tuple, content: object) -> list[str]:
    """The steps of a path; an entry of a list is called by its id where it has one."""
    named = []
    for step in steps:
        try:
            content = content[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            content = None
        identity = (
            content.get("id") if isinstance(step, int) and isinstance(content, dict) else None
        )
        named.append(str(identity or step))
    return named


def _members(shape: type[BaseModel]) -> list[str]:
    """All member names of a file's parts."""
    names: list[str] = []
    for part in [
        shape,
        *(p for p in Part.__subclasses__() if p is not shape and p.__module__ == shape.__module__),
    ]:
        names += [field.alias or name for name, field in part.model_fields.items()]
    return names
