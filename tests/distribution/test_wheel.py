"""`pip install .` into an empty environment, used from an empty folder: the wheel holds the content and answers a hook."""

import subprocess
import sys
import venv
import zipfile
from datetime import date
from pathlib import Path

import pytest

from cds_service.casebook.render import hook_request, render
from tests.cases import all_cases
from tests.distribution.servers import environment, free_ports, post, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)],
        check=True,
        cwd=folder,
    )
    return python


def test_wheel_holds_all_content_and_claims_one_name(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "cards",
            "fhir_examples",
            "cds_service",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    expected = {
        path if path.startswith("cds_service/") else f"cds_service/{path}"
        for path in tracked
        if path and (ROOT / path).exists()
    }
    assert expected - names == set()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"cds_service"}


def test_installed_service_answers_a_hook_from_any_folder(installed, tmp_path, templates):
    case = next(c for c in all_cases() if c.expect.get("patient-view") == ["ductoscopyReferral"])
    record = render(case, date.today())
    body = hook_request(case, record, "patient-view", prefetch_keys=templates["patient-view"])
    port = free_ports()
    base = f"http://127.0.0.1:{port}"
    command = [
        str(installed.parent / "gunicorn"),
        "cds_service:create_app()",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    with running(command, f"{base}/cds-services", cwd=tmp_path, env=environment()):
        status, answer = post(f"{base}/cds-services/breast-patient-view", body)
    assert status == 200 and [card["source"]["topic"]["code"] for card in answer["cards"]] == [
        "ductoscopyReferral"
    ]


def test_installed_command_line_works_from_any_folder(installed, tmp_path):
    run = subprocess.run(
        [str(installed.parent / "cds-service"), "check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert run.returncode == 0 and "no faults" in run.stdout, run.stderr


def test_production_never_listens_beyond_this_machine_unasked(installed):
    command = [
        str(installed.parent / "gunicorn"),
        "cds_service:create_app()",
        "--bind",
        f"0.0.0.0:{free_ports()}",
    ]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=environment(), timeout=30
    )
    assert run.returncode == 3 and "CDS_ALLOW_INSECURE_BIND" in run.stderr
