"""What a FHIR R4 client may write to the sandbox under conditions, and transactions with references, clause by clause."""

import pytest

from cds_service.fhir.validation import problems
from tests.unit.sandboxes import BASE, HOSPITAL, hospital, refused, resource, to


@pytest.fixture
def client():
    return hospital()


def patient(**content):
    return {"resourceType": "Patient", **content}


def mrn(value):
    return [{"system": "urn:mrn", "value": value}]


def how_many(client, kind="Patient"):
    return client.get(f"/fhir/{kind}?_summary=count").json["total"]


# http.html#ccreate

CREATE_TABLE = [
    # "No matches: the server processes the create as above", "One Match: the server ignores the post and returns 200 OK",
    # "Multiple matches: the server returns a 412 Precondition Failed error"
    ("identifier=urn:mrn|3", 201, 3),
    ("identifier=urn:mrn|1", 200, 2),
    ("?identifier=urn:mrn|1", 200, 2),
    ("Patient?identifier=urn:mrn|1", 200, 2),
    ("identifier=urn%3Amrn%7C1", 200, 2),
    ("identifier=urn:mrn|", 412, 2),
    ("family=jansen&birthdate=1970-05-17", 200, 2),
    # A criterion that is not known would match too much if it were passed over.
    ("colour=red", 400, 2),
    ("birthdate=gisteren", 400, 2),
    ("_count=1", 400, 2),
]


@pytest.mark.parametrize(("criteria", "status", "count"), CREATE_TABLE)
def test_conditional_create(client, criteria, status, count):
    response = client.post(
        "/fhir/Patient", json=patient(identifier=mrn("3")), headers={"If-None-Exist": criteria}
    )
    assert (response.status_code, how_many(client)) == (status, count)
    if status == 200:
        assert (response.json["id"], response.headers["Location"]) == (
            "anna",
            f"{BASE}/Patient/anna/_history/1",
        )
    elif status >= 400:
        assert refused(
            response,
            status,
            "multiple-matches" if status == 412 else response.json["issue"][0]["code"],
        )


# http.html#cond-update

UPDATE_TABLE = [
    # "No matches, no id provided: The server creates the resource", "No matches, id provided: treats it as an Update as Create"
    ("identifier=urn:mrn|3", {}, 201, ""),
    ("identifier=urn:mrn|3", {"id": "carla"}, 201, "carla"),
    ("identifier=urn:mrn|3", {"id": "bea"}, 409, ""),
    # "One Match, no resource id provided OR (resource id provided and it matches the found resource): performs the update"
    ("identifier=urn:mrn|1", {}, 200, "anna"),
    ("identifier=urn:mrn|1", {"id": "anna"}, 200, "anna"),
    # "One Match, resource id provided but does not match resource found: the server returns a 400 Bad Request error"
    ("identifier=urn:mrn|1", {"id": "carla"}, 400, ""),
    # "Multiple matches: The server returns a 412 Precondition Failed error"
    ("identifier=urn:mrn|", {}, 412, ""),
    ("colour=red", {}, 400, ""),
    ("", {}, 400, ""),
]


@pytest.mark.parametrize(("criteria", "content", "status", "id"), UPDATE_TABLE)
def test_conditional_update(client, criteria, content, status, id):
    response = client.put(f"/fhir/Patient?{criteria}", json=patient(gender="other", **content))
    assert response.status_code == status, response.json
    assert how_many(client) == (3 if status == 201 else 2)
    if status < 300:
        assert response.json["id"] == id or (not id and response.json["id"] not in ("anna", "bea"))
        assert client.get(f"/fhir/Patient/{response.json['id']}").json["gender"] == "other"


def test_conditional_update_with_if_match(client):
    stale = client.put(
        "/fhir/Patient?identifier=urn:mrn|1", json=patient(), headers={"If-Match": 'W/"7"'}
    )
    assert refused(stale, 412, "conflict")


