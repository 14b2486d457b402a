"""The sandbox: a small FHIR R4 server over synthetic patients in memory, for `make demo` only (http.html, search.html)."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from cds_service import strict_json
from cds_service.fhir.search import TYPES, parameters_of
from cds_service.fhir.store import Store, StoreError, Version, known_type
from cds_service.web.sandbox_pages import Pages

_MAX_BYTES = 32 * 1024 * 1024
_JSON_TYPES = {"application/fhir+json", "application/json", "application/json+fhir"}
_INTERACTIONS = ("read", "vread", "search-type", "create", "update", "delete")
_HTTP_ERRORS = {
    404: ("not-found", "There is nothing at this address; GET metadata lists what there is."),
    405: ("not-supported", "This address does not take this method; the header Allow names those it takes."),
    413: ("too-long", "The body is larger than this server takes."),
    500: ("exception", "Something went wrong here; the log of the sandbox says what."),
}
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Prefer, If-Match",
    "Access-Control-Expose-Headers": "ETag, Location, Last-Modified",
    "Access-Control-Max-Age": "600",
}

routes = Blueprint("sandbox", __name__)


def create_sandbox(bundles: Iterable[dict], *, base_path: str = "/fhir") -> Flask:
    """The sandbox as an application, with the resources of these Bundles under their own ids.

    Everything is forgotten when the process ends. Raises StoreError for a resource that is not valid R4. `base_path`
    is where the server stands below its host, and is not empty.
    """
    app = Flask("mammacards-sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BYTES
    # A foreign name that was made to point at this machine (DNS rebinding) is refused.
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    app.url_map.strict_slashes = False
    app.extensions["sandbox"] = sandbox = _Sandbox(base_path)
    for bundle in bundles:
        sandbox.store.load(bundle)
    app.register_blueprint(routes, url_prefix=base_path)
    return app


class _Sandbox:
    """The resources, the searches in them, and where the server stands."""

    def __init__(self, base_path: str):
        self.base_path = base_path
        self.store = Store(clock=lambda: datetime.now(UTC))
        self.pages = Pages(self.store)
        self.started = datetime.now(UTC)


@routes.get("/metadata")
def metadata() -> Response:
    return _answer(_capability_statement(_sandbox(), _base()))


@routes.get("/<resource_type>")
def search_by_address(resource_type: str) -> Response:
    if "_cursor" in request.args:
        return _answer(_sandbox().pages.further(resource_type, request.args["_cursor"], _base()))
    return _answer(_searchset(resource_type, list(request.args.items(multi=True))))


@routes.post("/<resource_type>/_search")
def search_by_form(resource_type: str) -> Response:
    if request.mimetype not in ("", "application/x-www-form-urlencoded"):
        raise StoreError(415, "not-supported", ["A search by POST needs Content-Type: application/x-www-form-urlencoded."])
    return _answer(_searchset(resource_type, [*request.args.items(multi=True), *request.form.items(multi=True)]))


@routes.get("/<resource_type>/<id>")
def read(resource_type: str, id: str) -> Response:
    return _versioned(_sandbox().store.read(resource_type, id))


@routes.get("/<resource_type>/<id>/_history/<number>")
def vread(resource_type: str, id: str, number: str) -> Response:
    return _versioned(_sandbox().store.read(resource_type, id, number))


@routes.post("/<resource_type>")
def create(resource_type: str) -> Response:
    if "If-None-Exist" in request.headers:
        raise StoreError(400, "not-supported", ["Conditional create (If-None-Exist) is not offered here."])
    return _written(_sandbox().store.create(resource_type, _body()), created=True)


@routes.put("/<resource_type>/<id>")
def update(resource_type: str, id: str) -> Response:
    version, created = _sandbox().store.update(resource_type, id, _body(), request.headers.get("If-Match", ""))
    return _written(version, created)


@routes.delete("/<resource_type>/<id>")
def delete(resource_type: str, id: str) -> Response:
    _sandbox().store.delete(resource_type, id, request.headers.get("If-Match", ""))
    return _answer(None, 204)


@routes.post("")
def transaction_or_batch() -> Response:
    return _answer(_sandbox().store.perform(_body(), _base(), _searchset))


@routes.before_app_request
def answer_preflight() -> Response | None:
    return Response(status=204) if request.method == "OPTIONS" else None


@routes.before_request
def check_type() -> None:
    if "resource_type" in (request.view_args or {}):
        known_type(request.view_args["resource_type"])


@routes.after_app_request
def add_headers(response: Response) -> Response:
    response.headers.update(_CORS)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@routes.app_errorhandler(StoreError)
def answer_refusal(error: StoreError) -> Response:
    return _answer(error.outcome(), error.status)


@routes.app_errorhandler(HTTPException)
def answer_http_error(error: HTTPException) -> Response:
    code, text = _HTTP_ERRORS.get(error.code, ("invalid", "The request cannot be read."))
    response = _answer(StoreError(error.code, code, [text]).outcome(), error.code)
    response.headers.update({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _sandbox() -> _Sandbox:
    return current_app.extensions["sandbox"]


def _base() -> str:
    return request.root_url.rstrip("/") + _sandbox().base_path


def _searchset(resource_type: str, parameters: list[tuple[str, str]]) -> dict:
    return _sandbox().pages.first(resource_type, parameters, _base(), strict=_preference("handling") == "strict")


def _preference(name: str) -> str:
    """The value of one preference in the header Prefer (RFC 7240, http.html#ops)."""
    match = re.search(rf"(?:^|[,;])\s*{name}\s*=\s*\"?(\w+)", ",".join(request.headers.getlist("Prefer")))
    return match[1] if match else ""


def _body() -> dict:
    """The JSON object that was sent. Raises StoreError: 415 for another format, 400 for what cannot be read."""
    if request.mimetype not in _JSON_TYPES:
        raise StoreError(415, "not-supported", ["The body needs Content-Type: application/fhir+json."])
    try:
        return strict_json.loads(request.get_data())
    except strict_json.BadJson as error:
        raise StoreError(400, "structure", [f"The JSON cannot be read: {error}."]) from None


def _answer(body: dict | None, status: int = 200) -> Response:
    text = "" if body is None else json.dumps(body)
    return Response(text, status, content_type="application/fhir+json; charset=utf-8")


def _versioned(version: Version, status: int = 200, minimal: bool = False) -> Response:
    response = _answer(None if minimal else version.resource, status)
    response.headers.update({"ETag": version.etag, "Last-Modified": http_date(version.updated)})
    return response


def _written(version: Version, created: bool) -> Response:
    response = _versioned(version, 201 if created else 200, minimal=_preference("return") == "minimal")
    if created:
        response.headers["Location"] = f"{_base()}/{version.place}"
    return response


def _capability_statement(sandbox: _Sandbox, base: str) -> dict:
    """What this server can do, read off the search tables (capabilitystatement.html)."""
    resources = [
        {
            "type": resource_type,
            "interaction": [{"code": code} for code in _INTERACTIONS],
            "versioning": "versioned",
            "readHistory": True,
            "updateCreate": True,
            "conditionalCreate": False,
            "conditionalUpdate": False,
            "conditionalDelete": "not-supported",
            "searchInclude": [f"{resource_type}:{p.name}" for p in parameters if p.kind == "reference"],
            "searchParam": [{"name": p.name, "type": p.kind} for p in parameters],
        }
        for resource_type in TYPES
        for parameters in [parameters_of(resource_type).values()]
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": sandbox.started.isoformat(timespec="seconds"),
        "kind": "instance",
        "implementation": {"description": "MammaCards sandbox: synthetic patients, in memory", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": True},
                "resource": resources,
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }
