"""A population run gives exactly what the service gives each patient alone; nothing of an export is lost without a word."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from datetime import time as clock_time

import pytest
from click.testing import CliRunner

from cds_service.casebook.render import hook_request
from cds_service.cds_hooks.request import parse
from cds_service.cli.group import main
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.demo.sandbox.search import search
from cds_service.fhir.resource_types import KEYS
from cds_service.population import grouping
from cds_service.population.export import SHARED, open_export
from cds_service.population.judging import HOOK, How, _is_asked, judge_lines, owners
from cds_service.population.tally import added, tally
from cds_service.rendering.cards import render_cards
from cds_service.settings import Settings
from tests.distribution.servers import environment
from tests.population.exports import DAY, populace, rows_of, written

SETTINGS = Settings()


def evaluate(export, into, *options, code=0):
    result = CliRunner().invoke(
        main,
        [
            "evaluate",
            str(export),
            "--into",
            str(into),
            "--today",
            DAY.isoformat(),
            *map(str, options),
        ],
    )
    assert result.exit_code == code, result.output
    return result


def told(into) -> dict:
    return json.loads((into / "summary.json").read_text(encoding="utf-8"))


def patient(name: str) -> dict:
    return {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1970-01-01"}


def lump(name: str, of: str, **more) -> dict:
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": f"Patient/{of}"},
        "code": {"text": "knobbel"},
        **more,
    }


@pytest.fixture(scope="module")
def everybody():
    return populace()


@pytest.fixture(scope="module")
def export(everybody, tmp_path_factory):
    return written(
        tmp_path_factory.mktemp("export"), [r for _, record in everybody for r in record.resources]
    )


@pytest.fixture(scope="module")
def finished(export, tmp_path_factory):
    """The folder of a run of all cases on two cores."""
    into = tmp_path_factory.mktemp("out")
    evaluate(export, into, "--workers", 2)
    return into


@pytest.fixture(scope="module")
def smaller(everybody, tmp_path_factory):
    """The export of every fourth patient."""
    return written(
        tmp_path_factory.mktemp("smaller"),
        [r for _, record in everybody[::4] for r in record.resources],
    )


@pytest.fixture(scope="module")
def smaller_finished(smaller, tmp_path_factory):
    into = tmp_path_factory.mktemp("out")
    evaluate(smaller, into, "--workers", 2)
    return into


# --- the same as the service


def test_every_patient_gets_the_cards_that_the_service_gives_alone(everybody, finished, library):
    wanted = prefetch_templates(library, HOOK)
    now = datetime.combine(DAY, clock_time(12), SETTINGS.timezone)
    rows = rows_of(finished)
    assert len(rows) == len(everybody) > 300
    for case, record in everybody:
        # The export holds everything: no read fails here, and Medications come along under a key of the client's own.
        body = hook_request(replace(case, unread=[]), record, HOOK, prefetch_keys=wanted)
        beside = [{"resource": r} for r in record.resources if r["resourceType"] in SHARED]
        body["prefetch"] |= (
            {"beside": {"resourceType": "Bundle", "entry": beside}} if beside else {}
        )
        decision = decide(parse(body, HOOK), library, wanted, now, None)
        cards = (
            [
                (c["source"]["topic"]["code"], c["indicator"])
                for c in render_cards(decision, library, SETTINGS, "nl")
            ]
            if decision.is_answerable
            else []
        )
        row = rows[record.patient_id]
        assert [(c["key"], c["indicator"]) for c in row["cards"]] == cards, case.title
        assert row["verdicts"] == {
            a.recommendation.key: a.verdict.value for a in decision.all_assessments
        }, case.title
        assert row["status"] == ("answered" if decision.is_answerable else "not-answerable"), (
            case.title
        )


def test_the_summary_counts_what_the_rows_say(finished):
    rows, summary = rows_of(finished), told(finished)
    assert summary["patients"] == len(rows) and summary["answered"] == sum(
        row["status"] == "answered" for row in rows.values()
    )
    for guideline in summary["guidelines"]:
        for recommendation in [*guideline["recommendations"], *guideline["ownCards"]]:
            cards = [
                c
                for row in rows.values()
                for c in row["cards"]
                if (c["guideline"], c["key"]) == (guideline["id"], recommendation["key"])
            ]
            assert (
                recommendation["cards"] == len(cards) == sum(recommendation["indicators"].values())
            )
            assert recommendation["cardsPer1000"] == round(
                1000 * len(cards) / summary["answered"], 2
            )
    assert sum(summary["cardsPerPatient"].values()) == summary["answered"]
    assert summary["cards"] == sum(len(row["cards"]) for row in rows.values()) > 250


def test_the_page_says_it_in_words_and_names_no_patient(finished, everybody, tmp_path, export):
    html = (finished / "summary.html").read_text(encoding="utf-8")
    assert (
        "Kaarten per patiënt" in html and "dischargeWatchfulWaiting" in html and 'lang="nl"' in html
    )
    assert [record.patient_id for _, record in everybody if record.patient_id in html] == []
    assert not re.search(r"<script|https?://|\bsrc=", html)


def test_one_process_and_many_give_the_same_rows_also_as_parquet(
    smaller_finished, smaller, tmp_path
):
    import duckdb

    evaluate(smaller, tmp_path / "one", "--workers", 1, "--format", "parquet", "--language", "en")
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path / 'one' / 'patients.parquet'}'").fetchall()
    expected = rows_of(smaller_finished)
    assert {(row[0], row[1], tuple(card["key"] for card in row[3])) for row in rows} == {
        (row["patient"], row["status"], tuple(card["key"] for card in row["cards"]))
        for row in expected.values()
    }
    assert "Cards per patient" in (tmp_path / "one" / "summary.html").read_text(encoding="utf-8")
    assert told(tmp_path / "one")["cards"] == told(smaller_finished)["cards"]


def test_observations_are_those_that_the_templates_of_the_service_find(everybody, library):
    found = 0
    for key, template in prefetch_templates(library, HOOK).items():
        kind, _, query = template.partition("?")
        if kind == "Observation":
            parameters = [
                tuple(part.split("=", 1))
                for part in query.split("&")
                if part.startswith(("category=", "code="))
            ]
            every = [
                r for _, record in everybody for r in record.resources if r["resourceType"] == kind
            ]
            every += [{**r, "category": [{"coding": [{"code": "laboratory"}]}]} for r in every]
            mine = [id(r) for r in every if _is_asked(r, key, query)]
            assert mine == [id(r) for r in search(every, kind, parameters)]
            found += len(mine)
    assert found > 100


def test_a_partition_that_does_not_fit_into_memory_is_spilled(tmp_path):
    folder, rows = tmp_path / "lines", 400_000
    (folder / "part=0").mkdir(parents=True)
    with grouping.engine(200_000_000, 1, tmp_path / "spill") as connection:
        made = f"SELECT (i % 1000)::VARCHAR AS owner, 'Condition' AS type, repeat(md5(i::VARCHAR), 30) AS line FROM range({rows}) t(i)"  # 380 MB
        connection.execute(
            f"COPY ({made}) TO '{folder}/part=0/a.parquet' (FORMAT parquet, ROW_GROUP_SIZE 4096)"
        )
        sizes = [len(lines) for _, lines in grouping.patients_of(folder, 0, connection)]
    assert sizes == [400] * 1000


# --- whose a resource is


def test_a_medication_reaches_the_patients_that_refer_to_it_and_what_is_in_it_too(tmp_path):
    resources = [
        patient("a"),
        patient("b"),
        {
            "resourceType": "Medication",
            "id": "bag",
            "ingredient": [{"itemReference": {"reference": "https://x.example/fhir/Substance/s"}}],
        },
        {"resourceType": "Substance", "id": "s", "code": {"text": "doxorubicine"}},
        {"resourceType": "Medication", "id": "nobodys"},
        {
            "resourceType": "MedicationRequest",
            "id": "1",
            "subject": {"reference": "Patient/a"},
            "medicationReference": {"reference": "Medication/bag/_history/2"},
        },
        {
            "resourceType": "MedicationRequest",
            "id": "2",
            "subject": {"reference": "Patient/b"},
            "medicationReference": {"reference": "Medication/gone"},
        },
    ]
    evaluate(written(tmp_path / "export", resources), tmp_path / "out", "--workers", 1)
    assert {name: row["resources"] for name, row in rows_of(tmp_path / "out").items()} == {
        "a": 4,
        "b": 2,
    }


def test_a_resource_goes_to_the_patient_whom_it_names_and_an_appointment_to_each(tmp_path):
    resources = [
        patient("a"),
        patient("b"),
        lump("1", "b"),
        {**lump("2", "a"), "subject": {"reference": "https://x.example/fhir/Patient/a/_history/3"}},
        {
            "resourceType": "Appointment",
            "id": "3",
            "participant": [{"actor": {"reference": f"Patient/{name}"}} for name in "ab"],
        },
        {"resourceType": "Organization", "id": "4"},
        {**lump("5", ""), "subject": {"display": "somebody"}},
    ]
    evaluate(written(tmp_path / "export", resources), tmp_path / "out", "--workers", 1)
    assert {name: row["resources"] for name, row in rows_of(tmp_path / "out").items()} == {
        "a": 3,
        "b": 3,
    }
    assert told(tmp_path / "out")["export"]["withoutPatient"] == {"Condition": 1}


@pytest.mark.parametrize(
    "resource, expected",
    [
        (patient("a"), ["a"]),
        (lump("1", "a"), ["a"]),
        ({"resourceType": "Organization", "id": "1"}, []),
        ({"resourceType": "Patient"}, []),
        (
            {
                "resourceType": "Appointment",
                "participant": [
                    {"actor": {"reference": "Patient/a"}},
                    {"actor": {"reference": "Patient/b"}},
                    1,
                    {},
                ],
            },
            ["a", "b"],
        ),
        ({"resourceType": "Condition", "subject": {"reference": "Group/a"}}, []),
        ({"resourceType": "Condition", "subject": "Patient/a"}, []),
        (
            {
                "resourceType": "Condition",
                "subject": {"reference": "Patient/a"},
                "patient": {"reference": "Patient/b"},
            },
            ["a", "b"],
        ),
        (
            {
                "resourceType": "ResearchSubject",
                "individual": {"reference": "https://x.example/fhir/Patient/a"},
            },
            ["a"],
        ),
        ({"resourceType": "Condition", "subject": {"reference": "urn:uuid:a"}}, ["a"]),
        ({"resourceType": "Condition", "subject": {"reference": "#a"}}, []),
        ({"resourceType": "Condition", "subject": {"reference": "Patient?identifier=1"}}, []),
        ({"resourceType": "Condition", "subject": {"reference": 5}}, []),
    ],
)
def test_python_and_duckdb_agree_on_whose_a_line_is(tmp_path, resource, expected):
    assert owners(json.dumps(resource)) == expected
    folder = written(tmp_path / "export", [])
    (folder / "Condition.ndjson").write_text(json.dumps(resource))
    with grouping.engine(500_000_000, 1, tmp_path / "spill") as connection:
        grouped = grouping.group(
            open_export(folder), tmp_path / "lines", 4, connection, lambda _: None
        )
        found = [
            name
            for partition in grouped.lines
            for name, _ in grouping.patients_of(tmp_path / "lines", partition, connection)
        ]
    assert sorted(found) == expected


def test_data_of_two_patients_in_one_resource_fail_both_and_lose_nobody(tmp_path):
    resources = [
        patient("a"),
        patient("b"),
        patient("c"),
        {**lump("1", "a"), "patient": {"reference": "Patient/b"}},
        lump("2", "c"),
    ]
    evaluate(written(tmp_path / "export", resources), tmp_path / "out", "--workers", 1, code=1)
    assert {name: row["status"] for name, row in rows_of(tmp_path / "out").items()} == {
        "a": "failed",
        "b": "failed",
        "c": "answered",
    }
    assert told(tmp_path / "out")["failed"] == 2


# --- what is missing is said


def test_a_type_without_a_file_is_not_read_unless_it_is_declared_empty(tmp_path, everybody):
    one = next(
        record for case, record in everybody if case.expect.get(HOOK) == ["ductoscopyReferral"]
    )
    export = written(tmp_path / "export", one.resources, every_type=False)
    absent = sorted(set(KEYS) - {r["resourceType"] for r in one.resources})
    evaluate(export, tmp_path / "unread", "--workers", 1)
    assert sorted(told(tmp_path / "unread")["export"]["unread"]) == absent
    row = rows_of(tmp_path / "unread")[one.patient_id]
    assert row["status"] == "not-answerable" or "notAssessed" in [
        card["key"] for card in row["cards"]
    ]
    evaluate(
        export,
        tmp_path / "empty",
        "--workers",
        1,
        *[word for kind in absent for word in ("--empty", kind)],
    )
    assert [card["key"] for card in rows_of(tmp_path / "empty")[one.patient_id]["cards"]] == [
        "ductoscopyReferral"
    ]


def test_without_conditions_nothing_looks_like_silence(tmp_path, smaller):
    evaluate(
        smaller,
        tmp_path / "out",
        "--workers",
        2,
        "--unread",
        "Condition",
        "--unread",
        "Observation",
        "--unread",
        "DiagnosticReport",
    )
    summary = told(tmp_path / "out")
    notices = sum(
        own["cards"]
        for g in summary["guidelines"]
        for own in g["ownCards"]
        if own["key"] == "notAssessed"
    )
    assert summary["notAnswerable"] + notices >= summary["patients"]
    assert (
        "notAssessed" in (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
        or summary["notAnswerable"]
    )


def test_lines_that_cannot_be_read_are_counted_with_their_place_and_without_content(tmp_path):
    folder = written(tmp_path / "export", [patient("a"), patient("b")])
    (folder / "Condition.ndjson").write_bytes(
        json.dumps(lump("1", "a")).encode()
        + b"\n\n{secret\n[1]\nnull\n\xff\xfe\r\n"
        + json.dumps(lump("2", "b")).encode()
    )
    with gzip.open(folder / "Condition.1.ndjson.gz", "wb") as file:
        file.write(json.dumps(lump("3", "b")).encode() + b'\n{"resourceType": "Condition", "secr')
    result = evaluate(folder, tmp_path / "out", "--workers", 1, code=1)
    export = told(tmp_path / "out")["export"]
    assert export["unparsableLines"] == 5 == len(export["unparsable"])
    assert [(p["file"], p["line"]) for p in export["unparsable"]] == [
        ("Condition.1.ndjson.gz", 2),
        *(("Condition.ndjson", n) for n in (3, 4, 5, 6)),
    ]
    html = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert (
        "Condition.1.ndjson.gz, regel 2" in html
        and "lines that could not be read: 5" in result.output
    )
    assert "secr" not in html + result.output
    assert {name: row["resources"] for name, row in rows_of(tmp_path / "out").items()} == {
        "a": 2,
        "b": 3,
    }


def test_a_member_that_stands_twice_fails_the_patient_whose_it_is(tmp_path):
    folder = written(tmp_path / "export", [patient("a"), patient("b")])
    (folder / "Condition.ndjson").write_text(
        '{"resourceType": "Condition", "id": "1", "id": "2", "subject": {"reference": "Patient/a"}}'
    )
    evaluate(folder, tmp_path / "out", "--workers", 1, code=1)
    row = rows_of(tmp_path / "out")["a"]
    assert (
        row["status"] == "failed"
        and row["reason"] == "not-json: a member stands twice in one object"
    )


def test_a_record_that_breaks_the_program_is_a_row(monkeypatch):
    monkeypatch.setattr("cds_service.population.judging.decide", lambda *_: 1 / 0)
    row = judge_lines("a", [json.dumps(patient("a"))], How(DAY))
    assert (row["status"], row["reason"]) == ("failed", "unexpected: ZeroDivisionError")


def test_the_manifest_tells_what_is_not_there(tmp_path):
    folder = written(tmp_path / "export", [patient("a")])
    (folder / "Condition.ndjson").rename(folder / "f1.ndjson")
    (folder / "stray.ndjson").write_text("")
    output = [
        {"type": "Condition", "url": "https://x.example/f1.ndjson?token=1"},
        {"type": "Procedure", "url": "https://x.example/p1"},
        {"type": "Procedure", "url": "https://x.example/p2"},
    ]
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "output": output,
                "error": [{"type": "OperationOutcome", "url": "https://x.example/e"}],
            }
        )
    )
    evaluate(folder, tmp_path / "out", "--workers", 1)
    export = told(tmp_path / "out")["export"]
    assert export["incomplete"] == ["Procedure"] and list(export["unread"]) == ["Procedure"]
    assert (
        export["passedOver"] == ["stray.ndjson"]
        and export["serverErrors"] == 1
        and export["files"]["Condition"] == 1
    )


# --- an interrupted run


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_was_not(
    smaller_finished, smaller, tmp_path
):
    into, mark = tmp_path / "out", tmp_path / "out" / "unfinished" / "judged"
    command = [
        sys.executable,
        "-m",
        "cds_service",
        "evaluate",
        str(smaller),
        "--into",
        str(into),
        "--workers",
        "2",
        "--today",
        DAY.isoformat(),
    ]
    started = subprocess.Popen(
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while len(list(mark.glob("*.ndjson"))) < 3:
        assert started.poll() is None and time.monotonic() < deadline, (
            "it should have been in the middle by now"
        )
        time.sleep(0.02)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    time.sleep(0.5)  # workers end with the run
    done = {path.name: path.stat().st_mtime_ns for path in mark.glob("*.ndjson")}
    time.sleep(0.5)
    assert {path.name: path.stat().st_mtime_ns for path in mark.glob("*.ndjson")} == done, (
        "no worker lives on"
    )
    assert not (into / "patients.ndjson").exists()
    result = evaluate(smaller, into, "--workers", 2)
    assert f"partitions kept from an earlier run: {len(done)}" in result.output
    assert (into / "patients.ndjson").read_bytes() == (
        smaller_finished / "patients.ndjson"
    ).read_bytes()
    assert told(into) == told(smaller_finished)
    assert not (into / "unfinished").exists()


def test_grouping_that_was_interrupted_begins_again_and_nothing_is_there_twice(
    tmp_path, monkeypatch
):
    from cds_service.population import run as running

    folder = written(tmp_path / "export", [patient("a"), lump("1", "a")])
    group = running.group
    monkeypatch.setattr(running, "group", lambda *arguments: 1 / (group(*arguments) is None))
    command = ["evaluate", str(folder), "--into", str(tmp_path / "out"), "--workers", "1"]
    assert isinstance(CliRunner().invoke(main, command).exception, ZeroDivisionError)
    assert list((tmp_path / "out" / "unfinished" / "grouped" / "lines").rglob("*.parquet"))
    monkeypatch.undo()
    evaluate(folder, tmp_path / "out", "--workers", 1)
    assert {name: row["resources"] for name, row in rows_of(tmp_path / "out").items()} == {"a": 2}


def test_files_that_changed_are_grouped_again(tmp_path, monkeypatch):
    from cds_service.population import run as running

    folder = written(tmp_path / "export", [patient("a")])
    monkeypatch.setattr(running, "_write", lambda *_: 1 / 0)
    command = [
        "evaluate",
        str(folder),
        "--into",
        str(tmp_path / "out"),
        "--workers",
        "1",
        "--today",
        DAY.isoformat(),
    ]
    assert isinstance(CliRunner().invoke(main, command).exception, ZeroDivisionError)
    monkeypatch.undo()
    written(folder, [patient("a"), patient("b")])
    assert "kept" not in evaluate(folder, tmp_path / "out", "--workers", 1).output
    assert set(rows_of(tmp_path / "out")) == {"a", "b"}


def test_a_run_that_was_stopped_by_hand_begins_nothing_more(smaller, tmp_path, monkeypatch):
    from cds_service.population import run as running

    judged = tmp_path / "out" / "unfinished" / "judged"

    def stopped(futures):
        while not list(judged.glob("*.ndjson")):
            time.sleep(0.02)
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(running, "as_completed", stopped)
    result = evaluate(smaller, tmp_path / "out", "--workers", 2, code=1)
    assert "Aborted" in result.output and 0 < len(list(judged.glob("*.ndjson"))) < 16


def test_a_worker_that_was_ended_from_outside_is_told(smaller, tmp_path, monkeypatch):
    from cds_service.population import run as running

    def broken(_):
        raise running.BrokenProcessPool
        yield

    monkeypatch.setattr(running, "as_completed", broken)
    assert "run it again" in evaluate(smaller, tmp_path / "out", "--workers", 2, code=1).output


def test_work_for_another_day_is_not_taken_over(tmp_path, monkeypatch):
    from cds_service.population import run as running

    folder = written(tmp_path / "export", [patient(str(number)) for number in range(40)])
    monkeypatch.setattr(running, "_write", lambda *_: 1 / 0)
    judge = running.judge_partition
    for day, kept in (("2026-06-15", False), ("2026-06-15", True), ("2026-06-16", False)):
        judged = []
        monkeypatch.setattr(
            running,
            "judge_partition",
            lambda partition, *rest, judged=judged: (
                judged.append(partition) or judge(partition, *rest)
            ),
        )
        result = CliRunner().invoke(
            main,
            [
                "evaluate",
                str(folder),
                "--into",
                str(tmp_path / "out"),
                "--workers",
                "1",
                "--today",
                day,
            ],
        )
        assert isinstance(result.exception, ZeroDivisionError)
        assert (not judged) == kept


# --- options and what is said


def test_counts_of_parts_add_up(finished):
    rows = list(rows_of(finished).values())
    whole = tally(rows)
    assert added(tally(rows[:100]), added(tally(rows[100:101]), tally(rows[101:]))) == whole
    assert added({}, whole) == whole == added(whole, {})


@pytest.mark.parametrize(
    "options, code, words",
    [
        ([], 2, "--into"),
        (["--into", "out", "--hook", "order-sign"], 2, "patient-view only"),
        (["--into", "out", "--json"], 2, "--json is for files"),
        (["--into", "out", "--memory", "lots"], 2, "800MB"),
        (["--into", "out", "--memory", "300MB", "--workers", "2"], 2, "fewer --workers"),
        (["--into", "out", "--empty", "Patient"], 1, "there are files of it"),
        (["--into", "out", "--unread", "Zebra"], 1, "no type that is read"),
    ],
)
def test_what_cannot_be_run_says_why(tmp_path, monkeypatch, options, code, words):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "export", [patient("a")])
    result = CliRunner().invoke(main, ["evaluate", "export", *options])
    assert result.exit_code == code and words in result.output and "Traceback" not in result.output


def test_files_and_folders_are_not_mixed(tmp_path):
    written(tmp_path / "export", [patient("a")])
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        (["evaluate", "export", "export/Patient.ndjson", "--into", "out"], "by itself"),
        (["evaluate", "export/Patient.ndjson", "--into", "out"], "only for a folder"),
        (["explain", "export"], "explain reads files"),
        (["evaluate", "empty", "--into", "out"], "no export"),
    ):
        result = CliRunner().invoke(
            main,
            [
                str(tmp_path / a) if "/" in a or a in ("export", "empty", "out") else a
                for a in arguments
            ],
        )
        assert result.exit_code in (1, 2) and words in result.output, result.output


@pytest.mark.parametrize(
    "broken",
    [
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03cut off",
        gzip.compress(b'{"resourceType": "Condition"}\n' * 9000)[:-40],
    ],
)
def test_a_compressed_file_that_is_cut_off_stops_the_run(tmp_path, broken):
    """Half an export must not look like a whole one."""
    folder = written(tmp_path / "export", [patient("a")])
    (folder / "Condition.1.ndjson.gz").write_bytes(broken)
    assert "cut off" in evaluate(folder, tmp_path / "out", "--workers", 1, code=1).output
    assert not (tmp_path / "out" / "summary.html").exists()


def test_without_duckdb_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = CliRunner().invoke(
        main,
        [
            "evaluate",
            str(written(tmp_path / "export", [patient("a")])),
            "--into",
            str(tmp_path / "out"),
        ],
    )
    assert result.exit_code == 3 and "mammacards[population]" in result.output


def test_the_console_names_no_patient_and_no_content(tmp_path):
    canary = "canary-7f3a"
    resources = [patient(canary), {**lump("1", canary), "patient": {"reference": "Patient/other"}}]
    folder = written(tmp_path / "export", resources)
    (folder / "Procedure.ndjson").write_text("{" + canary)
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "cds_service",
            "evaluate",
            str(folder),
            "--into",
            str(tmp_path / "out"),
            "--workers",
            "2",
        ],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and "patients that failed: 2" in run.stderr
    assert (
        canary
        not in run.stdout
        + run.stderr
        + (tmp_path / "out" / "summary.html").read_text()
        + (tmp_path / "out" / "summary.json").read_text()
    )
