"""Invented addresses, methods, queries and headers: discovery answers as ever or refuses, what is not there is 404 or 405, never 5xx."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.contract.helpers import check_outcome
from tests.fuzz.inventions import HEADERS, METHODS, PATHS, QUERIES, check, many


@many(0.3)
@given(query=QUERIES)
def test_any_query(client, query):
    """What follows the question mark changes nothing."""
    answer = client.get("/cds-services", environ_overrides={"QUERY_STRING": as_wsgi(query)})
    assert check(answer, "GET", "/cds-services") == 200


@many(0.4)
@given(headers=HEADERS, body=st.binary(max_size=20))
def test_any_headers(client, headers, body):
    answer = client.get("/cds-services", headers=dict(headers), data=body)
    assert check(answer, "GET", "/cds-services") in (200, 400)


@many(0.3)
@given(path=PATHS, method=METHODS, query=QUERIES)
def test_any_address(client, path, method, query):
    """Pages for people are HTML; all else is JSON, and an OperationOutcome where it is refused."""
    answer = client.open(
        "/",
        method=method,
        environ_overrides={"PATH_INFO": as_wsgi(path), "QUERY_STRING": as_wsgi(query)},
    )
    assert answer.status_code < 500
    if answer.status_code >= 400 and answer.data:
        check_outcome(answer.status_code, answer.content_type, answer.data)
    elif answer.mimetype == "application/json" and answer.data:
        json.loads(answer.data)


def as_wsgi(text: str) -> str:
    """Bytes of a request line as WSGI hands them over."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")
