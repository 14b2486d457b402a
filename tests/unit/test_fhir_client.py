"""Reading a FHIR server that may do anything: answers of every kind (mocked) and misbehaviour on the wire (raw sockets)."""

import gzip
import json
import logging
import os
import re
import resource as process_resource
import socket
import ssl
import struct
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import responses

from cds_service.fhir.state import Fetched, State
from cds_service.fhir_client import client as client_module
from cds_service.fhir_client.client import FhirClient
from cds_service.outbound import egress
from cds_service.outbound.deadline import POOL_THREADS
from cds_service.outbound.egress import Failure, Secret
from cds_service.outbound.trust import certificates, trusting

BASE = "http://fhir.test/r4"
TOKEN = "canary-token"
SEARCH = "Condition?patient=123&_count=500"
FHIR = "application/fhir+json"

# A throw-away certificate for 127.0.0.1, signed by nobody.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVXfinuVEW/UPgh7L
sJJiJtekr1goXY7JSV9EzIk4NHOhRANCAATqZ47JWq6EyBmrxUK8gsybT0khXX8d
kNj/xykq/pGpuCzIiwery+/+fdEqZfzn0gvWqzFT7Wv53xXcALHBqEPn
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBoDCCAUagAwIBAgIUcjaIv3D9UHPBqhDkp1eMfD7GBmYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATqZ47JWq6EyBmrxUK8gsybT0khXX8dkNj/xykq/pGpuCzIiwery+/+
fdEqZfzn0gvWqzFT7Wv53xXcALHBqEPno3QwcjAPBgNVHREECDAGhwR/AAABMA8G
A1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFDk7OK0rkH9YlYb0HqIK0LE8JeJaMB8G
A1UdIwQYMBaAFDk7OK0rkH9YlYb0HqIK0LE8JeJaMA4GA1UdDwEB/wQEAwIChDAK
BggqhkjOPQQDAgNIADBFAiA9SAGV6M52sAg7c++zCDnz/BuD/2BHIfFf0o/7dRLo
GwIhALWeA4epnbh1F7Hpj+A1LLqw5JuaNvvFyj5jo7WGVP0A
-----END CERTIFICATE-----
"""


def condition(number) -> dict:
    return {"resourceType": "Condition", "id": str(number)}


def entry(resource, mode="match") -> dict:
    return {"resource": resource, "search": {"mode": mode}}


def outcome(*severities, code="processing") -> dict:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": s, "code": code} for s in severities],
    }


def bundle(*resources, next=None, self=None, **more) -> dict:
    links = [
        {"relation": name, "url": url}
        for name, url in (("self", self), ("next", next))
        if url is not None
    ]
    found = {"entry": [entry(r) for r in resources]} if resources else {}
    return {"resourceType": "Bundle", "type": "searchset", "link": links, **found, **more}


def ids(fetched: Fetched) -> list[str]:
    return [r["id"] for r in fetched.resources]


def refused(reason) -> Fetched:
    return Fetched(State.UNAVAILABLE, (), reason)


def fetch(query=SEARCH, base=BASE, token=TOKEN, seconds=5.0, **limits) -> Fetched:
    return FhirClient(base, token, seconds, **limits).read({"key": query}, {})["key"]


def follow(link, base=BASE, token=TOKEN, seconds=5.0, **limits) -> Fetched:
    return FhirClient(base, token, seconds, **limits).read({}, {"key": link})["key"]


@contextmanager
def within(seconds):
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


# ---------------------------------------------------------------------------------------------------- what is sent


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def answer(server, body, url=f"{BASE}/Condition", **more):
    body = body if isinstance(body, (str, bytes)) else json.dumps(body)
    server.get(url, body=body, **{"content_type": FHIR, **more})


def headers(call) -> dict:
    return dict(call.request.headers.items())


def test_a_search_carries_these_headers_and_no_others(server):
    answer(server, bundle())
    fetch()
    assert server.calls[0].request.method == "GET"
    assert headers(server.calls[0]) == {
        "Accept": FHIR,
        "Accept-Encoding": "identity",
        "User-Agent": "MammaCards",
        "Prefer": "handling=strict",
        "Authorization": "Bearer canary-token",
    }


@pytest.mark.parametrize("token", [None, ""])
def test_a_read_without_token_carries_neither_authorization_nor_prefer(server, token):
    answer(server, {"resourceType": "Patient", "id": "123"}, f"{BASE}/Patient/123")
    assert fetch("Patient/123", token=token).state is State.PRESENT
    assert set(headers(server.calls[0])) == {"Accept", "Accept-Encoding", "User-Agent"}


@pytest.mark.parametrize(
    "code",
    [
        "http://loinc.org|24606-6,urn:oid:1.2|a",
        "http%3A%2F%2Floinc.org%7C24606-6%2Curn:oid:1.2%7Ca",
    ],
)
def test_the_server_sees_exactly_the_parameters_of_the_query(server, code):
    answer(server, bundle(), f"{BASE}/Observation")
    fetch(
        f"Observation?patient=123&code={code}&date=ge2024-01-01T00:00:00+01:00&code:text=a b#c%26d&_count=500&date=lt2025"
    )
    assert parse_qsl(urlsplit(server.calls[0].request.url).query) == [
        ("patient", "123"),
        ("code", "http://loinc.org|24606-6,urn:oid:1.2|a"),
        ("date", "ge2024-01-01T00:00:00+01:00"),
        ("code:text", "a b#c&d"),
        ("_count", "500"),
        ("date", "lt2025"),
    ]


@pytest.mark.parametrize(
    "base",
    [
        "http://fhir.test/r4/",
        "http://fhir.test",
        "http://fhir.test:8080/a/b",
        "https://fhir.test/r4",
    ],
)
def test_urls_are_built_under_the_base(server, base):
    answer(server, bundle(condition(1)), f"{base.rstrip('/')}/Condition")
    assert fetch(base=base).state is State.PRESENT


@pytest.mark.parametrize(
    "query",
    [
        "",
        "Condition",
        "Patient/",
        "Patient/..",
        "Patient/.",
        "Patient/a/b",
        "Patient/a%2Fb",
        "Patient/1#x",
        "Patient/1\n",
        "/Patient/1",
        "../Patient?a=b",
        "http://evil.test/Patient/1",
        "Patient/" + "x" * 65,
    ],
)
def test_what_is_no_read_and_no_search_is_not_sent(server, query):
    assert fetch(query) == refused("bad-query")
    assert not server.calls


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "té", "€", "a\0"])
def test_a_token_that_cannot_stand_in_a_header_is_not_sent(server, token):
    assert fetch(token=token) == refused("bad-token")
    assert not server.calls


@pytest.mark.parametrize(
    "base",
    [
        "",
        "fhir",
        "ftp://fhir.test",
        "file:///etc",
        "http://",
        "http://u:p@fhir.test/r4",
        "http://fhir.test/r4?a=b",
    ],
)
def test_a_base_that_is_no_plain_url_is_a_programming_error(base):
    with pytest.raises(ValueError):
        FhirClient(base, None, 1.0)


def test_a_secret_does_not_show_itself():
    secret = Secret("canary")
    assert (str(secret), repr(secret), f"{secret}", secret.reveal()) == (
        "***",
        "***",
        "***",
        "canary",
    )
    assert "canary" not in repr(vars(FhirClient(BASE, "canary", 1.0)))


def test_cookies_are_not_kept_for_the_next_page(server):
    answer(
        server,
        bundle(condition(1), next=f"{BASE}?page=2"),
        headers={"Set-Cookie": "session=canary; Path=/"},
    )
    answer(server, bundle(condition(2)), BASE)
    assert ids(fetch()) == ["1", "2"]
    assert headers(server.calls[1]) == headers(server.calls[0])


def test_a_programming_error_is_not_hidden(server, monkeypatch):
    monkeypatch.setattr(client_module._Reading, "_search", lambda *_: {}["no such key"])
    with pytest.raises(KeyError):
        fetch()


def test_nothing_to_read_needs_no_server(server):
    assert FhirClient(BASE, None, 1.0).read({}, {}) == {}


# ---------------------------------------------------------------------------------------------------- what comes back


def test_a_read_gives_the_resource(server):
    patient = {"resourceType": "Patient", "id": "123", "birthDate": "1960-01-01"}
    answer(server, patient, f"{BASE}/Patient/123")
    assert fetch("Patient/123") == Fetched(State.PRESENT, (patient,))


@pytest.mark.parametrize(
    "body, reason",
    [
        ({"resourceType": "Patient", "id": "124"}, "wrong-type"),
        ({"resourceType": "Patient"}, "wrong-type"),
        ({"resourceType": "Person", "id": "123"}, "wrong-type"),
        (bundle(), "wrong-type"),
        ([], "wrong-type"),
        (outcome("error"), "outcome"),
    ],
)
def test_a_read_that_gives_something_else_is_unavailable(server, body, reason):
    answer(server, body, f"{BASE}/Patient/123")
    assert fetch("Patient/123") == refused(reason)


@pytest.mark.parametrize("status", [404, 410])
def test_not_found_is_a_reason_for_a_read_only(server, status):
    answer(server, outcome("error"), f"{BASE}/Patient/123", status=status)
    answer(server, outcome("error"), status=status)
    assert fetch("Patient/123") == refused("not-found")
    assert fetch() == refused(f"status-{status}")


@pytest.mark.parametrize(
    "content_type",
    [FHIR, "application/json", "application/json+fhir", "Application/FHIR+JSON; charset=utf-8"],
)
def test_a_search_that_finds_something_is_present(server, content_type):
    answer(server, bundle(condition(1), condition(2), total=2), content_type=content_type)
    assert fetch() == Fetched(State.PRESENT, (condition(1), condition(2)))


@pytest.mark.parametrize(
    "body", [bundle(), bundle(entry=[]), bundle(total=0), {"resourceType": "Bundle"}]
)
def test_a_search_that_finds_nothing_is_empty(server, body):
    answer(server, body)
    assert fetch() == Fetched(State.EMPTY)


@pytest.mark.parametrize(
    "status", [201, 202, 204, 206, 304, 400, 401, 403, 404, 406, 412, 429, 500, 502, 503, 504]
)
def test_every_other_status_is_unavailable_and_not_tried_again(server, status):
    answer(server, bundle(condition(1)), status=status, headers={"Retry-After": "0"})
    assert fetch() == refused(f"status-{status}")
    assert len(server.calls) == 1


GOOD = json.dumps(bundle(condition(1)))


@pytest.mark.parametrize(
    "body",
    [
        "",
        GOOD[:-1],
        GOOD[:40],
        GOOD + "}",
        "<html><body>Log in</body></html>",
        GOOD.encode("utf-16"),
        b"\xef\xbb\xbf" + GOOD.encode(),
        b'{"a": "\xff"}',
        '{"resourceType": "Bundle", "x": NaN}',
        '{"resourceType": "Bundle", "x": -Infinity}',
        '{"resourceType": "Bundle", "x": 1e999}',
        '{"resourceType": "Bundle", "x": %s}' % ("9" * 5000),
        '{"resourceType": "Bundle", "entry": [], "entry": []}',
        '{"resourceType": "Bundle", "x": {"a": 1, "a": 1}}',
        '{"resourceType": "Bundle", "x": "\\ud800"}',
        '{"resourceType": "Bundle", "x": ' + "[" * 64 + "]" * 64 + "}",
        '{"resourceType": "Bundle", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_what_is_no_strict_json_is_unavailable(server, body):
    answer(server, body)
    assert fetch() == refused("not-json")


def test_a_pair_of_surrogates_is_a_character(server):
    answer(
        server,
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Condition", "x": "\\ud83d\\ude00"}}]}',
    )
    assert fetch().resources[0]["x"] == "\U0001f600"


@pytest.mark.parametrize(
    "body, reason",
    [
        ("null", "wrong-type"),
        ("[]", "wrong-type"),
        ('"Bundle"', "wrong-type"),
        ({}, "wrong-type"),
        (condition(1), "wrong-type"),
        (outcome("information"), "outcome"),
    ],
)
def test_what_is_no_bundle_is_unavailable(server, body, reason):
    answer(server, body)
    assert fetch() == refused(reason)


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/json", "application/fhir+xml", "", "application/xjson"]
)
def test_another_content_type_is_unavailable_even_when_the_body_is_json(server, content_type):
    answer(server, bundle(condition(1)), content_type=content_type)
    assert fetch() == refused("content-type")


@pytest.mark.parametrize(
    "body, state",
    [
        (outcome("information"), State.EMPTY),
        (outcome("information", "information"), State.EMPTY),
        (outcome("warning"), State.EMPTY),
        (outcome("warning", code="suppressed"), State.PARTIAL),
        (outcome("information", "warning", code="timeout"), State.PARTIAL),
        (outcome("error"), State.PARTIAL),
        (outcome("fatal"), State.PARTIAL),
        (outcome("information", "warning"), State.EMPTY),
        (outcome(), State.PARTIAL),
        ({"resourceType": "OperationOutcome"}, State.PARTIAL),
        (outcome("harmless"), State.PARTIAL),
        ({"resourceType": "Basic"}, State.PARTIAL),
    ],
)
def test_an_outcome_entry_makes_it_partial_unless_it_is_a_note(server, body, state):
    answer(server, bundle(entry=[entry(body, "outcome")]))
    assert fetch() == Fetched(state, (), "outcome" if state is State.PARTIAL else "")


def test_an_outcome_among_the_matches_counts_without_its_mode(server):
    answer(server, bundle(condition(1), outcome("warning", code="incomplete")))
    assert fetch() == Fetched(State.PARTIAL, (condition(1),), "outcome")


def test_resources_of_another_type_are_ignored(server):
    answer(server, bundle({"resourceType": "Patient", "id": "123"}))
    assert fetch() == Fetched(State.EMPTY)


@pytest.mark.parametrize(
    "body, reason",
    [
        (bundle(condition(1), total=2), "total"),
        (bundle(total=1), "total"),
        (bundle(condition(1), condition(1), total=2), "total"),
        (bundle(entry=[entry(condition(1)), entry(condition(2), "include")], total=2), "total"),
        (bundle(total="1"), "malformed"),
        (bundle(total=None), "malformed"),
        (bundle(total=True), "malformed"),
        (bundle(entry=[{}]), "no-resource"),
        (bundle(entry=[{"fullUrl": "urn:x"}]), "no-resource"),
        (bundle(entry=[{"resource": {}}]), "no-resource"),
        (bundle(entry=[{"resource": {"resourceType": ["Condition"]}}]), "no-resource"),
        (bundle(entry=[None]), "malformed"),
        (bundle(entry={"resource": condition(1)}), "malformed"),
        (bundle(entry=None), "malformed"),
        (bundle() | {"link": "next"}, "malformed"),
        (bundle() | {"link": ["next"]}, "malformed"),
    ],
)
def test_a_bundle_that_does_not_add_up_is_partial(server, body, reason):
    answer(server, body)
    fetched = fetch()
    assert (fetched.state, fetched.reason) == (State.PARTIAL, reason)


@pytest.mark.parametrize(
    "link", [{"relation": ["next"], "url": "x"}, {"relation": {}, "url": "x"}, {"url": "x"}, {}]
)
def test_a_link_without_a_relation_is_no_next_link(server, link):
    answer(server, bundle(condition(1)) | {"link": [link]})
    assert fetch().state is State.PRESENT


def test_a_resource_without_a_readable_id_is_kept(server):
    odd = [
        {"resourceType": "Condition"},
        {"resourceType": "Condition", "id": ["1"]},
        {"resourceType": "Condition"},
    ]
    answer(server, bundle(*odd))
    assert fetch() == Fetched(State.PRESENT, tuple(odd))


SELF = f"{BASE}/Condition"


@pytest.mark.parametrize(
    "query, link, state",
    [
        ("patient=1&code=a|b", f"{SELF}?patient=1&code=a%7Cb", State.PRESENT),
        ("patient=1&code=a|b", f"{SELF}?patient=Patient/1&code=a|b", State.PRESENT),
        ("patient=1&code=a|b", f"{SELF}?subject=Patient/1", State.PRESENT),
        ("subject=Patient/1", f"{SELF}?patient=1", State.PRESENT),
        ("patient=1", f"{SELF}?patient:Patient=1", State.PRESENT),
        ("subject:Patient=1", f"{SELF}?subject=1", State.PRESENT),
        ("patient=1&category=a&_count=5&_sort=date", f"{SELF}?patient=1", State.PRESENT),
        ("patient=1", f"{SELF}?code=a&_count=5", State.UNAVAILABLE),
        ("patient=1", SELF, State.UNAVAILABLE),
        ("patient=1", f"{SELF}?patient=&code=a", State.UNAVAILABLE),
        ("subject:Patient=1", f"{SELF}?code=patient", State.UNAVAILABLE),
        ("_id=1", f"{SELF}?_id=1", State.PRESENT),
        ("_id=1", f"{SELF}?_count=5", State.UNAVAILABLE),
        ("code=a", SELF, State.PRESENT),
        ("patient=1", None, State.PRESENT),
        ("patient=1", f"{SELF}?patient=2", State.UNAVAILABLE),
        ("patient=1", f"{SELF}?patient=https://ehr.example.org/fhir/Patient/12", State.UNAVAILABLE),
        ("patient=1", f"{SELF}?subject=Group/1&patient=2", State.UNAVAILABLE),
        ("patient=1", f"{SELF}?patient=1&patient=2", State.UNAVAILABLE),
        (
            "patient=1",
            f"{SELF}?patient=https%3A%2F%2Fehr.example.org%2Ffhir%2FPatient%2F1",
            State.PRESENT,
        ),
        ("_id=1", f"{SELF}?_id=2", State.UNAVAILABLE),
    ],
)
def test_a_search_that_was_not_restricted_to_the_patient_is_not_used(server, query, link, state):
    answer(server, bundle(condition(1), self=link))
    fetched = fetch(f"Condition?{query}")
    assert (fetched.state, fetched.reason) == (
        state,
        "" if state is State.PRESENT else "not-answered-as-asked",
    )
    assert bool(fetched.resources) is (state is State.PRESENT)


SNOMED = "http://snomed.info/sct"
ASKED = f"patient=1&category=exam,imaging&code={SNOMED}|10,{SNOMED}|20&_count=500"


@pytest.mark.parametrize(
    "said, is_complete",
    [
        (ASKED, True),
        (
            f"_count=50&code={SNOMED}|20,{SNOMED}|10&category=imaging,exam&subject=Patient/1",
            True,
        ),  # another order
        (
            f"patient=1&category=exam%2Cimaging&code={quote(SNOMED, '')}%7C10%2C{quote(SNOMED, '')}%7C20",
            True,
        ),
        (
            f"patient=1&category=http://terminology.hl7.org/CodeSystem/observation-category|exam,imaging&code={SNOMED}|10,{SNOMED}|20",
            True,
        ),
        ("patient=1&code=10,20", True),
        ("patient=1&code=|10,|20,|30", True),
        ("patient=1", True),
        ("patient=1&category=&code=", True),  # as much, or more
        ("patient=1&_format=json&_pretty=true&_sort=date&page=1&ct=abc", True),
        ("patient=1&category=exam,imaging,laboratory", True),
        ("patient=1&category=exam", False),
        (f"patient=1&code={SNOMED}|10", False),
        ("patient=1&code=10&code=20", False),  # repeated: both at once
        ("patient=1&category=laboratory", False),
        ("patient=1&code=http://loinc.org|10,http://loinc.org|20", False),
        ("patient=1&code:in=http://x", False),
        ("patient=1&code=100,200", False),
        (f"patient=1&code={SNOMED}|10%5C,{SNOMED}|20", False),
        ("patient=1&status=final", False),
        ("patient=1&date=ge2026", False),
        ("patient=1&_lastUpdated=gt2026", False),
        ("patient=1&clinical-status=active", False),
    ],
    ids=str,
)
def test_a_search_that_says_that_it_was_narrower_is_not_complete(server, said, is_complete):
    """F12, T16: a value that was dropped from what we asked, or a filter that the server added, hides data; harmless rewriting does not."""
    answer(server, bundle(condition(1), self=f"{SELF}?{said}"))
    expected = (
        Fetched(State.PRESENT, (condition(1),))
        if is_complete
        else Fetched(State.PARTIAL, (condition(1),), "not-answered-as-asked")
    )
    assert fetch(f"Condition?{ASKED}") == expected


def test_a_narrower_search_that_found_nothing_is_not_empty(server):
    answer(server, bundle(self=f"{SELF}?patient=1&category=exam"))
    assert fetch(f"Condition?{ASKED}") == Fetched(State.PARTIAL, (), "not-answered-as-asked")


# ---------------------------------------------------------------------------------------------------- pages


def page(server, number, *resources, **more):
    answer(server, bundle(*resources, **more), f"{BASE}?page={number}")


def test_pages_are_read_to_the_last_with_the_token_on_each_and_doubles_once(server):
    answer(
        server,
        bundle(
            condition(1), condition(2), next=f"{BASE}?page=2", self=f"{SELF}?patient=123", total=3
        ),
    )
    page(
        server,
        2,
        condition(2),
        condition(3),
        next="http://fhir.test:80/r4?page=3",
        self=f"{BASE}?page=2",
        total=3,
    )
    page(server, 3)
    assert fetch() == Fetched(State.PRESENT, (condition(1), condition(2), condition(3)))
    assert [headers(call)["Authorization"] for call in server.calls] == ["Bearer canary-token"] * 3
    assert [headers(call)["Prefer"] for call in server.calls] == ["handling=strict"] * 3
    assert all(call.request.url.startswith("http://fhir.test/r4") for call in server.calls)


@pytest.mark.parametrize(
    "second, reason",
    [
        ({"status": 500}, "status-500"),
        ({"status": 404}, "status-404"),
        ({"status": 302, "headers": {"Location": BASE}}, "redirect"),
        ({"body": GOOD[:-5]}, "not-json"),
        ({"body": json.dumps(outcome("error"))}, "outcome"),
        ({"content_type": "text/html"}, "content-type"),
        ({"body": json.dumps(bundle(outcome("warning", code="throttled")))}, "outcome"),
        ({"body": json.dumps(bundle(total=9))}, "total"),
    ],
)
def test_a_second_page_that_fails_leaves_the_first(server, second, reason):
    answer(server, bundle(condition(1), next=f"{BASE}?page=2"))
    server.get(f"{BASE}?page=2", **{"body": GOOD, "content_type": FHIR, **second})
    assert fetch() == Fetched(State.PARTIAL, (condition(1),), reason)


def test_the_total_of_any_page_counts(server):
    answer(server, bundle(condition(1), next=f"{BASE}?page=2", total=9))
    page(server, 2, condition(2), total=2)
    assert fetch() == Fetched(State.PARTIAL, (condition(1), condition(2)), "total")


def test_an_empty_first_page_with_a_failing_second_is_not_empty(server):
    answer(server, bundle(next=f"{BASE}?page=2"))
    server.get(f"{BASE}?page=2", status=500)
    assert fetch() == Fetched(State.PARTIAL, (), "status-500")


FOREIGN = [
    "http://evil.test/r4?page=2",
    "https://fhir.test/r4?page=2",
    "http://fhir.test:8080/r4?page=2",
    "http://fhir.test:443/r4?page=2",
    "http://fhir.test.evil.test/r4?page=2",
    "http://fhir.test./r4?page=2",
    "http://fhir.test@evil.test/r4?page=2",
    "http://u:p@fhir.test/r4?page=2",
    "http://@fhir.test/r4?page=2",
    "http://evil.test\\@fhir.test/r4?page=2",
    "http://fhir.test\\.evil.test/r4?page=2",
    "http://fhir.test/",
    "http://fhir.test",
    "http://fhir.test/r4x?page=2",
    "http://fhir.test/r4%2F..?page=2",
    "http://fhir.test/R4?page=2",
    "http://fhir.test/r4/../admin?page=2",
    "http://fhir.test/r4/%2e%2e/admin",
    "http://fhir.test/r4/.%2E/admin",
    "http://fhir.test/r4/..%2fadmin",
    "http://fhir.test/r4/%252e%252e/admin",
    "http://fhir.test/r4/./Condition",
    "http://fhir.test/r4/..\\admin",
    "http://fhir.test/r4/%5c..%5cadmin",
    "//fhir.test/r4?page=2",
    "/r4?page=2",
    "?page=2",
    "Condition?page=2",
    "file:///r4",
    "ftp://fhir.test/r4",
    "javascript:alert(1)",
    "http:fhir.test/r4",
    "http://[fhir.test/r4",
    "http://fhir.test:x/r4",
    "http://fhir.test:99999/r4",
    "http:///r4",
    "http://fhir。test/r4",
    "http://fhir.test/r4?page=\u0662",
    "http://fhir.te\tst/r4?page=2",
    " http://fhir.test/r4?page=2",
    "http://fhir.test/r4?page=2\r\nX-Evil: 1",
    "http://fhir.test /r4",
    "",
    None,
    7,
    [BASE],
    {},
]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_next_link_that_is_not_under_the_base_is_not_followed(server, link):
    answer(server, bundle(condition(1)) | {"link": [{"relation": "next", "url": link}]})
    assert fetch() == Fetched(State.PARTIAL, (condition(1),), "foreign-next")
    assert len(server.calls) == 1
    assert follow(link) == Fetched(State.PARTIAL, (), "foreign-next")
    assert len(server.calls) == 1


def test_a_next_link_without_url_is_not_overlooked(server):
    answer(server, bundle(condition(1)) | {"link": [{"relation": "next"}]})
    assert fetch() == Fetched(State.PARTIAL, (condition(1),), "foreign-next")


@pytest.mark.parametrize(
    "base, link",
    [
        (BASE, f"{BASE}?_getpages=a-b&_offset=2"),
        (BASE, f"{BASE}/?p=2"),
        (BASE, f"{BASE}/Condition?ct=a%2Bb%3D"),
        (BASE, f"{BASE}/_page/a%5B1%5D"),
        (BASE, "HTTP://FHIR.test:80/r4?p=2"),
        (BASE, f"{BASE}?p=2#part"),
        ("http://fhir.test:80/r4", f"{BASE}?p=2"),
        (f"{BASE}/", f"{BASE}?p=2"),
        ("https://fhir.test/r4", "https://fhir.test:443/r4?p=2"),
        ("http://fhir.test", "http://fhir.test?p=2"),
        ("http://fhir.test", "http://fhir.test/Condition?p=2"),
        ("http://[::1]:8080/r4", "http://[::1]:8080/r4?p=2"),
    ],
)
def test_a_next_link_under_the_base_is_followed_on_the_base_as_configured(server, base, link):
    answer(
        server,
        bundle(condition(2)),
        base.rstrip("/") + urlsplit(link).path[len(urlsplit(base).path.rstrip("/")) :],
    )
    assert follow(link, base) == Fetched(State.PRESENT, (condition(2),))
    sent = urlsplit(server.calls[0].request.url)
    assert (sent.netloc, sent.query, sent.fragment) == (
        urlsplit(base).netloc,
        urlsplit(link).query,
        "",
    )


@pytest.mark.parametrize(
    "link",
    [
        f"{SELF}?patient=123&code=a%7Cb",
        f"{SELF}?patient=123&code=a|b",
        f"{SELF}?patient=123&code=%61|b",
    ],
)
def test_a_next_link_to_the_same_page_is_a_loop(server, link):
    answer(server, bundle(condition(1), next=link))
    assert fetch("Condition?patient=123&code=a|b") == Fetched(
        State.PARTIAL, (condition(1),), "loop"
    )
    assert len(server.calls) == 1


def test_alternating_pages_are_a_loop(server):
    answer(server, bundle(condition(1), next=f"{BASE}?page=2"))
    page(server, 2, condition(2), next=f"{BASE}?page=3")
    page(server, 3, condition(3), next=f"{BASE}?page=2")
    assert fetch() == Fetched(State.PARTIAL, (condition(1), condition(2), condition(3)), "loop")
    assert len(server.calls) == 3


def test_no_more_pages_than_allowed_are_read(server):
    answer(server, bundle(condition(1), next=f"{BASE}?page=2"))
    page(server, 2, condition(2), next=f"{BASE}?page=3")
    page(server, 3, condition(3))
    assert fetch(max_pages=2) == Fetched(
        State.PARTIAL, (condition(1), condition(2)), "too-many-pages"
    )
    assert len(server.calls) == 2
    assert fetch(max_pages=3).state is State.PRESENT


def test_no_more_resources_than_allowed_are_kept(server):
    answer(server, bundle(condition(1), condition(2), next=f"{BASE}?page=2"))
    page(server, 2, condition(3), condition(4))
    assert fetch(max_resources=3) == Fetched(
        State.PARTIAL, (condition(1), condition(2), condition(3)), "too-many-resources"
    )
    assert fetch(max_resources=4).state is State.PRESENT


def test_no_more_bytes_than_allowed_are_read_over_all_pages(server):
    first, second = (
        json.dumps(bundle(condition(1), next=f"{BASE}?page=2")),
        json.dumps(bundle(condition(2))),
    )
    answer(server, first)
    answer(server, second, f"{BASE}?page=2")
    assert fetch(max_bytes=len(first) - 1) == refused("too-large")
    assert fetch(max_bytes=len(first) + len(second) - 1) == Fetched(
        State.PARTIAL, (condition(1),), "too-large"
    )
    assert fetch(max_bytes=len(first) + len(second)).state is State.PRESENT


def test_following_a_prefetched_bundle_reads_the_rest_of_it(server):
    page(
        server,
        2,
        condition(2),
        {"resourceType": "Patient", "id": "p"},
        next=f"{BASE}/Condition?page=3",
        total=500,
    )
    answer(server, bundle(condition(3), total=500), f"{BASE}/Condition?page=3")
    fetched = follow(f"{BASE}?page=2")
    assert (fetched.state, ids(fetched)) == (
        State.PRESENT,
        ["2", "p", "3"],
    )  # the type is not known here
    answer(
        server,
        bundle(condition(4), {"resourceType": "Patient", "id": "p"}),
        f"{BASE}/Condition?page=4",
    )
    assert follow(f"{BASE}/Condition?page=4") == Fetched(State.PRESENT, (condition(4),))
    assert headers(server.calls[0])["Authorization"] == "Bearer canary-token"


@pytest.mark.parametrize(
    "status, reason", [(500, "status-500"), (404, "status-404"), (307, "redirect")]
)
def test_a_page_that_cannot_be_followed_is_partial_because_the_client_sent_the_first(
    server, status, reason
):
    server.get(f"{BASE}?page=2", status=status, headers={"Location": f"{BASE}?page=3"})
    assert follow(f"{BASE}?page=2") == Fetched(State.PARTIAL, (), reason)
    assert len(server.calls) == 1


def test_an_empty_last_page_that_was_followed_is_empty(server):
    page(server, 2)
    assert follow(f"{BASE}?page=2") == Fetched(State.EMPTY)


def test_queries_and_next_links_are_answered_under_their_keys(server):
    answer(server, {"resourceType": "Patient", "id": "123"}, f"{BASE}/Patient/123")
    answer(server, bundle())
    page(server, 2, condition(2))
    fetched = FhirClient(BASE, TOKEN, 5.0).read(
        {"a": "Patient/123", "b": SEARCH, "c": "nonsense"}, {"d": f"{BASE}?page=2", "e": "nonsense"}
    )
    assert {key: (f.state, ids(f), f.reason) for key, f in fetched.items()} == {
        "a": (State.PRESENT, ["123"], ""),
        "b": (State.EMPTY, [], ""),
        "c": (State.UNAVAILABLE, [], "bad-query"),
        "d": (State.PRESENT, ["2"], ""),
        "e": (State.PARTIAL, [], "foreign-next"),
    }


# ---------------------------------------------------------------------------------------------------- on the wire


class Stub:
    """A server on raw sockets: calls `behave(stub, connection, head)` for the request on each connection, then closes it."""

    def __init__(self, behave, tls=None):
        self.behave, self.tls = behave, tls
        self.heads, self.accepted = [], 0
        self.stop, self.hung_up = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/r4"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            if self.stop.is_set():
                connection.close()
                return
            self.accepted += 1
            self._threads.append(
                threading.Thread(target=self._serve, args=(connection,), daemon=True)
            )
            self._threads[-1].start()

    def _serve(self, connection):
        connection.settimeout(5)
        try:
            with (
                self.tls.wrap_socket(connection, server_side=True)
                if self.tls
                else connection as connection
            ):
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (received := connection.recv(4096)):
                        return self.hung_up.set()
                    head += received
                self.heads.append(head.decode("latin-1"))
                self.behave(self, connection, self.heads[-1])
        except OSError:
            self.hung_up.set()

    def drip(self, connection, pieces):
        """One piece every 10 ms until they are all out, the client hangs up or the test is over."""
        for piece in pieces:
            connection.sendall(piece)
            if self.stop.wait(0.01):
                return

    def close(self):
        self.stop.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the accept
        for thread in self._threads:
            thread.join(6)
            assert not thread.is_alive()
        self._listener.close()


@pytest.fixture
def serve():
    stubs = []

    def start(behave, **more) -> Stub:
        stubs.append(Stub(behave, **more))
        return stubs[-1]

    yield start
    egress._waiting().close()
    for stub in stubs:
        stub.close()


def http(body, *headers, status="200 OK", length=True) -> bytes:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {FHIR}", "Connection: close", *headers]
    lines += [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def sends(*parts):
    def behave(stub, connection, head):
        for part in parts:
            connection.sendall(part)

    return behave


healthy = sends(http(bundle(condition(1))))


def answers_too_late(stub, connection, head):
    if not stub.stop.wait(1.5):
        healthy(stub, connection, head)


def drips_status(stub, connection, head):
    stub.drip(connection, [bytes([b]) for b in http(bundle(condition(1)))])


def drips_headers(stub, connection, head):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    stub.drip(connection, [b"a"] * 1000)


def drips_continues(stub, connection, head):
    stub.drip(connection, [b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000)


def drips_body(stub, connection, head):
    connection.sendall(http(b"", "Content-Length: 100000", length=False))
    stub.drip(connection, [b" "] * 1000)


def drips_body_without_length(stub, connection, head):
    connection.sendall(http(b"", length=False))
    stub.drip(connection, [b" "] * 1000)


def drips_chunks(stub, connection, head):
    connection.sendall(http(b"", "Transfer-Encoding: chunked", length=False))
    stub.drip(connection, [b"1\r\n \r\n"] * 1000)


def never_answers(stub, connection, head):
    connection.recv(1)
    stub.hung_up.set()


SLOW = [
    answers_too_late,
    drips_status,
    drips_headers,
    drips_continues,
    drips_body,
    drips_body_without_length,
    drips_chunks,
    never_answers,
]


@pytest.mark.parametrize("behave", SLOW)
def test_a_slow_server_is_left_at_the_deadline_and_its_connection_closed(serve, behave):
    stub = serve(behave)
    with within(3.0):
        assert fetch(base=stub.base, seconds=0.2) == refused("timeout")
    if behave is not answers_too_late:  # it does not look
        assert stub.hung_up.wait(1.0)
    assert len(stub.heads) == 1


def test_the_deadline_holds_for_all_queries_together(serve):
    stub = serve(drips_body)
    with within(3.0):
        fetched = FhirClient(stub.base, None, 0.3).read(
            {str(n): SEARCH for n in range(POOL_THREADS + 12)}, {}
        )
    assert len(fetched) == POOL_THREADS + 12 and {f.state for f in fetched.values()} == {
        State.UNAVAILABLE
    }
    assert {f.reason for f in fetched.values()} <= {"busy", "timeout"}
    assert (
        0 < stub.accepted <= POOL_THREADS
    )  # how many of them begin in time is the machine's affair


def test_the_deadline_holds_for_all_calls_of_one_client_together(serve):
    stub = serve(never_answers)
    client = FhirClient(stub.base, None, 0.2)
    client.read({"a": SEARCH}, {})
    with within(3.0):
        fetched = client.read({"b": SEARCH}, {"c": f"{stub.base}?page=2"})
    assert fetched == {"b": refused("timeout"), "c": Fetched(State.PARTIAL, (), "timeout")}
    assert stub.accepted == 1


def test_a_tls_handshake_that_never_ends_is_left_too(serve):
    def listens(stub, connection, head):
        raise AssertionError("no request can come before the handshake")

    stub = serve(listens)
    with within(3.0):
        assert fetch(base=stub.base.replace("http:", "https:"), seconds=0.2) == refused("timeout")
    assert stub.hung_up.wait(1.0)


@pytest.mark.parametrize("slowly", [never_answers, drips_body, drips_status])
def test_a_slow_query_does_not_spoil_the_fast_ones(serve, slowly):
    def behave(stub, connection, head):
        kind = head.split("/r4/")[1].split("?")[0]
        slowly(stub, connection, head) if kind == "Condition" else connection.sendall(
            http(bundle({"resourceType": kind, "id": "1"}))
        )

    stub = serve(behave)
    kinds = ["Condition", "Observation", "Procedure", "ServiceRequest"]
    with within(3.0):
        fetched = FhirClient(stub.base, TOKEN, 0.3).read(
            {kind: f"{kind}?patient=1" for kind in kinds}, {}
        )
    assert fetched["Condition"] == refused("timeout")
    assert [fetched[kind].state for kind in kinds[1:]] == [State.PRESENT] * 3


def test_queries_and_next_links_are_read_at_the_same_time(serve):
    together = threading.Barrier(2, timeout=4)

    def behave(stub, connection, head):
        together.wait()  # neither is answered before both were asked
        connection.sendall(http(bundle(condition(2 if "page=2" in head else 1))))

    stub = serve(behave)
    with within(2.0):
        fetched = FhirClient(stub.base, TOKEN, 2.0).read(
            {"first": SEARCH}, {"rest": f"{stub.base}?page=2"}
        )
    assert {key: ids(f) for key, f in fetched.items()} == {"first": ["1"], "rest": ["2"]}


@pytest.mark.parametrize("slowly", [never_answers, drips_body])
def test_a_slow_second_page_leaves_the_first(serve, slowly):
    def behave(stub, connection, head):
        first = http(bundle(condition(1), next=f"{stub.base}?page=2"))
        slowly(stub, connection, head) if "page=2" in head else connection.sendall(first)

    stub = serve(behave)
    with within(3.0):
        assert fetch(base=stub.base, seconds=0.3) == Fetched(
            State.PARTIAL, (condition(1),), "timeout"
        )


def test_pages_that_each_come_in_time_are_under_one_deadline(serve):
    def behave(stub, connection, head):
        stub.stop.wait(0.08)
        connection.sendall(
            http(bundle(condition(len(stub.heads)), next=f"{stub.base}?page={len(stub.heads)}"))
        )

    stub = serve(behave)
    with within(3.0):
        fetched = fetch(base=stub.base, seconds=0.3, max_pages=1000)
    assert (fetched.state, fetched.reason) == (State.PARTIAL, "timeout")
    assert ids(fetched)[:2] == ["1", "2"]


def test_work_that_gets_its_thread_after_the_deadline_sends_nothing(server):
    reading = client_module._Reading(
        FhirClient(BASE, TOKEN, 1.0), time.monotonic() - 0.001, f"{BASE}/Condition", "Condition"
    )
    reading.run()
    assert reading.result == refused("timeout")
    assert not server.calls


def test_what_goes_wrong_because_the_connection_was_cut_is_called_timeout(monkeypatch):
    def fails(reading):
        reading.lifeline.cut()
        raise Failure("not-json")

    monkeypatch.setattr(client_module._Reading, "_search", fails)
    assert fetch() == refused("timeout")


def test_abandoned_fetches_do_not_exhaust_the_pool(serve):
    dripping, well = (
        [serve(behave) for behave in (drips_headers, drips_body, drips_chunks)],
        serve(healthy),
    )
    for n in range(30):
        FhirClient(dripping[n % 3].base, None, 0.03).read({"a": SEARCH, "b": SEARCH}, {})
    with within(3.0):
        assert fetch(base=well.base, seconds=0.5).state is State.PRESENT


def test_a_pool_that_is_full_is_unavailable_and_free_again_afterwards(serve):
    slow, well = serve(never_answers), serve(healthy)
    other = threading.Thread(
        target=FhirClient(slow.base, None, 2.0).read,  # a busy machine needs a while to fill it
        args=({str(n): SEARCH for n in range(POOL_THREADS)}, {}),
    )
    other.start()
    while slow.accepted < POOL_THREADS and other.is_alive():
        time.sleep(0.005)
    assert slow.accepted == POOL_THREADS
    with within(3.0):
        assert fetch(base=well.base, seconds=0.1) == refused("busy")
    other.join()
    assert fetch(base=well.base).state is State.PRESENT
    assert well.accepted == 1


def test_a_name_server_that_does_not_answer_is_left_and_nothing_is_sent_when_it_does(
    serve, monkeypatch
):
    stub, look_up, woken = serve(healthy), socket.getaddrinfo, threading.Event()
    asked = []

    def stalls(*args, **kwargs):
        asked.append(args[0])
        woken.wait(3)
        return look_up("127.0.0.1", *args[1:], **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", stalls)
    with within(3.0):
        assert fetch(base=stub.base.replace("127.0.0.1", "fhir.test"), seconds=0.2) == refused(
            "timeout"
        )
    woken.set()
    assert asked == ["fhir.test"]
    monkeypatch.undo()
    FhirClient(stub.base, None, 5.0).read(
        {str(n): "Patient?_id=later" for n in range(8)}, {}
    )  # by now it has woken up
    assert stub.accepted == 8 and not [head for head in stub.heads if "patient=123" in head]


def test_an_unknown_host_is_unavailable(monkeypatch):
    def knows_nobody(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", knows_nobody)
    assert fetch() == refused("unknown-host")


@pytest.mark.parametrize(
    "base",
    ["http://" + "a" * 64 + ".test/r4", "http://a..b/r4", "http://*.test/r4", "http://[::1]x/r4"],
)
def test_a_host_that_cannot_be_is_unavailable(base):
    assert fetch(base=base).state is State.UNAVAILABLE


def test_a_second_address_is_tried(serve, monkeypatch):
    stub, look_up = serve(healthy), socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **k: (
            look_up("127.0.0.1", closed_port(), **k) + look_up("127.0.0.1", port, **k)
        ),
    )
    assert fetch(base=stub.base).state is State.PRESENT


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_refused_connection_is_unavailable():
    with within(3.0):
        assert fetch(base=f"http://127.0.0.1:{closed_port()}") == refused("refused")


def reset_at(*parts):
    def behave(stub, connection, head):
        for part in parts:
            connection.sendall(part)
        if parts:
            stub.stop.wait(0.02)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


WHOLE = http(bundle(condition(1)))
UNMEASURED = http(bundle(condition(1)), length=False)
CHUNKED = http(b"", "Transfer-Encoding: chunked", length=False)


@pytest.mark.parametrize(
    "behave, reason",
    [
        (reset_at(), "broken"),
        (reset_at(WHOLE[:20]), "broken"),
        (reset_at(WHOLE[:-10]), "broken"),
        (sends(), "broken"),
        (sends(WHOLE[:30]), "content-type"),
        (sends(WHOLE[:-10]), "broken"),
        (sends(UNMEASURED[:-10]), "not-json"),
        (sends(CHUNKED, b"%x\r\n%s\r\n" % (9, b'{"resourc')), "broken"),
        (sends(CHUNKED, b"zz\r\n"), "broken"),
        (sends(b"220 mail.test ESMTP\r\n"), "broken"),
        (sends(b"HTTP/1.1 2x0 OK\r\n\r\n"), "broken"),
        (sends(b"\0" * 100_000), "broken"),
        (sends(http(bundle(), *(f"X-{n}: a" for n in range(200)))), "broken"),
        (sends(http(bundle(), "X-Long: " + "a" * 70_000)), "broken"),
        (sends(http(bundle(), "Content-Length: 7", "Content-Length: 9", length=False)), "broken"),
        (sends(http(b"no gzip", "Content-Encoding: gzip")), "broken"),
        (sends(http(bundle(condition(1)), status="204 No Content")), "status-204"),
        (sends(http(bundle(condition(1)), status="206 Partial Content")), "status-206"),
        (sends(http(b"", status="101 Switching Protocols")), "status-101"),
    ],
)
def test_an_answer_that_is_broken_off_is_unavailable_at_once(serve, behave, reason):
    stub = serve(behave)
    with within(3.0):
        assert fetch(base=stub.base) == refused(reason)
    assert stub.accepted == 1


@pytest.mark.parametrize(
    "behave",
    [
        sends(WHOLE),
        sends(UNMEASURED),
        sends(CHUNKED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD.encode())),
        sends(UNMEASURED.replace(b"/1.1", b"/1.0", 1)),
        sends(http(gzip.compress(GOOD.encode()), "Content-Encoding: gzip")),
        sends(b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE),
    ],
)
def test_an_answer_that_is_whole_is_read_however_it_is_sent(serve, behave):
    assert fetch(base=serve(behave).base) == Fetched(State.PRESENT, (condition(1),))


def test_a_gzip_bomb_is_stopped_at_the_cap(serve):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush()
    stub = serve(sends(http(bomb, "Content-Encoding: gzip")))
    before = process_resource.getrusage(process_resource.RUSAGE_SELF).ru_maxrss
    with within(3.0):
        assert fetch(base=stub.base) == refused("too-large")
    assert (
        process_resource.getrusage(process_resource.RUSAGE_SELF).ru_maxrss - before < 40_000
    )  # kB


@pytest.mark.parametrize(
    "status",
    [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
        "300 Choices",
        "305 Use Proxy",
    ],
)
@pytest.mark.parametrize("query", ["Patient/123", SEARCH])
def test_no_redirect_is_followed(serve, status, query):
    target, first = (
        serve(healthy),
        serve(
            lambda stub, connection, head: connection.sendall(
                http(b"", f"Location: {location}", status=status)
            )
        ),
    )
    for location in (  # noqa: B007 - the first server reads it
        f"{first.base}/elsewhere",
        f"{target.base}/Patient/123",
        f"http://localhost:{target.port}/r4",
        f"//127.0.0.1:{target.port}/r4",
        "file:///etc/passwd",
        "http://[",
        "",
    ):
        assert fetch(query, base=first.base) == refused("redirect")
    assert first.accepted == 7 and target.accepted == 0


def test_the_body_of_a_redirect_is_not_read(serve):
    target = serve(healthy)

    def behave(stub, connection, head):
        connection.sendall(
            http(
                b"",
                f"Location: {target.base}",
                "Content-Length: 100000000",
                status="302 Found",
                length=False,
            )
        )
        stub.drip(connection, [b" "] * 1000)

    stub = serve(behave)
    with within(3.0):
        assert fetch(base=stub.base, seconds=2.0) == refused("redirect")
    assert stub.hung_up.wait(1.0) and target.accepted == 0


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:{port}/r4?page=2",
        "http://localhost:{port}/r4?page=2",
        "http://x@127.0.0.1:{port}/r4?page=2",
    ],
)
def test_nothing_is_sent_to_a_next_link_elsewhere(serve, link):
    target = serve(healthy)
    link = link.format(port=target.port)
    stub = serve(sends(http(bundle(condition(1), next=link))))
    assert fetch(base=stub.base) == Fetched(State.PARTIAL, (condition(1),), "foreign-next")
    assert follow(link, base=stub.base) == Fetched(State.PARTIAL, (), "foreign-next")
    assert (stub.accepted, target.accepted) == (1, 0)


def test_endless_fresh_pages_end_after_ten(serve):
    def behave(stub, connection, head):
        number = len(stub.heads)
        connection.sendall(http(bundle(condition(number), next=f"{stub.base}?page={number}")))

    stub = serve(behave)
    fetched = fetch(base=stub.base)
    assert (fetched.state, fetched.reason, len(fetched.resources)) == (
        State.PARTIAL,
        "too-many-pages",
        10,
    )
    assert stub.accepted == 10
    assert all("\r\nAuthorization: Bearer canary-token\r\n" in head for head in stub.heads)


def test_pages_share_a_connection_that_the_server_keeps_open(serve):
    def behave(stub, connection, head):
        connection.sendall(
            http(bundle(condition(1), next=f"{stub.base}?page=2")).replace(
                b"Connection: close\r\n", b""
            )
        )
        stub.heads.append(connection.recv(4096).decode())
        connection.sendall(http(bundle(condition(2))))

    stub = serve(behave)
    assert fetch(base=stub.base) == Fetched(State.PRESENT, (condition(1), condition(2)))
    assert stub.accepted == 1 and "GET /r4?page=2 " in stub.heads[1]


KEPT = WHOLE.replace(b"Connection: close\r\n", b"")


def keeps_open(*more):
    """Answers the first request on a connection well; each further one, when it comes, as one of `more` does, and the last of them for ever."""

    def behave(stub, connection, head):
        connection.sendall(KEPT)
        for number in range(1000):
            stub.heads.append(connection.recv(65536).decode("latin-1"))
            if not stub.heads[-1]:
                stub.heads.pop()
                stub.hung_up.set()
                return
            more[min(number, len(more) - 1)](stub, connection, head)

    return behave


def test_a_connection_serves_one_request_after_the_other_each_with_its_own_token(serve):
    """Of whatever client: what a request is allowed stands in its headers, and in no cookie or connection."""
    stub = serve(
        keeps_open(
            sends(
                http(bundle(condition(1)), "Set-Cookie: session=canary; Path=/").replace(
                    b"Connection: close\r\n", b""
                )
            )
        )
    )
    for token in ("one", None, "two", None):
        assert fetch(base=stub.base, token=token) == Fetched(State.PRESENT, (condition(1),))
    assert stub.accepted == 1
    assert [re.findall("(?im)^(?:authorization|cookie):.*$", head) for head in stub.heads] == [
        ["Authorization: Bearer one\r"],
        [],
        ["Authorization: Bearer two\r"],
        [],
    ]


def test_queries_at_the_same_time_never_share_a_connection(serve):
    together = threading.Barrier(8, timeout=4)

    def behave(stub, connection, head):
        while head:
            together.wait()  # all of them are on their way
            number = re.search("patient=([0-9]+)", head)[1]
            connection.sendall(
                http(bundle(condition(number))).replace(b"Connection: close\r\n", b"")
            )
            head = connection.recv(65536).decode("latin-1")

    stub = serve(behave)
    for _ in range(3):
        fetched = FhirClient(stub.base, TOKEN, 2.0).read(
            {str(n): f"Condition?patient={n}" for n in range(8)}, {}
        )
        assert {key: ids(f) for key, f in fetched.items()} == {str(n): [str(n)] for n in range(8)}
    assert stub.accepted == 8


@pytest.mark.parametrize(
    "behave", [never_answers, drips_status, drips_headers, drips_body, drips_chunks]
)
def test_the_deadline_holds_on_a_connection_that_served_before(serve, behave):
    stub = serve(keeps_open(behave))
    assert fetch(base=stub.base).state is State.PRESENT
    with within(3.0):
        assert fetch(base=stub.base, seconds=0.2) == refused("timeout")
    assert stub.hung_up.wait(1.0)
    assert (stub.accepted, len(stub.heads)) == (1, 2)


def closes(stub, connection, head):
    connection.close()


def resets(stub, connection, head):
    reset_at()(stub, connection, head)
    connection.close()


@pytest.mark.parametrize("behave", [closes, resets])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_connection_that_ends_while_it_is_asked_again_is_replaced_once(
    serve, trusted, behave, tls
):
    """A server may close a connection that waits at any moment, also in this one; RFC 9112, 9.3.1."""
    stub = serve(keeps_open(behave), tls=trusted if tls else None)
    for accepted in (1, 2, 3):
        assert fetch(base=stub.base) == Fetched(State.PRESENT, (condition(1),))
        assert stub.accepted == accepted


def test_what_replaces_a_connection_is_not_replaced(serve):
    def behave(stub, connection, head):
        if stub.accepted == 1:
            keeps_open(closes)(stub, connection, head)

    stub = serve(behave)
    assert fetch(base=stub.base).state is State.PRESENT
    assert fetch(base=stub.base) == refused("broken")
    assert stub.accepted == 2


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(serve):
    stub = serve(
        lambda stub, connection, head: connection.sendall(KEPT)
    )  # and closes it without having said so
    for accepted in (1, 2):
        assert fetch(base=stub.base).state is State.PRESENT
        assert stub.accepted == accepted
        time.sleep(0.05)  # until the end has come here


def test_what_nobody_asked_for_is_not_taken_for_the_next_answer(serve):
    """A server that answers twice would otherwise give one patient's data for another's."""

    def behave(stub, connection, head):
        number = stub.accepted
        connection.sendall(http(bundle(condition(number))).replace(b"Connection: close\r\n", b""))
        time.sleep(0.05)
        connection.sendall(
            http(bundle(condition("of somebody else"))).replace(b"Connection: close\r\n", b"")
        )
        connection.recv(1)

    stub = serve(behave)
    for number in (1, 2):
        assert ids(fetch(base=stub.base)) == [str(number)]
        time.sleep(0.15)


@pytest.mark.parametrize(
    "first",
    [
        KEPT[:-10],
        KEPT.replace(b"200 OK", b"500 Error"),
        KEPT.replace(b"200 OK", b"404 Not Found"),
        KEPT.replace(FHIR.encode(), b"text/html"),
        KEPT.replace(b"/1.1", b"/1.0", 1),
        WHOLE,
    ],
    ids=["broken off", "500", "404", "html", "HTTP/1.0", "Connection: close"],
)
def test_only_a_connection_whose_answer_was_read_to_its_end_waits(serve, first):
    def behave(stub, connection, head):
        connection.sendall(first)
        if not connection.recv(1):
            stub.hung_up.set()

    stub = serve(behave)
    fetch(base=stub.base, seconds=0.3)
    assert stub.hung_up.wait(1.0)


def test_a_connection_does_not_wait_for_ever_and_not_with_too_many(serve, monkeypatch):
    stub = serve(keeps_open(sends(KEPT)))
    queries = {str(n): SEARCH for n in range(6)}
    monkeypatch.setattr(egress, "MOST_WAITING", 2)
    FhirClient(stub.base, TOKEN, 2.0).read(queries, {})
    waiting = list(egress._waiting()._since)
    assert len(waiting) == 2 and all(connection.is_open for connection in waiting)
    monkeypatch.setattr(egress, "WAITING_SECONDS", 0.0)
    accepted = stub.accepted
    assert fetch(base=stub.base).state is State.PRESENT
    assert stub.accepted == accepted + 1
    assert not egress._waiting()._since and not any(connection.is_open for connection in waiting)


def test_reading_leaves_no_descriptors_behind(serve):
    kept, ended, late = serve(keeps_open(sends(KEPT))), serve(healthy), serve(never_answers)

    def read_all():
        for base, seconds in ((kept.base, 2.0), (ended.base, 2.0), (late.base, 0.05)):
            FhirClient(base, TOKEN, seconds).read({str(n): SEARCH for n in range(4)}, {})
        egress._waiting().close()
        time.sleep(0.1)  # the server's ends are in this process too
        return len(list(Path("/proc/self/fd").iterdir()))

    read_all()
    before = read_all()
    assert (
        max(read_all() for _ in range(4)) <= before + 4
    )  # of the server's threads, some may still be at it


def test_a_child_does_not_talk_over_its_parents_connections(serve):
    stub = serve(keeps_open(sends(KEPT)))
    assert fetch(base=stub.base).state is State.PRESENT
    child = os.fork()
    if child == 0:
        os._exit(bool(egress._waiting()._since))
    assert os.waitpid(child, 0)[1] == 0
    assert stub.hung_up.wait(1.0), "closed before the fork"
    assert fetch(base=stub.base).state is State.PRESENT
    assert stub.accepted == 2


def test_netrc_and_proxy_variables_are_ignored(serve, monkeypatch, tmp_path):
    proxy, stub = serve(healthy), serve(healthy)
    netrc = tmp_path / "netrc"
    netrc.write_text(
        "machine 127.0.0.1 login someone password canary\ndefault login someone password canary\n"
    )
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert fetch(base=stub.base).state is State.PRESENT
    assert fetch(base=stub.base, token=None).state is State.PRESENT
    assert "\r\nAuthorization: Bearer canary-token\r\n" in stub.heads[0]
    assert "Authorization" not in stub.heads[1]
    assert proxy.accepted == 0


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "server.pem"
    path.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The context of a TLS server whose certificate is known here."""
    path, context = certificate
    monkeypatch.setattr(egress, "_tls", lambda: trusting(certificates(path)))
    return context


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_that_nobody_signed_is_refused(serve, certificate, monkeypatch, variable):
    path, context = certificate
    if variable:
        monkeypatch.setenv(variable, str(path))
    stub = serve(healthy, tls=context)
    assert fetch(base=stub.base) == refused("tls")
    assert not stub.heads


