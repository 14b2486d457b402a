"""What real clients and servers send beside and around the data: outcomes as Epic writes them, containers, two versions of one resource.

FHIR R4: Search (outcomes in searchsets, the self link), Bundle (batch-response, bdl-7), Parameters, Resource.meta; CDS Hooks 2.0.1, Prefetch
Template. The same records are sent in each of these forms: what is whole gives the cards of the plain form, what lacks something is visible.
"""

import copy
from dataclasses import replace

import pytest

from cds_service.web import create_app
from tests.conftest import SETTINGS
from tests.contract.helpers import CASES, REFERRAL, codes, outcome_of, post, request_for
from tests.faults import stub as stubs
from tests.faults.stub import Stub, outcome, says_json, searchset, serves
from tests.faults.test_fhir_server import (
    BUNDLE,
    SELECT,
    SIGN,
    VIEW,
    access,
    advice,
    is_visible,
    record_of,
)

CARDS = ["ductoscopyReferral"]
WITHHELD = {
    "resourceType": "OperationOutcome",
    "issue": [
        {"severity": "warning", "code": "suppressed", "details": {"coding": [{"code": "59204"}]}}
    ],
}


@pytest.fixture(scope="module")
def unhurried(library, clock):
    return create_app(replace(SETTINGS, fhir_deadline_seconds=2.0), library, clock).test_client()


