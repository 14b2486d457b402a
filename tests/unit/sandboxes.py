"""What the tests of the sandbox share: a small hospital in it, and how its answers are read."""

from cds_service.demo.sandbox.http.routes import create_sandbox
from cds_service.fhir.validation import problems

BASE = "http://localhost/fhir"


def resource(kind, id, **content):
    return {"resourceType": kind, "id": id, **content}


def to(place):
    return {"reference": place}


HOSPITAL = (
    resource("Organization", "umc", name="UMC Voorbeeld"),
    resource("Practitioner", "bos", name=[{"family": "Bos"}]),
    resource(
        "Patient",
        "anna",
        name=[{"family": "Jansen", "given": ["Anna"]}],
        birthDate="1970-05-17",
        gender="female",
        identifier=[{"system": "urn:mrn", "value": "1"}],
        managingOrganization=to("Organization/umc"),
        generalPractitioner=[to("Practitioner/bos")],
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Anna</div>'},
        _birthDate={"extension": [{"url": "http://example.org/known", "valueBoolean": True}]},
    ),
    resource(
        "Patient",
        "bea",
        name=[{"family": "Bakker"}],
        identifier=[{"system": "urn:mrn", "value": "2"}],
    ),
    resource(
        "Encounter",
        "visit",
        status="finished",
        **{"class": {"code": "AMB"}},
        subject=to("Patient/anna"),
        serviceProvider=to("Organization/umc"),
    ),
    resource(
        "Condition",
        "lump",
        subject=to("Patient/anna"),
        encounter=to("Encounter/visit"),
        recordedDate="2026-01-02",
        code={"coding": [{"code": "lump"}]},
        asserter=to("Practitioner/bos"),
    ),
    resource(
        "Observation",
        "mg",
        status="final",
        code={"coding": [{"code": "MG"}]},
        subject=to("Patient/anna"),
        encounter=to("Encounter/visit"),
        performer=[to("Practitioner/bos")],
        effectiveDateTime="2026-01-03",
        note=[{"text": "goed te beoordelen"}],
    ),
    resource(
        "Observation",
        "us",
        status="final",
        code={"coding": [{"code": "US"}]},
        subject=to("Patient/anna"),
        derivedFrom=[to("Observation/mg")],
    ),
    resource(
        "Observation",
        "other",
        status="final",
        code={"coding": [{"code": "MG"}]},
        subject=to("Patient/bea"),
    ),
)


def collection(*resources):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def hospital():
    """A client of a sandbox with these resources."""
    return create_sandbox([collection(*HOSPITAL)]).test_client()


def found(client, path, **options):
    """(mode, Type/id) of the entries of a list, after a look at the whole of it."""
    response = client.get(f"/fhir/{path}", **options)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert problems(response.json) == []
    places = [
        (e["search"]["mode"], f"{e['resource']['resourceType']}/{e['resource']['id']}")
        for e in response.json.get("entry", [])
    ]
    assert len(set(places)) == len(places)
    return places


def matches(client, path, **options):
    return " ".join(place for mode, place in found(client, path, **options) if mode == "match")


def includes(client, path, **options):
    return " ".join(
        sorted(place for mode, place in found(client, path, **options) if mode == "include")
    )


def refused(response, status, code):
    """An OperationOutcome of that status and issue type."""
    body = response.get_json(force=True)
    assert problems(body) == []
    return (response.status_code, body["resourceType"], body["issue"][0]["code"]) == (
        status,
        "OperationOutcome",
        code,
    )
