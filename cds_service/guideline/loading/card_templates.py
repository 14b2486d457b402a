"""card.yaml -> card and order templates, checked at start."""

import string
from collections.abc import Mapping
from contextlib import suppress

from cds_service.guideline.loading.checking import Checking
from cds_service.guideline.model import (
    ActionTemplate,
    CardTemplate,
    Opening,
    OrderTemplate,
    Paragraph,
    SuggestionTemplate,
    Words,
)
from cds_service.terminology.systems import PROJECT, code_faults

SUMMARY_LIMIT = 139  # CDS Hooks: fewer than 140 characters
_ROOM_FOR_VALUES = 24


def card_template(
    check: Checking,
    card: dict,
    place: str,
    values: set[str],
    ids: set[str],
    orders: Mapping[str, OrderTemplate],
    override_reasons: Mapping[str, Mapping[str, str]],
) -> CardTemplate:
    """One card: `values` may stand in its sentences, `ids` are the criteria of its recommendation."""
    summary = _summary(check, card, place, values)
    instead = tuple(
        Opening(
            _summary(check, raw, here, values),
            check.words(raw["detail"], f"{here}.detail", values),
            _met(check, raw["said_when"], ids, here),
        )
        for number, raw in enumerate(card.get("instead", []))
        if (here := f"{place}.instead[{number}]")
    )
    paragraphs = tuple(
        Paragraph(check.words(raw["text"], here, values), _met(check, raw["said_when"], ids, here))
        for number, raw in enumerate(card.get("paragraphs", []))
        if (here := f"{place}.paragraphs[{number}]")
    )
    suggestions = tuple(
        _suggestion(check, raw, f"{place}.suggestions[{number}]", values, ids, orders)
        for number, raw in enumerate(card.get("suggestions", []))
    )
    for code in card.get("override_reasons", []):
        check.known(code, override_reasons, "override reason", place)
    links = tuple(
        (check.words(link["label"], f"{place}.links"), link["url"])
        for link in card.get("links", [])
    )
    detail = check.words(card.get("detail"), f"{place}.detail", values)
    return CardTemplate(
        summary,
        detail,
        paragraphs,
        suggestions,
        card.get("selection", "at-most-one"),
        links,
        tuple(card.get("override_reasons", [])),
        instead,
    )


def _summary(check: Checking, card: dict, place: str, values: set[str]) -> Words:
    """A summary; one that is too long once its values stand in it is a fault."""
    summary = check.words(card.get("summary"), f"{place}.summary", values)
    for language, text in summary.items():
        with suppress(ValueError):  # half a placeholder: told above
            parts = list(string.Formatter().parse(text))
            length = sum(len(fixed) for fixed, *_ in parts) + _ROOM_FOR_VALUES * sum(
                1 for _, name, *_ in parts if name
            )
            if length > SUMMARY_LIMIT:
                check.faults.append(
                    f"{place}.summary.{language}: too long for {SUMMARY_LIMIT} characters"
                )
    return summary


def _met(check: Checking, names: list[str], ids: set[str], place: str) -> tuple[str, ...]:
    """Criteria that must be met for a sentence or a suggestion."""
    for needed in names:
        check.known(needed, ids, "criterion of this recommendation", place)
    return tuple(names)


def _suggestion(
    check: Checking,
    raw: dict,
    place: str,
    values: set[str],
    ids: set[str],
    orders: Mapping[str, OrderTemplate],
) -> SuggestionTemplate:
    actions = []
    for action in raw["actions"]:
        ((kind, order),) = action.items()
        if kind == "create":
            check.known(order, orders, "order", place)
        elif (kind, order) != ("delete", "order_under_review"):
            check.faults.append(
                f"{place}: an action is `create: <order>` or `delete: order_under_review`"
            )
        words = raw.get("descriptions", {}).get(kind, raw["label"])
        actions.append(ActionTemplate(kind, order, check.words(words, place, values)))
    return SuggestionTemplate(
        check.words(raw["label"], place, values),
        _met(check, raw.get("offered_when", []), ids, place),
        tuple(actions),
    )


def order_template(check: Checking, raw: dict, place: str) -> OrderTemplate:
    """What a suggestion drafts."""
    codings, site = tuple(raw.get("codings", [])), raw.get("site")
    for coding in (*codings, *([site] if site else [])):
        if coding["system"] != PROJECT:
            check.faults += [
                f"{place}: {fault}" for fault in code_faults(coding["system"], coding["code"])
            ]
    return OrderTemplate(
        check.words(raw.get("text"), place, {"side", "breast"}),
        codings,
        bool(raw.get("sided")),
        site,
        raw.get("priority", ""),
    )