def asked(client, templates, clock, key, change):
    """The answer where the value of one key was changed, and the state of that key in /explain."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    request["prefetch"][key] = change(request["prefetch"][key] or {**BUNDLE, "entry": []})
    told = post(client, VIEW, request, "/explain/").get_json()
    return post(client, VIEW, request), {i["key"]: i["state"] for i in told["inputs"]}[key]


# ---------------------------------------------------------------------------------------------------- outcomes beside the matches


def beside(found: object, **more):
    """A searchset that holds an outcome as well; its total counts matches only."""
    return lambda before: {
        **before,
        "total": len(before["entry"]),
        **more,
        "entry": [*before["entry"], {"resource": found, "search": {"mode": "outcome"}}],
    }


def issues(*pairs):
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code} for severity, code in pairs],
    }


NOTES = {
    "warning processing": issues(("warning", "processing")),
    "warning informational": issues(("warning", "informational")),
    "warning not-found": issues(("warning", "not-found")),
    "warning not-supported": issues(("warning", "not-supported")),
    "in capitals": issues(("WARNING", " Processing ")),
    "information of any kind": issues(("information", "suppressed")),
    "success": issues(("success", "success")),
    "two notes": issues(("warning", "processing"), ("information", "informational")),
}
GAPS = {
    **{
        f"warning {code}": issues(("warning", code))
        for code in (
            "incomplete",
            "too-costly",
            "throttled",
            "timeout",
            "suppressed",
            "security",
            "forbidden",
            "login",
            "transient",
            "exception",
            "lock-error",
            "no-store",
            "multiple-matches",
            "unheard-of",
        )
    },
    "error": issues(("error", "processing")),
    "fatal": issues(("fatal", "informational")),
    "Error": issues(("Error", "not-found")),
    "the worst of two": issues(
        ("information", "informational"), ("warning", "processing"), ("warning", "throttled")
    ),
    "a warning without code": {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning"}],
    },
    "no severity": {"resourceType": "OperationOutcome", "issue": [{"code": "processing"}]},
    "an unknown severity": issues(("notice", "processing")),
    "no issues": {"resourceType": "OperationOutcome", "issue": []},
    "issues that are no list": {
        "resourceType": "OperationOutcome",
        "issue": {"severity": "warning", "code": "processing"},
    },
    "an issue that is a text": {"resourceType": "OperationOutcome", "issue": ["warning"]},
}


@pytest.mark.parametrize("key", ["conditions", "observations", "diagnosticReports", "procedures"])
@pytest.mark.parametrize("note", NOTES.values(), ids=list(NOTES))
def test_a_note_beside_the_matches_takes_nothing_away(client, templates, clock, key, note):
    answer, state = asked(client, templates, clock, key, beside(note))
    assert codes(answer) == CARDS and state in ("present", "empty")


@pytest.mark.parametrize("key", ["conditions", "observations", "diagnosticReports"])
@pytest.mark.parametrize("gap", GAPS.values(), ids=list(GAPS))
def test_an_outcome_that_may_stand_for_missing_data_is_seen(client, templates, clock, key, gap):
    answer, state = asked(client, templates, clock, key, beside(gap))
    assert is_visible(answer) and not advice(answer) and state in ("partial", "unavailable")


@pytest.mark.parametrize(
    "found, is_gap",
    [(found, False) for found in NOTES.values()] + [(found, True) for found in GAPS.values()],
    ids=[*NOTES, *GAPS],
)
def test_a_server_that_adds_outcomes_is_judged_alike(unhurried, templates, clock, found, is_gap):
    record = record_of(REFERRAL)
    reports = [r for r in record if r["resourceType"] == "DiagnosticReport"]
    bundle = searchset(reports)
    bundle["entry"].append({"resource": found, "search": {"mode": "outcome"}})
    with Stub(stubs.instead("DiagnosticReport", says_json(bundle), serves(record))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        answer = post(unhurried, VIEW, request)
    assert (is_visible(answer) and not advice(answer)) if is_gap else codes(answer) == CARDS


def self_link(query: str) -> list[dict]:
    return [{"relation": "self", "url": f"https://ehr.example.org/fhir/Observation?{query}"}]


def test_a_note_counts_only_while_the_search_is_the_one_that_was_asked(client, templates, clock):
    """The self link says what was searched: a note beside a narrower search, or one that is not about the patient, hides what was left out."""
    query = (
        templates[VIEW]["observations"].partition("?")[2].replace("{{context.patientId}}", REFERRAL)
    )
    for link, is_gap in {
        query: False,
        query.replace("patient=", "subject=Patient/"): False,
        f"patient={REFERRAL}": False,
        "_count=500": True,
        query.replace("patient=", "patient=other-"): True,
        f"patient={REFERRAL}&category=exam": True,
        f"{query}&status=final": True,
    }.items():
        answer, state = asked(
            client,
            templates,
            clock,
            "observations",
            beside(issues(("warning", "not-supported")), link=self_link(link)),
        )
        assert (state == "partial" or is_visible(answer)) if is_gap else codes(answer) == CARDS, (
            link
        )
        answer, _ = asked(
            client,
            templates,
            clock,
            "observations",
            beside(issues(("information", "informational")), link=self_link(link)),
        )
        assert codes(answer) == CARDS, link


def test_total_counts_matches_and_not_what_is_beside_them(client, templates, clock):
    def one_is_missing(before):
        return {**beside(NOTES["warning processing"])(before), "total": len(before["entry"]) + 1}

    answer, state = asked(client, templates, clock, "diagnosticReports", one_is_missing)
    assert is_visible(answer) and state == "partial"


NOTHING_FOUND = {
    "not-found": issues(("information", "not-found")),
    "a warning": issues(("warning", "not-found")),
    "Epic's 4101": {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "warning",
                "code": "processing",
                "details": {"coding": [{"system": "urn:oid:1.2.3", "code": "4101"}]},
            }
        ],
    },
}


@pytest.mark.parametrize("found", NOTHING_FOUND.values(), ids=list(NOTHING_FOUND))
def test_an_outcome_alone_says_that_nothing_was_found(client, templates, clock, found):
    answer, state = asked(client, templates, clock, "procedures", lambda before: found)
    assert codes(answer) == CARDS and state == "empty"


@pytest.mark.parametrize(
    "found",
    [
        issues(("error", "not-found")),
        issues(("warning", "processing")),
        issues(("information", "informational")),
        issues(("warning", "not-found"), ("warning", "suppressed")),
        WITHHELD,
    ],
)
def test_any_other_outcome_alone_is_a_query_that_failed(client, templates, clock, found):
    answer, state = asked(client, templates, clock, "observations", lambda before: found)
    assert is_visible(answer) and state == "unavailable"


# ---------------------------------------------------------------------------------------------------- containers


def batch(*answers, status="200 OK", **more):
    return {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [
            {"resource": answer, "response": {"status": status, **more}} for answer in answers
        ],
    }


def parameters(*resources):
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "return", "resource": resource} for resource in resources],
    }


def halves(before):
    """Two searchsets for one."""
    return [
        {**before, "total": len(half), "entry": half}
        for half in (before["entry"][:1], before["entry"][1:])
    ]


def each(before):
    return [entry["resource"] for entry in before["entry"]]


WHOLE = {
    "a batch-response": lambda before: batch(before),
    "with a status that is a code only": lambda before: batch(before, status="200"),
    "a batch-response of two searches": lambda before: batch(*halves(before)),
    "a batch-response in a list": lambda before: [batch(before)],
    "a Bundle in Bundles": lambda before: batch(batch(batch(before))),
    "an empty search beside it": lambda before: batch({**BUNDLE, "total": 0}, before),
    "Parameters": lambda before: parameters(before),
    "Parameters with resources": lambda before: parameters(*each(before)),
    "parts of Parameters": lambda before: {
        "resourceType": "Parameters",
        "parameter": [{"name": "result", "part": parameters(*each(before))["parameter"]}],
    },
    "Parameters in a batch-response": lambda before: batch(parameters(before)),
    "a note in the response": lambda before: batch(
        before, outcome=issues(("warning", "processing"))
    ),
    "resources as entries of a batch": lambda before: batch(*each(before)),
}
CUT = {
    "a search that failed beside it": lambda before: {
        **batch(before),
        "entry": [*batch(before)["entry"], {"response": {"status": "404 Not Found"}}],
    },
    "an outcome that failed beside it": lambda before: batch(before, outcome(), status="500"),
    "a status of failure": lambda before: batch(before, status="403 Forbidden"),
    "a status that is no text": lambda before: batch(before, status=200),
    "an outcome in the response": lambda before: batch(before, outcome=WITHHELD),
    "an outcome inside": lambda before: batch(beside(WITHHELD)(before)),
    "more in total inside": lambda before: batch({**before, "total": 700}),
    "a further page inside": lambda before: batch(
        {**before, "link": [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]}
    ),
    "an entry without resource inside": lambda before: batch(
        {**before, "entry": [*before["entry"], {"fullUrl": "urn:uuid:1"}]}
    ),
    "entries that are no list inside": lambda before: batch(before, {**BUNDLE, "entry": {}}),
    "parameters that are no list": lambda before: batch(
        before, {"resourceType": "Parameters", "parameter": {"name": "return"}}
    ),
    "a parameter that is null": lambda before: {
        "resourceType": "Parameters",
        "parameter": [*parameters(before)["parameter"], None],
    },
    "nothing but something else": lambda before: batch(
        {"resourceType": "Binary", "contentType": "application/pdf"}
    ),
    "a document without it": lambda before: {
        "resourceType": "Bundle",
        "type": "document",
        "entry": [{"resource": {"resourceType": "Composition", "status": "final"}}],
    },
    "a List of references": lambda before: batch(
        {"resourceType": "List", "status": "current", "mode": "working"}
    ),
    "Parameters with nothing": lambda before: {"resourceType": "Parameters"},
    "a batch-response with nothing": lambda before: batch(),
    "bottomless": lambda before: batch(nested(before, 10)),
}


def nested(bundle, times):
    for _ in range(times):
        bundle = {**BUNDLE, "entry": [{"resource": bundle}]}
    return bundle


@pytest.mark.parametrize("key", ["conditions", "diagnosticReports"])
@pytest.mark.parametrize("container", WHOLE.values(), ids=list(WHOLE))
def test_what_is_packed_once_more_is_unpacked(client, templates, clock, key, container):
    answer, state = asked(client, templates, clock, key, container)
    assert codes(answer) == CARDS and state == "present"


@pytest.mark.parametrize("key", ["conditions", "diagnosticReports"])
@pytest.mark.parametrize("container", CUT.values(), ids=list(CUT))
def test_what_is_missing_inside_is_seen(client, templates, clock, key, container):
    answer, state = asked(client, templates, clock, key, container)
    assert is_visible(answer) and not advice(answer) and state in ("partial", "unavailable")


def test_an_empty_search_inside_is_an_empty_search(client, templates, clock):
    for value in (
        batch({**BUNDLE, "total": 0}),
        parameters({**BUNDLE, "entry": []}),
        batch(NOTHING_FOUND["not-found"]),
    ):
        answer, state = asked(
            client, templates, clock, "procedures", lambda before, value=value: value
        )
        assert codes(answer) == CARDS and state == "empty"


@pytest.mark.parametrize(
    "form",
    [
        lambda f: batch({**BUNDLE, "entry": [{"resource": f}]}),
        parameters,
        lambda f: parameters(batch(f)),
        lambda f: nested(f, 5),
    ],
    ids=["batch-response", "Parameters", "batch in Parameters", "nested"],
)
@pytest.mark.parametrize("key", ["conditions", "observations", "mine"])
def test_another_patients_data_are_refused_however_deep_they_lie(
    client, templates, clock, key, form
):
    request = request_for(REFERRAL, VIEW, templates, clock)
    foreign = {
        "resourceType": "Condition",
        "id": "f",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/other"},
    }
    request["prefetch"][key] = form(foreign)
    answer = post(client, VIEW, request)
    assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["code"] == "conflict"


def test_an_empty_search_beside_another_one_is_told_by_its_self_link(client, templates, clock):
    """One batch-response for two keys: nothing found of the one, results of the other. A plain Bundle may be a whole record, sent under every key."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    link = [
        {"relation": "self", "url": f"https://ehr.example.org/fhir/Procedure?patient={REFERRAL}"}
    ]
    reports = request["prefetch"]["diagnosticReports"]
    for procedures, asserted in (
        (batch({**BUNDLE, "link": link}, reports), True),
        (batch(BUNDLE, reports), False),
        (parameters(reports), False),
        (reports, True),
    ):
        request["prefetch"]["procedures"] = procedures
        answer = post(client, VIEW, request)
        assert codes(answer) == CARDS if asserted else is_visible(answer)