def test_a_certificate_of_a_known_authority_is_accepted_for_its_host_only(serve, trusted):
    stub = serve(healthy, tls=trusted)
    assert fetch(base=stub.base) == Fetched(State.PRESENT, (condition(1),))
    assert fetch(base=stub.base.replace("127.0.0.1", "localhost")) == refused("tls")


def test_one_handshake_serves_one_request_after_the_other_for_its_host_only(serve, trusted):
    stub = serve(keeps_open(sends(KEPT), never_answers), tls=trusted)
    for _ in range(2):
        assert fetch(base=stub.base) == Fetched(State.PRESENT, (condition(1),))
    assert fetch(base=stub.base.replace("127.0.0.1", "localhost")) == refused("tls")
    with within(3.0):
        assert fetch(base=stub.base, seconds=0.2) == refused("timeout")
    assert stub.hung_up.wait(1.0) and len(stub.heads) == 3


@pytest.mark.parametrize("behave", [drips_body, drips_status, never_answers])
def test_a_slow_server_behind_tls_is_left_and_closed_too(serve, trusted, behave):
    stub = serve(behave, tls=trusted)
    with within(3.0):
        assert fetch(base=stub.base, seconds=0.3) == refused("timeout")
    assert stub.hung_up.wait(1.0)
    assert len(stub.heads) == 1


