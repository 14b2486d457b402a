"""The cases themselves: that they can be read, rendered to valid FHIR R4 on any day, and written out as examples."""

import calendar
import json
import re
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from cds_service import cards
from cds_service.casebook import cases as case_cases
from cds_service.casebook import examples as case_examples
from cds_service.casebook import render as case_render
from cds_service.casebook.vocabulary import Writer, relative_date
from cds_service.errors import ContentError
from cds_service.fhir.dates import add_months
from cds_service.strict import yaml as strict_yaml

FOLDERS = sorted(path.parent for path in Path(cards.__path__[0]).glob("*/cases.yaml"))
CASES = [case for folder in FOLDERS for case in case_cases.load_cases(folder)]
DAYS = [
    date(2026, 6, 15),
    date(2026, 1, 1),
    date(2026, 3, 1),
    date(2026, 5, 31),
    date(2027, 8, 31),
    date(2028, 2, 29),
    date(2026, 12, 31),
]
RESERVED = ("informationNeeded", "notAssessed")
GUIDELINES = [folder for folder in FOLDERS if (folder / "guideline.yaml").exists()]
VERDICTS = {
    "recommended",
    "recommended-after-check",
    "incomplete",
    "contraindicated",
    "suppressed",
    "not-applicable",
    "not-assessed",
}


def validate(resource: dict) -> None:
    kind = resource["resourceType"]
    getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)


def strings(value: object):
    if isinstance(value, dict):
        yield from (found for member in value.values() for found in strings(member))
    elif isinstance(value, list):
        yield from (found for member in value for found in strings(member))
    elif isinstance(value, str):
        yield value


