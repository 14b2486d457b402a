"""With authentication on a request may name any `fhirServer`; only those of the client that calls are contacted (L17, T01, decision 13)."""

import pytest

from tests.contract.helpers import REFERRAL, codes, outcome_of, request_for
from tests.faults.stub import Stub, serves
from tests.security.tokens import VIEW, Client, Service

HOOK, TOKEN = "patient-view", "canary-of-the-record"


@pytest.fixture(scope="module")
def servers():
    """A FHIR server of each of two hospitals, empty."""
    with Stub(serves([])) as own, Stub(serves([])) as other:
        yield own, other


@pytest.fixture(scope="module")
def scene(tmp_path_factory, library, servers):
    hospitals = [
        Client(name, kid=name, more={"fhir_servers": [server.base]})
        for name, server in zip(("own", "other"), servers)
    ]
    return Service(tmp_path_factory.mktemp("servers"), library, hospitals), hospitals[0]


def named(server: str, templates, clock, **more: object) -> dict:
    request = request_for(REFERRAL, HOOK, templates, clock)
    return request | {
        "fhirServer": server,
        "fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer"},
        **more,
    }


@pytest.mark.requirement("C16", "C17", "L17")
@pytest.mark.parametrize("spelling", ["{}", "{}/"])
def test_its_own_server_is_read(scene, servers, templates, clock, spelling):
    """Control: what prefetch lacks is read there, with the token that the request brings."""
    (service, hospital), (own, other) = scene, servers
    own.asked.clear()
    request = named(spelling.format(own.base), templates, clock)
    del request["prefetch"]["procedures"]
    assert codes(service.call(hospital, VIEW, request)) == ["ductoscopyReferral"]
    assert (
        [asked.path for asked in own.asked] == ["/Procedure"]
        and own.tokens == {f"Bearer {TOKEN}"}
        and other.asked == []
    )


@pytest.mark.requirement("L17")
@pytest.mark.parametrize(
    "spelling",
    [
        "{other}",
        "{own}/x",
        "{own}/../fhir",
        "{own}?x",
        "{own}#",
        "{own}//",
        "{host}",
        "{own}x",
        "http://a@{bare}/fhir",
    ],
)
def test_another_server_is_not(scene, servers, templates, clock, spelling):
    """That of another hospital, and addresses that only begin or end alike: treated as absent, so 200 where prefetch suffices, else 412."""
    (service, hospital), (own, other) = scene, servers
    own.asked.clear()
    request = named(
        spelling.format(own=own.base, other=other.base, host=f"http://{own.host}", bare=own.host),
        templates,
        clock,
    )
    assert codes(service.call(hospital, VIEW, request)) == ["ductoscopyReferral"]
    del request["prefetch"]
    answer = service.call(hospital, VIEW, request)
    assert (
        answer.status_code == 412
        and outcome_of(answer)
        and TOKEN not in answer.get_data(as_text=True)
    )
    assert own.asked == [] and other.asked == []
