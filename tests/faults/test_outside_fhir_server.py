"""Reading from a FHIR server that is not ours (sekmet-fhir, on loopback, its simulator off): no prefetch, real HTTP."""

import json
import sys
import urllib.request
from datetime import date

import pytest

from cds_service.casebook.render import render
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.conftest import SERVICE, keys
from tests.contract.helpers import CASES
from tests.distribution.servers import environment, free_ports, running

EXAMPLES = [case for case in CASES.values() if case.example and not case.unread]


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("sekmet"), free_ports()
    base = f"http://127.0.0.1:{port}/fhir"
    settings = {
        "base_url": base,
        "host": "127.0.0.1",
        "port": port,
        "data_dir": str(folder),
        "simulator": {"enabled": False},
        "validation": {"inbound": "off"},
        "log_inbound": False,
    }
    (folder / "settings.yaml").write_text(json.dumps(settings))
    command = [
        sys.executable,
        "-c",
        "from sekmet.cli import app; app()",
        "serve",
        "--config",
        str(folder / "settings.yaml"),
    ]
    with running(command, f"{base}/metadata", cwd=folder, env=environment()):
        for case in EXAMPLES:
            for resource in render(case, date(2026, 6, 15)).resources:
                url = f"{base}/{resource['resourceType']}/{resource['id']}"
                put = urllib.request.Request(
                    url,
                    json.dumps(resource).encode(),
                    {"Content-Type": "application/fhir+json"},
                    method="PUT",
                )
                urllib.request.urlopen(put, timeout=20).close()
        yield base


@pytest.fixture(scope="module")
def unhurried(library, clock):
    return create_app(Settings(fhir_deadline_seconds=2.0), library, clock).test_client()


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.id)
def test_the_same_cards_without_prefetch(case, outside, unhurried, clock):
    hook = "patient-view" if "patient-view" in case.expect else "order-sign"
    record = render(case, date(2026, 6, 15))
    clock.day = record.today
    context = {"userId": "Practitioner/1", "patientId": case.id}
    if hook == "order-sign":
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "entry": [{"resource": r} for r in record.draft_orders],
        }
    body = {"hook": hook, "hookInstance": "x", "fhirServer": outside, "context": context}
    answer = unhurried.post(f"/cds-services/{SERVICE[hook]}", json=body)
    assert answer.status_code == 200, answer.get_json()
    assert keys(answer) == sorted(case.expect[hook])
