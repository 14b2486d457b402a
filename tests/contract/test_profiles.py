"""Clients that differ from the standard (docs/clients.md, "Profiles"): what they get, card by card, is the same advice in another shape."""

import copy
import uuid

import pytest

from cds_service.cds_hooks.profile import PROFILES, STANDARD, adapted
from tests.contract.helpers import PAIRS, SURGERY, empties, is_uuid, post, request_for


@pytest.fixture(scope="module")
def cards(app, templates, clock):
    """The cards of every case on its first hook, as the standard has them."""
    client, found = app.test_client(), []
    for case, hook in PAIRS:
        if hook == next(iter(case.expect)):
            found += (
                post(client, hook, request_for(case.id, hook, templates, clock))
                .get_json()
                .get("cards", [])
            )
    assert sum("suggestions" in card for card in found) > 100
    return [*found, *(_with_two_actions(card) for card in found if "suggestions" in card)]


def _with_two_actions(card: dict) -> dict:
    """The card with a suggestion of two actions, which the standard allows. No card of the content has one: an order that is only to be
    considered is created beside the other."""
    suggestion = card["suggestions"][0]
    action = {
        "type": "delete",
        "description": "Remove the order",
        "resourceId": "ServiceRequest/operation",
    }
    two = {
        **suggestion,
        "label": "Replace the order",
        "uuid": str(uuid.uuid4()),
        "actions": [action, *suggestion["actions"]],
    }
    return {**copy.deepcopy(card), "suggestions": [two, *copy.deepcopy(card["suggestions"][1:])]}


def advice(card: dict) -> tuple:
    """What a clinician reads, and what can be done with a click."""
    actions = [
        action for suggestion in card.get("suggestions", []) for action in suggestion["actions"]
    ]
    return (
        card["summary"],
        card["detail"],
        card["indicator"],
        card["source"],
        card.get("links"),
        actions,
    )


@pytest.mark.parametrize("name", PROFILES)
def test_the_advice_is_the_same_for_every_kind_of_client(cards, name):
    before = copy.deepcopy(cards)
    for card, shaped in zip(cards, adapted(cards, PROFILES[name]), strict=True):
        assert advice(shaped) == advice(card)
        assert empties(shaped) == []
    assert cards == before, "the cards themselves are left alone"


def test_the_standard_profile_changes_nothing(cards):
    assert adapted(cards, STANDARD) == cards


def test_epic_takes_any_and_one_action_for_each_suggestion(cards):
    """Epic: only `any` is supported; one action a suggestion; `source.topic.code` alphanumeric, at most 100 characters, static."""
    for card in adapted(cards, PROFILES["epic"]):
        suggestions = card.get("suggestions", [])
        assert card.get("selectionBehavior") == ("any" if suggestions else None)
        assert all(len(suggestion["actions"]) == 1 for suggestion in suggestions)
        assert all(is_uuid(suggestion["uuid"]) for suggestion in suggestions)
        assert len({suggestion["uuid"] for suggestion in suggestions}) == len(suggestions)
        assert all(
            suggestion["label"] and suggestion["actions"][0]["description"]
            for suggestion in suggestions
        )
        assert (
            card["source"]["topic"]["code"].isalnum()
            and len(card["source"]["topic"]["code"]) <= 100
        )


def test_a_client_of_version_1_knows_at_most_one_and_no_feedback(cards):
    """CDS Hooks 1.0: `selectionBehavior` knows `at-most-one` only; no `uuid` on cards, no `overrideReasons`, no feedback."""
    for card in adapted(cards, PROFILES["cds-hooks-1.0"]):
        assert card.get("selectionBehavior") == ("at-most-one" if "suggestions" in card else None)
        assert "uuid" not in card and "overrideReasons" not in card
        assert all("uuid" not in suggestion for suggestion in card.get("suggestions", []))


def test_a_replacement_becomes_two_steps_that_say_what_they_do(app, templates, clock):
    """Deleting one order and creating another is one suggestion of the standard, and two of Epic's. No card of the content does
    it (an order is replaced by nothing unasked), so that one is made here."""
    (card,) = post(
        app.test_client(), "order-sign", request_for(SURGERY, "order-sign", templates, clock)
    ).get_json()["cards"]
    card["suggestions"][0]["actions"].insert(
        0,
        {
            "type": "delete",
            "description": "Remove the operation",
            "resourceId": "ServiceRequest/operation",
        },
    )
    (shaped,) = adapted([card], PROFILES["epic"])
    replaced = next(
        suggestion for suggestion in card["suggestions"] if len(suggestion["actions"]) == 2
    )
    assert [action["type"] for action in replaced["actions"]] == ["delete", "create"]
    labels = [suggestion["label"] for suggestion in shaped["suggestions"]]
    assert [action["description"] for action in replaced["actions"]] == labels[
        labels.index(replaced["actions"][0]["description"]) :
    ][:2]
