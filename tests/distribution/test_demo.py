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

from tests.distribution.servers import environment, free_ports, post

DEMO = [sys.executable, "-m", "cds_service", "demo", "--port"]


@pytest.fixture(scope="module")
def demo():
    port = free_ports(2)
    process = subprocess.Popen([*DEMO, str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
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
        answer = json.loads(subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout)
    else:
        words = shlex.split(line)
        answer = post(words[2], json.loads(words[-1]))[1]
    assert [card["source"]["topic"]["code"] for card in answer["cards"]] == ["ductoscopyReferral"]


def test_the_curl_line_of_the_readme_answers_too(demo):
    from tests.distribution.test_readme import README

    port, _, _ = demo
    line = re.search(r"^curl -s .*?\}\}'$", README, re.MULTILINE | re.DOTALL).group().replace("\\\n", " ")
    words = shlex.split(line.replace(":8000", f":{port}").replace(":8001", f":{port + 1}"))
    status, answer = post(words[2], json.loads(words[-1]), {"Accept-Language": "en"})
    assert status == 200 and answer["cards"][0]["summary"].startswith("Nipple discharge (left breast)")


def test_start_page_sandbox_and_card_links_open(demo):
    port, _, _ = demo
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
    assert "/patients/bloody-discharge-for-five-months" in page and "/guidelines/nipple_discharge" in page and "/cds-services" in page
    patients = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/fhir/Patient"))
    assert patients["total"] >= 15
    _, answer = post(f"http://127.0.0.1:{port}/cds-services/breast-patient-view", {
        "hook": "patient-view", "hookInstance": "x", "fhirServer": f"http://127.0.0.1:{port + 1}/fhir",
        "context": {"userId": "Practitioner/1", "patientId": "bloody-discharge-for-five-months"}})  # fmt: skip
    for link in answer["cards"][0]["links"]:
        assert urllib.request.urlopen(link["url"]).status == 200


def test_every_example_gives_its_cards_when_read_from_the_sandbox(demo):
    from cds_service.examples import all_cases

    port, _, _ = demo
    wrong = []
    for case in (c for c in all_cases() if c.example and "patient-view" in c.expect):
        status, answer = post(f"http://127.0.0.1:{port}/cds-services/breast-patient-view", {
            "hook": "patient-view", "hookInstance": "x", "fhirServer": f"http://127.0.0.1:{port + 1}/fhir",
            "context": {"userId": "Practitioner/1", "patientId": case.id}})  # fmt: skip
        found = sorted(card["source"]["topic"]["code"] for card in answer.get("cards", [])) if status == 200 else status
        if found != sorted(case.expect["patient-view"]):
            wrong.append((case.id, case.expect["patient-view"], found))
    assert wrong == []


def test_the_sandbox_is_not_in_the_service(demo):
    port, _, _ = demo
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/fhir/Patient")


def test_ctrl_c_ends_it_cleanly():
    port = free_ports(2)
    process = subprocess.Popen([*DEMO, str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
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
        run = subprocess.run([*DEMO, str(port)], capture_output=True, text=True, env=environment(), timeout=30)
    assert run.returncode == 3
    assert f"port {port + taken}" in run.stderr and "PORT=" in run.stderr and "Traceback" not in run.stderr
