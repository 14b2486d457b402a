"""Oracle 2 of the house, as it is served: whatever goes wrong, no token and nothing of a patient stands where it must not (T06, T29, T32).

A real gunicorn with two workers and authentication on, a FHIR server that fails in every way, every way to be refused, feedback with
comments. Every secret carries a word of its own; afterwards each word is looked for in the output of the service, in the raw bytes
of the database files, in every answer and every header. Patient text that a card must tell (the words of a finding, escaped) is the
one exception, and is told here: FINDING.
"""

import itertools
import json
import re
import uuid
from dataclasses import replace
from datetime import date

import pytest

from cds_service.casebook.render import hook_request, render
from tests.conftest import SERVICE
from tests.contract.helpers import CASES, CONTRAINDICATED, REFERRAL
from tests.faults import stub as stubs
from tests.faults.stub import Stub, http, outcome, says, says_json, searchset
from tests.security.tokens import MINTED, Client, served

# What stands for each secret. FINDING may stand on a card, and only there.
ACCESS, PATIENT, NAME, BIRTH, COMMENT, USER, FINDING, OF_SERVER = (
    f"canary{word}7q4x"
    for word in "access patient name birth comment user finding server".split()  # noqa: SIM905 - a line of words
)
SECRETS = [ACCESS, PATIENT, NAME, BIRTH, COMMENT, USER, OF_SERVER]
HOSPITAL = Client("hospital", kid="h-1")

FAULTS = {
    "resets": stubs.resets,
    "hangs up": stubs.hangs_up,
    "never answers": stubs.silent,
    "no HTTP": says(OF_SERVER.encode()),
    "endless pages": stubs.endless_pages,
    "loops": stubs.loops,
    **{
        f"status {status}": says(
            http(json.dumps(outcome() | {"text": OF_SERVER}).encode(), f"{status} {OF_SERVER}")
        )
        for status in (400, 401, 403, 404, 429, 500, 503)
    },
    "redirect": says(
        http(b"", "302 Found", stubs.FHIR, f"Location: http://127.0.0.1:9/{OF_SERVER}")
    ),
    "HTML": says(http(f"<p>{OF_SERVER}</p>".encode(), content_type="text/html")),
    "no JSON": says(http(OF_SERVER.encode())),
    "null": says_json(None),
    "an outcome": says_json(outcome() | {"text": OF_SERVER}),
    "a bad header": says(f"HTTP/1.1 200 OK\r\n{OF_SERVER}\r\n\r\n".encode()),
    "another patient": says_json(
        searchset(
            [
                {
                    "resourceType": "Condition",
                    "id": OF_SERVER,
                    "subject": {"reference": f"Patient/{OF_SERVER}"},
                }
            ]
        )
    ),
    "a malformed resource": says_json(
        searchset(
            [
                {
                    "resourceType": "Condition",
                    "id": "x",
                    "subject": {"reference": f"Patient/{PATIENT}"},
                    "code": {"coding": OF_SERVER},
                    "onsetDateTime": OF_SERVER,
                }
            ]
        )
    ),
}


class Wire:
    """Calls of one client; every answer is kept."""

    def __init__(self, running, fhir: str):
        self.running, self.fhir, self.answers = running, fhir, []

    def call(self, path: str, body: object, **changes: object):
        return self.kept(self.running.call(HOSPITAL, path, body, **changes))

    def kept(self, answer):
        self.answers.append(answer)
        return answer

    def told(self) -> str:
        return "\n".join(
            f"{answer.status} {answer.headers} {answer.body.decode('utf-8', 'replace')}"
            for answer in self.answers
        )


def secret(
    hook: str, case: str, templates, fhir: str, number: itertools.count = itertools.count()
) -> dict:
    """A request in which everything that is secret carries its word."""
    patient = CASES[
        case
    ]  # as of today: the service under gunicorn goes by the clock of the machine
    written = json.dumps(
        hook_request(patient, render(patient, date.today()), hook, prefetch_keys=templates[hook])
    ).replace(case, PATIENT)
    request = json.loads(written) | {
        "fhirServer": fhir,
        "fhirAuthorization": {
            "access_token": f"{ACCESS}-{next(number)}",
            "token_type": "Bearer",
            "subject": USER,
            "patient": PATIENT,
        },
    }
    request["context"]["userId"] = f"Practitioner/{USER}"
    request["prefetch"]["patient"] |= {
        "name": [{"family": NAME, "given": [NAME]}],
        "birthDate": "1974-02-03",
        "identifier": [{"value": BIRTH}],
    }
    for entry in request["prefetch"]["conditions"]["entry"]:
        entry["resource"]["code"]["text"] = f"{entry['resource']['code'].get('text', '')} {FINDING}"
    return request