def references(value: object):
    """Every literal reference, wherever it stands ("Amoxicilline/clavulaanzuur" is a medicine)."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str) and not value["reference"].startswith("#"):
            yield value["reference"]
        yield from (found for member in value.values() for found in references(member))
    elif isinstance(value, list):
        yield from (found for member in value for found in references(member))


def owners(resource: dict) -> list[str]:
    """Whose resource it is, by the element that FHIR R4 has for its type."""
    kind = resource["resourceType"]
    if kind == "Appointment":
        named = [participant["actor"] for participant in resource["participant"]]
    else:
        named = [
            resource[
                {"ResearchSubject": "individual", "FamilyMemberHistory": "patient"}.get(
                    kind, "subject"
                )
            ]
        ]
    return [one["reference"] for one in named if one.get("reference", "").startswith("Patient/")]


@pytest.fixture
def folder(tmp_path):
    """A guideline folder whose cases.yaml is the given text."""

    def write(text: str) -> Path:
        (tmp_path / "cases.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


# --- every case


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_every_case_renders_to_valid_fhir(today):
    for case in CASES:
        record = case_render.render(case, today)
        everything = record.resources + record.draft_orders
        for resource in everything:
            validate(resource)
            assert resource["resourceType"] == "Patient" or owners(resource) == [
                f"Patient/{record.patient_id}"
            ], case.place
            assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"]), case.place
        ids = [(resource["resourceType"], resource["id"]) for resource in everything]
        assert len(ids) == len(set(ids)), case.place
        known = {f"{kind}/{id}" for kind, id in ids}
        assert set(record.selections) <= known
        assert set(references(everything)) <= known, case.place


def test_rendering_is_repeatable():
    for case in CASES:
        assert case_render.render(case, DAYS[0]) == case_render.render(case, DAYS[0])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_says_what_it_expects_and_why(case):
    assert case.why and case.expect
    for hook, keys in case.expect.items():
        # One note for each guideline that has something to say; every other key stands once.
        once = [key for key in keys if key not in RESERVED]
        assert isinstance(keys, list) and len(once) == len(set(once))
        assert all(keys.count(key) <= len(GUIDELINES) for key in RESERVED)
        assert all(re.fullmatch(r"[a-z][A-Za-z]+", key) for key in keys)
        assert hook == "patient-view" or case.orders, "an order hook needs an order"
    assert set(case.verdicts.values()) <= VERDICTS
    for key, verdict in case.verdicts.items():
        shown = key in case.expect[next(iter(case.expect))]
        assert shown == verdict.startswith("recommended"), (
            "a verdict that contradicts the expected cards"
        )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_calendar_date_in_a_case(folder):
    for entry in strict_yaml.load(folder / "cases.yaml"):
        assert not re.search(r"\b(19|20)\d\d\b", json.dumps(entry)), entry["case"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_key_is_expected_somewhere_and_silence_too(folder):
    expected = [keys for case in case_cases.load_cases(folder) for keys in case.expect.values()]
    assert [] in expected
    assert set(RESERVED) <= {key for keys in expected for key in keys}


def test_ids_and_names_tell_the_patients_apart():
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))
    shown = [
        case_render.render(case, DAYS[0]).resources[0]["name"][0] for case in CASES if case.example
    ]
    assert len(shown) == len({json.dumps(name) for name in shown})


def test_examples_stand_clear_of_date_boundaries():
    assert not [case.id for case in CASES if case.example and (case.day_of_month or case.unread)]


# --- dates told from today


@pytest.mark.parametrize(
    "text, today, written",
    [
        ("today", date(2026, 11, 15), "2026-11-15"),
        ("-5 months", date(2026, 11, 15), "2026-06-15"),
        ("-3 months -1 day", date(2026, 11, 15), "2026-08-14"),
        ("-3 months +1 day", date(2026, 5, 31), "2026-03-01"),
        ("+2 days", date(2026, 12, 31), "2027-01-02"),
        ("-2 weeks", date(2026, 3, 1), "2026-02-15"),
        ("-1 year", date(2028, 2, 29), "2027-02-28"),
        ("-6 months", date(2026, 8, 31), "2026-02-28"),
        ("-3 months as month", date(2026, 1, 31), "2025-10"),
        ("-2 years as year", date(2026, 1, 31), "2024"),
        ("-1 day as instant", date(2026, 1, 1), "2025-12-31T12:00:00Z"),
    ],
)
def test_relative_dates(text, today, written):
    assert relative_date(text, today) == written


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "5 months",
        "-5 month ago",
        "yesterday",
        "-5 months as week",
        "",
        "today -1 day",
    ],
)
def test_other_dates_are_refused(text):
    with pytest.raises(ValueError, match="date"):
        relative_date(text, date(2026, 1, 1))


def test_the_near_misses_are_near_misses_on_every_day():
    """Whether three months are added to the onset or taken from today, on every day of five years."""
    for number in range(5 * 366):
        today = date(2026, 1, 1) + timedelta(days=number)
        three, six = add_months(today, -3), add_months(add_months(today, -5), -6)

        def day(text, today=today):
            return date.fromisoformat(relative_date(text, today))

        onset = day("-5 months")
        assert day("-3 months +1 day") > three and add_months(day("-3 months +1 day"), 3) >= today
        assert day("-3 months -1 day") < three and add_months(day("-3 months -1 day"), 3) < today
        assert day("-11 months +2 days") > six and add_months(day("-11 months +2 days"), 6) >= onset
        assert day("-11 months -4 days") < six and add_months(day("-11 months -4 days"), 6) < onset


def test_a_case_may_ask_for_a_day_of_the_month():
    asking = [case for case in CASES if case.day_of_month]
    assert asking
    for case in asking:
        assert case_render.render(case, date(2026, 8, 31)).today == date(2026, 8, case.day_of_month)
        assert case.day_of_month <= min(
            calendar.monthrange(2026, month)[1] for month in range(1, 13)
        )


# --- hook requests

KEYS = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}&_count=500",
    "diagnosticReports": "DiagnosticReport?patient={{context.patientId}}&_count=500",
    "procedures": "Procedure?patient={{context.patientId}}&_count=500",
}
CASE = """
- case: {title}
  why: A reason
  record:
    - discharge: {{side: left, onset: -5 months}}
    - imaging: {{side: left, date: -3 months, birads: 2}}
  orders:
    - order_ductoscopy: {{side: left}}
    - order_other: {{id: 1}}
  {more}
  expect: {{order-sign: []}}
"""


def load_one(folder, more=""):
    return case_cases.load_cases(folder(CASE.format(title="A title", more=more)))[0]


def test_a_patient_view_request(folder):
    case = load_one(folder)
    request = case_render.hook_request(
        case, case_render.render(case, DAYS[0]), "patient-view", prefetch_keys=KEYS
    )
    assert request["hook"] == "patient-view"
    assert request["context"] == {"userId": "Practitioner/dr-jansen", "patientId": "a-title"}
    assert request["prefetch"]["patient"]["id"] == "a-title"
    assert request["prefetch"]["procedures"] is None
    reports = request["prefetch"]["diagnosticReports"]
    assert reports["type"] == "searchset" and reports["total"] == 2
    assert [entry["resource"]["id"] for entry in reports["entry"]] == [
        "a-title-mammography-1",
        "a-title-ultrasound-1",
    ]
    again = case_render.hook_request(
        case, case_render.render(case, DAYS[0]), "patient-view", prefetch_keys=KEYS
    )
    assert again["hookInstance"] != request["hookInstance"]


def test_order_requests(folder):
    case = load_one(folder, "select: [1]")
    record = case_render.render(case, DAYS[0])
    select = case_render.hook_request(case, record, "order-select", prefetch_keys={})["context"]
    assert select["selections"] == ["ServiceRequest/1"]
    assert [entry["resource"]["status"] for entry in select["draftOrders"]["entry"]] == [
        "draft",
        "draft",
    ]
    sign = case_render.hook_request(case, record, "order-sign", prefetch_keys={})["context"]
    assert "selections" not in sign and sign["draftOrders"] == select["draftOrders"]


def test_all_orders_are_selected_unless_said_otherwise(folder):
    assert len(case_render.render(load_one(folder), DAYS[0]).selections) == 2
    assert case_render.render(load_one(folder, "select: []"), DAYS[0]).selections == []
    assert case_render.render(
        load_one(folder, "select: [order_ductoscopy]"), DAYS[0]
    ).selections == ["ServiceRequest/a-title-order-ductoscopy-1"]


def test_what_cannot_be_read_is_an_operation_outcome(folder):
    case = load_one(folder, "unread: [Procedure]")
    request = case_render.hook_request(
        case, case_render.render(case, DAYS[0]), "patient-view", prefetch_keys=KEYS
    )
    assert request["prefetch"]["procedures"]["resourceType"] == "OperationOutcome"
    validate(request["prefetch"]["procedures"])


# --- faults in a case file


@pytest.mark.parametrize(
    "text, message",
    [
        ("cases: []", "cases.yaml: a list"),
        ("- case: One\n  why: x\n  expct: {}", "case 'One': expct is not a part of a case"),
        ("- case: One\n  why: x", "case 'One': 'expect:' names"),
        ("- case: One\n  why: x\n  expect: {patient-vew: []}", "case 'One': 'expect:' names"),
        ("- case: One\n  expect: {patient-view: []}", "case 'One': 'why:' says"),
        (
            "- case: One\n  why: x\n  record: [dischrge: {}]\n  expect: {patient-view: []}",
            "case 'One': there is no shorthand word 'dischrge'",
        ),
        (
            "- case: One\n  why: x\n  record: [discharge: {sid: left}]\n  expect: {patient-view: []}",
            "case 'One'.*'sid'",
        ),
        (
            "- case: One\n  why: x\n  record: [lump: {side: lft}]\n  expect: {patient-view: []}",
            "case 'One': side: 'lft' is none of",
        ),
        (
            "- case: One\n  why: x\n  record: [imaging: {date: 2026-01-01}]\n  expect: {patient-view: []}",
            "case 'One'.*not a date told from today",
        ),
        (
            "- case: One\n  why: x\n  record: [{lump: {}, breast_pain: {}}]\n  expect: {patient-view: []}",
            "case 'One': a line of the record is one word",
        ),
        (
            "- case: One\n  why: x\n  orders: [order_other]\n  select: [2]\n  expect: {order-sign: []}",
            "case 'One': 'select:' names none",
        ),
        (
            "- case: One\n  why: x\n  why: y\n  expect: {patient-view: []}",
            "cases.yaml:3: the key 'why' was already given on line 2",
        ),
    ],
)
def test_a_fault_names_file_and_case(folder, text, message):
    with pytest.raises(ContentError, match=message):
        case_cases.load_cases(folder(text))


def test_all_faults_are_reported_at_once(folder):
    same = CASE.format(title="Twice", more="")
    with pytest.raises(ContentError) as raised:
        case_cases.load_cases(folder(same + same + "- case: Silent\n  why: x\n"))
    assert len(raised.value.faults) == 2
    assert (
        "is also that of 'Twice'" in raised.value.faults[0] and "'Silent'" in raised.value.faults[1]
    )


def test_placeholders_in_a_resource_written_by_hand(folder):
    case = load_one(folder, "")
    writer = Writer(case.id, date(2026, 6, 15))
    raw = {
        "onsetDateTime": "{-5 months}",
        "note": [{"text": "Sinds {-5 months as month}, {today}"}],
        "count": 3,
    }
    assert writer.raw(raw) == {
        "onsetDateTime": "2026-01-15",
        "note": [{"text": "Sinds 2026-01, 2026-06-15"}],
        "count": 3,
    }


# --- examples


def test_example_bundles_are_valid_transactions_without_draft_orders():
    bundles = case_examples.example_bundles(CASES, DAYS[0])
    assert set(bundles) == {f"{case.id}.json" for case in CASES if case.example}
    for bundle in bundles.values():
        validate(bundle)
        assert bundle["type"] == "transaction" and bundle["timestamp"] == "2026-06-15T12:00:00Z"
        assert {entry["request"]["url"] for entry in bundle["entry"]} == {
            f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
            for entry in bundle["entry"]
        }
        assert "draft" not in [entry["resource"].get("status") for entry in bundle["entry"]]


def test_rebase_moves_every_date_and_nothing_else():
    bundle = {
        "timestamp": "2026-06-15T12:00:00Z",
        "entry": [
            {
                "birthDate": "1974-01-15",
                "onsetDateTime": "2026-03",
                "recordedDate": "2025",
                "effectivePeriod": {"start": "2026-06-01", "end": "2026-06-14"},
            },
            {
                "issued": "2026-06-14T23:59:59.5+02:00",
                "status": "final",
                "code": "2026",
                "conclusion": "2026-06-01",
                "value": 2026,
            },
        ],
    }
    assert case_examples.rebase(bundle, date(2026, 7, 15)) == {
        "timestamp": "2026-07-15T12:00:00Z",
        "entry": [
            {
                "birthDate": "1974-02-14",
                "onsetDateTime": "2026-04",
                "recordedDate": "2025",
                "effectivePeriod": {"start": "2026-07-01", "end": "2026-07-14"},
            },
            {
                "issued": "2026-07-14T23:59:59.5+02:00",
                "status": "final",
                "code": "2026",
                "conclusion": "2026-06-01",
                "value": 2026,
            },
        ],
    }
    assert case_examples.rebase(bundle, date(2026, 6, 15)) == bundle


def test_no_date_escapes_rebasing():
    for bundle in case_examples.example_bundles(CASES, DAYS[0]).values():
        moved = case_examples.rebase(bundle, date(2031, 6, 15))
        validate(moved)
        pairs = list(zip(strings(bundle), strings(moved), strict=True))
        dates = [
            (before, after) for before, after in pairs if re.match(r"(19|20)\d\d(-|$)", before)
        ]
        assert len(dates) > 1
        assert not [before for before, after in dates if before == after]
        assert not [
            before
            for before, after in pairs
            if before == after and re.search(r"\b(19|20)\d\d-\d\d", before)
        ], "a date inside a text"
        whole = [
            (date.fromisoformat(before[:10]), date.fromisoformat(after[:10]))
            for before, after in dates
            if len(before) >= 10
        ]
        assert {after - before for before, after in whole} == {date(2031, 6, 15) - DAYS[0]}


def test_examples_are_written_the_same_each_time(tmp_path):
    (tmp_path / "of-a-case-that-is-gone.json").write_text("{}")
    (tmp_path / "awkward").mkdir()
    (tmp_path / "awkward" / "by-hand.json").write_text("{}")
    written = case_examples.write_examples(tmp_path)
    first = {path.name: path.read_bytes() for path in written}
    assert {
        path.name: path.read_bytes() for path in case_examples.write_examples(tmp_path)
    } == first
    assert {path.name for path in tmp_path.iterdir()} == {*first, "awkward"}
    assert (tmp_path / "awkward" / "by-hand.json").exists()
    assert all(content.endswith(b"\n") for content in first.values())
    readme = first["README.md"].decode()
    for case in CASES:
        if case.example:
            assert case.example in readme and f"({case.id}.json)" in readme
