"""Advice that was followed is not offered again: the buttons of the emergency card by what is ordered since the alarm."""

import pytest

from tests.contract.helpers import post, request_for

CASE = "old-metastasis-with-cord"  # the alarm is of the day before
RADIOTHERAPIST, SURGEON = (
    "Ask for urgent assessment by a radiotherapist",
    "Ask for urgent assessment by a surgeon",
)
ORDERS = [  # words of the order, when it was made, further elements, what is still offered
    ("Radiotherapie botmetastase", "2026-06-15", {}, [SURGEON]),
    ("Radiotherapie botmetastase", None, {}, [SURGEON]),
    ("Radiotherapie", "2026-06-14", {}, [SURGEON]),
    ("Radiotherapie botmetastase", "2026-06-01", {}, [RADIOTHERAPIST, SURGEON]),
    ("Radiotherapie botmetastase", "2026-06-15", {"status": "revoked"}, [RADIOTHERAPIST, SURGEON]),
    ("Radiotherapie mamma", "2026-06-15", {}, [RADIOTHERAPIST, SURGEON]),
    ("Bloedonderzoek", "2026-06-15", {}, [RADIOTHERAPIST, SURGEON]),
    ("Decompressie wervelkolom", "2026-06-15", {}, [RADIOTHERAPIST]),
]


def offered(client, request) -> list[str]:
    (card,) = post(client, "patient-view", request, headers={"Accept-Language": "en"}).get_json()[
        "cards"
    ]
    assert card["indicator"] == "warning"
    return [suggestion["label"] for suggestion in card.get("suggestions", [])]


@pytest.mark.parametrize("words, made, more, expected", ORDERS)
def test_an_assessment_that_was_asked_for_since_the_alarm_is_not_offered_again(
    client, templates, clock, words, made, more, expected
):
    """The emergency itself stays: what is ordered is not done."""
    request = request_for(CASE, "patient-view", templates, clock)
    order = {
        "resourceType": "ServiceRequest",
        "id": "made",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{CASE}"},
        "code": {"text": words},
        **({"authoredOn": made} if made else {}),
        **more,
    }
    assert request["prefetch"]["serviceRequests"] is None, "the case has no orders of its own"
    request["prefetch"]["serviceRequests"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": order}],
    }
    assert offered(client, request) == expected


def test_control_without_an_order_both_are_offered(client, templates, clock):
    request = request_for(CASE, "patient-view", templates, clock)
    assert offered(client, request) == [RADIOTHERAPIST, SURGEON]
