"""Running the service: the gunicorn command, the check of the address, and the demo with its sandbox FHIR server."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from datetime import date, datetime

from cds_service.content import examples_folder
from cds_service.errors import ConfigurationError
from cds_service.settings import from_environment

START_SECONDS = 30


def gunicorn_command(application: str, bind: str, workers: int, threads: int = 4) -> list[str]:
    """The command that serves an application under gunicorn, with the settings of gunicorn.conf.py."""
    return [sys.executable, "-m", "gunicorn", application, "--config", "python:cds_service.serving", "--bind", bind,
            "--workers", str(workers), "--threads", str(threads)]  # fmt: skip


def sandbox_app():
    """The sandbox FHIR server with the examples, their dates moved to today. For the demo only."""
    from cds_service.examples import rebase
    from cds_service.web.sandbox import create_sandbox

    bundles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(examples_folder().glob("*.json"))]
    return create_sandbox(rebase(bundle, date.today()) for bundle in bundles)


def playground_app(fhir: str):
    """The service with the playground at /, over the FHIR server at `fhir`. While clients must prove who they are (CDS_AUTH=on) a page
    of ours could not call it: then it is the service as in production."""
    from functools import partial

    from cds_service import create_app
    from cds_service.web.playground import blueprint

    return create_app(partial(blueprint, fhir=fhir)) if from_environment(os.environ).auth == "off" else create_app()


def run_demo(port: int) -> int:
    """Serve until Ctrl-C. Returns the exit code. Raises ConfigurationError for a busy port or a bad setting."""
    with tempfile.TemporaryDirectory(prefix="mammacards-demo-") as folder:
        # The demo is for this machine only, and everything in it is invented: nobody has to prove who he is.
        environment = {"CDS_AUTH": "off", "CDS_DATABASE_URL": f"sqlite:///{folder}/feedback.db", **{k: v for k, v in os.environ.items() if v}}
        from_environment(environment)
        return _serve(port, environment)


def _serve(port: int, environment: dict[str, str]) -> int:
    for number, what in ((port, "the service"), (port + 1, "the sandbox FHIR server")):
        if not _is_free(number):
            raise ConfigurationError(f"port {number} ({what}) is in use; choose another, for example: make demo PORT={port + 100}")
    service, fhir = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}/fhir"
    # A laptop that does everything at once may be slower than a hospital's servers: two seconds for the sandbox to answer.
    environment = {"CDS_FHIR_DEADLINE_MS": "2000", "CDS_PUBLIC_URL": service, **environment}
    children = [
        # The sandbox has a process of its own, so that a hook that reads it back cannot wait for itself.
        subprocess.Popen([*gunicorn_command("cds_service.demo:sandbox_app()", f"127.0.0.1:{port + 1}", 1, 16), "--log-level", "error"], env=environment),
        subprocess.Popen([*gunicorn_command(f"cds_service.demo:playground_app({fhir!r})", f"127.0.0.1:{port}", 2), "--log-level", "error"], env=environment),
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C
    try:
        _wait_for(f"{fhir}/metadata", children)
        _wait_for(f"{service}/", children)
        print(_welcome(service, fhir), flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        print("A server stopped by itself; see the message above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _wait_for(url: str, children: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            raise ConfigurationError("a server did not start; see the message above")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise ConfigurationError(f"{url} did not answer within {START_SECONDS} seconds")


def first_hook(fhir: str, patient_id: str) -> dict:
    """A patient-view request that lets the service read everything from the sandbox."""
    context = {"userId": "Practitioner/dr-jansen", "patientId": patient_id}
    return {"hook": "patient-view", "hookInstance": str(uuid.uuid4()), "fhirServer": fhir, "context": context}


# The patient of the first curl line: discharge for five months, both examinations unsuspicious.
FIRST_PATIENT = "bloody-discharge-for-five-months"


def _welcome(service: str, fhir: str) -> str:
    body = json.dumps(first_hook(fhir, FIRST_PATIENT))
    return f"""
MammaCards is running ({datetime.now():%H:%M}); Ctrl-C stops it.

  Playground       {service}/
  CDS services     {service}/cds-services
  Sandbox (FHIR)   {fhir}/Patient

A first hook, a woman with nipple discharge for five months:

curl -s {service}/cds-services/breast-patient-view -H 'Content-Type: application/json' -d '{body}'
"""
