"""Feedback on cards, read from a request (CDS Hooks 2.0.1, "Feedback"); unknown members are ignored."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cds_service.errors import RequestError

MOST_ENTRIES = 1000
LONGEST_COMMENT = 4000  # characters that are kept where comments are kept at all
# Codes as code systems write them; a longer or looser text could tell of a person and is not kept.
_CODE, _SYSTEM = (
    re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}"),
    re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,190}"),
)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True)
class Feedback:
    """What a clinician did with one card. `outcome_at`: RFC 3339 in UTC."""

    card: str
    outcome: str  # accepted, overridden
    outcome_at: str
    suggestions: tuple[str, ...] = ()
    reason_code: str = ""
    reason_system: str = ""
    comment: str = ""


def parse_feedback(body: dict) -> list[Feedback]:
    """The entries of a request. Raises RequestError (400) that names the place; then nothing of it may be stored."""
    entries = body.get("feedback")
    if not isinstance(entries, list):
        raise _bad("feedback", "a list of feedback is required here")
    if len(entries) > MOST_ENTRIES:
        raise _bad("feedback", f"send at most {MOST_ENTRIES} at once")
    return [_entry(entry, f"feedback[{number}]") for number, entry in enumerate(entries)]


def _bad(expression: str, message: str) -> RequestError:
    return RequestError(400, "invalid", message, expression)


def _entry(entry: object, place: str) -> Feedback:
    if not isinstance(entry, dict):
        raise _bad(place, "an object is required here")
    card, outcome = _text(entry, "card", place), entry.get("outcome")
    if outcome not in ("accepted", "overridden"):
        raise _bad(f"{place}.outcome", "must be accepted or overridden")
    suggestions = _suggestions(entry, place) if outcome == "accepted" else ()
    code, system, comment = (
        _reason(entry.get("overrideReason"), f"{place}.overrideReason")
        if outcome == "overridden"
        else ("", "", "")
    )
    return Feedback(
        card,
        outcome,
        _moment(_text(entry, "outcomeTimestamp", place), f"{place}.outcomeTimestamp"),
        suggestions,
        code,
        system,
        comment,
    )


def _text(node: dict, name: str, place: str) -> str:
    value = node.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _bad(f"{place}.{name}", "a text is required here")
    return value


def _suggestions(entry: dict, place: str) -> tuple[str, ...]:
    accepted = entry.get("acceptedSuggestions")
    if not isinstance(accepted, list) or not accepted:
        raise _bad(
            f"{place}.acceptedSuggestions",
            "required when the outcome is accepted: a list of objects with id",
        )
    for number, suggestion in enumerate(accepted):
        if not isinstance(suggestion, dict):
            raise _bad(
                f"{place}.acceptedSuggestions[{number}]", "an object with id is required here"
            )
    return tuple(
        _text(suggestion, "id", f"{place}.acceptedSuggestions[{number}]")
        for number, suggestion in enumerate(accepted)
    )


def _reason(reason: object, place: str) -> tuple[str, str, str]:
    """(code, system, comment) of an override reason, each "" where there is none."""
    if reason is None:
        return "", "", ""
    if not isinstance(reason, dict):
        raise _bad(
            place,
            "an object with reason or userComment is required here; leave it out when no reason was given",
        )
    coding, comment = reason.get("reason"), reason.get("userComment")
    if coding is not None and not isinstance(coding, dict):
        raise _bad(f"{place}.reason", "a coding is required here")
    if comment is not None and not isinstance(comment, str):
        raise _bad(f"{place}.userComment", "a text is required here")
    code, system = (
        ("", None)
        if coding is None
        else (_text(coding, "code", f"{place}.reason"), coding.get("system"))
    )
    if not isinstance(system, str | None):
        raise _bad(f"{place}.reason.system", "a text is required here")
    return (
        code if _CODE.fullmatch(code) else "",
        system if system and _SYSTEM.fullmatch(system) else "",
        (comment or "")[:LONGEST_COMMENT],
    )


def _moment(text: str, place: str) -> str:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        return (
            datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
            .astimezone(UTC)
            .isoformat()
        )
    except (ValueError, OverflowError):
        raise _bad(
            place, "a moment as in 1985-04-12T23:20:50.52Z is required here (RFC 3339)"
        ) from None
