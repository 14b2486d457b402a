"""What the fuzz tests share: requests that nobody would write, and what must hold for every answer.

Oracle 5 of the house: no input makes an answer of 5xx while what we depend on works. Besides: every answer is JSON, as our own
OpenAPI document tells it, with nothing null or empty but `cards: []`, and repeats no token.

The same properties run in `make test` (2,000 requests for every endpoint, always the same ones) and in `make fuzz` (as many as
FUZZ_EXAMPLES says, others every time).
"""

import copy
import json
import os
from collections.abc import Callable
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.conftest import SERVICE
from tests.contract.helpers import empties, request_for, walk
from tests.contract.openapi import faults_of_answer
from tests.contract.test_requests import ANY_JSON, ELEMENTS, ODD

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "800"))  # for each endpoint
IS_LONG = "FUZZ_EXAMPLES" in os.environ
VIEW, SELECT, SIGN = SERVICE
TOKEN = "canary-token-fuzz"

# Patients with few resources, so that a request costs little; together they hold every resource type that is read.
PATIENTS = {
    VIEW: [
        "peau-d-orange-for-exactly-six-months",
        "discharge-that-came-back",
        "ibc-docetaxel-administered",
        "statement-of-antibiotic-use-mastitis",
        "meeting-booked-for-next-week",
        "meeting-as-an-encounter",
        "fdg-pet-ct-as-an-imaging-study",
    ],
    SELECT: [
        "ductoscopy-ordered-with-bi-rads-5",
        "chemotherapy-in-a-supraclavicular",
        "endocrine-therapy-again-after-it-was",
    ],
    SIGN: [
        "ductoscopy-ordered-with-bi-rads-5",
        "chemotherapy-nodes-resectable",
        "fapi-pet-ct-ordered-for-a-study",
    ],
}


