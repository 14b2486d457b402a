"""Whose a resource is: one table, and everyone who says it is held against each row of it.

The service speaks from one patient (`anna`); files of the command line and population runs (Python and SQL) bring patients together.
"""

import json

import pytest

from cds_service.cli.patients import _by_patient
from cds_service.decision.ownership import ForeignPatient, Owner, PatientOwnership
from cds_service.errors import RequestError
from cds_service.fhir.resource_types import KEYS
from cds_service.population.export import open_export
from cds_service.population.grouping import engine, group, patients_of
from cds_service.population.judging import owners
from tests.population.exports import written

SERVER = "https://hospital.example/fhir"
OWN, NOBODYS, FOREIGN = "own", "nobody's", "foreign"


def about(reference: object, element: str = "subject", kind: str = "Condition", **more) -> dict:
    return {"resourceType": kind, "id": "r", element: {"reference": reference}, **more}


def meeting(*actors: str) -> dict:
    participants = [{"actor": {"reference": actor}} for actor in actors]
    return {"resourceType": "Appointment", "id": "r", "participant": participants}


CONTAINED = about("Patient/bea", kind="Observation")
# (resource, what the service says of it for anna, the patients that it is brought to)
TABLE = {
    "the patient": ({"resourceType": "Patient", "id": "anna"}, OWN, ["anna"]),
    "another patient": ({"resourceType": "Patient", "id": "bea"}, FOREIGN, ["bea"]),
    "a patient without an id": ({"resourceType": "Patient"}, FOREIGN, []),
    "a patient whose id is none": ({"resourceType": "Patient", "id": 7}, FOREIGN, []),
    "relative": (about("Patient/anna"), OWN, ["anna"]),
    "versioned": (about("Patient/anna/_history/2"), OWN, ["anna"]),
    "absolute": (about(f"{SERVER}/Patient/anna"), OWN, ["anna"]),
    # The same id on another server may be anybody; an export is of one server, so there it is hers.
    "on another server": (about("https://x.example/fhir/Patient/anna"), NOBODYS, ["anna"]),
    "of another": (about("Patient/bea"), FOREIGN, ["bea"]),
    "of another on another server": (about("https://x.example/Patient/bea"), FOREIGN, ["bea"]),
    "a urn of the id": (about("urn:uuid:anna"), OWN, ["anna"]),
    "a urn of a fullUrl that is hers": (about("urn:uuid:1"), OWN, ["1"]),
    "a urn of a fullUrl that is another's": (about("urn:uuid:2"), FOREIGN, ["2"]),
    "a urn that nothing has": (about("urn:uuid:3"), NOBODYS, ["3"]),
    "contained": (about("#p"), NOBODYS, []),
    "a search": (about("Patient?identifier=1"), NOBODYS, []),
    "a search by id": (about("Patient/anna?x=1"), NOBODYS, []),
    "a bare id": (about("anna"), NOBODYS, []),
    "empty": (about(""), NOBODYS, []),
    "no text": (about(5), NOBODYS, []),
    "no subject": ({"resourceType": "Condition", "id": "r"}, NOBODYS, []),
    "a subject without a reference": (
        {"resourceType": "Condition", "id": "r", "subject": {"display": "Anna"}},
        NOBODYS,
        [],
    ),
    "a group": (about("Group/anna"), FOREIGN, []),
    "by patient": (about("Patient/anna", "patient", "AllergyIntolerance"), OWN, ["anna"]),
    "by individual": (about("Patient/anna", "individual", "ResearchSubject"), OWN, ["anna"]),
    "by beneficiary": (about("Patient/bea", "beneficiary"), FOREIGN, ["bea"]),
    "hers and another's": (
        about("Patient/anna", patient={"reference": "Patient/bea"}),
        FOREIGN,
        ["anna", "bea"],
    ),
    "hers and nobody's": (
        about("Patient/anna", patient={"reference": "#p"}),
        NOBODYS,
        ["anna"],
    ),
    "an encounter of nobody": ({"resourceType": "Encounter", "id": "r"}, OWN, []),
    "a meeting about her": (meeting("Practitioner/x", "Patient/anna"), OWN, ["anna"]),
    "a meeting about two": (meeting("Patient/bea", "Patient/anna"), OWN, ["bea", "anna"]),
    "a meeting about another": (meeting("Patient/bea"), FOREIGN, ["bea"]),
    "a meeting about nobody": (meeting("Practitioner/x"), NOBODYS, []),
    "of no patient": ({"resourceType": "Organization", "id": "r"}, OWN, []),
    "another's inside hers": (about("Patient/anna", contained=[CONTAINED]), FOREIGN, ["anna"]),
    "a patient inside hers": (
        about("Patient/anna", contained=[{"resourceType": "Patient", "id": "p"}]),
        OWN,
        ["anna"],
    ),
}
FULL_URLS = {
    "urn:uuid:1": {"resourceType": "Patient", "id": "anna"},
    "urn:uuid:2": {"resourceType": "Patient", "id": "bea"},
}
rows = pytest.mark.parametrize("resource, whose, patients", TABLE.values(), ids=TABLE)


@rows
def test_what_the_service_says(resource, whose, patients):
    ownership = PatientOwnership("anna", FULL_URLS, SERVER)
    for _ in range(2):  # what was found before is remembered
        if whose == FOREIGN:
            with pytest.raises(ForeignPatient) as told:
                ownership.of(resource)
            assert isinstance(told.value, RequestError)
            assert (told.value.status, told.value.code) == (400, "conflict")
        else:
            assert ownership.of(resource) is Owner(whose)


@rows
def test_what_is_hers_is_brought_to_her(resource, whose, patients):
    """No row is used for a patient to whom a run would not have brought it, and what is brought to another alone is never used."""
    if whose == OWN and resource["resourceType"] in set(KEYS) - {"Encounter"}:
        assert "anna" in patients or resource["subject"]["reference"] in FULL_URLS
    if "bea" in patients and "anna" not in patients:
        assert whose == FOREIGN


@rows
def test_files_of_the_command_line(resource, whose, patients):
    """Beside a resource that surely is somebody's, so that the file holds a patient at all."""
    other = about("Patient/zoe")
    found = {p.patient_id: p.resources for p in _by_patient("f", [("", resource), ("", other)])}
    assert found.pop("zoe") == (other,)
    assert found == dict.fromkeys(patients, (resource,))


@rows
def test_lines_of_a_population(resource, whose, patients):
    assert owners(json.dumps(resource)) == patients


def test_sql_of_a_population(tmp_path):
    lines = {
        json.dumps(resource | {"note": name}): set(patients)
        for name, (resource, _, patients) in TABLE.items()
    }
    folder = written(tmp_path / "export", [])
    (folder / "Condition.ndjson").write_text("\n".join(lines), encoding="utf-8")
    with engine(500_000_000, 1, tmp_path / "spill") as connection:
        grouped = group(open_export(folder), tmp_path / "lines", 4, connection, lambda _: None)
        found = {
            (patient, line)
            for part in grouped.lines
            for patient, mine in patients_of(tmp_path / "lines", part, connection)
            for line in mine
        }
    assert found == {(patient, line) for line, patients in lines.items() for patient in patients}
