"""What the contract and the fault tests share: requests made from cases, and how an answer is looked at."""

import copy
import json
import uuid
from collections.abc import Iterator
from datetime import date
from functools import cache

from cds_service.casebook.render import hook_request, render
from tests.cases import all_cases
from tests.conftest import SERVICE

DAY = date(2026, 6, 15)
CASES = {case.id: case for case in all_cases()}
PAIRS = [(case, hook) for case in CASES.values() for hook in case.expect]
# For what is looked at in every answer: every case on its first hook, every example on all its hooks, and a third of the rest.
_FURTHER = [
    (case, hook) for case, hook in PAIRS if hook != next(iter(case.expect)) and not case.example
]
SAMPLE = [
    (case, hook) for case, hook in PAIRS if hook == next(iter(case.expect)) or case.example
] + _FURTHER[::3]

# Patients that many tests use.
REFERRAL = "bloody-discharge-for-five-months"  # patient-view: ductoscopyReferral
NOBODY = "empty-record"  # nothing on record, no card on any hook
CONTRAINDICATED = (
    "ductoscopy-ordered-with-bi-rads-5"  # order hooks: ductoscopyContraindicated (a warning)
)
SURGERY = "microdochectomy-ordered-ductoscopy"  # order hooks: ductoscopyBeforeSurgery


def request_for(case_id: str, hook: str, templates: dict, clock) -> dict:
    """A complete, valid request of one's own; the clock is set to the day on which the case plays."""
    case = CASES[case_id]
    clock.day = case.today(DAY)
    body = json.loads(_written(case_id, hook, tuple(templates[hook].items())))
    return body | {"hookInstance": str(uuid.uuid4())}


@cache
def _written(case_id: str, hook: str, templates: tuple) -> str:
    case = CASES[case_id]
    return json.dumps(hook_request(case, render(case, DAY), hook, prefetch_keys=dict(templates)))


def post(client, hook: str, body: dict, path: str = "/cds-services/", **more):
    return client.post(
        path + SERVICE[hook], data=json.dumps(body), content_type="application/json", **more
    )


def codes(answer) -> list[str]:
    """The topic codes of the cards, in their order."""
    return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


def guideline_of(card: dict) -> tuple[str, str]:
    """The guideline that a card comes from, and the version of its content, as the last line of its detail names them."""
    name, version = card["detail"].splitlines()[-1].rpartition("; ")[2].removesuffix(".").split(" ")
    return name.replace("\\", ""), version


def without_uuids(cards: list[dict]) -> list[dict]:
    """Cards as they compare: without what is fresh in every answer."""
    cards = copy.deepcopy(cards)
    for card in cards:
        for node in (card, *card.get("suggestions", [])):
            node.pop("uuid")
    return cards


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value inside a JSON value with its path, the whole first."""
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from walk(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from walk(item, f"{path}[{position}]")


def empties(value: object) -> list[str]:
    """Paths of null, "", [] and {}."""
    return [
        path
        for path, found in walk(value)
        if found is None or (isinstance(found, (str, list, dict)) and not found)
    ]


def is_uuid(text: object) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


def check_outcome(status: int, content_type: str, body: bytes) -> dict:
    """S3 §Returning OperationOutcome: a body that is not 2xx is JSON, an OperationOutcome with severity and code, never HTML."""
    assert content_type.split(";")[0] in ("application/json", "application/fhir+json"), content_type
    outcome = json.loads(body)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"]
    for issue in outcome["issue"]:
        assert (
            issue["severity"] in ("fatal", "error")
            and isinstance(issue["code"], str)
            and issue["code"]
        )
    assert empties(outcome) == []
    assert b"Traceback" not in body and b"<" not in body, "no stack trace and no markup"
    return outcome


def outcome_of(answer) -> dict:
    """The OperationOutcome of a refusal by the application."""
    assert not 200 <= answer.status_code < 300
    return check_outcome(answer.status_code, answer.content_type, answer.data)