def many(share: float) -> Callable:
    """How often a property is tried: a share of the examples of its endpoint."""
    return settings(
        max_examples=max(1, round(EXAMPLES * share)),
        deadline=None,
        derandomize=not IS_LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# ---------------------------------------------------------------------------------------------------- requests

# Where (which node, which member) and what is put there. Numbers are taken modulo what there is.
_PLACE = st.integers(0, 9999)
CHANGES = st.lists(st.tuples(_PLACE, _PLACE, ODD | ANY_JSON), min_size=1, max_size=3)
_ENVELOPE = (
    "hook",
    "hookInstance",
    "context",
    "prefetch",
    "fhirServer",
    "fhirAuthorization",
    "extension",
    "patientId",
    "userId",
    "selections",
    "draftOrders",
)


def changed(
    value: dict, changes: list[tuple[int, int, object]], members: tuple[str, ...] = ()
) -> dict:
    """A JSON object of one's own with other values at some places; `members` may be added to objects that are no resources."""
    for where, which, drawn in changes:
        what = copy.deepcopy(drawn)  # all examples share the values
        nodes = [node for _, node in walk(value) if isinstance(node, dict | list) and node]
        if not nodes:
            return value
        node = nodes[where % len(nodes)]
        if isinstance(node, list):
            node[which % len(node)] = what
        else:
            names = [*node, *(ELEMENTS if "resourceType" in node else members)]
            node[names[which % len(names)]] = what
    return value


@cache
def _written(hook: str, patient: str, templates: tuple, clock) -> tuple[str, object]:
    request = request_for(patient, hook, {hook: dict(templates)}, clock)
    return json.dumps(request | {"fhirAuthorization": None, "fhirServer": None}), clock.day


def good_request(hook: str, number: int, templates: dict, clock) -> dict:
    """A valid request of one of the patients; the clock stands on the day on which the case plays."""
    patient = PATIENTS[hook][number % len(PATIENTS[hook])]
    text, clock.day = _written(hook, patient, tuple(templates[hook].items()), clock)
    return json.loads(text)


BAD_REQUESTS = {  # of a good request's text: what a broken or hostile client sends
    "cut off": lambda text, a, b: text[: a % (len(text) + 1)],
    "a byte changed": lambda text, a, b: (
        text[: a % len(text)] + bytes([b % 256]) + text[a % len(text) + 1 :]
    ),
    "a byte more": lambda text, a, b: (
        text[: a % len(text)] + bytes([b % 256]) + text[a % len(text) :]
    ),
    "a piece twice": lambda text, a, b: (
        text[: max(a, b) % len(text)] + text[min(a, b) % len(text) :]
    ),
    "nested": lambda text, a, b: b"[" * (a % 200) + text + b"]" * (b % 200),
}
BYTES = st.binary(max_size=60) | st.text(
    st.sampled_from('{}[]",:0123456789eE+-.nulltrefas\\u \t\n\ud7ff\uffff'), max_size=40
).map(lambda text: text.encode())
BROKEN = st.tuples(st.sampled_from(list(BAD_REQUESTS)), st.integers(0, 4000), st.integers(0, 4000))
ANYTHING = ANY_JSON | ODD | st.dictionaries(st.sampled_from(_ENVELOPE), ANY_JSON | ODD, max_size=6)
ENVELOPE = _ENVELOPE

_LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
HEADER = st.tuples(
    st.sampled_from(
        [
            "Accept",
            "Accept-Language",
            "Accept-Encoding",
            "Authorization",
            "Content-Type",
            "Content-Encoding",
            "Content-Length",
            "Transfer-Encoding",
            "Origin",
            "Host",
            "Cookie",
            "Expect",
            "Range",
            "If-None-Match",
            "If-Modified-Since",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-HTTP-Method-Override",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
            "Connection",
            "Upgrade",
            "Forwarded",
            "X-A",
        ]
    ),
    _LATIN
    | st.sampled_from(
        [
            "application/json",
            "application/json; charset=utf-8",
            'application/json; charset="',
            "text/html",
            "*/*;q=x",
            "nl;q=1e9, en;q=-1",
            "en",
            "gzip",
            "identity",
            "chunked",
            "0",
            "5",
            "-1",
            "99999999999999999999",
            "1e3",
            "null",
            "http://localhost",
            "http://[",
            "127.0.0.1",
            "localhost:x",
            "Bearer",
            "Bearer x",
            "Bearer a.b.c",
            "Basic eA==",
            "bytes=0-",
            "DELETE",
            "POST",
            "a" * 9000,
            "é",
            "\xff",
        ]
    ),
)
HEADERS = st.lists(HEADER, min_size=1, max_size=3)
_PIECE = (
    st.sampled_from(
        [
            "/",
            "//",
            "..",
            ".",
            "%2e%2e",
            "%2f",
            "%00",
            "%",
            "\\",
            "cds-services",
            "explain",
            "feedback",
            "openapi.json",
            *SERVICE.values(),
            "?",
            "#",
            ";",
            "é",
            "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
            "a" * 300,
            "<b>",
            "'",
            '"',
            "{service}",
            "static",
        ]
    )
    | _LATIN
)
PATHS = st.lists(_PIECE, max_size=5).map(lambda pieces: "/" + "".join(pieces))
QUERIES = st.lists(_PIECE, max_size=3).map("&".join) | _LATIN
METHODS = st.sampled_from(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "X"]
)


# ---------------------------------------------------------------------------------------------------- answers


def send(client, path: str, body: bytes | str, headers: dict[str, str] | None = None):
    return client.post(path, data=body, headers=headers or {"Content-Type": "application/json"})


def check(answer, method: str, path: str) -> int:
    """What holds for every answer of an endpoint; returns its status."""
    assert answer.status_code < 500, answer.data[:500]
    assert answer.mimetype == "application/json", answer.content_type
    body = json.loads(answer.data)
    assert faults_of_answer(method, path, answer.status_code, body) == []
    if not path.startswith("/explain/") or answer.status_code != 200:  # its lists may be empty
        assert empties(body) in ([], ["cards"]) or body == {}, empties(body)
    assert TOKEN.encode() not in answer.data and TOKEN not in str(answer.headers)
    return answer.status_code