def test_a_plain_server_behind_an_https_base_is_unavailable(serve):
    def speaks_first(stub, connection, head):
        raise AssertionError("a TLS client sends no HTTP head")

    stub = serve(speaks_first)
    with within(3.0):
        assert (
            fetch(base=stub.base.replace("http:", "https:"), seconds=0.2).state is State.UNAVAILABLE
        )


def test_nothing_is_logged_about_what_was_asked_or_answered(serve, caplog):
    caplog.set_level(logging.DEBUG)
    body = bundle(condition("canary-id"), next="http://canary-host.test")
    stub = serve(
        sends(
            http(
                body,
                "canary header without colon",
                "Transfer-Encoding: chunked",
                "Set-Cookie: canary",
            )
        )
    )
    good = serve(sends(http(body, "canary header without colon")))
    fetch("Condition?patient=canary-patient", base=stub.base)
    assert ids(fetch("Condition?patient=canary-patient", base=good.base)) == ["canary-id"]
    fetch("Condition?patient=canary-patient", base=f"http://127.0.0.1:{closed_port()}")
    assert "canary" not in caplog.text and "127.0.0.1" not in caplog.text


def test_a_process_that_is_forked_after_the_first_fetch_can_fetch(serve):
    script = f"""
        import os
        from cds_service.fhir_client.client import FhirClient
        def fetch():
            return FhirClient({serve(healthy).base!r}, None, 2.0).read({{"a": "Condition?patient=1"}}, {{}})["a"].reason
        assert fetch() == ""
        child = os.fork()
        if child == 0:
            os._exit(fetch() != "")
        assert os.waitpid(child, 0)[1] == 0
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=10)