@pytest.mark.parametrize(
    ("criteria", "status", "count"),
    # "No matches or one match: the server performs an ordinary delete", "Multiple matches: ... 412" (http.html#cdelete)
    [
        ("identifier=urn:mrn|3", 204, 2),
        ("identifier=urn:mrn|1", 204, 1),
        ("identifier=urn:mrn|", 412, 2),
        ("colour=red", 400, 2),
        ("", 400, 2),
    ],
)
def test_conditional_delete(client, criteria, status, count):
    response = client.delete(f"/fhir/Patient?{criteria}")
    assert (response.status_code, how_many(client)) == (status, count)


@pytest.mark.parametrize(
    ("wanted", "body"),
    [
        ("minimal", None),
        ("representation", "Patient"),
        ("OperationOutcome", "OperationOutcome"),
        ("x", "Patient"),
    ],
)
def test_prefer_return(client, wanted, body):
    """ "return=minimal, return=representation, return=OperationOutcome" (http.html#ops)."""
    headers = {"Prefer": f"return={wanted}"}
    for response, status in (
        (client.post("/fhir/Patient", json=patient(), headers=headers), 201),
        (client.put("/fhir/Patient/anna", json=patient(id="anna"), headers=headers), 200),
    ):
        assert response.status_code == status
        assert "ETag" in response.headers and "Last-Modified" in response.headers
        assert (response.data == b"") if body is None else response.json["resourceType"] == body
        assert body is None or problems(response.json) == []


def test_a_put_that_only_creates(client):
    """If-None-Match: * (RFC 9110, 13.1.2)."""
    only_new = {"If-None-Match": "*"}
    assert refused(
        client.put("/fhir/Patient/anna", json=patient(id="anna"), headers=only_new), 412, "conflict"
    )
    assert (
        client.put("/fhir/Patient/carla", json=patient(id="carla"), headers=only_new).status_code
        == 201
    )


# http.html#transaction


def entry(method, url, resource=None, full_url="", **request):
    return {
        "request": {"method": method, "url": url, **request},
        **({"resource": resource} if resource else {}),
        **({"fullUrl": full_url} if full_url else {}),
    }


def send(client, *entries, kind="transaction", **options):
    return client.post(
        "/fhir", json={"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **options
    )


def statuses(response):
    assert (response.status_code, problems(response.json)) == (200, []), response.json
    return [each["response"]["status"][:3] for each in response.json["entry"]]


def place_of(answer):
    return answer["response"]["location"].partition("/_history")[0]


NEW = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"


def observation(subject, **content):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": subject,
        **content,
    }


def test_links_to_entries_are_replaced_wherever_they_are(client):
    """ "whether they are found in the resource ids, resource references, elements of type uri, url, oid, uuid, and <a href="" & <img src="" in the narrative"."""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{NEW}">{NEW}</a></div>'
    resource = observation(
        to(NEW),
        text={"status": "generated", "div": div},
        extension=[
            {
                "url": "http://example.org/deep",
                "extension": [{"url": "http://example.org/r", "valueReference": to(NEW)}],
            },
            {"url": "http://example.org/u", "valueUri": NEW},
        ],
        contained=[{"resourceType": "Specimen", "id": "s", "subject": to(NEW)}],
        identifier=[{"system": "urn:ietf:rfc:3986", "value": NEW}],
        specimen=to("#s"),
    )
    response = send(
        client, entry("POST", "Observation", resource), entry("POST", "Patient", patient(), NEW)
    )
    assert statuses(response) == ["201", "201"]
    made = place_of(response.json["entry"][1])
    stored = client.get(f"/fhir/{place_of(response.json['entry'][0])}").json
    assert stored["subject"] == to(made)
    assert stored["extension"][0]["extension"][0]["valueReference"] == to(made)
    assert stored["extension"][1]["valueUri"] == made
    assert stored["contained"][0]["subject"] == to(made)
    assert stored["identifier"][0]["value"] == NEW, "an identifier's value is a string"
    assert f'<a href="{made}">{NEW}</a>' in stored["text"]["div"]
    assert stored["specimen"] == to("#s")


