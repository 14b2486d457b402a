"""Which servers are contacted: the one that is registered for the client, to the letter, and no other (L17, T01, T02, check 41, decision 13).

Each row of the table is a spelling of `fhirServer` that a careless comparison would take for the registered one, or that would lead
somewhere inside. None may resolve a name or open a connection; the request is answered from its prefetch, or with 412.
"""

import json
from dataclasses import replace

import pytest

from cds_service.security.clients import anybody
from cds_service.web import create_app
from tests.conftest import SETTINGS
from tests.contract.helpers import NOBODY, REFERRAL, codes, outcome_of, post, request_for
from tests.faults.stub import Stub, http, says_json, searchset
from tests.security.egress import egress  # noqa: F401 - a fixture
from tests.security.tokens import VIEW as VIEW_PATH
from tests.security.tokens import Client, Service

VIEW = "patient-view"
OWN = "https://ehr.example.org/fhir"  # the registered base
TOKEN = "canary-token-egress"

NOT_OURS = {
    "inside the network": [
        "http://169.254.169.254/",
        "http://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/fhir",
        "http://[fe80::a9fe:a9fe]/",
        "http://10.0.0.1/fhir",
        "http://172.16.0.1/fhir",
        "http://192.168.1.1",
        "http://100.100.100.200/",
        "http://metadata.google.internal/",
        "http://kubernetes.default.svc/",
        "http://0.0.0.0/fhir",
        "http://[::]/fhir",
        "http://0/",
    ],
    "the host with something before it": [
        "https://evil-ehr.example.org/fhir",
        "https://evil.ehr.example.org/fhir",
        "https://xehr.example.org/fhir",
        "https://evil.test/ehr.example.org/fhir",
        "https://evil.test?https://ehr.example.org/fhir",
        "https://evil.test#https://ehr.example.org/fhir",
        "https://evil.test/https://ehr.example.org/fhir",
        "https://.ehr.example.org/fhir",
        "https://-ehr.example.org/fhir",
    ],
    "the host with something after it": [
        "https://ehr.example.org.evil.test/fhir",
        "https://ehr.example.orgevil.test/fhir",
        "https://ehr.example.org-evil.test/fhir",
        "https://ehr.example.org./fhir",
        "https://ehr.example.org../fhir",
        "https://ehr.example/fhir",
        "https://ehr.example.organic/fhir",
        "https://example.org/fhir",
        "https://ehr.example.org%2eevil.test/fhir",
        "https://ehr.example.org%00.evil.test/fhir",
        "https://ehr.example.org,evil.test/fhir",
        "https://ehr.example.org;evil.test/fhir",
        "https://ehr.example.org&evil.test/fhir",
        "https://ehr.example.org*evil.test/fhir",
    ],
    "userinfo": [
        "https://ehr.example.org@evil.test/fhir",
        "https://ehr.example.org:443@evil.test/fhir",
        "https://ehr.example.org%40evil.test/fhir",
        "https://user@ehr.example.org/fhir",
        "https://user:pass@ehr.example.org/fhir",
        "https://@ehr.example.org/fhir",
        "https://:@ehr.example.org/fhir",
        "https://evil.test@ehr.example.org/fhir",
        "https://evil.test:443@ehr.example.org/fhir",
        "https://evil.test\\@ehr.example.org/fhir",
        "https://ehr.example.org\\@evil.test/fhir",
        "https://ehr.example.org/fhir@evil.test",
        "https://a:b@c@ehr.example.org/fhir",
        "http://127.0.0.1@evil.test/",
        "http://localhost:80@evil.test/",
        "http://user:pass@evil.test/",
        "http://user@127.0.0.1/",
        "http://evil.test\\@127.0.0.1/",
        "http://127.0.0.1\\@evil.test/",
    ],
    "backslashes and slashes": [
        "https:\\\\ehr.example.org\\fhir",
        "https://ehr.example.org\\fhir",
        "https://ehr.example.org/fhir\\",
        "https:/\\ehr.example.org/fhir",
        "https:///ehr.example.org/fhir",
        "https:/ehr.example.org/fhir",
        "https:ehr.example.org/fhir",
        "//ehr.example.org/fhir",
        "///ehr.example.org/fhir",
        "\\\\ehr.example.org\\fhir",
        "/fhir",
        "fhir",
        "https://ehr.example.org//fhir",
        "https://ehr.example.org/fhir//",
        "https://evil.test\\ehr.example.org/fhir",
        "//evil.test/fhir",
        "http:evil.test",
        "http:///evil.test",
    ],
    "dots and percents in the path": [
        "https://ehr.example.org/fhir/..",
        "https://ehr.example.org/fhir/../admin",
        "https://ehr.example.org/fhir/../fhir",
        "https://ehr.example.org/./fhir",
        "https://ehr.example.org/fhir/.",
        "https://ehr.example.org/x/../fhir",
        "https://ehr.example.org/%66hir",
        "https://ehr.example.org/fhir%2f",
        "https://ehr.example.org/fhir%2f..%2fadmin",
        "https://ehr.example.org%2ffhir",
        "https://ehr.example.org/fhir/%2e%2e/admin",
        "https://ehr.example.org/fhir;x=y",
        "https://ehr.example.org/fhir%00",
        "https://ehr.example.org/fhir%20",
        "https://%65hr.example.org/fhir",
        "https://ehr%2eexample%2eorg/fhir",
    ],
    "another path": [
        "https://ehr.example.org",
        "https://ehr.example.org/",
        "https://ehr.example.org/fhir2",
        "https://ehr.example.org/fhi",
        "https://ehr.example.org/fhir/R4",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org/admin",
        "https://ehr.example.org/fhir/Patient",
    ],
    "query and fragment": [
        "https://ehr.example.org/fhir?",
        "https://ehr.example.org/fhir?x=y",
        "https://ehr.example.org/fhir#",
        "https://ehr.example.org/fhir#x",
        "https://ehr.example.org/fhir/?/",
        "https://evil.test?ehr.example.org",
        "https://evil.test#ehr.example.org",
        "https://evil.test/?@ehr.example.org/fhir",
        "https://evil.test/#@ehr.example.org/fhir",
        "http://127.0.0.1?x=y",
        "http://127.0.0.1#x",
        "http://evil.test#127.0.0.1",
        "http://evil.test?127.0.0.1",
        "http://evil.test/127.0.0.1",
    ],
    "ports": [
        "https://ehr.example.org:443/fhir",
        "https://ehr.example.org:8443/fhir",
        "https://ehr.example.org:80/fhir",
        "https://ehr.example.org:/fhir",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:0443/fhir",
        "https://ehr.example.org:65979/fhir",
        "https://ehr.example.org:-1/fhir",
        "https://ehr.example.org:x/fhir",
        "https://ehr.example.org:443:443/fhir",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:http/",
        "http://evil.test:80",
        "evil.test:80",
    ],
    "schemes": [
        "http://ehr.example.org/fhir",
        "HTTPS://ehr.example.org/fhir",
        "Https://ehr.example.org/fhir",
        "httpss://ehr.example.org/fhir",
        "https+unix://ehr.example.org/fhir",
        "ehr.example.org/fhir",
        "ws://ehr.example.org/fhir",
        "wss://ehr.example.org/fhir",
        "ftp://ehr.example.org/fhir",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "file://ehr.example.org/fhir",
        "file:/etc/passwd",
        "gopher://127.0.0.1:70/",
        "gopher://ehr.example.org/_GET",
        "dict://127.0.0.1:11211/",
        "ldap://127.0.0.1",
        "jar:https://ehr.example.org/fhir!/",
        "data:application/json,{}",
        "data:application/fhir+json;base64,e30=",
        "javascript:alert(1)",
        "unix:///run/x.sock",
        "http+unix://%2frun%2fx.sock/fhir",
        "unix:/run/x.sock",
        "@unix",
        "urn:uuid:x",
        "view-source:https://ehr.example.org/fhir",
        "blob:https://ehr.example.org/fhir",
    ],
    "letters": [
        "https://EHR.example.org/fhir",
        "https://ehr.EXAMPLE.org/fhir",
        "https://EHR.example.org./fhir",
        "https://ehr.ex\u0430mple.org/fhir",
        "https://\u0435hr.example.org/fhir",
        "https://xn--hr-qdc.example.org/fhir",
        "https://ehr\u3002example\u3002org/fhir",
        "https://ehr\uff0eexample.org/fhir",
        "https://\uff45hr.example.org/fhir",
        "https://ehr.example.org\uff0ffhir",
        "https://ehr.example.org\u2024evil.test/fhir",
        "https://eh\u00adr.example.org/fhir",
        "https://ehr.example.org/fh\u0131r",
        "https://ehr.\u200bexample.org/fhir",
        "https://\u202eehr.example.org/fhir",
        "http://loc\u0430lhost/",
        "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3.evil.test/",
        "http://localhost\u3002evil.test/",
        "http://127\u30020\u30020\u30021/fhir",
        "https://ehr_example.org/fhir",
    ],
    "white space and control characters": [
        " https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir ",
        "\thttps://ehr.example.org/fhir",
        "https://ehr.example.org/fhir\n",
        "https://ehr.example\t.org/fhir",
        "ht\ntps://ehr.example.org/fhir",
        "https://ehr.example.org\r\nHost: evil.test/fhir",
        "https://ehr.example.org/fhir\r\nX-Evil: 1",
        "https://ehr.example.org /fhir",
        "https:// ehr.example.org/fhir",
        "\x00",
        "https://ehr.example.org\x00/fhir",
        "\x00https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir\x00",
        "https://ehr.example.org/fhir\x85",
        "\ufeffhttps://ehr.example.org/fhir",
        "https://ehr.example.org/fhir\u2028",
        "http://evil.test\t.127.0.0.1",
        "http://127.0.0.1 .evil.test",
        " http://evil.test",
    ],
    "numbers for loopback and metadata": [
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./fhir",
        "http://127.0.0.2/fhir",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[::1%25lo]/",
        "http://[::1]evil.test/",
        "http://[::1].evil.test/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://127.0.0.1%2eevil.test/",
        "http://127.0.0.1.evil.test/fhir",
        "http://localhost.evil.test",
        "http://localhost./fhir",
        "http://localhost.localdomain/fhir",
        "http://127.0.0.1.nip.io/fhir",
    ],
    "no URL at all": [
        "http://",
        "https://",
        "http://[",
        "http://[::1",
        "http://]",
        "https://[ehr.example.org]/fhir",
        "https://?",
        "https://#",
        ":",
        "://",
        "?",
        "#",
        ".",
        "..",
        "evil.test",
        "https://ehr.example.org/fhir" * 2,
        "x" * 100_000,
        "https://" + "a" * 300 + ".test/",
        "{{fhirServer}}",
        "null",
        '["https://ehr.example.org/fhir"]',
    ],
}
ROWS = [(what, url) for what, urls in NOT_OURS.items() for url in urls]
OURS = {"https://ehr.example.org/fhir", "https://ehr.example.org/fhir/"}


