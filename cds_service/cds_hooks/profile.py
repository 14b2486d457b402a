"""What kinds of clients need that differs from the standard, as data: one row for each kind (docs/clients.md tells where from)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One kind of client.

    selection: the only `selectionBehavior` that it understands; "" where it takes the card's own.
    single_actions: a suggestion may hold one action only, so that one with several becomes several.
    feedback: whether it sends feedback; without, cards have no `uuid` and offer no override reasons (CDS Hooks 1.0 knows neither).
    token_seconds: the longest life of its tokens.
    origins: web origins that it always calls from, beside those of the clients file.
    """

    name: str
    selection: str = ""
    single_actions: bool = False
    feedback: bool = True
    token_seconds: int = 300
    origins: frozenset[str] = frozenset()


STANDARD = Profile("standard")
PROFILES = {
    profile.name: profile
    for profile in (
        STANDARD,
        Profile("epic", selection="any", single_actions=True, token_seconds=900),
        Profile("cds-hooks-1.0", selection="at-most-one", feedback=False),
        Profile("sandbox", origins=frozenset({"https://sandbox.cds-hooks.org"})),
    )
}


def adapted(cards: Iterable[dict], profile: Profile) -> list[dict]:
    """Cards as a client of this kind can take them."""
    return [_adapted(card, profile) for card in cards]


def without_feedback(card: dict) -> dict:
    """A card about which no feedback can be sent (2.0.1, "Card Attributes": without a uuid there is none)."""
    lean = {name: value for name, value in card.items() if name not in ("uuid", "overrideReasons")}
    if "suggestions" in lean:
        lean["suggestions"] = [
            {name: value for name, value in suggestion.items() if name != "uuid"}
            for suggestion in lean["suggestions"]
        ]
    return lean


def _adapted(card: dict, profile: Profile) -> dict:
    adapted = dict(card)
    if profile.single_actions and "suggestions" in card:
        adapted["suggestions"] = [
            single for suggestion in card["suggestions"] for single in _singles(suggestion)
        ]
    if profile.selection and "selectionBehavior" in card:
        adapted["selectionBehavior"] = profile.selection
    return adapted if profile.feedback else without_feedback(adapted)


def _singles(suggestion: dict) -> list[dict]:
    """A suggestion as several with one action each, called by what the action does."""
    actions = suggestion.get("actions", [])
    if len(actions) < 2:
        return [suggestion]
    return [
        {
            **suggestion,
            "uuid": str(uuid.uuid4()),
            "label": action["description"],
            "actions": [action],
        }
        for action in actions
    ]
