"""JSON as a request may be: UTF-8, one object, no duplicate keys, no NaN, no bottomless nesting (RFC 8259, I-JSON)."""

import json
import math
import re

MAX_DEPTH = 64
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class BadJson(ValueError):
    """Says what is wrong, never what stands there."""


class NotAnObject(BadJson):
    """The body is JSON, but a list, a text, a number or null."""


def loads(body: bytes) -> dict:
    """The JSON object in a body. Raises BadJson."""
    value = loads_any(body)
    if not isinstance(value, dict):
        raise NotAnObject("the body must be a JSON object")
    return value


def loads_any(body: bytes) -> object:
    """Any JSON value, as strictly. Raises BadJson."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("the body is not UTF-8") from error
    if text.startswith("\ufeff"):
        raise BadJson("the body starts with a byte order mark; send plain UTF-8")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except BadJson:
        raise
    except json.JSONDecodeError as error:
        raise BadJson(f"the body is not JSON (line {error.lineno}, column {error.colno})") from error
    except (RecursionError, ValueError) as error:
        raise BadJson("the body nests too deeply or holds a number that is too large") from error
    _check_depth(value)
    if _ESCAPED_SURROGATE.search(text):  # UTF-8 itself cannot hold one
        _check_texts(value)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a member stands twice in one object")
    return found


def _refuse(name: str) -> object:
    raise BadJson("NaN and Infinity are not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson("a number is too large")
    return number


def _check_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[object] = []
        for item in level:
            if isinstance(item, str):  # most are
                continue
            if isinstance(item, dict):
                deeper += item.values()
            elif isinstance(item, list):
                deeper += item
        if not deeper:
            return
        level = deeper
    raise BadJson(f"the body nests deeper than {MAX_DEPTH} levels")


def _check_texts(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadJson("a text holds half a character (a lone surrogate)") from error
