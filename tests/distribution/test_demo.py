"""`make demo` as a newcomer meets it: addresses, one curl line that works, a clear word about a busy port, Ctrl-C."""

import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
import yaml

from cds_service.demo.run import load_examples
from cds_service.errors import ConfigurationError
from tests.distribution.servers import at_a_terminal, environment, free_ports, post, running
from tests.house.source import ROOT

DEMO = [sys.executable, "-m", "cds_service", "demo", "--port"]


@pytest.fixture(scope="module")
def demo():
    port = free_ports(2)
    process = subprocess.Popen(
        [*DEMO, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("curl "):
            break
    yield port, "".join(lines), process
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stdout.close()


def test_the_printed_curl_line_answers_with_ductoscopy_referral(demo):
    _, text, _ = demo
    line = re.search(r"^curl .*$", text, re.MULTILINE).group()
    if shutil.which("curl"):
        answer = json.loads(
            subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
        )
    else:
        words = shlex.split(line)
        answer = post(words[2], json.loads(words[-1]))[1]
    assert [card["source"]["topic"]["code"] for card in answer["cards"]] == ["ductoscopyReferral"]


def test_the_curl_line_of_the_readme_answers_too(demo):
    from tests.distribution.test_readme import README

    port, _, _ = demo
    line = (
        re.search(r"^curl -s .*?\}\}'$", README, re.MULTILINE | re.DOTALL)
        .group()
        .replace("\\\n", " ")
    )
    words = shlex.split(line.replace(":8000", f":{port}").replace(":8001", f":{port + 1}"))
    status, answer = post(words[2], json.loads(words[-1]), {"Accept-Language": "en"})
    assert status == 200 and answer["cards"][0]["summary"].startswith(
        "Nipple discharge (left breast)"
    )


def test_start_page_sandbox_and_card_links_open(demo):
    port, _, _ = demo
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
    assert (
        "/patients/bloody-discharge-for-five-months" in page
        and "/guidelines/nipple_discharge" in page
        and "/cds-services" in page
    )
    patients = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/fhir/Patient"))
    assert patients["total"] >= 15
    _, answer = post(
        f"http://127.0.0.1:{port}/cds-services/breast-patient-view",
        {
            "hook": "patient-view",
            "hookInstance": "x",
            "fhirServer": f"http://127.0.0.1:{port + 1}/fhir",
            "context": {
                "userId": "Practitioner/1",
                "patientId": "bloody-discharge-for-five-months",
            },
        },
    )
    for link in answer["cards"][0]["links"]:
        assert urllib.request.urlopen(link["url"]).status == 200


def test_every_example_gives_its_cards_when_read_from_the_sandbox(demo):
    from tests.cases import all_cases

    port, _, _ = demo
    wrong = []
    for case in (c for c in all_cases() if c.example and "patient-view" in c.expect):
        status, answer = post(
            f"http://127.0.0.1:{port}/cds-services/breast-patient-view",
            {
                "hook": "patient-view",
                "hookInstance": "x",
                "fhirServer": f"http://127.0.0.1:{port + 1}/fhir",
                "context": {"userId": "Practitioner/1", "patientId": case.id},
            },
        )
        found = (
            sorted(card["source"]["topic"]["code"] for card in answer.get("cards", []))
            if status == 200
            else status
        )
        if found != sorted(case.expect["patient-view"]):
            wrong.append((case.id, case.expect["patient-view"], found))
    assert wrong == []


def test_the_sandbox_is_not_in_the_service(demo):
    port, _, _ = demo
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/fhir/Patient")


@pytest.fixture(
    params=[signal.SIG_DFL, signal.SIG_IGN], ids=["at a terminal", "in a background job"]
)
def started_from(request):
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("started_from")
def test_ctrl_c_ends_it_cleanly():
    port = free_ports(2)
    process = subprocess.Popen(
        at_a_terminal(*DEMO, str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    )
    for line in process.stdout:
        if line.startswith("curl "):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(20) == 0 and "Traceback" not in rest
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.parametrize("taken", [0, 1], ids=["port of the service", "port of the sandbox"])
def test_a_busy_port_gets_a_clear_message(taken):
    port = free_ports(2)
    with socket.socket() as held:
        held.bind(("127.0.0.1", port + taken))
        held.listen()
        run = subprocess.run(
            [*DEMO, str(port)], capture_output=True, text=True, env=environment(), timeout=30
        )
    assert run.returncode == 3
    assert (
        f"port {port + taken}" in run.stderr
        and "PORT=" in run.stderr
        and "Traceback" not in run.stderr
    )


# Another FHIR server instead of the sandbox: here the sandbox itself, empty, in a process of its own.

SANDBOX = [
    sys.executable,
    "-m",
    "gunicorn",
    "cds_service.demo.sandbox.http.routes:create_sandbox([])",
    "--workers",
    "1",
    "--threads",
    "8",
    "--bind",
]


@pytest.fixture(scope="module")
def elsewhere():
    port = free_ports()
    with running(
        [*SANDBOX, f"127.0.0.1:{port}"], f"http://127.0.0.1:{port}/fhir/metadata", env=environment()
    ):
        yield f"http://localhost:{port}/fhir"


def count(address: str) -> int:
    return json.load(urllib.request.urlopen(f"{address}?_summary=count"))["total"]


def test_everything_points_at_another_fhir_server(elsewhere):
    port = free_ports()
    process = subprocess.Popen(
        [*DEMO, str(port), "--fhir", f"{elsewhere}/"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("curl "):
                break
        text = "".join(lines)
        patients = len(list((ROOT / "fhir_examples").glob("*.json")))
        assert f"{patients} invented patients are on {elsewhere}" in text
        assert f"{elsewhere}/Patient" in text and f":{port + 1}/" not in text
        assert count(f"{elsewhere}/Patient") == patients
        words = shlex.split(re.search(r"^curl .*$", text, re.MULTILINE).group())
        assert json.loads(words[-1])["fhirServer"] == elsewhere
        _, answer = post(words[2], json.loads(words[-1]))
        assert [card["source"]["topic"]["code"] for card in answer["cards"]] == [
            "ductoscopyReferral"
        ]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        process.stdout.close()


def test_the_examples_can_be_loaded_again(elsewhere):
    first = load_examples(elsewhere)
    conditions = count(f"{elsewhere}/Condition")
    assert load_examples(elsewhere) == first == count(f"{elsewhere}/Patient")
    assert count(f"{elsewhere}/Condition") == conditions


def test_a_server_that_is_not_fhir_r4_gets_a_clear_message(elsewhere):
    with pytest.raises(ConfigurationError, match="does not answer"):
        load_examples(f"http://127.0.0.1:{free_ports()}/fhir")
    with pytest.raises(ConfigurationError, match="status 404"):
        load_examples(elsewhere.removesuffix("/fhir"))
    with pytest.raises(ConfigurationError, match="not a FHIR R4 server"):
        load_examples(f"{elsewhere}/Patient?x=")  # answers, but with a Bundle
    run = subprocess.run(
        [*DEMO, str(free_ports()), "--fhir", f"http://127.0.0.1:{free_ports()}/fhir"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    assert run.returncode == 3 and "is it running?" in run.stderr and "Traceback" not in run.stderr
    run = subprocess.run(
        [*DEMO, str(free_ports()), "--fhir", "localhost:8080"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    assert run.returncode == 2 and "http://localhost:8080/fhir" in run.stderr


def test_a_server_elsewhere_is_named_as_one_that_may_be_read(monkeypatch):
    import cds_service.demo.run as module

    seen = {}
    monkeypatch.setattr(
        module,
        "_serve",
        lambda _port, fhir, environment: (
            seen.update(fhir=fhir, servers=environment["CDS_FHIR_SERVERS"]) or 0
        ),
    )
    monkeypatch.setenv("CDS_FHIR_SERVERS", "https://other.example.org/fhir")
    monkeypatch.setenv("CDS_AUTH", "off")
    assert module.run_demo(8000, "https://hapi.example.org/fhir/") == 0
    assert seen == {
        "fhir": "https://hapi.example.org/fhir",
        "servers": "https://other.example.org/fhir https://hapi.example.org/fhir",
    }


def test_the_compose_file_is_pinned_and_for_this_machine_only():
    service = yaml.safe_load((ROOT / "docs" / "hapi-compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]["hapi"]
    assert re.fullmatch(r"docker\.io/hapiproject/hapi:v\d+\.\d+\.\d+-\d+", service["image"])
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert service["environment"]["hapi.fhir.fhir_version"] == "R4"
    assert all(isinstance(value, str) for value in service["environment"].values())
