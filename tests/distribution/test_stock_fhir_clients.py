"""FHIR client libraries (fhirclient of SMART Health IT, fhirpy) that know nothing of this project, against the sandbox as the demo serves it: a process under gunicorn."""

import sys
from collections import Counter

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle, BundleEntry, BundleEntryRequest
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.condition import Condition
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from cds_service.serving import gunicorn_command
from tests.distribution.servers import environment, free_ports, running

PATIENT = "bloody-discharge-for-five-months"


@pytest.fixture(scope="module")
def base():
    port = free_ports()
    command = gunicorn_command("cds_service.demo.run:sandbox_app()", f"127.0.0.1:{port}", 1, 16)
    assert command[0] == sys.executable
    with running(command, f"http://127.0.0.1:{port}/fhir/metadata", env=environment()):
        yield f"http://127.0.0.1:{port}/fhir"


@pytest.fixture(scope="module")
def server(base):
    """fhirclient (SMART Health IT): "ready" after it has read the CapabilityStatement into its own R4 models."""
    smart = FHIRClient(settings={"app_id": "mammacards-tests", "api_base": base})
    assert smart.prepare() and smart.ready
    return smart.server


def test_fhirclient_reads(server):
    assert CapabilityStatement.read_from("metadata", server).fhirVersion == "4.0.1"
    assert Patient.read(PATIENT, server).id == PATIENT
    with pytest.raises(FHIRNotFoundException):
        Patient.read("nobody", server)


def test_fhirclient_searches_through_all_pages(server):
    every = Patient.where({"_summary": "count"}).perform(server).total
    found = [
        patient.id for patient in Patient.where({"_count": "7"}).perform_resources_iter(server)
    ]
    assert every > 50 and len(found) == every == len(set(found))
    bundles = list(
        Condition.where({"patient:missing": "false", "_count": "20", "_sort": "_id"}).perform_iter(
            server
        )
    )
    ids = [entry.resource.id for bundle in bundles for entry in bundle.entry]
    assert len(bundles) > 2 and len(ids) == bundles[0].total and ids == sorted(set(ids))


def test_fhirclient_searches_with_includes_and_chains(server):
    found = (
        Condition.where({"patient": PATIENT, "_include": "Condition:subject"}).perform(server).entry
    )
    assert Counter(entry.search.mode for entry in found)["include"] == 1
    assert Condition.where({"patient:Patient._id": PATIENT}).perform(server).total == sum(
        entry.search.mode == "match" for entry in found
    )
    assert [
        patient.id
        for patient in Patient.where(
            {"_has:Condition:patient:_id": found[0].resource.id}
        ).perform_resources(server)
    ] == [PATIENT]


def test_fhirclient_creates_updates_and_deletes(server):
    made = Patient({"name": [{"family": "Nieuw"}], "birthDate": "1980-02-03"})
    made.id = made.create(server)["id"]
    made.gender = "female"
    assert made.update(server)["meta"]["versionId"] == "2"
    read = Patient.read(made.id, server)
    assert (read.gender, read.birthDate.isostring) == ("female", "1980-02-03")
    read.delete()
    with pytest.raises(requests.HTTPError, match="410"):
        Patient.read(made.id, server)


def test_fhirclient_sends_a_transaction(server):
    entries = [
        (
            "POST",
            "Patient",
            {"resourceType": "Patient"},
            "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
        ),
        (
            "POST",
            "Condition",
            {
                "resourceType": "Condition",
                "subject": {"reference": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"},
            },
            None,
        ),
    ]
    bundle = Bundle({"type": "transaction"})
    bundle.entry = []
    for method, url, resource, full_url in entries:
        entry = BundleEntry({"resource": resource, **({"fullUrl": full_url} if full_url else {})})
        entry.request = BundleEntryRequest({"method": method, "url": url})
        bundle.entry.append(entry)
    answer = Bundle(server.post_json("", bundle.as_json()).json())
    patient, condition = (entry.response.location.split("/")[1] for entry in answer.entry)
    assert Condition.read(condition, server).subject.reference == f"Patient/{patient}"


def test_fhirpy_reads_searches_and_pages(base):
    client = SyncFHIRClient(base)
    assert client.reference("Patient", PATIENT).to_resource()["id"] == PATIENT
    patients = client.resources("Patient")
    assert len(patients.limit(9).fetch_all()) == patients.count()
    together = (
        client.resources("Condition")
        .search(patient=PATIENT)
        .include("Condition", "subject")
        .fetch_raw()
    )
    assert [
        each["resource"]["id"] for each in together["entry"] if each["search"]["mode"] == "include"
    ] == [PATIENT]
    backwards = patients.search(_id=PATIENT).revinclude("Condition", "patient").fetch_raw()
    assert len(backwards["entry"]) == together["total"] + 1
    conditions = client.resources("Condition")
    assert 0 < conditions.search(patient__Patient__gender="male").count() < conditions.count()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "nobody").to_resource()
    with pytest.raises(OperationOutcome):
        patients.search(birthdate="gisteren").fetch()


def test_fhirpy_writes(base):
    client = SyncFHIRClient(base)
    identifier = [{"system": "urn:tests", "value": "fhirpy"}]
    mine = client.resources("Patient").search(identifier="urn:tests|fhirpy")
    made, created = mine.update(client.resource("Patient", identifier=identifier))
    assert created
    changed, created = mine.update(
        client.resource("Patient", identifier=identifier, gender="other")
    )
    assert (changed["id"], changed["gender"], changed["meta"]["versionId"], created) == (
        made["id"],
        "other",
        "2",
        False,
    )
    changed["gender"] = "female"
    changed.save()
    made.refresh()
    assert (made["gender"], made["meta"]["versionId"], made.is_valid()) == ("female", "3", True)
    changed.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", made["id"]).to_resource()
