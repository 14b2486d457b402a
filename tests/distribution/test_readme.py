"""README tells the truth: its settings, its commands, its files; the generated examples are not stale."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.casebook.examples import write_examples
from cds_service.cli.group import main
from cds_service.settings import TABLE

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_settings_table_is_that_of_the_code():
    rows = re.findall(r"^\| `(CDS_\w+)` \| (.*?) \| (.*) \|$", README, re.MULTILINE)
    assert rows == [(e.name, f"`{e.default}`" if e.default else "", e.meaning) for e in TABLE]


def test_every_setting_of_the_code_is_read_from_the_table():
    used = {
        name
        for path in (ROOT / "cds_service").rglob("*.py")
        for name in re.findall(r"\"(CDS_[A-Z_]+)\"", path.read_text())
    }
    assert used == {entry.name for entry in TABLE}


def test_command_table_is_that_of_the_command_line():
    named = set(re.findall(r"^\| `cds-service (\w+)", README, re.MULTILINE))
    assert named == set(main.commands)


def test_local_links_lead_somewhere():
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("cards/*/README.md")]
    }
    missing = [
        (path.name, target)
        for path, text in texts.items()
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        if not (path.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("line", re.findall(r"^\.venv/bin/(cds-service .+)$", README, re.MULTILINE))
def test_commands_run(line):
    run = subprocess.run(
        [sys.executable, "-m", *shlex.split(line.replace("cds-service", "cds_service", 1))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "ductoscop" in run.stdout.lower()


def test_examples_are_what_the_cases_make(tmp_path):
    fresh = {path.name: path.read_text(encoding="utf-8") for path in write_examples(tmp_path)}
    present = {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "fhir_examples").iterdir()
        if path.is_file()
    }
    assert present == fresh, "run `make examples`"


def test_check_finds_no_fault():
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 0 and "no faults" in result.output
