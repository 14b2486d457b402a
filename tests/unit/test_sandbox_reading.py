"""What a FHIR R4 client may read from the sandbox, clause by clause: includes, parts, pages, histories, formats, operations."""

from datetime import UTC, datetime, timedelta

import pytest

from cds_service.fhir.validation import problems
from tests.unit.sandboxes import BASE, HOSPITAL, found, hospital, includes, matches, refused


@pytest.fixture
def client():
    return hospital()


STRICT = {"Prefer": "handling=strict"}

# search.html#revinclude

INCLUDE_TABLE = [
    ("Observation?_id=mg&_include=Observation:subject", "Patient/anna"),
    ("Observation?_id=mg&_include=Observation:subject:Patient", "Patient/anna"),
    ("Observation?_id=mg&_include=Observation:subject:Group", ""),
    (
        "Observation?_id=mg&_include=Observation:patient&_include=Observation:performer",
        "Patient/anna Practitioner/bos",
    ),
    ("Observation?_id=mg&_include=Observation:*", "Encounter/visit Patient/anna Practitioner/bos"),
    ("Observation?_id=mg&_include=*", "Encounter/visit Patient/anna Practitioner/bos"),
    # "a resource that is a match is not included as well"
    ("Observation?_id=mg,us&_include=Observation:derived-from", ""),
    ("Observation?_id=us&_include=Observation:derived-from", "Observation/mg"),
    # "_include:iterate ... is to be applied recursively", without it only to the matches
    (
        "Observation?_id=mg&_include=Observation:patient&_include=Patient:organization",
        "Patient/anna",
    ),
    (
        "Observation?_id=mg&_include=Observation:patient&_include:iterate=Patient:organization",
        "Organization/umc Patient/anna",
    ),
    (
        "Observation?_id=us&_include:iterate=Observation:derived-from&_include:iterate=Observation:performer",
        "Observation/mg Practitioner/bos",
    ),
    # "_revinclude=Provenance:target": resources that refer to the matches
    ("Patient?_id=anna&_revinclude=Condition:patient", "Condition/lump"),
    ("Patient?_id=anna&_revinclude=Condition:subject:Patient", "Condition/lump"),
    (
        "Patient?_id=anna&_revinclude=Observation:patient&_revinclude=Condition:patient",
        "Condition/lump Observation/mg Observation/us",
    ),
    (
        "Patient?_id=anna&_revinclude=Encounter:patient&_revinclude:iterate=Observation:encounter",
        "Encounter/visit Observation/mg",
    ),
    (
        "Patient?_id=anna&_revinclude=Encounter:patient&_include:iterate=Encounter:service-provider",
        "Encounter/visit Organization/umc",
    ),
    ("Patient?_id=bea&_revinclude=*", "Observation/other"),
    ("Practitioner?_id=bos&_revinclude=Observation:performer", "Observation/mg"),
    ("Patient?_id=nobody&_revinclude=Condition:patient", ""),
]


@pytest.mark.parametrize(("path", "expected"), INCLUDE_TABLE)
def test_includes(client, path, expected):
    assert includes(client, path) == expected
    # "The total does not include included resources" (bundle.html#searchset)
    assert client.get(f"/fhir/{path}").json["total"] == len(matches(client, path).split())
    assert includes(client, path, headers=STRICT) == expected


def test_includes_come_with_the_matches_of_their_page(client):
    first = client.get("/fhir/Observation?_count=1&_sort=_id&_include=Observation:subject").json
    assert [e["resource"]["id"] for e in first["entry"]] == ["mg", "anna"]
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = client.get(following).json
    assert [e["resource"]["id"] for e in second["entry"]] == ["other", "bea"]
    assert first["total"] == second["total"] == 3


def test_a_wrong_include_is_not_in_the_self_link(client):
    """ "The self link ... the parameters that were actually used" (search.html#conformance)."""
    path = "Condition?_include=Condition:code&_include=Condition:subject&_revinclude=Nothing:x"
    bundle = client.get(f"/fhir/{path}").json
    assert bundle["link"] == [
        {"relation": "self", "url": f"{BASE}/Condition?_include=Condition%3Asubject"}
    ]
    sorted_by = client.get("/fhir/Condition?_sort=colour,-_id&_sort=shape").json["link"][0]["url"]
    assert sorted_by == f"{BASE}/Condition?_sort=-_id"
    for value in ("_include=Condition:code", "_revinclude=Nothing:x", "_include=Condition:colour"):
        assert refused(client.get(f"/fhir/Condition?{value}", headers=STRICT), 400, "value")


# search.html#summary, #elements

SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
SHAPE_TABLE = [
    (
        "Patient/anna",
        "_summary=true",
        "resourceType id meta birthDate _birthDate gender name identifier managingOrganization",
    ),
    ("Patient/anna", "_summary=text", "resourceType id meta text"),
    (
        "Patient/anna",
        "_summary=data",
        "resourceType id meta birthDate _birthDate gender name identifier managingOrganization generalPractitioner",
    ),
    ("Patient/anna", "_elements=name,gender", "resourceType id meta name gender"),
    ("Patient/anna", "_elements=birthDate", "resourceType id meta birthDate _birthDate"),
    ("Patient/anna", "_elements=Patient.name", "resourceType id meta name"),
    # "Servers SHOULD always return mandatory elements whether they are requested or not"
    ("Observation/mg", "_elements=subject", "resourceType id meta status code subject"),
    ("Observation/mg", "_summary=text", "resourceType id meta status code"),
    (
        "Observation/mg",
        "_summary=true",
        "resourceType id meta status code subject encounter performer effectiveDateTime",
    ),
]


@pytest.mark.parametrize(("place", "query", "elements"), SHAPE_TABLE)
def test_a_part_of_a_resource_is_marked(client, place, query, elements):
    """ "The resources SHALL be marked with the tag SUBSETTED", and stay valid; in a search and in a read."""
    kind, id = place.split("/")
    searched = client.get(f"/fhir/{kind}?_id={id}&{query}").json
    for part in (searched["entry"][0]["resource"], client.get(f"/fhir/{place}?{query}").json):
        assert set(part) == set(elements.split())
        assert part["meta"]["tag"] == [SUBSETTED]
        assert problems(part) == []
    assert query.partition("=")[0] in searched["link"][0]["url"]
    assert "tag" not in client.get(f"/fhir/{place}").json["meta"]


def test_what_is_whole_is_not_marked(client):
    assert "tag" not in client.get("/fhir/Patient/anna?_summary=false").json["meta"]
    entries = client.get(
        "/fhir/Observation?_id=mg&_include=Observation:patient&_elements=Observation.code"
    ).json["entry"]
    assert ["tag" in e["resource"]["meta"] for e in entries] == [True, False]


@pytest.mark.parametrize("query", ["_summary=count", "_count=0", "_summary=count&_total=none"])
def test_only_the_count(client, query):
    """ "_count=0 ... treated the same as _summary=count: the server returns a bundle that reports the total number" (search.html#count)."""
    bundle = client.get(f"/fhir/Observation?{query}").json
    assert (bundle["total"], "entry" in bundle) == (3, False)


@pytest.mark.parametrize(
    ("wanted", "has_total"), [("none", False), ("estimate", True), ("accurate", True)]
)
def test_total(client, wanted, has_total):
    assert ("total" in client.get(f"/fhir/Observation?_total={wanted}").json) == has_total


# http.html#paging


def links(bundle):
    return {link["relation"]: link["url"] for link in bundle["link"]}


def test_pages_lead_to_each_other(client):
    first = client.get("/fhir/Observation?_count=1&_sort=_id").json
    second = client.get(links(first)["next"]).json
    third = client.get(links(second)["next"]).json
    assert [set(links(page)) for page in (first, second, third)] == [
        {"self", "first", "next", "last"},
        {"self", "first", "previous", "next", "last"},
        {"self", "first", "previous", "last"},
    ]
    assert links(first)["self"] == f"{BASE}/Observation?_count=1&_sort=_id"
    for page in (first, second, third):
        assert client.get(links(page)["first"]).json["entry"] == first["entry"]
        assert client.get(links(page)["last"]).json["entry"] == third["entry"]
        assert problems(page) == []
    assert client.get(links(third)["previous"]).json == second
    assert links(client.get("/fhir/Observation?_count=3").json).keys() == {"self"}


def test_a_page_beyond_the_last_is_empty(client):
    address = links(client.get("/fhir/Observation?_count=1").json)["last"]
    beyond = client.get(address.rpartition(".")[0] + ".9").json
    assert ("entry" in beyond, "next" in links(beyond)) == (False, False)


# http.html#history


