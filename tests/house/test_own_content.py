"""Guidelines of others: `cds-service new` writes one that works, CDS_CONTENT adds it, `cds-service check` plays its cases."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from cds_service.casebook.cases import all_cases
from cds_service.casebook.disagreements import disagreements
from cds_service.casebook.render import hook_request, render
from cds_service.cli.group import main
from cds_service.cli.new import files
from cds_service.decision.decide import prefetch_templates
from cds_service.errors import ConfigurationError, ContentError
from cds_service.guideline.loading.loader import load_library
from cds_service.population.judging import How, judge_lines
from cds_service.settings import Settings, from_environment
from cds_service.web import create_app
from tests.conftest import SERVICE, keys
from tests.house.source import ROOT

pytestmark = pytest.mark.full

NAME, KEY = "rhythm_of_heart", "rhythmOfHeartAdvice"
DAY = date(2026, 6, 15)


def run(*arguments, **environment):
    return CliRunner().invoke(main, [str(a) for a in arguments], env=environment)


@pytest.fixture
def own(tmp_path):
    """A folder of guidelines outside cards/, with one that `new` wrote."""
    place = tmp_path / "own"
    result = run("new", NAME, "--into", place)
    assert result.exit_code == 0, result.output
    return place


def settings_of(*places):
    return from_environment({"CDS_CONTENT": os.pathsep.join(map(str, places)), "CDS_AUTH": "off"})


def faults_of(*places):
    with pytest.raises(ContentError) as refused:
        load_library(more=settings_of(*places).content)
    return refused.value.faults


# --- cds-service new


def test_a_new_guideline_works_at_once(own):
    result = run("check", "--only", NAME, CDS_CONTENT=str(own))
    assert result.exit_code == 0, result.output
    assert f"{NAME} 0.1.0+" in result.output and "6 cases played" in result.output


def test_its_card_is_given_in_both_languages_and_has_a_page(own, clock):
    chosen = settings_of(own)
    library = load_library(more=chosen.content)
    case = next(c for c in all_cases(chosen.content) if c.guideline == NAME)
    record, hook = render(case, DAY), "patient-view"
    clock.day = record.today
    client = create_app(chosen, library, clock).test_client()
    body = hook_request(case, record, hook, prefetch_keys=prefetch_templates(library, hook))
    for language, word in (("nl", "Voorbeeld"), ("en", "Example")):
        answer = client.post(
            f"/cds-services/{SERVICE[hook]}", json=body, headers={"Accept-Language": language}
        )
        assert keys(answer) == [KEY]
        assert answer.get_json()["cards"][0]["summary"].startswith(word)
    page = client.get(f"/guidelines/{NAME}/{KEY}").get_data(as_text=True)
    assert "Voorbeeldadvies" in page and "rhythm_of_heart, coded" in page
    assert "cds-service new" in client.get(f"/guidelines/{NAME}").get_data(as_text=True)
    value_set = client.get(f"/guidelines/{NAME}/value_sets/{NAME}_condition")
    assert "example of the project" in value_set.get_data(as_text=True)


def test_a_population_run_and_evaluate_know_it(own):
    chosen = settings_of(own)
    case = next(c for c in all_cases(chosen.content) if c.guideline == NAME)
    lines = [json.dumps(resource) for resource in render(case, DAY).resources]
    row = judge_lines(case.id, lines, How(DAY, settings=chosen))
    assert [card["key"] for card in row["cards"]] == [KEY]
    patient = own / "patient.ndjson"
    patient.write_text("\n".join(lines), encoding="utf-8")
    result = run("evaluate", patient, "--today", DAY, "--json", CDS_CONTENT=str(own / NAME))
    assert KEY in result.output


@pytest.mark.parametrize(
    "name", ["Heart", "heart-rhythm", "2nd", "a/b", "..", "class", "a__b", "_a", "a" * 25, ""]
)
def test_a_bad_name_is_refused(tmp_path, name):
    result = run("new", name, "--into", tmp_path)
    assert result.exit_code == 2 and "name is at most" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["shared", "readers", "reconstruction", NAME])
def test_a_folder_that_exists_is_left_alone(own, name):
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    result = run("new", name, "--into", own)
    assert result.exit_code == 2 and "already" in result.output
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before


def test_nothing_of_the_template_is_left_over():
    assert not [path for path, text in files(NAME).items() if "EXAMPLE_" in path + text]


def test_a_new_guideline_in_a_copy_of_the_checkout(tmp_path):
    """As a programmer does it: the folder among the others of cards/, its README with the generated part."""
    for folder in ("cds_service", "cards"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    for arguments in (["new", NAME], ["check", "--only", NAME]):
        done = subprocess.run(
            [sys.executable, "-m", "cds_service", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "6 cases played" in done.stdout
    readme = (tmp_path / "cards" / NAME / "README.md").read_text(encoding="utf-8")
    assert f"### `{KEY}`" in readme


# --- CDS_CONTENT


def test_without_the_setting_nothing_is_added(own):
    assert from_environment({}).content == ()
    assert NAME not in {g.id for g in load_library().guidelines}
    assert NAME not in {c.guideline for c in all_cases()}


def test_folders_are_separated_as_in_path(own, tmp_path):
    other = tmp_path / "more"
    assert run("new", "other_thing", "--into", other).exit_code == 0
    chosen = settings_of(own / NAME, other)
    assert [folder.name for folder in chosen.content] == [NAME, "other_thing"]
    library = load_library(more=chosen.content)
    assert {NAME, "other_thing"} < {g.id for g in library.guidelines}
    asked = [c for c in all_cases(chosen.content) if c.guideline in (NAME, "other_thing")]
    assert disagreements(asked, chosen, DAY, lambda _: None) == []


def test_content_that_others_may_write_is_refused(own):
    for path in (own, own / NAME, own / NAME / "criteria.py", own / NAME / "value_sets"):
        for mode in (0o020, 0o002):
            before = path.stat().st_mode
            path.chmod(before | mode)
            with pytest.raises(ConfigurationError, match=r"CDS_CONTENT: .*written by others"):
                settings_of(own)
            assert run("check", CDS_CONTENT=str(own)).exit_code == 3
            path.chmod(before)
    assert settings_of(own).content


def test_a_place_without_a_guideline_is_refused(own, tmp_path):
    for place, words in (
        (tmp_path / "nowhere", "is not a folder"),
        (own / NAME / "criteria.py", "is not a folder"),
        (own / NAME / "value_sets", "holds no guideline"),
    ):
        with pytest.raises(ConfigurationError, match=f"CDS_CONTENT: .*{words}"):
            settings_of(place)
    (own / NAME).rename(own / "Rhythm")
    with pytest.raises(ConfigurationError, match="small letters"):
        settings_of(own)


@pytest.mark.parametrize("name", ["shared", "readers", "reconstruction"])
def test_a_folder_named_as_one_of_cards_is_refused(own, name):
    (own / NAME).rename(own / name)
    (fault,) = faults_of(own)
    assert f"another folder named {name}" in fault
    assert run("check", CDS_CONTENT=str(own)).exit_code == 1


def test_two_folders_of_one_name_are_refused(own, tmp_path):
    shutil.copytree(own, tmp_path / "again")
    assert all(
        f"another folder named {NAME}" in fault for fault in faults_of(own, tmp_path / "again")
    )


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_key_of_another_guideline_is_refused(own):
    taken = load_library().guidelines[0].recommendations[0]
    for file in ("guideline.yaml", "card.yaml"):
        change(own / NAME, file, KEY, taken.key)
    (fault,) = faults_of(own)
    assert f"{taken.key} is also a recommendation of {taken.guideline}" in fault


def test_a_fact_that_stands_elsewhere_is_refused(own):
    for file in ("guideline.yaml", "facts.yaml", "criteria.py"):
        path = own / NAME / file
        text = path.read_text(encoding="utf-8")
        for before in (f"[{NAME}_condition]", f"{NAME}_condition:\n", f'"{NAME}_condition"'):
            text = text.replace(before, before.replace(f"{NAME}_condition", "lesion"))
        path.write_text(text, encoding="utf-8")
    assert any("lesion is also a fact of shared" in fault for fault in faults_of(own))


def test_a_reader_that_stands_elsewhere_is_refused(own):
    name = sorted(load_library().readers)[0]
    change(own / NAME, "criteria.py", "Facts, criterion\n", "Facts, criterion, reader\n")
    with (own / NAME / "criteria.py").open("a", encoding="utf-8") as file:
        file.write(
            f'\n\n@reader()\ndef {name}(read, definition):\n    """Reads."""\n    return iter(())\n'
        )
    assert any(f"reader {name} hides another" in fault for fault in faults_of(own))


# --- cds-service check


def test_check_tells_every_disagreement_with_its_place(own):
    change(own / NAME, "cases.yaml", "patient-view: []", f"patient-view: [{KEY}]")
    change(own / NAME, "cases.yaml", ": not-applicable", ": recommended")
    result = run("check", "--only", NAME, CDS_CONTENT=str(own))
    assert result.exit_code == 1 and "no faults" not in result.output
    place = f"cases.yaml of {NAME}, case '{NAME}, over', patient-view: "
    assert f"{place}expected {KEY}; given no card" in result.output
    assert f"{place}{KEY} expected recommended; given not-applicable" in result.output
    assert "4 disagreements in 6 cases" in result.output


def test_check_tells_faults_of_content_before_it_plays(own):
    change(own / NAME, "guideline.yaml", "condition_now]", "condition_noww]")
    result = run("check", "--only", NAME, CDS_CONTENT=str(own))
    assert result.exit_code == 1
    assert "did you mean" in result.output and "expected" not in result.output


def test_check_tells_where_a_criterion_breaks(own):
    change(own / NAME, "criteria.py", "return facts.on_record", "return facts.no_record")
    result = run("check", "--only", NAME, CDS_CONTENT=str(own))
    assert result.exit_code == 1
    assert f"AttributeError at cds_service.cards.{NAME}.criteria:" in result.output
    assert "given notAssessed" in result.output


def test_check_knows_its_folders():
    assert run("check", "--only", "nowhere").exit_code == 2


def test_all_cores_tell_the_same_in_the_same_order():
    """More cases than one process plays: with an expectation that is wrong in each tenth."""
    cases = [c for c in all_cases() if c.guideline in ("reconstruction", "inflammatory")][:240]
    cases = [
        replace(case, expect={hook: ["notAssessed", "notAssessed"] for hook in case.expect})
        if number % 10 == 0
        else case
        for number, case in enumerate(cases)
    ]
    played = []
    wrong = disagreements(cases, Settings(), DAY, played.append)
    assert sum(played) == len(cases) > 200
    assert len(wrong) == sum(len(c.expect) for c in cases[::10])
    assert [line.partition(", patient-view")[0].partition(", order-")[0] for line in wrong] == [
        case.place for case in cases[::10] for _ in case.expect
    ]
