"""The sandbox FHIR server, through Flask's test client: what a FHIR client may ask of it, and what it refuses."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from cds_service.demo.sandbox.http.routes import create_sandbox
from cds_service.demo.sandbox.search_parameters import TYPES, parameters_of
from cds_service.demo.sandbox.store import Store, StoreError
from cds_service.fhir.validation import foreign_codes, problems

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Voorbeeld"}],
    "birthDate": "1970-01-01",
}
SECRET = "Geheimzinnig"


def condition(id, day, patient="Patient/p1"):
    return {
        "resourceType": "Condition",
        "id": id,
        "subject": {"reference": patient},
        "recordedDate": f"2026-01-{day:02}",
    }


def bundle(*resources, type="collection"):
    return {
        "resourceType": "Bundle",
        "type": type,
        "entry": [{"resource": resource} for resource in resources],
    }


def change(method, url, resource=None, **entry):
    request = {"method": method, "url": url, **entry.pop("request", {})}
    return {"request": request, **({"resource": resource} if resource else {}), **entry}


def together(type, *entries):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


@pytest.fixture
def client():
    resources = [
        PATIENT,
        {"resourceType": "Patient", "id": "p2"},
        *(condition(f"c{day}", day) for day in range(1, 6)),
    ]
    return create_sandbox([bundle(*resources)]).test_client()


def is_outcome(response, status, code=None):
    """An OperationOutcome that is valid FHIR, with the headers that a browser and a FHIR client need."""
    outcome = response.get_json(force=True)
    return (
        response.status_code == status
        and response.content_type == "application/fhir+json; charset=utf-8"
        and response.headers["Access-Control-Allow-Origin"] == "*"
        and problems(outcome) == []
        and outcome["resourceType"] == "OperationOutcome"
        and code in (None, outcome["issue"][0]["code"])
    )


def ids(response):
    assert response.status_code == 200, response.get_data(as_text=True)
    return [entry["resource"]["id"] for entry in response.json.get("entry", [])]


# Reading


def test_metadata_is_read_off_the_search_tables(client):
    statement = client.get("/fhir/metadata").json
    assert problems(statement) == []
    assert statement["fhirVersion"] == "4.0.1"
    resources = {resource["type"]: resource for resource in statement["rest"][0]["resource"]}
    assert set(resources) == set(TYPES)
    assert {p["name"]: p["type"] for p in resources["Condition"]["searchParam"]} == {
        parameter.name: parameter.kind for parameter in parameters_of("Condition").values()
    }
    assert {"code": "transaction"} in statement["rest"][0]["interaction"]


@pytest.mark.parametrize(
    "accept",
    ["application/json+fhir", "application/fhir+json", "application/json", "*/*", "text/html"],
)
def test_read(client, accept):
    response = client.get("/fhir/Patient/p1", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.content_type == "application/fhir+json; charset=utf-8"
    assert response.headers["ETag"] == 'W/"1"'
    assert response.headers["Last-Modified"].endswith("GMT")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json["name"] == PATIENT["name"]
    assert response.json["meta"]["versionId"] == "1"


def test_earlier_versions_can_be_read(client):
    client.put("/fhir/Patient/p1", json={**PATIENT, "gender": "female"})
    client.delete("/fhir/Patient/p1")
    assert "gender" not in client.get("/fhir/Patient/p1/_history/1").json
    assert client.get("/fhir/Patient/p1/_history/2").json["gender"] == "female"
    assert is_outcome(client.get("/fhir/Patient/p1/_history/3"), 410)
    assert is_outcome(client.get("/fhir/Patient/p1/_history/9"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/fhir/Patient/nobody", 404, "not-found"),
        ("GET", "/fhir/Nothing", 404, "not-supported"),
        ("GET", "/fhir/Nothing/1", 404, "not-supported"),
        ("GET", "/fhir/patient/p1", 404, "not-supported"),
        ("GET", "/fhir/Patient/p1/$everything/more", 404, "not-found"),
        ("GET", "/fhir/Condition/c1/$everything", 404, "not-found"),
        ("GET", "/fhir/Patient/nobody/_history", 404, "not-found"),
        ("GET", "/fhir/Patient/nobody/Condition", 404, "not-found"),
        ("GET", "/fhir/Patient/p1/Medication", 404, "not-supported"),
        ("POST", "/fhir/Nothing/_search", 404, "not-supported"),
        ("POST", "/fhir/$nothing", 404, "not-supported"),
        ("POST", "/fhir/Patient/p1/$nothing", 404, "not-supported"),
        ("POST", "/fhir/a/b/_search", 404, "not-found"),
        ("GET", "/", 404, "not-found"),
        ("PATCH", "/fhir/metadata/x/y", 405, "not-supported"),
        ("PUT", "/fhir", 405, "not-supported"),
        ("POST", "/fhir/Patient/p1", 405, "not-supported"),
        ("DELETE", "/fhir/Patient/p1/_history", 405, "not-supported"),
    ],
)
def test_what_is_not_there(client, method, path, status, code):
    response = client.open(path, method=method)
    assert is_outcome(response, status, code)
    assert status != 405 or response.headers["Allow"]


def test_a_trailing_slash_is_the_same_address(client):
    assert ids(client.get("/fhir/Patient/")) == ["p1", "p2"]
    assert client.get("/fhir/").json["total"] == client.get("/fhir").json["total"] == 7
    assert client.get("/fhir/metadata/").json["resourceType"] == "CapabilityStatement"
    assert (
        client.post("/fhir/", json=together("batch", change("GET", "/Patient/p1"))).json["entry"][
            0
        ]["resource"]["id"]
        == "p1"
    )
    assert is_outcome(client.post("/fhir/", json={}), 400)


def test_a_double_slash_leads_to_the_right_address(client):
    redirect = client.get("/fhir//Patient")
    assert (redirect.status_code, redirect.headers["Location"]) == (
        308,
        "http://localhost/fhir/Patient",
    )
    assert redirect.headers["Access-Control-Allow-Origin"] == "*"


# Searching


def test_search_by_address_and_by_form_are_the_same(client):
    query = {"patient": "p1", "recorded-date": "ge2026-01-03", "_sort": "-recorded-date"}
    by_address = client.get("/fhir/Condition", query_string=query)
    by_form = client.post("/fhir/Condition/_search", data=query)
    split = client.post(
        "/fhir/Condition/_search?patient=p1", data={k: query[k] for k in ("recorded-date", "_sort")}
    )
    assert ids(by_address) == ids(by_form) == ids(split) == ["c5", "c4", "c3"]
    assert by_address.json == by_form.json
    assert problems(by_address.json) == []
    assert by_address.json["total"] == 3
    assert by_address.json["entry"][0]["fullUrl"] == "http://localhost/fhir/Condition/c5"


def test_search_knows_its_own_address(client):
    assert len(ids(client.get("/fhir/Condition?patient=http://localhost/fhir/Patient/p1"))) == 5
    assert ids(client.get("/fhir/Condition?patient=http://elsewhere/fhir/Patient/p1")) == []


def test_nothing_found_has_total_zero_and_no_entries(client):
    found = client.get("/fhir/Condition?patient=p2").json
    assert (found["total"], "entry" in found) == (0, False)


def test_an_unknown_parameter_is_passed_over_and_not_in_the_self_link(client):
    found = client.get("/fhir/Condition?colour=red&patient=p1&_count=2").json
    assert found["total"] == 5
    assert found["link"][0] == {
        "relation": "self",
        "url": "http://localhost/fhir/Condition?patient=p1&_count=2",
    }


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "patient.colour=x",
        "_has:Nothing:patient:code=x",
        "_include=Condition:code",
        "_text=x",
        "_sort=colour",
    ],
)
def test_strict_handling_refuses_what_is_unknown(client, query):
    strict = {"Prefer": "return=minimal; handling=strict"}
    assert client.get(f"/fhir/Condition?{query}").status_code == 200
    assert is_outcome(client.get(f"/fhir/Condition?{query}", headers=strict), 400)
    assert is_outcome(
        client.post("/fhir/Condition/_search", data=dict([query.split("=")]), headers=strict), 400
    )


MALFORMED = [
    f"recorded-date={SECRET}",
    f"patient=a b {SECRET}",
    "_count=-1",
    "_count=many",
    "_include=x",
    "_include:recurse=Condition:subject",
    "code:in=x",
    "_has:Observation=x",
    "_summary=some",
    "_elements=a-b",
    "_total=many",
    "_summary=text&_include=Condition:subject",
]


@pytest.mark.parametrize("query", MALFORMED)
def test_a_malformed_parameter_is_always_refused_without_repeating_it(client, query):
    response = client.get(f"/fhir/Condition?{query}")
    assert is_outcome(response, 400, "value")
    assert SECRET not in response.get_data(as_text=True)
    assert response.json["issue"][0]["location"][0].removeprefix("http.").partition(":")[0] in query


def link(response, relation):
    return next(
        (entry["url"] for entry in response.json["link"] if entry["relation"] == relation), None
    )


def test_pages_follow_each_other_whatever_is_written_meanwhile(client):
    first = client.get("/fhir/Condition?patient=p1&_count=2&_sort=_id")
    client.put("/fhir/Condition/c0", json=condition("c0", 9))
    client.delete("/fhir/Condition/c4")
    second = client.get(link(first, "next"))
    third = client.get(link(second, "next"))
    assert [ids(page) for page in (first, second, third)] == [["c1", "c2"], ["c3", "c4"], ["c5"]]
    assert {page.json["total"] for page in (first, second, third)} == {5}
    assert link(first, "next").startswith("http://localhost/fhir/Condition?")
    assert link(second, "self") == link(first, "next")
    assert ids(client.get(link(first, "next"))) == ids(second)
    assert link(third, "next") is None


@pytest.mark.parametrize("cursor", ["gone.2", "gone", ".", "", "x.-1"])
def test_a_page_that_is_not_kept(client, cursor):
    assert is_outcome(client.get(f"/fhir/Condition?_cursor={cursor}"), 410)


def test_a_cursor_belongs_to_its_type_and_old_ones_are_dropped(client):
    address = link(client.get("/fhir/Condition?_count=2"), "next")
    assert is_outcome(client.get(address.replace("/Condition?", "/Patient?")), 410)
    for _ in range(100):
        client.get("/fhir/Condition?_count=2")
    assert is_outcome(client.get(address), 410)


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
def test_counting_only(client, query):
    found = client.get(f"/fhir/Condition?{query}").json
    assert (found["total"], "entry" in found, len(found["link"])) == (5, False, 1)


def test_include(client):
    found = client.get("/fhir/Condition?_id=c1,c2&_include=Condition:subject").json
    assert [(e["resource"]["id"], e["search"]["mode"]) for e in found["entry"]] == [
        ("c1", "match"),
        ("c2", "match"),
        ("p1", "include"),
    ]
    assert found["total"] == 2
    assert len(ids(client.get("/fhir/Condition?_id=c1&_include=Condition:subject:Group"))) == 1
    assert len(ids(client.get("/fhir/Condition?_id=c1&_include=Observation:subject"))) == 1
    client.delete("/fhir/Patient/p1")
    assert ids(client.get("/fhir/Condition?_id=c1&_include=Condition:subject")) == ["c1"]


def test_a_form_search_in_another_format(client):
    assert is_outcome(client.post("/fhir/Condition/_search", json={"patient": "p1"}), 415)
    assert len(ids(client.post("/fhir/Condition/_search"))) == 5


# Writing


def test_create_gives_an_id(client):
    response = client.post(
        "/fhir/Patient", json={"resourceType": "Patient", "id": "mine", "meta": {"versionId": "7"}}
    )
    assert response.status_code == 201
    assert response.json["id"] != "mine"
    assert response.json["meta"]["versionId"] == "1"
    assert (
        response.headers["Location"]
        == f"http://localhost/fhir/Patient/{response.json['id']}/_history/1"
    )
    assert client.get(response.headers["Location"]).json == response.json
    assert is_outcome(client.get("/fhir/Patient/mine"), 404)


def test_update_and_upsert(client):
    updated = client.put("/fhir/Patient/p1", json={**PATIENT, "gender": "female"})
    assert (updated.status_code, updated.headers["ETag"], "Location" in updated.headers) == (
        200,
        'W/"2"',
        False,
    )
    assert client.get("/fhir/Patient/p1").json == updated.json
    created = client.put("/fhir/Patient/new", json={"resourceType": "Patient", "id": "new"})
    assert (created.status_code, created.headers["Location"]) == (
        201,
        "http://localhost/fhir/Patient/new/_history/1",
    )
    assert ids(client.get("/fhir/Patient?gender=female")) == ["p1"]


@pytest.mark.parametrize(
    ("id", "if_match", "status"),
    [
        ("p1", 'W/"1"', 200),
        ("p1", '"1"', 200),
        ("p1", "*", 200),
        ("p1", 'W/"2"', 412),
        ("p1", "1", 412),
        ("new", 'W/"1"', 412),
    ],
)
def test_if_match(client, id, if_match, status):
    response = client.put(
        f"/fhir/Patient/{id}",
        json={"resourceType": "Patient", "id": id},
        headers={"If-Match": if_match},
    )
    assert response.status_code == status
    assert status == 200 or is_outcome(response, 412, "conflict")


def test_delete(client):
    assert is_outcome(client.delete("/fhir/Patient/p2", headers={"If-Match": 'W/"4"'}), 412)
    assert client.delete("/fhir/Patient/p2").status_code == 204
    assert is_outcome(client.get("/fhir/Patient/p2"), 410, "deleted")
    assert ids(client.get("/fhir/Patient")) == ["p1"]
    assert client.delete("/fhir/Patient/p2").status_code == 204
    assert client.delete("/fhir/Patient/nobody").status_code == 204
    again = client.put("/fhir/Patient/p2", json={"resourceType": "Patient", "id": "p2"})
    assert (again.status_code, again.headers["ETag"]) == (201, 'W/"3"')


def test_return_minimal(client):
    minimal = {"Prefer": "return=minimal"}
    created = client.post("/fhir/Patient", json={"resourceType": "Patient"}, headers=minimal)
    assert (created.status_code, created.data, "ETag" in created.headers) == (201, b"", True)
    assert client.put("/fhir/Patient/p1", json=PATIENT, headers=minimal).data == b""


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/fhir/Patient/p1", {**PATIENT, "id": "p2"}, 400),
        ("/fhir/Patient/p1", {"resourceType": "Patient"}, 400),
        ("/fhir/Patient/p1", {**PATIENT, "resourceType": "Practitioner"}, 400),
        ("/fhir/Patient/a_b", {**PATIENT, "id": "a_b"}, 400),
        ("/fhir/Patient/p1", [], 400),
        ("/fhir/Patient/p1", "text", 400),
        ("/fhir/Nothing/n", {"resourceType": "Nothing", "id": "n"}, 404),
        ("/fhir/Patient/p1", {**PATIENT, "colour": SECRET}, 400),
        ("/fhir/Patient/p1", {**PATIENT, "birthDate": SECRET}, 400),
        ("/fhir/Patient/p1", {**PATIENT, "gender": SECRET}, 422),
        ("/fhir/Patient/p1", {**PATIENT, "name": [{"use": SECRET}]}, 422),
        ("/fhir/Patient/p1", {**PATIENT, "meta": [SECRET]}, 400),
        ("/fhir/Patient/p1", {**PATIENT, "contained": [{"resourceType": SECRET}]}, 400),
        ("/fhir/Patient/p1", {**PATIENT, "communication": [{"preferred": True}]}, 422),
    ],
)
def test_a_resource_that_does_not_fit_is_not_stored(client, path, body, status):
    response = client.put(path, json=body)
    assert is_outcome(response, status)
    assert SECRET not in response.get_data(as_text=True)
    assert client.get("/fhir/Patient/p1").json["meta"]["versionId"] == "1"


def test_an_invalid_resource_is_refused_with_the_places(client):
    wrong = {"resourceType": "Condition", "code": {"coding": [{"code": "a "}]}}
    issues = client.post("/fhir/Condition", json=wrong).json["issue"]
    assert {issue["expression"][0] for issue in issues} == {
        "Condition.code.coding[0].code",
        "Condition.subject",
    }
    assert "Condition.subject: missing" in {issue["diagnostics"] for issue in issues}
    assert {issue["code"] for issue in issues} == {"required", "value"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "\xff",
        '{"resourceType": "Patient", "multipleBirthInteger": NaN}',
        '{"resourceType": "Patient", "multipleBirthInteger": 1e999}',
        '{"resourceType": "Patient", "resourceType": "Patient"}',
        '{"extension": ' * 200 + "1" + "}" * 200,
        "[" * 100_000,
        "[]",
        '{"resourceType": "Patient", "language": "\\ud800"}',
    ],
)
def test_malformed_json(client, body):
    response = client.post(
        "/fhir/Patient", data=body.encode("latin-1"), content_type="application/fhir+json"
    )
    assert is_outcome(response, 400, "structure")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/fhir+json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/json+fhir", 201),
        ("application/fhir+xml", 415),
        ("text/plain", 415),
        (None, 415),
    ],
)
def test_formats(client, content_type, status):
    response = client.post(
        "/fhir/Patient", data='{"resourceType": "Patient"}', content_type=content_type
    )
    assert response.status_code == status
    assert status == 201 or is_outcome(response, 415, "not-supported")


def test_a_body_that_is_too_large(client):
    client.application.config["MAX_CONTENT_LENGTH"] = 100
    assert is_outcome(
        client.post("/fhir/Patient", json={"resourceType": "Patient", "id": "x" * 200}), 413
    )


# Transactions and batches


def test_a_transaction_replaces_references_between_its_entries(client):
    response = client.post(
        "/fhir",
        json=together(
            "transaction",
            change(
                "POST", "Condition", condition("x", 1, "urn:uuid:1111"), fullUrl="urn:uuid:2222"
            ),
            change(
                "POST",
                "Patient",
                {"resourceType": "Patient", "identifier": [{"value": "urn:uuid:1111"}]},
                fullUrl="urn:uuid:1111",
            ),
            change("PUT", "Patient/p2", {"resourceType": "Patient", "id": "p2", "gender": "male"}),
            change("GET", "Patient/p2"),
            change("GET", "Patient?gender=male"),
            change("DELETE", "Condition/c1"),
        ),
    )
    assert response.status_code == 200
    assert problems(response.json) == []
    assert response.json["type"] == "transaction-response"
    statuses = [entry["response"]["status"] for entry in response.json["entry"]]
    assert statuses == [
        "201 Created",
        "201 Created",
        "200 OK",
        "200 OK",
        "200 OK",
        "204 No Content",
    ]
    made_condition, made_patient = (
        entry["response"]["location"] for entry in response.json["entry"][:2]
    )
    patient = client.get(f"/fhir/{made_patient}").json
    assert patient["identifier"][0]["value"] == "urn:uuid:1111"
    assert client.get(f"/fhir/{made_condition}").json["subject"] == {
        "reference": f"Patient/{patient['id']}"
    }
    assert response.json["entry"][3]["resource"]["gender"] == "male"
    assert response.json["entry"][4]["resource"]["total"] == 1
    assert is_outcome(client.get("/fhir/Condition/c1"), 410)


GOOD = change("POST", "Patient", {"resourceType": "Patient"})


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (change("POST", "Patient", {"resourceType": "Patient", "gender": 3}), 400),
        (change("POST", "Condition", {"resourceType": "Condition"}), 422),
        (change("POST", "Condition", condition("x", 1, "urn:uuid:none")), 400),
        (change("GET", "Patient/nobody"), 404),
        (change("GET", "Patient?birthdate=x"), 400),
        (change("PUT", "Patient/p1", PATIENT, request={"ifMatch": 'W/"9"'}), 412),
        (change("PUT", "Patient/p3", PATIENT), 400),
        (change("DELETE", "Patient/p1", request={"ifMatch": 'W/"9"'}), 412),
        (
            change(
                "POST", "Patient", {"resourceType": "Patient"}, request={"ifNoneExist": "colour=x"}
            ),
            400,
        ),
        (change("PUT", "Patient?_tag=x", PATIENT), 409),
        (change("PUT", "Patient?_id=p1", {**PATIENT, "id": "p9"}), 400),
        (change("DELETE", "Patient?colour=x"), 400),
        (change("DELETE", "Patient?"), 400),
        (change("DELETE", "Patient"), 400),
        (change("DELETE", "Condition?patient=p1"), 412),
        (change("POST", "Condition?patient=p1", condition("x", 1)), 400),
        (change("POST", "Patient", condition("x", 1)), 400),
        (change("POST", "Patient/p9", PATIENT), 400),
        (change("PATCH", "Patient/p1", PATIENT), 400),
        (change("PUT", "Patient/p1"), 400),
        (change("GET", "Nothing/1"), 404),
        (change("GET", "http://elsewhere/fhir/Patient/1"), 400),
        ({"resource": PATIENT}, 400),
        ({"request": {"method": "GET", "url": 5}}, 400),
    ],
)
def test_a_transaction_is_all_or_nothing_and_a_batch_is_not(client, entry, status):
    before = client.get("/fhir/Patient").json
    refused = client.post(
        "/fhir", json=together("transaction", GOOD, change("DELETE", "Patient/p2"), entry)
    )
    assert is_outcome(refused, status)
    assert refused.json["issue"][0]["expression"] == ["Bundle.entry[2]"]
    assert client.get("/fhir/Patient").json == before
    if "urn:uuid" in json.dumps(entry):
        return
    batch = client.post("/fhir", json=together("batch", GOOD, entry, change("GET", "Patient/p1")))
    assert batch.status_code == 200
    assert problems(batch.json) == []
    assert [e["response"]["status"][:3] for e in batch.json["entry"]] == ["201", str(status), "200"]
    assert batch.json["entry"][1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert client.get("/fhir/Patient?_summary=count").json["total"] == 3


def test_a_transaction_reads_last_whatever_the_order_of_its_entries(client):
    answer = client.post(
        "/fhir",
        json=together(
            "transaction",
            change("GET", "Patient?_summary=count"),
            change("POST", "Patient", {"resourceType": "Patient"}),
            change("DELETE", "Patient/p2"),
            change("DELETE", "Patient/p1"),
        ),
    ).json
    assert answer["entry"][0]["resource"]["total"] == 1


def test_a_transaction_writes_a_resource_once(client):
    twice = together(
        "transaction", change("PUT", "Patient/p1", PATIENT), change("DELETE", "Patient/p1")
    )
    assert is_outcome(client.post("/fhir", json=twice), 400)


def test_strict_handling_reaches_the_entries(client):
    asked = together("transaction", change("GET", "Patient?colour=x"))
    assert client.post("/fhir", json=asked).status_code == 200
    assert is_outcome(client.post("/fhir", json=asked, headers={"Prefer": "handling=strict"}), 400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        PATIENT,
        {"resourceType": "Bundle", "type": "collection"},
        together("batch", 5),
        {**together("batch"), "entry": "x"},
    ],
)
def test_what_is_no_transaction(client, body):
    assert is_outcome(client.post("/fhir", json=body), 400)


def test_an_empty_transaction(client):
    answer = client.post("/fhir", json={"resourceType": "Bundle", "type": "transaction"})
    assert (answer.status_code, answer.json) == (
        200,
        {"resourceType": "Bundle", "type": "transaction-response"},
    )


# Browsers


@pytest.mark.parametrize(
    "path",
    ["/fhir/metadata", "/fhir/Patient", "/fhir/Patient/p1", "/fhir/Nothing/x", "/x", "/fhir"],
)
def test_preflight(client, path):
    response = client.options(path, headers={"Origin": "https://sandbox.cds-hooks.org"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type", "Prefer", "If-Match"} <= set(allowed)
    assert {"GET", "POST", "PUT", "DELETE"} <= set(
        response.headers["Access-Control-Allow-Methods"].split(", ")
    )


def test_a_foreign_host_name_is_refused(client):
    assert is_outcome(client.get("/fhir/Patient/p1", headers={"Host": "evil.test"}), 400)
    assert client.get("/fhir/Patient/p1", headers={"Host": "127.0.0.1:8001"}).status_code == 200


def test_an_unexpected_error_is_an_outcome_without_details(client, monkeypatch):
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(
        "cds_service.demo.sandbox.http.reading.search", lambda *_args, **_options: 1 / 0
    )
    response = client.get("/fhir/Patient")
    assert is_outcome(response, 500, "exception")
    assert "division" not in response.get_data(as_text=True)


def test_what_the_cds_hooks_sandbox_asks(client):
    headers = {"Accept": "application/json+fhir", "Origin": "https://sandbox.cds-hooks.org"}
    for path in (
        "/fhir/metadata",
        "/fhir/Patient",
        "/fhir/Patient/p1",
        "/fhir/Condition?patient=p1",
    ):
        response = client.get(path, headers=headers)
        assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert client.get("/fhir/Condition?patient=p1", headers=headers).json["total"] > 0
    assert (
        client.post("/fhir/Condition/_search", data={"patient": "p1"}, headers=headers).json[
            "total"
        ]
        == 5
    )


# Loading and the store


def test_loading_keeps_ids_and_resolves_urns():
    loaded = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            change("POST", "Patient", {"resourceType": "Patient"}, fullUrl="urn:uuid:aaaa"),
            {"resource": condition("c", 1, "urn:uuid:aaaa")},
            {"fullUrl": "https://example.org/x"},
        ],
    }
    client = create_sandbox(
        [loaded, bundle({"resourceType": "Patient", "id": "second"})], base_path="/r4"
    ).test_client()
    assert ids(client.get("/r4/Patient")) == ["aaaa", "second"]
    assert client.get("/r4/Condition/c").json["subject"] == {"reference": "Patient/aaaa"}
    assert loaded["entry"][1]["resource"] == condition("c", 1, "urn:uuid:aaaa")


@pytest.mark.parametrize(
    "resource",
    [
        {**PATIENT, "birthDate": SECRET},
        {"resourceType": "Nothing", "id": "1"},
        {**PATIENT, "id": {}},
        {**PATIENT, "id": ""},
        {},
    ],
)
def test_loading_refuses_what_is_invalid_and_says_where(resource):
    with pytest.raises(StoreError, match=r"Bundle\.entry\[1\]: ") as refusal:
        create_sandbox([bundle(PATIENT, resource)])
    assert SECRET not in str(refusal.value)


def test_what_was_loaded_does_not_change_with_the_bundle():
    loaded = bundle({**PATIENT, "name": [{"family": "Voorbeeld"}]})
    client = create_sandbox([loaded]).test_client()
    loaded["entry"][0]["resource"]["name"][0]["family"] = "Anders"
    assert client.get("/fhir/Patient/p1").json["name"] == [{"family": "Voorbeeld"}]


def test_the_store_keeps_a_copy_of_its_own():
    store = Store(clock=lambda: datetime(2026, 1, 5, tzinfo=UTC), new_id=lambda: "new")
    resource = {"resourceType": "Patient", "name": [{"family": "Voorbeeld"}]}
    stored = store.create("Patient", resource).resource
    resource["name"][0]["family"] = "Anders"
    assert stored["name"] == [{"family": "Voorbeeld"}]
    assert (stored["id"], stored["meta"]) == (
        "new",
        {"versionId": "1", "lastUpdated": "2026-01-05T00:00:00.000000Z"},
    )


def test_each_application_has_its_own_resources(client):
    assert ids(create_sandbox([]).test_client().get("/fhir/Patient")) == []
    assert len(ids(client.get("/fhir/Patient"))) == 2


def test_many_writers_lose_nothing(client):
    application = client.application

    def write(number):
        with application.test_client() as own:
            own.post("/fhir/Condition", json=condition("x", 1))
            return own.put("/fhir/Patient/p1", json=PATIENT).headers["ETag"]

    with ThreadPoolExecutor(8) as pool:
        etags = list(pool.map(write, range(40)))
    assert len(set(etags)) == 40
    assert client.get("/fhir/Condition?_summary=count").json["total"] == 45


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (PATIENT, []),
        ({"resourceType": "Condition"}, ["Condition.subject: missing"]),
        ({"resourceType": "Nothing"}, ["resourceType: unknown"]),
        ({"resourceType": "HumanName"}, ["resourceType: unknown"]),
        ({"resourceType": "Resource"}, ["resourceType: unknown"]),
        ({"resourceType": ["Patient"]}, ["resourceType: unknown"]),
        ({}, ["resourceType: unknown"]),
        ({**PATIENT, "birthDate": SECRET}, ["Patient.birthDate: value_error"]),
        ({**PATIENT, "colour": SECRET}, ["Patient.colour: extra_forbidden"]),
        ({**PATIENT, "name": [{"Jan Jansen": 1}]}, ["Patient.name[0].?: extra_forbidden"]),
        (
            {**PATIENT, "contained": [{"resourceType": "Nothing"}]},
            ["Patient: holds a resource of an unknown type"],
        ),
        ({**PATIENT, "maritalStatus": '{"text": "x"}'}, ["Patient.maritalStatus: object_type"]),
    ],
)
def test_validation_names_places_and_kinds_never_values(resource, expected):
    assert problems(resource) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({**PATIENT, "gender": "female", "name": [{"use": "official"}]}, []),
        ({**PATIENT, "gender": "vrouw"}, ["Patient.gender: code"]),
        (
            {**PATIENT, "contact": [{"gender": "other"}, {"gender": SECRET}]},
            ["Patient.contact[1].gender: code"],
        ),
        (
            {**PATIENT, "telecom": [{"system": "fax"}, {"system": SECRET}]},
            ["Patient.telecom[1].system: code"],
        ),
        ({"resourceType": "Observation", "status": "corrected", "code": {"text": "x"}}, []),
        (
            {"resourceType": "Observation", "status": "klaar", "code": {"text": "x"}},
            ["Observation.status: code"],
        ),
        (
            {
                "resourceType": "AllergyIntolerance",
                "patient": {"reference": "Patient/p1"},
                "category": ["food", SECRET],
            },
            ["AllergyIntolerance.category: code"],
        ),
        (
            {
                "resourceType": "Condition",
                "subject": {"reference": "Patient/p1"},
                "clinicalStatus": {"coding": [{"code": "any"}]},
            },
            [],
        ),
    ],
)
def test_codes_outside_a_required_value_set(resource, expected):
    """ "the concept in this element SHALL be from the specified value set" (terminologies.html#required)."""
    assert problems(resource) == []
    assert foreign_codes(resource) == expected
