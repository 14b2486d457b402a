"""No card may offer to remove an order wrongly: over every case of the content, and over each with an alarm planted beside it.

The catalogue's rule: a removal is offered only when the advice is that this order be not carried out, nothing is unknown that could
turn the card off, no alarm is on record or unknown, and an examination states its own purpose. The checks here read the request and
the trace of the answer; they share nothing with the gate.
"""

import json
import re
from copy import deepcopy
from datetime import date

import pytest

from cds_service.casebook.render import hook_request, render
from tests.cases import all_cases
from tests.conftest import SERVICE

DAY = date(2026, 6, 15)
DECIDING = ("trigger", "required", "confirm", "exclusion", "suppression")
# Keys whose advice is that the order be not carried out; "consider" and "ask first" are none of them.
MAY_REMOVE = {
    "mriNotRoutine",
    "petCtLowYield",
    "aftNoRoutineImaging",
    "fesPetNotRoutine",
    "researchTracer",
    "ductoscopyContraindicated",
    "ibcNeoadjuvantFirst",
}
OF_IMAGING = MAY_REMOVE - {"ductoscopyContraindicated", "ibcNeoadjuvantFirst"}
STATED = re.compile(
    r"stadi|staging|controle|routine|follow|surveillance|nazorg|jaarlijks|annual|screening|(?:verdenking|suspected).*metast|metast\w*\?",
    re.IGNORECASE,
)
CASES = [(case, hook) for case in all_cases() for hook in case.expect if hook != "patient-view"]


def removals(card):
    return [
        action["resourceId"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
        if action["type"] == "delete"
    ]


def key_of(card):
    return card["source"]["topic"]["code"]


@pytest.fixture(scope="module")
def asked(app, clock, templates):
    """Every case on the order hooks with its request, its answer and the cards that offer a removal."""

    client = app.test_client()

    def post(hook, request):
        clock.day = DAY
        return client.post("/cds-services/" + SERVICE[hook], json=request).get_json()

    found = []
    for case, hook in CASES:
        record = render(case, DAY)
        request = hook_request(case, record, hook, prefetch_keys=templates[hook])
        cards = [card for card in post(hook, request)["cards"] if removals(card)]
        found += [(f"{case.id} ({hook})", hook, request, card) for card in cards]
    return post, found


def test_the_cases_hold_removals_of_every_kind(asked):
    """Control: what follows looks at something."""
    assert {key_of(card) for _, _, _, card in asked[1]} == MAY_REMOVE


def test_no_removal_while_anything_is_unknown(asked):
    wrong = []
    for name, _, _, card in asked[1]:
        told = card["extension"]["org.mammacards.evaluation"]
        # Where one ground is met, another that is unknown cannot turn the card off.
        open_ = [
            c["id"] for c in told["criteria"] if c["role"] in DECIDING and c["truth"] == "unknown"
        ]
        if told["verdict"] != "recommended" or open_:
            wrong.append((name, key_of(card), told["verdict"], open_))
    assert wrong == []


def test_an_examination_that_is_removed_states_its_purpose_itself(asked):
    wrong = []
    for name, _, request, card in asked[1]:
        drafts = {
            f"{r['resourceType']}/{r['id']}": r
            for e in request["context"]["draftOrders"]["entry"]
            if (r := e["resource"])
        }
        for reference in removals(card):
            draft = drafts[reference]
            said = json.dumps(
                [draft.get(element) for element in ("reasonCode", "note", "code", "orderDetail")],
                ensure_ascii=False,
            )
            if key_of(card) in OF_IMAGING and not (
                STATED.search(said) or draft.get("reasonReference")
            ):
                wrong.append((name, key_of(card), said))
    assert wrong == []


def condition(text, **more):
    return {
        "resourceType": "Condition",
        "code": {"text": text},
        "onsetDateTime": DAY.isoformat(),
        **more,
    }


def observation(text, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": text},
        "effectiveDateTime": DAY.isoformat(),
        "category": [{"coding": [{"code": "exam"}]}],
        **more,
    }


def order(**more):
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": {"text": "Consult neurologie"},
        "authoredOn": DAY.isoformat(),
        **more,
    }


