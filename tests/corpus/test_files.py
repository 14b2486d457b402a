"""Files that hospitals, guides and tools wrote, through every service: nothing crashes, and no file gives advice that it does not hold.

`make test` takes every so many-th file through the services and reads all of them; `make corpus` takes all through everything.
"""

import json
import time
import uuid
from collections import defaultdict
from datetime import date, datetime
from datetime import time as clock_time
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from cds_service.cds_hooks.request import HookRequest
from cds_service.decision.decide import prefetch_templates
from cds_service.decision.gather import gather
from cds_service.facts.extraction import Reading
from tests.conftest import SERVICE, SETTINGS
from tests.contract.helpers import (
    CASES,
    DAY,
    NOBODY,
    REFERRAL,
    codes,
    outcome_of,
    post,
    request_for,
    without_uuids,
)
from tests.corpus.files import (
    EVERYTHING,
    FOLDER,
    beside_the_checkout,
    large,
    names,
    of_patient,
    opened,
    parsed,
    resources,
    sample,
)

pytestmark = beside_the_checkout
NOTES = {"notAssessed", "informationNeeded"}
ORDERS = (
    "ServiceRequest",
    "MedicationRequest",
    "NutritionOrder",
    "DeviceRequest",
    "VisionPrescription",
)
PATIENT = "outside"


def request_of(hook: str, found: list[dict], templates: dict, patient_id: str = PATIENT) -> dict:
    """A request in which a file is the whole record: under the keys that were asked for, the rest under one of the client's own."""
    by_type = defaultdict(list)
    for resource in found:
        by_type[resource["resourceType"]].append({"resource": resource})
    kinds = {key: template.split("?")[0].split("/")[0] for key, template in templates[hook].items()}
    prefetch = {
        key: {"resourceType": "Bundle", "entry": by_type[kind]} if by_type[kind] else None
        for key, kind in kinds.items()
    }
    prefetch["patient"] = {"resourceType": "Patient", "id": patient_id}
    prefetch["others"] = {
        "resourceType": "Bundle",
        "entry": [
            e for kind, entries in by_type.items() if kind not in kinds.values() for e in entries
        ],
    }
    context = {"userId": "Practitioner/1", "patientId": patient_id}
    if hook != "patient-view":
        drafts = [
            {"resource": {**r, "status": "draft"}} for r in found if r["resourceType"] in ORDERS
        ]
        context["draftOrders"] = {"resourceType": "Bundle", "entry": drafts}
        context["selections"] = [
            f"{d['resource']['resourceType']}/{d['resource']['id']}"
            for d in drafts
            if isinstance(d["resource"].get("id"), str)
        ]
    return {
        "hook": hook,
        "hookInstance": str(uuid.uuid4()),
        "context": context,
        "prefetch": prefetch,
    }


def checked(answer, *allowed: int) -> int:
    """The status of an answer that is one of those allowed, with a body as it must be."""
    assert answer.status_code in allowed, (answer.status_code, answer.get_data(as_text=True)[:300])
    if answer.status_code != 200:
        outcome_of(answer)
    return answer.status_code


# --- what the files hold