def test_the_history_of_a_resource(client):
    """ "sorted with oldest versions last, and including deleted resources"; each entry has a request and a response."""
    client.put(
        "/fhir/Patient/bea", json={"resourceType": "Patient", "id": "bea", "gender": "female"}
    )
    client.delete("/fhir/Patient/bea")
    bundle = client.get("/fhir/Patient/bea/_history").json
    assert (problems(bundle), bundle["type"], bundle["total"]) == ([], "history", 3)
    assert [
        (e["request"]["method"], e["response"]["etag"], "resource" in e) for e in bundle["entry"]
    ] == [
        ("DELETE", 'W/"3"', False),
        ("PUT", 'W/"2"', True),
        ("PUT", 'W/"1"', True),
    ]
    assert [e["response"]["status"][:3] for e in bundle["entry"]] == ["204", "200", "201"]
    assert bundle["entry"][1]["resource"]["gender"] == "female"


def test_the_history_of_a_type_and_of_all(client):
    made = client.post("/fhir/Patient", json={"resourceType": "Patient"}).json["id"]
    client.delete("/fhir/Condition/lump")
    of_type = client.get("/fhir/Patient/_history").json
    assert [e["fullUrl"] for e in of_type["entry"]] == [
        f"{BASE}/Patient/{id}" for id in (made, "bea", "anna")
    ]
    assert of_type["entry"][0]["request"] == {"method": "POST", "url": "Patient"}
    of_all = client.get("/fhir/_history?_count=2").json
    assert [e["request"]["method"] for e in of_all["entry"]] == ["DELETE", "POST"]
    assert of_all["total"] == len(HOSPITAL) + 2
    assert len(client.get(links(of_all)["next"]).json["entry"]) == 2


def test_what_was_written_last_is_sorted_first(client):
    made = [client.post("/fhir/Patient", json={"resourceType": "Patient"}).json for _ in range(5)]
    ids = [
        entry["resource"]["id"]
        for entry in client.get("/fhir/Patient?_sort=-_lastUpdated&_count=5").json["entry"]
    ]
    assert ids == [each["id"] for each in reversed(made)]
    since = made[3]["meta"]["lastUpdated"]
    assert client.get(f"/fhir/Patient?_lastUpdated=ge{since}").json["total"] == 2
    assert (
        client.get(f"/fhir/Patient?_lastUpdated={since}").json["entry"][0]["resource"]["id"]
        == made[3]["id"]
    )
    assert client.get(f"/fhir/Patient/_history?_since={since}").json["total"] == 2


def test_history_since(client):
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat().replace("+", "%2B")
    assert client.get(f"/fhir/Patient/_history?_since={soon}").json["total"] == 0
    assert client.get("/fhir/Patient/_history?_since=2000-01-01T00:00:00Z").json["total"] == 2
    assert refused(client.get("/fhir/Patient/_history?_since=gisteren"), 400, "value")
    assert refused(
        client.get("/fhir/Patient/_history?_at=2000", headers=STRICT), 400, "not-supported"
    )
    assert refused(client.get("/fhir/Patient/_history?_count=x"), 400, "value")


# search.html: compartments, the whole system


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # "GET [base]/Patient/[id]/[type]" (compartmentdefinition.html)
        ("Patient/anna/Condition", "Condition/lump"),
        ("Patient/anna/Observation?code=US", "Observation/us"),
        ("Patient/anna/Observation?_id=other", ""),
        ("Patient/bea/Condition", ""),
        ("Patient/bea/*", "Observation/other"),
        # "GET [base]?parameters ... only the parameters defined for all resources can be used" (http.html#search)
        ("?_id=anna,mg", "Patient/anna Observation/mg"),
        ("?_type=Organization,Practitioner", "Organization/umc Practitioner/bos"),
        ("?_type=Observation&_id=mg,anna", "Observation/mg"),
        ("_search?_type=Encounter", "Encounter/visit"),
        ("Patient/_search?_id=anna", "Patient/anna"),
    ],
)
def test_compartments_and_the_whole_system(client, path, expected):
    assert matches(client, path) == expected
    assert matches(client, path, headers=STRICT) == expected


def test_the_same_by_post(client):
    assert client.post("/fhir/_search", data={"_type": "Encounter"}).json["total"] == 1
    assert (
        client.post("/fhir/Patient/anna/Observation/_search", data={"code": "US"}).json["total"]
        == 1
    )
    assert (
        "_type=Encounter"
        in client.post("/fhir/_search", data={"_type": "Encounter"}).json["link"][0]["url"]
    )
    assert refused(client.get("/fhir?_type=Nothing"), 404, "not-supported")
    assert refused(client.get("/fhir?code=x", headers=STRICT), 400, "not-supported")


# Operations