def refusals(request: dict, path: str):
    """(body, what is wrong with the token) of calls that are refused: (change of the token) or a body that cannot be used."""
    yield {**request, "hook": NAME}, {}
    yield {**request, "hookInstance": [COMMENT]}, {}
    yield {**request, "context": {**request["context"], "patientId": [PATIENT]}}, {}
    yield (
        {
            **request,
            "fhirAuthorization": {
                **request["fhirAuthorization"],
                "access_token": f"{ACCESS} {ACCESS}",
            },
        },
        {},
    )
    yield (
        {
            **request,
            "fhirAuthorization": {**request["fhirAuthorization"], "patient": f"{PATIENT}-other"},
        },
        {},
    )
    yield (
        {
            **request,
            "prefetch": {
                **request["prefetch"],
                NAME: {
                    "resourceType": "Condition",
                    "id": NAME,
                    "subject": {"reference": f"Patient/{NAME}"},
                },
            },
        },
        {},
    )
    yield (
        {**request, "hookInstance": "x\r\nforged: line \x1b[31m"},
        {},
    )  # the one text of a request that the log tells, as letters and digits
    yield [NAME], {}
    for claims in (
        {"iss": f"https://{NAME}"},
        {"aud": NAME},
        {"exp": 5},
        {"iat": NAME},
        {"jti": ""},
        {"tenant": NAME},
    ):
        yield request, {"claims": claims}
    for header in ({"kid": NAME}, {"alg": "none"}, {"jku": f"https://{NAME}.test/"}, {"typ": NAME}):
        yield request, {"header": header}


@pytest.fixture(scope="module")
def storm(tmp_path_factory, templates):
    """Everything that can go wrong, once; (answers, output, database bytes, FHIR servers' tokens)."""
    folder = tmp_path_factory.mktemp("canaries")
    behaviour = {"now": stubs.hangs_up}
    with Stub(lambda connection, asked, stub: behaviour["now"](connection, asked, stub)) as fhir:
        hospital = replace(HOSPITAL, more={"fhir_servers": [fhir.base], "fhir_deadline_ms": 150})
        with served(folder, [hospital], CDS_FEEDBACK_KEEPS="") as running:
            wire = Wire(running, fhir.base)
            for hook, case in (("patient-view", REFERRAL), ("order-sign", CONTRAINDICATED)):
                path = f"/cds-services/{SERVICE[hook]}"
                for fault in FAULTS.values():
                    behaviour["now"] = fault
                    request = secret(hook, case, templates, fhir.base)
                    del request["prefetch"]["procedures"], request["prefetch"]["conditions"]
                    wire.call(path, request)
                    wire.call(f"/explain/{SERVICE[hook]}", {**request, "prefetch": None})
                request = secret(hook, case, templates, f"http://127.0.0.1:1/{NAME}")
                for body, changes in refusals(request, path):
                    wire.call(path, body, **changes)
                wire.kept(
                    running.send(
                        "POST",
                        path,
                        ("Authorization", f"Bearer {NAME}.{NAME}.{NAME}"),
                        body=request,
                    )
                )
                wire.kept(
                    running.send("POST", path, ("Authorization", f"Basic {NAME}"), body=request)
                )
                wire.kept(
                    running.send(
                        "POST",
                        path,
                        ("Cookie", NAME),
                        ("X-Forwarded-For", NAME),
                        ("Origin", f"https://{NAME}.test"),
                        body=request,
                    )
                )
                wire.kept(running.send("POST", path, ("Host", f"{NAME}.test"), body=request))
                plain = [
                    ("Content-Type", f"text/plain; x={NAME}"),
                    ("Authorization", f"Bearer {running.token(HOSPITAL, path)}"),
                ]
                wire.kept(running.exchange("POST", path, plain, json.dumps(request).encode()))
                wire.kept(running.exchange("GET", f"/{NAME}?patient={PATIENT}", []))
                wire.kept(
                    running.exchange(
                        "POST",
                        f"/cds-services/{NAME}",
                        [("Content-Type", "application/json")],
                        b"{" + NAME.encode(),
                    )
                )
                wire.call(f"/cds-services/{NAME}", request)
                wire.call(path, None)
                given = wire.call(path, secret(hook, case, templates, fhir.base))
                _send_feedback(wire, path, json.loads(given.body)["cards"])
        # gunicorn has ended: what it had to write is written.
        output = b"".join(file.read_bytes() for file in folder.iterdir() if file.name == "stderr")
        database = {file.name: file.read_bytes() for file in folder.iterdir() if ".db" in file.name}
        return wire, output.decode("utf-8", "replace"), database, fhir.tokens


