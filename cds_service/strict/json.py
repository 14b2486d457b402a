"""JSON as a request may be: UTF-8, one object, no duplicate keys, no NaN, no bottomless nesting (RFC 8259, I-JSON)."""

import json
import math
import re

import jiter

MAX_DEPTH = 64
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# Every digit as 0 and every exponent as e: a number that a float cannot hold then shows an exponent of three digits.
_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_LARGE_EXPONENT = re.compile(rb"0e\+?0{3,}(?:[,\]}\s]|$)")
_BRACKETS, _ALL_BUT_BRACKETS = bytes.maketrans(b"{}", b"[]"), bytes(set(range(256)) - set(b'[]{}"'))


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
    """Any JSON value, as strictly. Raises BadJson.

    Nearly every body is read by jiter, which refuses duplicate keys, NaN and half characters in little more than the standard
    library takes without looking. Whatever it refuses, or may hold what it lets through, is read again slowly, to say what is wrong.
    """
    is_shallow, may_overflow = (
        _is_shallow(body),
        _may_overflow(body),
    )  # first, as they make copies of the body
    try:
        value = jiter.from_json(
            body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys"
        )
    except ValueError:
        return _read_slowly(body)
    if may_overflow:
        return _read_slowly(body)
    if not is_shallow:
        _check_depth(value)
    return value


def _may_overflow(body: bytes) -> bool:
    """Whether a number may be too large for a float (10^308): that takes an exponent of three digits, or hundreds of digits."""
    shape = body.translate(_DIGITS)
    return _LARGE_EXPONENT.search(shape) is not None or b"0" * 200 in shape


def _is_shallow(body: bytes) -> bool:
    """Whether a body, if it is JSON, surely nests less deeply than MAX_DEPTH: its brackets are taken away level by level, from within.

    Quotation marks tell the brackets of a text from the others. A text with one pair of them ("mm[Hg]") is taken away too, with
    at most an innermost level that stands between two texts.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(
            b'\\"', b""
        )  # every quotation mark that is left opens or closes a text
    brackets = (
        body.translate(_BRACKETS, _ALL_BUT_BRACKETS).replace(b'"[]"', b"").replace(b'""', b"")
    )
    if b'"' in brackets:  # a text with other brackets
        return False
    for _ in range(MAX_DEPTH - 2):
        if not brackets:
            return True
        fewer = brackets.replace(b"[]", b"")
        if len(fewer) == len(brackets):
            return False  # they do not pair: no JSON
        brackets = fewer
    return False


def _read_slowly(body: bytes) -> object:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("the body is not UTF-8") from error
    if text.startswith("\ufeff"):
        raise BadJson("the body starts with a byte order mark; send plain UTF-8")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except BadJson:
        raise
    except json.JSONDecodeError as error:
        raise BadJson(
            f"the body is not JSON (line {error.lineno}, column {error.colno})"
        ) from error
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


def _refuse(name: str) -> object:  # noqa: ARG001 - json's signature
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