ODD = [5, True, "x", [], ["x"], {}, {"x": 1}, [None], [[]], [{}]]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_in_a_container_nothing_breaks(client, templates, clock, odd):
    """Every member of a Bundle, an entry, an outcome and Parameters as something else: an answer, never a fault of ours."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    resource = request["prefetch"]["conditions"]["entry"][0]["resource"]
    note = beside(NOTES["two notes"])(request["prefetch"]["conditions"])
    shapes = [
        {**batch(note), name: odd} for name in ("type", "link", "total", "entry", "resourceType")
    ]
    shapes += [
        {**BUNDLE, "entry": [{"resource": resource, "response": {"status": "200"}, name: odd}]}
        for name in ("resource", "fullUrl", "search", "response")
    ]
    shapes += [
        {**BUNDLE, "entry": [{"resource": resource, "response": {name: odd}}]}
        for name in ("status", "outcome")
    ]
    shapes += [
        {
            **note,
            "link": [
                {"relation": "self", "url": "https://ehr.example.org/fhir?patient=1", name: odd}
            ],
        }
        for name in ("relation", "url")
    ]
    shapes += [
        {"resourceType": "OperationOutcome", "issue": odd},
        {"resourceType": "OperationOutcome", "issue": [odd]},
    ]
    shapes += [issues((odd, "processing")), issues(("warning", odd))]
    shapes += [
        {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "warning", "code": "not-found", "details": odd}],
        }
    ]
    shapes += [
        {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "warning", "code": "processing", "details": {"coding": odd}}],
        }
    ]
    shapes += [
        {"resourceType": "Parameters", "parameter": odd},
        {"resourceType": "Parameters", "parameter": [{"resource": odd, "part": odd}]},
    ]
    shapes += [
        {
            **BUNDLE,
            "entry": [
                {"resource": resource},
                {"resource": {**resource, "recordedDate": "2026-01-01", "meta": {name: odd}}},
            ],
        }
        for name in ("lastUpdated", "versionId")
    ]
    shapes += [
        {**BUNDLE, "entry": [{"resource": {**resource, name: odd}}]}
        for name in ("meta", "id", "contained", "clinicalStatus", "verificationStatus")
    ]
    shapes += [
        {**BUNDLE, "entry": [{"resource": {**resource, "clinicalStatus": {"coding": odd}}}]},
        {
            **BUNDLE,
            "entry": [{"resource": {**resource, "clinicalStatus": {"coding": [{"code": odd}]}}}],
        },
    ]
    for shape in shapes:
        for value in (shape, batch(shape)):
            request["prefetch"]["conditions"] = value
            assert post(client, VIEW, request).status_code in (200, 400, 412), value


def test_full_urls_inside_count_for_references(client, templates, clock):
    request = request_for(REFERRAL, VIEW, templates, clock)
    entries = copy.deepcopy(request["prefetch"]["conditions"]["entry"])
    entries[0]["resource"]["subject"] = {"reference": "urn:uuid:own"}
    request["prefetch"]["conditions"] = batch(
        {
            **BUNDLE,
            "entry": [
                *entries,
                {"fullUrl": "urn:uuid:own", "resource": request["prefetch"]["patient"]},
            ],
        }
    )
    assert codes(post(client, VIEW, request)) == CARDS


def test_a_batch_under_a_key_of_the_clients_own_answers_for_what_it_holds(client, templates, clock):
    request = request_for(REFERRAL, VIEW, templates, clock)
    request["prefetch"]["all"] = batch(
        request["prefetch"].pop("conditions"), request["prefetch"].pop("diagnosticReports")
    )
    assert codes(post(client, VIEW, request)) == CARDS


def test_the_next_page_does_not_bring_what_was_withheld(unhurried, templates, clock):
    """A page that can be followed, of a searchset from which something is kept back: read on, and still partial."""
    with Stub(says_json(searchset([]))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        link = [{"relation": "next", "url": f"{server.base}/DiagnosticReport?page=2"}]
        reports = request["prefetch"]["diagnosticReports"]
        request["prefetch"]["diagnosticReports"] = {**reports, "link": link}
        assert codes(post(unhurried, VIEW, request)) == CARDS
        request["prefetch"]["diagnosticReports"] = {**beside(WITHHELD)(reports), "link": link}
        assert is_visible(post(unhurried, VIEW, request))


def test_a_searchset_of_containers_is_not_what_was_asked_of_the_server(unhurried, templates, clock):
    record = record_of(REFERRAL)
    with Stub(
        stubs.instead("DiagnosticReport", says_json(searchset([searchset([])])), serves(record))
    ) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        assert is_visible(post(unhurried, VIEW, request))


# ---------------------------------------------------------------------------------------------------- codes in other spellings


def capitals(resource: dict) -> dict:
    """A resource as an interface writes it that has its codes as enums."""
    told = {
        **resource,
        **{
            name: resource[name].upper().replace("-", "_")
            for name in ("status", "intent", "priority")
            if name in resource
        },
    }
    for name in ("clinicalStatus", "verificationStatus"):
        if name in told:
            told[name] = {
                "coding": [
                    {**coding, "code": coding["code"].title()} for coding in told[name]["coding"]
                ]
            }
    return told


@pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if case.example and not case.unread],
    ids=lambda case: case.id,
)
def test_codes_in_capitals_give_the_same_cards(client, templates, clock, case):
    for hook in case.expect:
        request = request_for(case.id, hook, templates, clock)
        plain = codes(post(client, hook, request))
        for bundle in [*request["prefetch"].values(), request["context"].get("draftOrders")]:
            for entry in (bundle or {}).get("entry", []):
                entry["resource"] = capitals(entry["resource"])
        assert codes(post(client, hook, request)) == plain


ROUTINE_MRI = "routine-mri-of-the-liver-after-fdg-pet"
UNKNOWN_PRIORITIES = ("P3", "T", "1", "hoog", "mevrouw A. Jansen, vandaag")


@pytest.mark.parametrize("hook", [SELECT, SIGN])
def test_an_order_whose_priority_nobody_knows_is_not_told_that_it_can_wait(
    client, templates, clock, hook
):
    def answers(priority):
        request = request_for(ROUTINE_MRI, hook, templates, clock)
        request["context"]["draftOrders"]["entry"][0]["resource"]["priority"] = priority
        return codes(post(client, hook, request)), [
            p["text"] for p in post(client, hook, request, "/explain/").get_json()["problems"]
        ]

    for priority in ("routine", "Routine", " ROUTINE ", "R"):
        assert answers(priority) == (["mriNotRoutine"], [])
    for priority in ("STAT", "Urgent", "asap ", "S", "A", "spoed", "CITO"):
        assert answers(priority) == ([], [])
    for priority in UNKNOWN_PRIORITIES:
        cards, problems = answers(priority)
        assert cards == [] and problems == [
            "ServiceRequest.priority"
            if "," in priority
            else f'ServiceRequest.priority: "{priority}"'
        ]


# (key, the element, what nobody understands): each in a resource that the advice rests on
NOT_UNDERSTOOD = [
    ("conditions", "clinicalStatus", {"coding": [{"system": "urn:oid:1.2.3", "code": "A"}]}),
    ("conditions", "clinicalStatus", {"text": "loopt nog"}),
    ("conditions", "verificationStatus", {"coding": [{"code": "zeker"}]}),
    ("diagnosticReports", "status", "gereed"),
    ("diagnosticReports", "status", "F"),
]


@pytest.mark.parametrize("key, element, value", NOT_UNDERSTOOD)
def test_a_status_that_nobody_understands_does_not_take_the_resource_away_unseen(
    client, templates, clock, key, element, value
):
    request = request_for(REFERRAL, VIEW, templates, clock)
    for entry in request["prefetch"][key]["entry"]:
        entry["resource"][element] = value
    assert is_visible(post(client, VIEW, request))
    problems = post(client, VIEW, request, "/explain/").get_json()["problems"]
    assert any(p["kind"] == "unreadable" and f".{element}" in p["text"] for p in problems)


@pytest.mark.parametrize("value, cards", [("55561003", CARDS), ("73425007", [])])
def test_the_problem_status_of_a_zib_as_its_own_code_only(client, templates, clock, value, cards):
    request = request_for(REFERRAL, VIEW, templates, clock)
    request["prefetch"]["conditions"]["entry"][0]["resource"]["clinicalStatus"] = {
        "coding": [{"system": "http://snomed.info/sct", "code": value}]
    }
    assert codes(post(client, VIEW, request)) == cards


# ---------------------------------------------------------------------------------------------------- two versions of one resource

OLD, NEW = "2026-06-01T10:00:00+02:00", "2026-06-01T09:00:00Z"  # the second is an hour later


def version(resource: dict, updated: object = None, number: str | None = None, **elements) -> dict:
    meta = {
        name: value
        for name, value in (("lastUpdated", updated), ("versionId", number))
        if value is not None
    }
    return {**resource, **({"meta": meta} if meta else {}), **elements}


# (meta of the version that speaks of the complaint, meta of the one that was entered in error; which holds)
RANKED = {
    "updated later": ((NEW, None), (OLD, None), "complaint"),
    "updated earlier": ((OLD, None), (NEW, None), "withdrawn"),
    "the number where the time is one": ((NEW, "2"), (NEW, "1"), "complaint"),
    "numbers as numbers": ((None, "9"), (None, "10"), "withdrawn"),
    "the time before the number": ((NEW, "1"), (OLD, "2"), "complaint"),
    "a malformed time": (("later", "2"), (OLD, "1"), "complaint"),
    "nothing": ((None, None), (None, None), "unknown"),
    "one of them": ((NEW, None), (None, None), "unknown"),
    "the same time": ((NEW, None), (NEW, None), "unknown"),
    "names for versions": ((None, "b"), (None, "a"), "unknown"),
    "malformed times": (("x", None), ("y", None), "unknown"),
    "a number that is none": ((None, 2), (None, 1), "unknown"),
}
PLACES = {
    "in one Bundle": lambda prefetch, one, other: prefetch["conditions"].update(
        entry=[{"resource": one}, {"resource": other}], total=2
    ),
    "in another key": lambda prefetch, one, other: prefetch.update(
        conditions={**BUNDLE, "entry": [{"resource": one}]},
        more={**BUNDLE, "entry": [{"resource": other}]},
    ),
    "with one fullUrl": lambda prefetch, one, other: prefetch["conditions"].update(
        entry=[
            {"fullUrl": "https://ehr.example.org/fhir/Condition/c", "resource": one},
            {"fullUrl": "https://ehr.example.org/fhir/Condition/c", "resource": other},
        ]
    ),
    "with and without id": lambda prefetch, one, other: prefetch["conditions"].update(
        entry=[
            {"resource": one | {"id": "c"}},
            {
                "fullUrl": "https://ehr.example.org/fhir/Condition/c",
                "resource": {k: v for k, v in other.items() if k != "id"},
            },
        ]
    ),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize("one, other, asserted", RANKED.values(), ids=list(RANKED))
def test_the_newest_version_holds_wherever_it_came_from(
    client, templates, clock, one, other, asserted, place, turned
):
    request = request_for(REFERRAL, VIEW, templates, clock)
    complaint = {**request["prefetch"]["conditions"]["entry"][0]["resource"], "id": "c"}
    withdrawn = complaint | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    pair = [version(complaint, *one), version(withdrawn, *other)]
    place(request["prefetch"], *(reversed(pair) if turned else pair))
    answer, told = post(client, VIEW, request), post(client, VIEW, request, "/explain/").get_json()
    if asserted == "unknown":
        assert is_visible(answer) and not advice(answer)
        assert {"kind": "unreadable", "reference": "Condition/c"}.items() <= next(
            p for p in told["problems"] if "two versions" in p["text"]
        ).items()
        assert {i["key"]: i["state"] for i in told["inputs"]}["conditions"] == "partial"
    else:
        assert codes(answer) == (CARDS if asserted == "complaint" else [])


def test_a_copy_that_says_the_same_is_no_other_version(client, templates, clock):
    request = request_for(REFERRAL, VIEW, templates, clock)
    complaint = request["prefetch"]["conditions"]["entry"][0]["resource"]
    request["prefetch"]["more"] = {
        **BUNDLE,
        "entry": [
            {"resource": version(complaint, NEW, "7")},
            {"resource": version(complaint, OLD)},
            {"resource": complaint},
        ],
    }
    assert codes(post(client, VIEW, request)) == CARDS


def test_of_three_versions_one_must_be_newer_than_both(client, templates, clock):
    request = request_for(REFERRAL, VIEW, templates, clock)
    complaint = request["prefetch"]["conditions"]["entry"][0]["resource"]
    ended = [{"clinicalStatus": {"coding": [{"code": code}]}} for code in ("resolved", "inactive")]
    versions = [
        version(complaint, NEW),
        version(complaint, OLD, **ended[0]),
        version(complaint, "2026-05-01T10:00:00Z", **ended[1]),
    ]
    for last, asserted in ((versions[2], True), (version(complaint, **ended[1]), False)):
        request["prefetch"]["conditions"] = {
            **BUNDLE,
            "entry": [{"resource": v} for v in (versions[1], versions[0], last)],
        }
        assert (codes(post(client, VIEW, request)) == CARDS) is asserted


def test_versions_on_two_servers_are_not_compared(client, templates, clock):
    """The clock of one server tells nothing of another's: that two resources have one Type/id there makes none of them the newer."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    complaint = {**request["prefetch"]["conditions"]["entry"][0]["resource"], "id": "c"}
    pair = [
        version(complaint, NEW),
        version(complaint, OLD, clinicalStatus={"coding": [{"code": "resolved"}]}),
    ]
    for host, asserted in (
        ("https://EHR.example.org", True),
        ("http://ehr.example.org", True),
        ("https://other.example.org", False),
    ):
        bases = ("https://ehr.example.org", host)
        entries = [
            {"fullUrl": f"{base}/fhir/Condition/c", "resource": v}
            for base, v in zip(bases, pair, strict=True)
        ]
        request["prefetch"]["conditions"] = {**BUNDLE, "entry": entries}
        answer = post(client, VIEW, request)
        assert (codes(answer) == CARDS) is asserted and (asserted or is_visible(answer)), host