def access(server: str) -> dict:
    return {
        "fhirServer": server,
        "fhirAuthorization": {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/*.rs",
            "subject": "x",
        },
    }


def test_the_table_is_long_and_does_not_repeat_itself():
    urls = [url for _, url in ROWS]
    assert len(urls) >= 150 and len(set(urls)) == len(urls) and not OURS & set(urls)


HOSPITAL = Client("hospital", kid="h-1", more={"fhir_servers": [OWN]})


@pytest.fixture(scope="module")
def callers(tmp_path_factory, library):
    """name -> a call of patient-view: with authentication on as the hospital, and with it off where the same base is configured."""
    service = Service(tmp_path_factory.mktemp("egress"), library, [HOSPITAL])
    open_to_all = create_app(
        replace(SETTINGS, fhir_servers=(OWN,)), library, service.clock
    ).test_client()
    return service.clock, {
        "on": lambda body: service.call(HOSPITAL, VIEW_PATH, body),
        "off": lambda body: post(open_to_all, VIEW, body),
    }


@pytest.mark.requirement("L17")
@pytest.mark.parametrize("auth", ["on", "off"])
@pytest.mark.parametrize(
    "what, server", ROWS, ids=[f"{what}: {ascii(url)[1:60]}" for what, url in ROWS]
)
def test_no_other_server_is_contacted(callers, egress, templates, auth, what, server):  # noqa: F811
    """As if it had not been named: 200 where prefetch suffices, 412 where it does not; nothing of it in the answer."""
    clock, calls = callers
    request = request_for(NOBODY, VIEW, templates, clock) | access(server)
    assert calls[auth](request).get_json() == {"cards": []}
    request["prefetch"]["conditions"] = further_page(f"{server}/Condition?page=2")
    answer = calls[auth](request)
    assert answer.status_code == 200 and "notAssessed" in codes(answer), (
        "a further page that cannot be read is no silence"
    )
    del request["prefetch"]
    answer = calls[auth](request)
    assert answer.status_code == 412 and outcome_of(answer)["issue"][0]["code"] == "incomplete"
    assert (
        len(server) < 6 or server[:60] not in answer.get_data(as_text=True)
    ) and TOKEN not in answer.get_data(as_text=True)
    assert egress == []


def further_page(url: str) -> dict:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": url}],
    }


@pytest.mark.parametrize("auth", ["on", "off"])
@pytest.mark.parametrize("server", sorted(OURS))
def test_control_the_registered_base_is_contacted(callers, egress, templates, auth, server):  # noqa: F811
    """Control: with and without slash, and only its host."""
    clock, calls = callers
    request = request_for(NOBODY, VIEW, templates, clock) | access(server)
    del request["prefetch"]
    assert calls[auth](request).status_code == 412
    assert set(egress) == {"ehr.example.org"}


@pytest.mark.parametrize(
    "server, host",
    [
        ("http://127.0.0.1:9/fhir", "127.0.0.1"),
        ("http://localhost:9", "localhost"),
        ("http://[::1]:9/fhir", "::1"),
    ],
)
def test_loopback_only_while_nobody_has_to_prove_who_he_is(
    callers,
    egress,  # noqa: F811
    templates,
    server,
    host,
):
    """Decision 13: with authentication off bases on this machine are read; with it on they are servers like any other."""
    clock, calls = callers
    request = request_for(NOBODY, VIEW, templates, clock) | access(server)
    del request["prefetch"]
    assert calls["on"](request).status_code == 412 and egress == []
    assert calls["off"](request).status_code == 412 and set(egress) == {host}


@pytest.mark.parametrize("url", [url for _, url in ROWS], ids=lambda url: ascii(url)[:50])
def test_what_a_request_names_is_never_what_is_asked(url):
    """T01: requests are built from the configured address: what is admitted is one of ours, as configured, whatever was asked."""
    for client in (anybody((OWN,)), replace(anybody((OWN,)), reads_loopback=False)):
        assert client.fhir_base(url) is None


# ---------------------------------------------------------------------------------------------------- what comes back


@pytest.fixture(scope="module")
def hospital(tmp_path_factory, library):
    """The service and a FHIR server of one hospital, which answers as a test says."""
    behaviour = {}
    with Stub(lambda connection, asked, stub: behaviour["now"](connection, asked, stub)) as server:
        client = Client(
            "stub", kid="s-1", more={"fhir_servers": [server.base], "fhir_deadline_ms": 2000}
        )
        service = Service(tmp_path_factory.mktemp("hospital"), library, [client])

        def ask(now, templates, **more):
            behaviour["now"] = now
            request = (
                request_for(REFERRAL, VIEW, templates, service.clock) | access(server.base) | more
            )
            del request["prefetch"]["conditions"]
            return (
                service.call(client, VIEW_PATH, request),
                service.call(client, f"/explain/{VIEW_PATH.rpartition('/')[2]}", request),
                request,
            )

        yield server, ask


def searched(server: Stub, self_link: str | None) -> dict:
    """An empty answer with what the server says it searched for."""
    links = (
        {"link": [{"relation": "self", "url": f"{server.base}/Condition?{self_link}"}]}
        if self_link is not None
        else {}
    )
    return searchset([], **links)


@pytest.mark.parametrize(
    "self_link, is_complete",
    [
        (f"patient={REFERRAL}&_count=500", True),
        (f"subject=Patient%2F{REFERRAL}", True),
        ("_count=500", False),
        ("patient=other", False),
        (f"patient={REFERRAL}&status=active", False),
        (None, True),
    ],
)
def test_a_self_link_that_tells_of_another_search_is_seen(
    hospital, templates, self_link, is_complete
):
    """T16: the server says what it searched for; where that is not what was asked, nothing is concluded from its silence."""
    server, ask = hospital
    answer, explained, _ = ask(says_json(searched(server, self_link)), templates)
    state = {i["key"]: (i["state"], i.get("reason")) for i in explained.get_json()["inputs"]}[
        "conditions"
    ]
    if is_complete:
        assert state == ("empty", None) and answer.get_json() == {"cards": []}
    else:
        assert state[0] in ("partial", "unavailable") and state[1] == "not-answered-as-asked"
        assert answer.status_code == 412 or "notAssessed" in codes(answer)


def test_a_server_that_drops_the_patient_and_does_not_say_so(hospital, templates):
    """T14, T16: another patient's data among the answers: 400, and nothing is evaluated."""
    _, ask = hospital
    other = {
        "resourceType": "Condition",
        "id": "o",
        "subject": {"reference": "Patient/other"},
        "code": {"text": "Bloederige tepelvloed links"},
        "onsetDateTime": "2026-01-01",
    }
    answer, explained, _ = ask(says_json(searchset([other])), templates)
    for one in (answer, explained):
        assert (
            one.status_code == 400
            and outcome_of(one)["issue"][0]["code"] == "conflict"
            and "other" not in json.dumps(one.get_json()).replace("another", "")
        )


def test_a_server_that_ignores_the_codes(hospital, templates):
    """T16: more than was asked changes nothing: the facts look at codes themselves."""
    server, ask = hospital
    subject = {"reference": f"Patient/{REFERRAL}"}
    noise = [
        {
            "resourceType": "Condition",
            "id": f"n{n}",
            "subject": subject,
            "code": {"text": "Hoofdpijn"},
        }
        for n in range(50)
    ]
    answer, _, _ = ask(says_json(searchset(noise)), templates)
    assert answer.get_json() == {"cards": []}
    assert {dict(asked.parameters).get("patient") for asked in server.asked} == {
        REFERRAL
    } and server.tokens == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect"])
def test_with_authentication_on_a_token_follows_no_redirect(hospital, templates, status):
    """T03 once more, with a client's registered server."""
    _, ask = hospital
    with Stub(says_json(searchset([]))) as elsewhere:
        answer, _, _ = ask(
            lambda connection, asked, stub: connection.sendall(
                http(b"", status, "application/fhir+json", f"Location: {elsewhere.base}/Condition")
            ),
            templates,
        )
        assert elsewhere.asked == [] and (
            answer.status_code == 412 or "notAssessed" in codes(answer)
        )
