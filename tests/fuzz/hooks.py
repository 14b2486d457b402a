"""The properties of an endpoint that takes hook requests; each service and /explain is one class of tests, in a file of its own (for two cores)."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SERVICE
from tests.fuzz.inventions import (
    ANYTHING,
    BAD_REQUESTS,
    BROKEN,
    BYTES,
    CHANGES,
    ENVELOPE,
    HEADERS,
    TOKEN,
    changed,
    check,
    good_request,
    many,
    send,
)

NUMBER = st.integers(0, 99)


class Hooks:
    """`hooks`: the hooks whose requests are sent; `start`: where."""

    hooks: tuple[str, ...]
    start = "/cds-services/"

    def path(self, hook: str) -> str:
        return self.start + SERVICE[hook]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def met(cls):
        """Statuses that were met: a property that only ever sees refusals proves little."""
        met: Counter = Counter()
        yield met
        assert met[200] > sum(met.values()) / 10, met

    @many(0.5)
    @given(number=NUMBER, changes=CHANGES)
    def test_any_json_anywhere(self, client, templates, clock, met, number, changes):
        """A good request with other values at some places."""
        hook = self.hooks[number % len(self.hooks)]
        request = changed(good_request(hook, number, templates, clock), changes, ENVELOPE)
        met[check(send(client, self.path(hook), json.dumps(request)), "POST", self.path(hook))] += 1

    @many(0.15)
    @given(number=NUMBER, body=ANYTHING)
    def test_any_json_at_all(self, client, met, number, body):
        path = self.path(self.hooks[number % len(self.hooks)])
        met[check(send(client, path, json.dumps(body)), "POST", path)] += 1

    @many(0.2)
    @given(number=NUMBER, broken=BROKEN, alone=BYTES | st.none())
    def test_any_bytes(self, client, templates, clock, met, number, broken, alone):
        """A good request that was cut off, or in which a byte tipped over; and bytes that never were one."""
        hook = self.hooks[number % len(self.hooks)]
        how, a, b = broken
        body = (
            alone
            if alone is not None
            else BAD_REQUESTS[how](
                json.dumps(good_request(hook, number, templates, clock)).encode(), a, b
            )
        )
        met[check(send(client, self.path(hook), body), "POST", self.path(hook))] += 1

    @many(0.15)
    @given(number=NUMBER, headers=HEADERS, typed=st.booleans())
    def test_any_headers(self, client, templates, clock, met, number, headers, typed):
        """A good request with odd headers, and an access token that must not come back."""
        hook = self.hooks[number % len(self.hooks)]
        request = good_request(hook, number, templates, clock) | {
            "fhirServer": "https://ehr.example.org",
            "fhirAuthorization": {"access_token": TOKEN},
        }
        given_headers = ({"Content-Type": "application/json"} if typed else {}) | dict(headers)
        met[
            check(
                send(client, self.path(hook), json.dumps(request), given_headers),
                "POST",
                self.path(hook),
            )
        ] += 1