@pytest.mark.parametrize("first, second", [(OLD, NEW), (NEW, OLD)])
def test_the_newest_version_holds_across_pages_of_a_server(
    unhurried, templates, clock, first, second
):
    """The complaint is withdrawn, or comes back, while the pages are read."""
    record = record_of(REFERRAL)
    [complaint] = [r for r in record if r["resourceType"] == "Condition"]
    withdrawn = complaint | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}

    def behave(connection, got, stub):
        is_second = ("page", "2") in got.parameters
        found = version(withdrawn, second) if is_second else version(complaint, first)
        link = (
            {}
            if is_second
            else {"link": [{"relation": "next", "url": f"{stub.base}/Condition?page=2"}]}
        )
        says_json(searchset([found], **link))(connection, got, stub)

    with Stub(stubs.instead("Condition", behave, serves(record))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        answer = post(unhurried, VIEW, request)
    assert answer.status_code == 200 and codes(answer) == (CARDS if first == NEW else [])


@pytest.mark.parametrize("total", [2, None])
def test_two_versions_on_one_page_of_a_server(unhurried, templates, clock, total):
    """Whoever sends both counts both: the total takes nothing away."""
    record = record_of(REFERRAL)
    [complaint] = [r for r in record if r["resourceType"] == "Condition"]
    ended = version(complaint, OLD, clinicalStatus={"coding": [{"code": "resolved"}]})
    page = (
        searchset([ended, version(complaint, NEW)])
        if total
        else {k: v for k, v in searchset([ended, version(complaint, NEW)]).items() if k != "total"}
    )
    with Stub(stubs.instead("Condition", says_json(page), serves(record))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        assert codes(post(unhurried, VIEW, request)) == CARDS