def _send_feedback(wire: Wire, path: str, cards: list[dict]) -> None:
    moment = "2026-06-15T10:00:00Z"
    reason = {
        "reason": {
            "code": f"{COMMENT} with blanks",
            "system": f"{COMMENT} no system",
            "display": COMMENT,
        },
        "userComment": COMMENT,
    }
    for card in cards:
        entry = {
            "card": card["uuid"],
            "outcome": "overridden",
            "overrideReason": reason,
            "outcomeTimestamp": moment,
        }
        assert wire.call(f"{path}/feedback", {"feedback": [entry]}).status == 200
        wire.call(f"{path}/feedback", {"feedback": [entry | {"outcome": NAME}]})
        wire.call(f"{path}/feedback", {"feedback": [entry | {"outcomeTimestamp": f"{BIRTH}"}]})
        wire.call(f"{path}/feedback", {"feedback": [entry | {"card": NAME}]})
        wire.call(f"{path}/feedback", {"feedback": [entry | {"card": str(uuid.uuid4())}]})


def test_the_storm_met_all_kinds_of_answers(storm):
    """Control: what is looked through is not empty, and holds what it may hold."""
    wire, output, database, tokens = storm
    statuses = [answer.status for answer in wire.answers]
    assert (
        {200, 400, 401, 404, 412, 415} <= set(statuses)
        and max(statuses) < 500
        and len(statuses) > 100
    )
    assert (
        "auth refused reason=" in output
        and "security patient-mismatch client=hospital" in output
        and "feedback client=hospital" in output
    )
    assert any(b"ductoscopyReferral" in raw for raw in database.values()), (
        "cards and feedback are in the files"
    )
    assert all(token.startswith(f"Bearer {ACCESS}-") for token in tokens) and len(tokens) > 20, (
        "the tokens went where they belong"
    )
    assert FINDING in wire.told(), "what a card tells is told"


@pytest.mark.parametrize(
    "word", SECRETS, ids=lambda word: word.removeprefix("canary").removesuffix("7q4x")
)
def test_no_secret_is_in_the_output_or_in_a_database_file(storm, word):
    _, output, database, _ = storm
    assert word not in output
    assert [
        name
        for name, raw in database.items()
        if word.encode() in raw or word.encode("utf-16-le") in raw
    ] == []


def test_no_finding_is_either(storm):
    _, output, database, _ = storm
    assert FINDING not in output and not any(FINDING.encode() in raw for raw in database.values())


@pytest.mark.parametrize(
    "word",
    [ACCESS, NAME, BIRTH, COMMENT, OF_SERVER],
    ids=lambda word: word.removeprefix("canary").removesuffix("7q4x"),
)
def test_no_secret_is_in_an_answer(storm, word):
    """Of all answers, headers too. The patient and the clinician are looked at below: drafts of orders name them."""
    assert word not in storm[0].told()


def test_patient_and_clinician_are_named_in_drafts_and_references_only(storm):
    """A suggestion creates an order for this patient, asked by this clinician, and evidence is told by reference: nowhere else."""
    for answer in storm[0].answers:
        assert PATIENT not in str(answer.headers) and USER not in str(answer.headers)
        text = answer.body.decode("utf-8", "replace")
        if answer.status != 200:
            assert PATIENT not in text and USER not in text and FINDING not in text
        left = re.sub(
            rf'"(Patient|Practitioner)/({PATIENT}|{USER})"',
            "",
            re.sub(rf'"[A-Z]\w+/{PATIENT}-[\w-]+"', "", text),
        )
        left = re.sub(rf"[A-Z]\w+\\\\/{PATIENT}-[\w-]+|{PATIENT}(\\\\)?-[\w-]+", "", left)
        assert PATIENT not in left and USER not in left


def test_no_part_of_a_token_is_anywhere(storm):
    """JSON Web Tokens: neither claims nor signatures in the output, the files or an answer."""
    wire, output, database, _ = storm
    told = wire.told() + output
    assert MINTED and not [
        part
        for part in MINTED
        if part in told or any(part.encode() in raw for raw in database.values())
    ]


def test_every_line_of_the_output_is_one_line_of_ours(storm):
    """T28: nobody writes a line of his own, or colours, into the log."""
    lines = [line for line in storm[1].splitlines() if line.strip()]
    assert lines and all(
        re.match(
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING|ERROR) |\[\d{4}-\d\d-\d\d ", line
        )
        for line in lines
    ), [line for line in lines if not re.match(r"\d{4}-|\[\d{4}-", line)]
    assert (
        "instance=no-uuid" in storm[1]
        and "forged" not in storm[1]
        and not re.search(r"\x1b", storm[1])
    )
