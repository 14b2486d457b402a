"""The playground with a real sandbox FHIR server behind it, over HTTP on loopback."""

import threading
from functools import partial

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from cds_service.demo.playground.routes import blueprint
from cds_service.demo.run import sandbox_app
from cds_service.settings import Settings
from cds_service.web import create_app


class Quiet(WSGIRequestHandler):
    """The server of the tests writes no line for each request."""

    def log(self, *_):
        pass


@pytest.fixture(scope="module")
def fhir():
    """The base of a sandbox that holds the examples."""
    server = make_server("127.0.0.1", 0, sandbox_app(), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/fhir"
    server.shutdown()


@pytest.fixture(scope="module")
def demo(library, fhir):
    """The demo's application; the clock is the machine's, as the sandbox moved its examples to today."""
    return create_app(
        Settings(fhir_deadline_seconds=2.0), library, front=partial(blueprint, fhir=fhir)
    ).test_client()
