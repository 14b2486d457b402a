"""What holds of answers whatever they say: strict JSON, nothing to advise, an error of our own, time, and a token that is forgotten."""

import gc

import pytest

from cds_service.clinical_text import folding
from cds_service.strict import json as strict_json
from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS
from tests.contract.helpers import (
    CONTRAINDICATED,
    NOBODY,
    REFERRAL,
    codes,
    outcome_of,
    post,
    request_for,
    walk,
)
from tests.faults.stub import Stub, serves

VIEW, SELECT, SIGN = "patient-view", "order-select", "order-sign"
SCAN = "mri-of-the-liver-ordered-before-fdg"  # order hooks: fdgPetCtFirst
PATIENTS = {VIEW: REFERRAL, SELECT: CONTRAINDICATED, SIGN: CONTRAINDICATED}


def answers_of_all_kinds(client, templates, clock) -> dict[str, object]:
    """Discovery, cards on every hook, the trace, and refusals."""
    usual = {hook: request_for(case, hook, templates, clock) for hook, case in PATIENTS.items()}
    incomplete = {name: value for name, value in usual[VIEW].items() if name != "prefetch"}
    return {
        "discovery": client.get("/cds-services"),
        **{hook: post(client, hook, request) for hook, request in usual.items()},
        "explain": post(client, VIEW, usual[VIEW], "/explain/"),
        "400": post(client, SIGN, usual[VIEW]),
        "404": client.get("/nowhere"),
        "405": client.get(f"/cds-services/{SERVICE[VIEW]}"),
        "412": post(client, VIEW, incomplete),
    }


@pytest.mark.requirement("A2", "A7", "A8", "A9")
def test_answers_are_strict_json(client, templates, clock):
    """§Use of JSON: UTF-8, an object, no comment, no trailing comma, no key twice, and no text that is blank."""
    for name, answer in answers_of_all_kinds(client, templates, clock).items():
        assert answer.mimetype == "application/json", name
        body = strict_json.loads(answer.data)
        assert [
            path for path, value in walk(body) if isinstance(value, str) and not value.strip()
        ] == [], name


@pytest.mark.requirement("E2", "K1")
@pytest.mark.parametrize("hook", SERVICE)
def test_nothing_to_advise_is_an_empty_list(client, templates, clock, hook):
    """§HTTP Response: 200 with an empty array of cards, when everything was read and nothing applies."""
    request = request_for(NOBODY if hook == VIEW else CONTRAINDICATED, hook, templates, clock)
    if hook != VIEW:
        request["context"]["draftOrders"]["entry"][0]["resource"]["code"] = {
            "text": "Bloedonderzoek"
        }
    answer = post(client, hook, request)
    assert (answer.status_code, answer.get_json()) == (200, {"cards": []})


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(
    "beside, advice",
    [(None, ["fdgPetCtFirst"]), ("FDG-PET/CT", []), ("Bloedonderzoek", ["fdgPetCtFirst"])],
    ids=["alone", "with an FDG-PET/CT", "with another order"],
)
def test_orders_that_are_not_selected_count_as_ordered(client, templates, clock, beside, advice):
    """order-select: the other draft orders are pending actions: what is among them needs no advice any more."""
    request = request_for(SCAN, SELECT, templates, clock)
    if beside:
        draft = {
            "resourceType": "ServiceRequest",
            "id": "beside",
            "status": "draft",
            "intent": "order",
            "code": {"text": beside},
            "subject": {"reference": f"Patient/{SCAN}"},
        }
        request["context"]["draftOrders"]["entry"].append({"resource": draft})
    assert codes(post(client, SELECT, request)) == advice


@pytest.mark.requirement("E5", "E6")
def test_an_error_of_our_own_is_an_outcome_too(library, templates, clock):
    """§Returning OperationOutcome: also where the service itself fails, and without a word of what failed."""

    def stopped():
        raise RuntimeError("canary of the machine")

    request = request_for(REFERRAL, VIEW, templates, clock)
    answer = post(create_app(SETTINGS, library, stopped).test_client(), VIEW, request)
    assert answer.status_code == 500 and outcome_of(answer)["issue"][0]["code"] == "exception"
    assert b"canary" not in answer.data and b"RuntimeError" not in answer.data


def holders_of(words: str) -> set[str]:
    """The kinds of objects in memory that hold a text, or bytes, with these words."""
    gc.collect()
    found, objects = set(), gc.get_objects()
    for holder in objects:
        for value in gc.get_referents(holder):
            if (
                type(value) is str
                and words in value
                or type(value) is bytes
                and words.encode() in value
            ):
                found.add(type(holder).__name__)
            elif type(value) in (dict, tuple) and not gc.is_tracked(value):
                objects.append(value)  # the collector leaves out what holds texts and numbers only
    return found


@pytest.mark.requirement("C15", "L13")
def test_the_access_token_is_forgotten(library, templates, clock):
    """§Passing the Access Token: transient: when the answer is out, nothing in the process holds the token any more."""
    token = "-".join(
        ["canary", "token", "of", "one", "request"]
    )  # joined, so that no constant of this module is it
    client = create_app(SETTINGS, library, clock).test_client()
    with Stub(serves([])) as server:
        request = request_for(NOBODY, VIEW, templates, clock) | {
            "fhirServer": server.base,
            "fhirAuthorization": {"access_token": token, "token_type": "Bearer"},
        }
        del request["prefetch"]["conditions"]
        answer = post(client, VIEW, request)
        assert (
            answer.status_code == 200
            and server.tokens == {f"Bearer {token}"}
            and token not in answer.get_data(as_text=True)
        )
        assert holders_of(token), "control: the request itself is found"
        for holder in (request["fhirAuthorization"], request, server.asked):
            holder.clear()
    del server, answer, request, holder
    assert holders_of(token) == set()


def test_no_text_of_a_record_is_remembered_after_its_answer(client, templates, clock):
    """Folded texts are kept for the readers of one request only."""
    hook = "patient-view"
    body = request_for(REFERRAL, hook, templates, clock)
    body["prefetch"]["remarks"] = [
        {
            "resourceType": "Observation",
            "id": "long-story",
            "status": "final",
            "subject": {"reference": f"Patient/{body['context']['patientId']}"},
            "code": {"text": "Anamnese"},
            "valueString": "Tepelvloed links.\nGeen knobbel.",
        }
    ]
    assert post(client, hook, body).status_code == 200
    assert folding._folded.cache_info().currsize == 0