def test_everything_of_a_patient(client):
    """ "all the information related to one or more patients", as a searchset (operation-patient-everything.html)."""
    path = "Patient/anna/$everything"
    assert (
        matches(client, path)
        == "Patient/anna Condition/lump Encounter/visit Observation/mg Observation/us"
    )
    assert includes(client, path) == "Organization/umc Practitioner/bos"
    assert matches(client, "Patient/bea/$everything") == "Patient/bea Observation/other"
    assert (
        matches(client, f"{path}?_type=Observation,Patient")
        == "Patient/anna Observation/mg Observation/us"
    )
    assert includes(client, f"{path}?_type=Observation") == ""
    assert matches(client, f"{path}?_since=2100-01-01T00:00:00Z") == ""
    assert "next" in links(client.get(f"/fhir/{path}?_count=2").json)
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueCode": "Observation"},
            {"name": "_count", "valueInteger": 1},
        ],
    }
    posted = client.post(f"/fhir/{path}", json=sent).json
    assert (posted["total"], [e["resource"]["id"] for e in posted["entry"]]) == (2, ["mg"])
    assert client.post(f"/fhir/{path}").json["total"] == 5
    assert refused(
        client.post(f"/fhir/{path}", json={"resourceType": "Parameters", "parameter": 5}),
        400,
        "structure",
    )
    assert refused(client.get("/fhir/Patient/nobody/$everything"), 404, "not-found")
    assert refused(client.get(f"/fhir/{path}?start=2026", headers=STRICT), 400, "not-supported")


@pytest.mark.parametrize(
    ("body", "severity", "place"),
    [
        ({"resourceType": "Patient", "gender": "female"}, "information", None),
        ({"resourceType": "Patient", "gender": []}, "error", "Patient.gender"),
        ({"resourceType": "Patient", "gender": "vrouw"}, "error", "Patient.gender"),
        (
            {
                "resourceType": "Parameters",
                "parameter": [{"name": "resource", "resource": {"resourceType": "Patient"}}],
            },
            "information",
            None,
        ),
        (
            {
                "resourceType": "Parameters",
                "parameter": [
                    {"name": "resource", "resource": {"resourceType": "Patient", "x": 1}}
                ],
            },
            "error",
            "Patient.x",
        ),
        ({"resourceType": "Parameters", "parameter": 5}, "error", None),
        ({"resourceType": "Observation"}, "error", None),
    ],
)
def test_validate(client, body, severity, place):
    """ "If the operation was successful, the server returns an OperationOutcome" with 200, good or bad (resource-operation-validate.html)."""
    response = client.post("/fhir/Patient/$validate", json=body)
    issue = response.json["issue"][0]
    assert (response.status_code, issue["severity"], issue.get("expression", [None])[0]) == (
        200,
        severity,
        place,
    )
    assert problems(response.json) == []
    assert client.get("/fhir/Patient?_summary=count").json["total"] == 2


# http.html: formats, HEAD, conditional read

FORMAT_TABLE = [
    ("", None, 200),
    ("", "application/fhir+json", 200),
    ("", "application/fhir+json; fhirVersion=4.0", 200),
    ("", "application/fhir+xml, application/fhir+json;q=0.5", 200),
    ("", "text/html,application/xhtml+xml,*/*;q=0.8", 200),
    ("", "application/fhir+xml", 406),
    ("", "application/fhir+xml, application/json;q=0", 406),
    ("", "text/turtle", 406),
    ("_format=json", "application/fhir+xml", 200),
    ("_format=application/fhir%2Bjson", None, 200),
    ("_format=application/fhir+json", None, 200),
    ("_format=html", None, 200),
    ("_format=xml", None, 406),
    ("_format=application/fhir%2Bxml", "application/fhir+json", 406),
    ("_format=ttl", None, 406),
]


@pytest.mark.parametrize(("query", "accept", "status"), FORMAT_TABLE)
@pytest.mark.parametrize("path", ["metadata", "Patient", "Patient/anna"])
def test_formats(client, path, query, accept, status):
    """ "_format ... overrides the Accept header"; "406 Not Acceptable" for what is not offered (http.html#mime-type)."""
    response = client.get(f"/fhir/{path}?{query}", headers={"Accept": accept} if accept else {})
    assert response.content_type == "application/fhir+json; charset=utf-8"
    assert response.status_code == 200 if status == 200 else refused(response, 406, "not-supported")


def test_pretty(client):
    assert b"\n" in client.get("/fhir/Patient/anna?_pretty=true").data
    assert b"\n" not in client.get("/fhir/Patient/anna").data


@pytest.mark.parametrize(
    "path",
    ["Patient/anna", "Patient/anna/_history/1", "Patient", "metadata", "Patient/anna/_history"],
)
def test_head_is_get_without_the_body(client, path):
    head, get = client.head(f"/fhir/{path}"), client.get(f"/fhir/{path}")
    assert (head.status_code, head.data) == (200, b"")
    assert [head.headers.get(name) for name in ("ETag", "Content-Type")] == [
        get.headers.get(name) for name in ("ETag", "Content-Type")
    ]
    assert client.head("/fhir/Patient/nobody").status_code == 404