def test_links_by_addresses_elsewhere_are_replaced_too(client):
    """ "if the reference is relative, and the fullUrl is RESTful: its base is that of the fullUrl" (bundle.html#references)."""
    there = "http://elsewhere.example.org/fhir"
    response = send(
        client,
        entry("POST", "Patient", patient(id="77"), f"{there}/Patient/77"),
        entry("POST", "Observation", observation(to("Patient/77")), f"{there}/Observation/1"),
        entry("POST", "Observation", observation(to(f"{there}/Patient/77"))),
        entry("POST", "Observation", observation(to("Patient/77")), NEW),
    )
    assert statuses(response) == ["201"] * 4
    made, *places = (place_of(answer) for answer in response.json["entry"])
    subjects = [client.get(f"/fhir/{place}").json["subject"]["reference"] for place in places]
    assert subjects == [made, made, "Patient/77"]


def test_circular_references(client):
    one, two = (
        "urn:uuid:0d2a9c60-0000-4000-8000-000000000001",
        "urn:uuid:0d2a9c60-0000-4000-8000-000000000002",
    )
    response = send(
        client,
        entry("POST", "Patient", patient(link=[{"other": to(two), "type": "seealso"}]), one),
        entry("POST", "Patient", patient(link=[{"other": to(one), "type": "seealso"}]), two),
    )
    first, second = (place_of(answer) for answer in response.json["entry"])
    assert client.get(f"/fhir/{first}").json["link"][0]["other"] == to(second)
    assert client.get(f"/fhir/{second}").json["link"][0]["other"] == to(first)


def test_conditional_entries(client):
    """ifNoneExist, PUT and DELETE by search; references to what was found there lead to it."""
    found, made = (
        "urn:uuid:0d2a9c60-0000-4000-8000-000000000003",
        "urn:uuid:0d2a9c60-0000-4000-8000-000000000004",
    )
    response = send(
        client,
        entry(
            "POST",
            "Patient",
            patient(identifier=mrn("1")),
            found,
            ifNoneExist="identifier=urn:mrn|1",
        ),
        entry(
            "POST",
            "Patient",
            patient(identifier=mrn("3")),
            made,
            ifNoneExist="identifier=urn:mrn|3",
        ),
        entry(
            "PUT",
            "Patient?identifier=urn:mrn|2",
            patient(gender="female", identifier=mrn("2")),
            "urn:uuid:0d2a9c60-0000-4000-8000-000000000005",
        ),
        entry("DELETE", "Observation?code=US"),
        entry("DELETE", "Observation?code=nothing"),
        entry("POST", "Observation", observation(to(found))),
        entry("POST", "Observation", observation(to(made))),
    )
    assert statuses(response) == ["200", "201", "200", "204", "204", "201", "201"]
    answers = response.json["entry"]
    assert place_of(answers[0]) == "Patient/anna"
    assert client.get(f"/fhir/{place_of(answers[5])}").json["subject"] == to("Patient/anna")
    assert client.get(f"/fhir/{place_of(answers[6])}").json["subject"] == to(place_of(answers[1]))
    assert client.get("/fhir/Patient/bea").json["gender"] == "female"
    assert client.get("/fhir/Observation/us").status_code == 410
    batch = send(
        client,
        entry("POST", "Patient", patient(), ifNoneExist="identifier=urn:mrn|1"),
        entry("PUT", "Patient?identifier=urn:mrn|1", patient()),
        entry("DELETE", "Patient?identifier=urn:mrn|3"),
        kind="batch",
    )
    assert statuses(batch) == ["200", "200", "204"]


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        # "Patient?identifier=...: if there are no matches, or multiple matches, the transaction fails"
        ([entry("POST", "Observation", observation(to("Patient?identifier=urn:mrn|9")))], 412),
        ([entry("POST", "Observation", observation(to("Patient?identifier=urn:mrn|")))], 412),
        ([entry("POST", "Observation", observation(to("Patient?colour=red")))], 400),
        ([entry("POST", "Observation", observation(to("Nothing?_id=1")))], 404),
        ([entry("POST", "Patient", patient(), ifNoneExist="identifier=urn:mrn|")], 412),
        ([entry("PUT", "Patient?identifier=urn:mrn|", patient())], 412),
        ([entry("DELETE", "Patient?identifier=urn:mrn|")], 412),
        # "If any resource identities (including resolved identities from conditional update/delete) overlap, the transaction SHALL fail"
        (
            [
                entry("PUT", "Patient?identifier=urn:mrn|1", patient()),
                entry("PUT", "Patient/anna", patient(id="anna")),
            ],
            400,
        ),
        (
            [
                entry("DELETE", "Patient?identifier=urn:mrn|1"),
                entry("PUT", "Patient/anna", patient(id="anna")),
            ],
            400,
        ),
        ([entry("POST", "Observation", observation(to("urn:uuid:nothing")))], 400),
        ([entry("GET", "Patient/nobody")], 404),
        ([entry("GET", "Nothing/x")], 404),
    ],
)
def test_a_failing_entry_undoes_everything(client, entries, status):
    before = client.get("/fhir/_history").json
    first = entry("DELETE", "Condition/lump")
    response = send(
        client,
        first,
        entry("POST", "Organization", resource("Organization", "x", name="X")),
        *entries,
    )
    assert refused(response, status, response.json["issue"][0]["code"])
    assert response.json["issue"][0]["expression"][0].startswith("Bundle.entry")
    assert client.get("/fhir/_history").json == before


