"""A CDS Client in a browser, such as the CDS Hooks sandbox: another origin, a token on every call, so that each call is preflighted.

CDS Hooks 2.0.1, "Cross-Origin Resource Sharing"; acceptance check 30. The service is the real one under gunicorn, authentication on.
"""

import contextlib
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cds_service.casebook.render import hook_request, render
from tests.contract.helpers import CASES, REFERRAL
from tests.security.tokens import DISCOVERY, FEEDBACK, VIEW, Client, free_ports, served

CALL = """async ([url, method, headers, body]) => {
    try {
        const answer = await fetch(url, {method, headers, body: body ? JSON.stringify(body) : undefined})
        return {status: answer.status, body: await answer.json()}
    } catch (error) { return {status: 0, error: String(error)} }
}"""


@contextlib.contextmanager
def web_page():
    """An empty page of an origin of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A client</title>")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_ports()), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def origins():
    with web_page() as own, web_page() as twins, web_page() as foreign:
        yield own, twins, foreign


@pytest.fixture(scope="module")
def clients(origins):
    own, twins, _ = origins
    return Client("own", more={"origins": [own]}), Client("twin", more={"origins": [twins]})


@pytest.fixture(scope="module")
def service(tmp_path_factory, clients):
    with served(tmp_path_factory.mktemp("browser"), clients) as running:
        yield running


def call(page, service, client, path, method="POST", body=None):
    """A call by the page's own script with a good token of a client."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {service.token(client, path)}" if client else "Bearer nothing",
    }
    return page.evaluate(CALL, [service.public_url + path, method, headers, body])


def test_a_page_of_the_client_discovers_calls_and_gives_feedback(page, service, clients, origins):
    page.goto(origins[0])
    found = call(page, service, clients[0], DISCOVERY, "GET")
    assert found["status"] == 200
    (prefetch,) = [s["prefetch"] for s in found["body"]["services"] if s["hook"] == "patient-view"]
    request = hook_request(
        CASES[REFERRAL],
        render(CASES[REFERRAL], date.today()),
        "patient-view",
        prefetch_keys=prefetch,
    )
    (card,) = call(page, service, clients[0], VIEW, body=request)["body"]["cards"]
    assert card["source"]["topic"]["code"] == "ductoscopyReferral"
    accepted = {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-06-15T10:00:00Z",
    }
    assert call(page, service, clients[0], FEEDBACK, body={"feedback": [accepted]}) == {
        "status": 200,
        "body": {},
    }


@pytest.mark.parametrize(
    "path, method, body, status",
    [
        (DISCOVERY, "GET", None, 401),
        (VIEW, "POST", {}, 401),
        (FEEDBACK, "POST", {}, 401),
        ("/cds-services/nothing", "POST", {}, 401),
    ],
)
def test_a_page_of_the_client_can_read_a_refusal(
    page, service, origins, path, method, body, status
):
    """The headers stand on errors too: the page learns that it was refused, not that the network failed."""
    page.goto(origins[0])
    answer = call(page, service, None, path, method, body)
    assert answer["status"] == status and answer["body"]["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "path, status", [(VIEW, 400), ("/cds-services/nothing", 404), (FEEDBACK, 400)]
)
def test_a_page_of_the_client_can_read_what_was_wrong(
    page, service, clients, origins, path, status
):
    page.goto(origins[0])
    assert call(page, service, clients[0], path, body={"hook": "none"})["status"] == status


def test_another_page_reads_nothing(page, service, clients, origins):
    """Not even with a good token that it got hold of: the browser keeps the answer from it."""
    page.goto(origins[2])
    assert call(page, service, clients[0], DISCOVERY, "GET")["status"] == 0


def test_a_page_of_one_client_reads_nothing_in_the_name_of_another(page, service, clients, origins):
    page.goto(origins[1])
    assert call(page, service, clients[1], DISCOVERY, "GET")["status"] == 200
    assert call(page, service, clients[0], DISCOVERY, "GET")["status"] == 0