NOW = "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": 'W/"1"'}, 304),
        ({"If-None-Match": '"1"'}, 304),
        ({"If-None-Match": 'W/"2", W/"1"'}, 304),
        ({"If-None-Match": 'W/"2"'}, 200),
        ({"If-Modified-Since": NOW}, 304),
        ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "gisteren"}, 200),
        ({"If-None-Match": 'W/"2"', "If-Modified-Since": NOW}, 200),
    ],
)
def test_conditional_read(client, headers, status):
    """ "Clients may use If-Modified-Since, or If-None-Match; the server returns 304 Not Modified" (http.html#cread)."""
    response = client.get("/fhir/Patient/anna", headers=headers)
    assert (response.status_code, response.headers["ETag"]) == (status, 'W/"1"')
    assert (response.data == b"") == (status == 304)
    same = {"If-Modified-Since": client.get("/fhir/Patient/anna").headers["Last-Modified"]}
    assert client.get("/fhir/Patient/anna", headers=same).status_code == 304


# The CapabilityStatement says what works, and what it says works


def test_what_the_statement_names_is_answered(client):
    statement = client.get("/fhir/metadata").json
    assert (problems(statement), statement["software"]["name"]) == ([], "MammaCards sandbox")
    rest = statement["rest"][0]
    for resource in rest["resource"]:
        kind = resource["type"]
        asked = [("_include", value) for value in resource.get("searchInclude", [])] + [
            ("_revinclude", value) for value in resource["searchRevInclude"]
        ]
        asked += [(f"{parameter['name']}:missing", "true") for parameter in resource["searchParam"]]
        response = client.get(f"/fhir/{kind}", query_string=asked, headers=STRICT)
        assert response.status_code == 200, (kind, response.json)
        assert (
            resource["conditionalCreate"],
            resource["conditionalUpdate"],
            resource["conditionalDelete"],
        ) == (True, True, "single")
    patient = next(resource for resource in rest["resource"] if resource["type"] == "Patient")
    assert {"Condition:patient", "Condition:subject", "Provenance:target"} <= set(
        patient["searchRevInclude"]
    )
    assert not {"Condition:encounter", "Encounter:service-provider", "ImagingStudy:endpoint"} & set(
        patient["searchRevInclude"]
    )
    assert {operation["name"] for operation in patient["operation"]} == {"validate", "everything"}


def test_a_batch_reads_as_a_get_does(client):
    """ "GET [base]/..." of an entry is answered as the request itself would be (http.html#transaction)."""
    paths = [
        "Patient/anna",
        "Patient/anna/_history/1",
        "Patient?_id=anna&_revinclude=Condition:patient",
        "Patient/anna/$everything",
        "Patient/anna/_history",
        "Patient/anna/Condition",
        "metadata",
        f"{BASE}/Patient/bea",
    ]
    for kind in ("batch", "transaction"):
        entries = [{"request": {"method": "GET", "url": path}} for path in paths]
        answers = client.post(
            "/fhir", json={"resourceType": "Bundle", "type": kind, "entry": entries}
        ).json["entry"]
        for path, answer in zip(paths, answers, strict=True):
            assert answer["resource"] == client.get("/fhir/" + path.removeprefix(f"{BASE}/")).json
    head = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "HEAD", "url": "Patient/anna"}}],
    }
    assert client.post("/fhir", json=head).json["entry"] == [
        {"response": {"status": "200 OK", "etag": 'W/"1"'}}
    ]


def test_chains_over_http(client):
    assert matches(client, "Condition?patient.name=jans") == "Condition/lump"
    assert (
        matches(client, "Observation?subject:Patient.identifier=urn:mrn|2") == "Observation/other"
    )
    assert matches(client, "Patient?_has:Observation:patient:code=US") == "Patient/anna"
    assert "patient.name" in client.get("/fhir/Condition?patient.name=x").json["link"][0]["url"]
    assert (
        found(client, "Observation?patient.organization.name=umc&_include=Observation:patient")
        != []
    )


def test_the_compartment_of_a_patient_is_searched_by_parameters_that_exist():
    from cds_service.demo.sandbox.compartments import PATIENT
    from cds_service.demo.sandbox.search_parameters import parameters_of

    for kind, names in PATIENT.items():
        assert {parameters_of(kind)[name].kind for name in names} == {"reference"}