@cache
def table() -> tuple[tuple[str, frozenset[str]], ...]:
    lines = (Path(__file__).parent / "holds.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return tuple((name, frozenset(facts.split(", ")) - {"nothing"}) for name, facts in rows)


def asserted(name: str) -> frozenset[str]:
    """What the table says that a file holds."""
    return next(
        (facts for pattern, facts in table() if pattern == name or fnmatchcase(name, pattern)),
        frozenset(),
    )


def read_of(library, found: list[dict]) -> frozenset[str]:
    """What the service reads from a file, in the words of the table."""
    wanted = prefetch_templates(library, "patient-view") | prefetch_templates(library, "order-sign")
    record = gather(
        HookRequest(
            "patient-view", "1", PATIENT, "Practitioner/1", {"all": found, **dict.fromkeys(wanted)}
        ),
        wanted,
        None,
    )
    now = datetime.combine(DAY, clock_time(12), SETTINGS.timezone)
    reading = Reading(
        record, now, SETTINGS.timezone, library.value_sets, library.readers, index=library.index
    )
    told = set()
    for name, definition in (
        library.fact_definitions("patient-view") | library.fact_definitions("order-sign")
    ).items():
        for fact in reading.facts(definition).facts:
            sure = {"met": "", "not-met": "no ", "unknown": "perhaps "}[fact.asserted.value]
            past = (
                "past "
                if fact.current.value == "not-met" and fact.asserted.value != "not-met"
                else ""
            )
            side = "" if fact.side.value == "unknown" else f" {fact.side.value}"
            category = "".join(f" BI-RADS {m.value}" for m in fact.attributes.get("birads", ())[:1])
            told.add(f"{name}: {sure}{past}{fact.value or 'yes'}{side}{category}")
    told |= {
        f"not read: {p.text}"
        for p in reading.problems.values()
        if p.kind in ("unreadable", "version")
    }
    told |= {f"in the future: {p.text}" for p in reading.problems.values() if p.kind == "future"}
    return frozenset(told)


def test_the_service_reads_from_every_file_what_a_reader_found_in_it(library):
    """All files, in every run: no exception, and exactly what stands in holds.txt, for most of them nothing."""
    differing = {}
    for name in names():
        told = read_of(library, of_patient(parsed(name), PATIENT))
        if told != asserted(name):
            differing[name] = {
                "too much": sorted(told - asserted(name)),
                "too little": sorted(asserted(name) - told),
            }
    assert differing == {}


def test_every_line_of_the_table_is_about_a_file():
    assert [
        pattern
        for pattern, _ in table()
        if not any(fnmatchcase(name, pattern) or name == pattern for name in names())
    ] == []


# --- alone


def test_every_file_as_it_is(client, templates):
    """With its own patients and whatever it has for JSON: an answer, a refusal of another patient's data, or of what is no JSON."""
    seen = defaultdict(int)
    for number, name in enumerate(sample(5)):
        body = parsed(name)
        hook = list(SERVICE)[number % 3]
        sent = (
            (FOLDER / name).read_bytes()
            if body is None or not isinstance(body, dict)
            else json.dumps(request_of(hook, list(resources(body)), templates)).encode()
        )
        for path in ("/cds-services/", "/explain/"):
            seen[
                checked(
                    client.post(path + SERVICE[hook], data=sent, content_type="application/json"),
                    200,
                    400,
                    412,
                )
            ] += 1
        # And the file itself as the body of a request.
        seen[
            checked(
                client.post(
                    f"/cds-services/{SERVICE[hook]}",
                    data=(FOLDER / name).read_bytes(),
                    content_type="application/json",
                ),
                200,
                400,
                412,
            )
        ] += 1
    assert seen[200] and seen[400]


@pytest.mark.parametrize("hook", SERVICE)
def test_every_file_alone_as_the_record_of_one_patient(client, templates, clock, hook):
    clock.day = DAY
    empty = codes(post(client, hook, request_of(hook, [], templates)))
    for name in sample(8, list(SERVICE).index(hook)):
        body = request_of(hook, of_patient(parsed(name), PATIENT), templates)
        answer = post(client, hook, body)
        status = checked(answer, 200, 400)
        if status == 400:
            assert "smart-stu3" in name or "pathways" in name or "validator" in name, (
                name
            )  # only orders of STU3, and other patients inside
            continue
        checked(post(client, hook, body, "/explain/"), 200)
        if not asserted(name):
            # A draft whose medication is in no file may order anything.
            unnamed = hook != "patient-view" and "medicationReference" in str(
                body["context"]["draftOrders"]
            )
            assert [
                key for key in codes(answer) if not (unnamed and key == "notAssessed")
            ] == empty, name


@pytest.mark.parametrize(
    "name",
    [name for name in names() if "cdshooks-request" in name],
    ids=lambda name: Path(name).stem,
)
def test_requests_of_other_makers(client, name):
    body = parsed(name)
    hook = body.get("hook") if body.get("hook") in SERVICE else "patient-view"
    for path in ("/cds-services/", "/explain/"):
        checked(post(client, hook, body, path), 200, 400, 412)


# --- mixed into a case

BASES = [
    REFERRAL,
    NOBODY,
    "one-suspected-liver-metastasis-no-scan",
    "axillary-recurrence-seven-years-after",
    "peau-d-orange-for-three-weeks",
    "mri-of-the-liver-ordered-before-fdg",
    "mastectomy-being-ordered",
    "docetaxel-first-for-hormone-positive",
    "ductoscopy-ordered-before-any-imaging",
]


def references(node: object) -> set[str]:
    """Every `reference` of the evidence in an answer's trees."""
    if isinstance(node, dict):
        here = {e["reference"] for e in node.get("evidence", []) if "reference" in e}
        return here.union(*(references(value) for value in node.values()))
    return set().union(*(references(item) for item in node)) if isinstance(node, list) else set()


def mixed_into(base: str, hook: str, found: list[dict], templates, clock) -> dict:
    body = request_for(base, hook, templates, clock)
    body["prefetch"]["theirs"] = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in found],
    }
    return body


def test_every_file_mixed_into_a_case(client, templates, clock):
    """Nothing that a file does not hold changes a card; advice that it adds names an entry of the file as its evidence."""
    before = {}
    for number, name in enumerate(names()):
        bases = BASES if EVERYTHING else [BASES[number % len(BASES)]]
        if not EVERYTHING and number % 4 and not asserted(name):
            continue
        for base in bases:
            hook = next(iter(CASES[base].expect))
            if base not in before:
                before[base] = without_uuids(
                    post(client, hook, request_for(base, hook, templates, clock)).get_json()[
                        "cards"
                    ]
                )
            found = of_patient(parsed(name), base)
            answer = post(client, hook, mixed_into(base, hook, found, templates, clock))
            checked(answer, 200)
            cards = without_uuids(answer.get_json()["cards"])
            if not asserted(name):
                assert cards == before[base], (name, base)
                continue
            theirs = {f"{r['resourceType']}/{r.get('id')}" for r in found}
            keys = {card["source"]["topic"]["code"] for card in before[base]} | NOTES
            for card in cards:
                if card["source"]["topic"]["code"] not in keys:
                    assert references(card["extension"]) & theirs, (
                        name,
                        base,
                        card["source"]["topic"]["code"],
                    )


# --- large patients


@pytest.mark.parametrize("path", large(), ids=lambda path: path.name)
def test_large_patients_are_answered(client, templates, clock, path, record_property):
    """Thousands of entries; the time stands in the report (`pytest -s` shows it) and is far below a client's patience."""
    clock.day = date(2026, 6, 15)
    body = request_of("patient-view", of_patient(opened(path), PATIENT), templates)
    sent = json.dumps(body).encode()
    started = time.perf_counter()
    answer = client.post(
        f"/cds-services/{SERVICE['patient-view']}", data=sent, content_type="application/json"
    )
    seconds = time.perf_counter() - started
    record_property("seconds", round(seconds, 2))
    print(
        f"{path.name}: {sum(len(v['entry']) for v in body['prefetch'].values() if v and 'entry' in v)} entries, {seconds:.2f} s, {codes(answer)}"
    )
    checked(answer, 200)
    assert seconds < 10