PROVISIONAL = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
            "code": "provisional",
        }
    ]
}
ALARMS = {
    "threatened paraplegia": condition("Dreigende dwarslaesie"),
    "suspected": condition("verdenking myelumcompressie"),
    "provisional": condition("Caudasyndroom", verificationStatus=PROVISIONAL),
    "without a date": condition("Spinal cord compression") | {"onsetDateTime": None},
    "a deficit": condition("Krachtsverlies beide benen sinds gisteren"),
    "a deficit in English": condition("New leg weakness"),
    "a fracture": condition("Pathologische femurfractuur"),
    "a fracture that is threatened": condition("Impending fracture of the left femur"),
    "an observation": observation("Neurologisch onderzoek", valueString="parese been links"),
    "an observation, preliminary": observation(
        "Krachtsverlies benen", status="preliminary", valueBoolean=True
    ),
    "the reason of another order": order(reasonCode=[{"text": "dreigende dwarslaesie?"}]),
    "a remark on another order": order(note=[{"text": "CAVE cauda equina"}]),
    "not readable": condition("Dwarslaesie") | {"onsetDateTime": "2026-13-45"},
}
KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "ServiceRequest": "serviceRequests",
}


def planted(request, resource):
    """The request with one resource more in its prefetch."""
    changed, patient = deepcopy(request), request["context"]["patientId"]
    own = {key: value for key, value in resource.items() if value is not None}
    own |= {"id": "planted-alarm", "subject": {"reference": f"Patient/{patient}"}}
    key = KEYS[own["resourceType"]]
    bundle = changed["prefetch"][key] = changed["prefetch"].get(key) or {
        "resourceType": "Bundle",
        "type": "searchset",
    }
    bundle.setdefault("entry", []).append({"resource": own})
    bundle.pop("total", None)
    return changed


@pytest.mark.parametrize("alarm", ALARMS, ids=str)
def test_no_removal_beside_an_alarm(asked, alarm):
    post, found = asked
    wrong = []
    for name, hook, request, _ in found:
        cards = post(hook, planted(request, ALARMS[alarm]))["cards"]
        wrong += [(name, key_of(card)) for card in cards if removals(card)]
    assert wrong == []


def test_no_removal_with_an_alarm_in_another_draft(asked):
    post, found = asked
    wrong = []
    for name, hook, request, _ in found:
        changed = deepcopy(request)
        draft = order(
            id="planted-alarm", status="draft", reasonCode=[{"text": "verdenking myelumcompressie"}]
        )
        draft["subject"] = {"reference": f"Patient/{request['context']['patientId']}"}
        changed["context"]["draftOrders"]["entry"].append({"resource": draft})
        wrong += [(name, key_of(card)) for card in post(hook, changed)["cards"] if removals(card)]
    assert wrong == []


@pytest.mark.parametrize("key", ["conditions", "observations", "serviceRequests"])
def test_no_removal_where_an_alarm_could_not_be_read(asked, key):
    post, found = asked
    wrong = []
    for name, hook, request, _ in found:
        changed = deepcopy(request)
        changed["prefetch"].pop(key, None)
        wrong += [(name, key_of(card)) for card in post(hook, changed)["cards"] if removals(card)]
    assert wrong == []


# A trap beside an order: what only looks like an alarm takes no removal away.
NO_ALARMS = {
    "osteoporotic": condition("Osteoporose met pathologische fractuur"),
    "of another cause": condition("Hemiparese na CVA"),
    "resolved": condition(
        "Dwarslaesie",
        clinicalStatus={
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "resolved",
                }
            ]
        },
    ),
    "denied": observation(
        "Neurologisch onderzoek", valueString="geen aanwijzingen voor dwarslaesie"
    ),
    "of seven months ago": condition("Dwarslaesie") | {"onsetDateTime": "2025-11-10"},
    "a revoked order": order(status="revoked", reasonCode=[{"text": "dreigende dwarslaesie"}]),
}


@pytest.mark.parametrize("trap", NO_ALARMS, ids=str)
def test_what_is_no_alarm_takes_no_removal_away(asked, trap):
    post, found = asked
    lost = [
        name
        for name, hook, request, card in found
        if key_of(card)
        not in {
            key_of(c) for c in post(hook, planted(request, NO_ALARMS[trap]))["cards"] if removals(c)
        }
    ]
    assert lost == []
