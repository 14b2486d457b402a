"""Running the service: the gunicorn command, the check of the address, and the demo with its sandbox FHIR server or another."""

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
from datetime import date, datetime
from typing import Any

from cds_service.content import examples_folder
from cds_service.errors import ConfigurationError
from cds_service.outbound.trust import Trust, authorities, trusting
from cds_service.serving import gunicorn_command
from cds_service.settings import from_environment

START_SECONDS = 30


def example_transactions() -> list[dict]:
    """The examples, transaction Bundles of one patient each, their dates moved to today."""
    from cds_service.casebook.examples import rebase

    bundles = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(examples_folder().glob("*.json"))
    ]
    return [rebase(bundle, date.today()) for bundle in bundles]


def sandbox_app() -> Any:
    """The sandbox FHIR server with the examples. For the demo only."""
    from cds_service.demo.sandbox.http.routes import create_sandbox

    return create_sandbox(example_transactions())


def playground_app(fhir: str) -> Any:
    """The service with the playground at /, over the FHIR server at `fhir`. While clients must prove who they are (CDS_AUTH=on) a page
    of ours could not call it: then it is the service as in production."""
    from functools import partial

    from cds_service import create_app
    from cds_service.demo.playground.routes import blueprint

    return (
        create_app(partial(blueprint, fhir=fhir))
        if from_environment(os.environ).auth == "off"
        else create_app()
    )


def run_demo(port: int, fhir: str = "") -> int:
    """Serve until Ctrl-C. Returns the exit code. Raises ConfigurationError for a busy port or a bad setting.

    `fhir` is the base URL of a FHIR R4 server that takes the place of the sandbox: the examples are put on it, and it may
    be read. ConfigurationError too where that cannot be done.
    """
    with tempfile.TemporaryDirectory(prefix="mammacards-demo-") as folder:
        # The demo is for this machine only, and everything in it is invented: nobody has to prove who he is.
        environment = {
            "CDS_AUTH": "off",
            "CDS_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
            **{k: v for k, v in os.environ.items() if v},
        }
        if fhir:
            fhir = fhir.rstrip("/")
            # On loopback it may be read anyway; anywhere else only what is named here.
            environment["CDS_FHIR_SERVERS"] = (
                f"{environment.get('CDS_FHIR_SERVERS', '')} {fhir}".strip()
            )
        authorities(from_environment(environment).ca_file)
        return _serve(port, fhir, environment)


def load_examples(fhir: str, trust: Trust | None = None) -> int:
    """Put the examples on a FHIR server, one transaction per patient; how many patients there are now.

    They keep their ids, so that loading them again only moves their dates. Raises ConfigurationError where the server does
    not answer, is no FHIR R4, or takes no transaction.
    """
    statement = _asked(f"{fhir}/metadata", f"{fhir} cannot be used as a FHIR server", trust=trust)
    version = (
        statement.get("fhirVersion")
        if statement.get("resourceType") == "CapabilityStatement"
        else None
    )
    if not isinstance(version, str) or not version.startswith("4.0"):
        raise ConfigurationError(
            f"{fhir} is not a FHIR R4 server: its metadata names no fhirVersion 4.0; give the base URL, such as http://localhost:8080/fhir"
        )
    bundles = example_transactions()
    for bundle in bundles:
        _asked(fhir, f"{fhir} did not take the examples", json.dumps(bundle).encode(), trust)
    return len(bundles)


def _asked(url: str, fault: str, body: bytes | None = None, trust: Trust | None = None) -> dict:
    """The JSON object that a FHIR server answers a GET, or a POST of this body, with. Raises ConfigurationError with what is wrong."""
    headers = {
        "Accept": "application/fhir+json",
        **({"Content-Type": "application/fhir+json"} if body else {}),
    }
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, headers), timeout=START_SECONDS, context=trust
        ) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        raise ConfigurationError(f"{fault}: it answers with status {error.code}") from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise ConfigurationError(
            f"{fault}: it does not answer ({type(reason).__name__}); is it running?"
        ) from None
    except ValueError:
        raise ConfigurationError(f"{fault}: its answer is no JSON") from None
    if not isinstance(answer, dict):
        raise ConfigurationError(f"{fault}: its answer is no FHIR resource")
    return answer


def _serve(port: int, elsewhere: str, environment: dict[str, str]) -> int:
    for number, what in ((port, "the service"), (port + 1, "the sandbox FHIR server"))[
        : 1 if elsewhere else 2
    ]:
        if not _is_free(number):
            raise ConfigurationError(
                f"port {number} ({what}) is in use; choose another, for example: make demo PORT={port + 100}"
            )
    service, fhir = f"http://127.0.0.1:{port}", elsewhere or f"http://127.0.0.1:{port + 1}/fhir"
    if elsewhere:
        print(
            f"{load_examples(fhir, trusting(authorities(from_environment(environment).ca_file)))} invented patients are on {fhir}.",
            flush=True,
        )
    # A laptop that does everything at once may be slower than a hospital's servers: two seconds for the sandbox to answer.
    environment = {"CDS_FHIR_DEADLINE_MS": "2000", "CDS_PUBLIC_URL": service, **environment}
    commands = [
        gunicorn_command(f"cds_service.demo.run:playground_app({fhir!r})", f"127.0.0.1:{port}", 2)
    ]
    if not elsewhere:
        # The sandbox has a process of its own, so that a hook that reads it back cannot wait for itself.
        commands.insert(
            0,
            gunicorn_command("cds_service.demo.run:sandbox_app()", f"127.0.0.1:{port + 1}", 1, 16),
        )
    children = [
        subprocess.Popen([*command, "--log-level", "error"], env=environment)
        for command in commands
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C
    try:
        _wait_for(f"{fhir}/metadata", children)
        _wait_for(f"{service}/", children)
        print(_welcome(service, fhir, "FHIR server" if elsewhere else "Sandbox (FHIR)"), flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        print("A server stopped by itself; see the message above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    finally:
        for child in children:
            child.send_signal(
                signal.SIGQUIT
            )  # gunicorn's quick shutdown: a browser may hold its connections for long
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


def _welcome(service: str, fhir: str, name: str) -> str:
    from cds_service.demo.playground.routes import FIRST_PATIENT, patient_view

    body = json.dumps(patient_view(fhir, FIRST_PATIENT))
    return f"""
MammaCards is running ({datetime.now():%H:%M}); Ctrl-C stops it. Open this in a browser:

  Playground       {service}/
  CDS services     {service}/cds-services
  {name:<16} {fhir}/Patient

A first hook, a woman with nipple discharge for five months:

curl -s {service}/cds-services/breast-patient-view -H 'Content-Type: application/json' -d '{body}'
"""