def test_conditional_references_find_what_the_transaction_makes(client):
    """ "Resolve any conditional references" comes after the writes, in the list of the standard."""
    response = send(
        client,
        entry("POST", "Observation", observation(to("Patient?identifier=urn:mrn|3"))),
        entry("POST", "Observation", observation(to("Patient?identifier=urn:mrn|1"))),
        entry("PUT", "Patient/carla", patient(id="carla", identifier=mrn("3"))),
    )
    places = [place_of(answer) for answer in response.json["entry"][:2]]
    assert [client.get(f"/fhir/{place}").json["subject"] for place in places] == [
        to("Patient/carla"),
        to("Patient/anna"),
    ]


def test_the_order_of_processing(client):
    """ "DELETE, POST, PUT, GET": a conditional create does not find what the transaction deletes, a search finds what it makes."""
    response = send(
        client,
        entry("GET", "Patient?identifier=urn:mrn|1"),
        entry("PUT", "Patient/bea", patient(id="bea", identifier=mrn("1"))),
        entry("POST", "Patient", patient(identifier=mrn("1")), ifNoneExist="identifier=urn:mrn|1"),
        entry("DELETE", "Patient/anna"),
    )
    assert statuses(response) == ["200", "200", "201", "204"]
    assert response.json["entry"][0]["resource"]["total"] == 2


def test_a_conditional_read_of_an_entry(client):
    """Bundle.entry.request.ifNoneMatch: "If the ETag values match, return a 304 Not Modified status"."""
    answer = send(
        client,
        entry("GET", "Patient/anna", ifNoneMatch='W/"1"'),
        entry("GET", "Patient/anna", ifNoneMatch='W/"2"'),
        kind="batch",
    )
    assert statuses(answer) == ["304", "200"]
    assert ["resource" in each for each in answer.json["entry"]] == [False, True]


def test_the_answers_hold_the_resources_where_that_is_preferred(client):
    asked = [entry("POST", "Patient", patient(gender="other"))]
    assert "resource" not in send(client, *asked).json["entry"][0]
    answer = send(client, *asked, headers={"Prefer": "return=representation"}).json["entry"][0]
    assert answer["resource"]["gender"] == "other"
    assert answer["fullUrl"] == f"{BASE}/Patient/{answer['resource']['id']}"
    assert answer["response"]["lastModified"] == answer["resource"]["meta"]["lastUpdated"]


def test_the_entries_of_a_batch_do_not_know_of_each_other(client):
    answers = send(
        client,
        entry("POST", "Patient", patient(), NEW),
        entry("GET", "Patient/nobody"),
        entry("POST", "Patient", patient(gender=5)),
        entry("PATCH", "Patient/anna"),
        entry("GET", "Patient?birthdate=gisteren"),
        entry("DELETE", "Condition/lump"),
        kind="batch",
    )
    assert statuses(answers) == ["201", "404", "400", "400", "400", "204"]
    outcomes = [
        each["response"].get("outcome", {}).get("issue", [{}])[0].get("code")
        for each in answers.json["entry"]
    ]
    assert outcomes == [None, "not-found", "structure", "not-supported", "value", None]
    assert client.get("/fhir/Condition/lump").status_code == 410


def test_the_whole_hospital_goes_through_a_transaction(client):
    from cds_service.demo.sandbox.http.routes import create_sandbox

    empty = create_sandbox([]).test_client()
    response = send(
        empty, *(entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in HOSPITAL)
    )
    assert set(statuses(response)) == {"201"}
    assert [
        empty.get(f"/fhir/{kind}?_summary=count").json["total"]
        for kind in ("Patient", "Observation")
    ] == [2, 3]


# http.html#patch

PATCH_TABLE = [
    ([{"op": "replace", "path": "/gender", "value": "other"}], 200),
    (
        [
            {"op": "test", "path": "/birthDate", "value": "1970-05-17"},
            {"op": "add", "path": "/name/0/given/-", "value": "Maria"},
        ],
        200,
    ),
    (
        [
            {"op": "test", "path": "/birthDate", "value": "1971"},
            {"op": "remove", "path": "/gender"},
        ],
        422,
    ),
    ([{"op": "remove", "path": "/maritalStatus"}], 422),
    # "the result ... is validated as an update would be"
    ([{"op": "replace", "path": "/gender", "value": 5}], 400),
    ([{"op": "add", "path": "/colour", "value": "red"}], 400),
    # "The server SHALL NOT change the resource id"
    ([{"op": "replace", "path": "/id", "value": "bea"}], 422),
    ([{"op": "replace", "path": "/resourceType", "value": "Practitioner"}], 422),
    ([{"op": "replace", "path": "", "value": "x"}], 422),
    # what is no patch
    ([{"op": "spring", "path": "/gender"}], 400),
    ([{"op": "replace", "path": "gender", "value": "other"}], 400),
    ([{"op": "replace", "path": "/gender"}], 400),
    ({"gender": "other"}, 400),
    (["x"], 400),
]


def send_patch(client, path, operations, **headers):
    return client.patch(
        f"/fhir/{path}",
        json=operations,
        headers={"Content-Type": "application/json-patch+json", **headers},
    )


@pytest.mark.parametrize(("operations", "status"), PATCH_TABLE)
def test_patch(client, operations, status):
    response = send_patch(client, "Patient/anna", operations)
    assert response.status_code == status
    if status == 200:
        assert (
            response.headers["ETag"] == 'W/"2"'
            and client.get("/fhir/Patient/anna").json == response.json
        )
        assert (
            client.get("/fhir/Patient/anna/_history").json["entry"][0]["request"]["method"]
            == "PATCH"
        )
    else:
        assert refused(response, status, response.json["issue"][0]["code"])
        assert client.get("/fhir/Patient/anna").headers["ETag"] == 'W/"1"'


def test_patch_under_conditions(client):
    change = [{"op": "add", "path": "/active", "value": True}]
    assert refused(
        send_patch(client, "Patient/anna", change, **{"If-Match": 'W/"7"'}), 412, "conflict"
    )
    assert send_patch(client, "Patient/anna", change, **{"If-Match": 'W/"1"'}).status_code == 200
    assert send_patch(client, "Patient?identifier=urn:mrn|2", change).json["id"] == "bea"
    assert refused(send_patch(client, "Patient?identifier=urn:mrn|9", change), 404, "not-found")
    assert refused(
        send_patch(client, "Patient?identifier=urn:mrn|", change), 412, "multiple-matches"
    )
    assert refused(send_patch(client, "Patient/nobody", change), 404, "not-found")
    client.delete("/fhir/Patient/bea")
    assert refused(send_patch(client, "Patient/bea", change), 410, "deleted")
    assert refused(client.patch("/fhir/Patient/anna", json={"active": False}), 415, "not-supported")
    wrong = client.patch("/fhir/Patient/anna", data="[", content_type="application/json-patch+json")
    assert refused(wrong, 400, "structure")
