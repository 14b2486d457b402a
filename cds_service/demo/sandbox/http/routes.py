"""The sandbox: a small FHIR R4 server over synthetic patients in memory, for `make demo` only (http.html, search.html)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from cds_service.demo.sandbox.conditional import (
    create_unless,
    delete_where,
    patch_where,
    update_where,
)
from cds_service.demo.sandbox.http.answers import (
    answer,
    check_format,
    outcome,
    preference,
    read_answer,
    written_answer,
)
from cds_service.demo.sandbox.http.capability import capability_statement
from cds_service.demo.sandbox.http.pages import Pages
from cds_service.demo.sandbox.http.reading import Reading
from cds_service.demo.sandbox.store import InvalidResource, Store, StoreError, known_type
from cds_service.demo.sandbox.transactions import Bundles
from cds_service.fhir.validation import foreign_codes, problems
from cds_service.strict import json as strict_json

_MAX_BYTES = 32 * 1024 * 1024
_JSON_TYPES = {"application/fhir+json", "application/json", "application/json+fhir"}
_PATCH_TYPE = "application/json-patch+json"
_HTTP_ERRORS = {
    404: ("not-found", "There is nothing at this address; GET metadata lists what there is."),
    405: (
        "not-supported",
        "This address does not take this method; the header Allow names those it takes.",
    ),
    413: ("too-long", "The body is larger than this server takes."),
    500: ("exception", "Something went wrong here; the log of the sandbox says what."),
}
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, "
    "If-Modified-Since, X-Requested-With",
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
    """The resources, the lists with pages to come, and where the server stands."""

    def __init__(self, base_path: str):
        self.base_path = base_path
        self.store = Store(clock=lambda: datetime.now(UTC))
        self.pages = Pages()
        self.started = datetime.now(UTC)


@routes.get("/<path:path>")
@routes.get("", defaults={"path": ""})
def get(path: str) -> Response:
    return read_answer(*_reading().get(path.rstrip("/"), list(request.args.items(multi=True))))


@routes.post("/_search", defaults={"path": ""})
@routes.post("/<path:path>/_search")
def search_by_form(path: str) -> Response:
    if request.mimetype not in ("", "application/x-www-form-urlencoded"):
        raise StoreError(
            415,
            "not-supported",
            ["A search by POST needs Content-Type: application/x-www-form-urlencoded."],
        )
    if path and path.count("/") not in (0, 2):
        raise StoreError(
            404, "not-found", ["Searches are at Type/_search and at Patient/id/Type/_search."]
        )
    return read_answer(
        *_reading().get(path, [*request.args.items(multi=True), *request.form.items(multi=True)])
    )


@routes.post("/<resource_type>")
def create(resource_type: str) -> Response:
    condition = request.headers.get("If-None-Exist", "")
    if condition:
        return written_answer(
            *create_unless(_store(), resource_type, _body(), condition, _base()), _base()
        )
    return written_answer(_store().create(resource_type, _body()), True, _base())


@routes.put("/<resource_type>/<id>")
def update(resource_type: str, id: str) -> Response:
    if_match, if_new = (
        request.headers.get("If-Match", ""),
        request.headers.get("If-None-Match", "").strip() == "*",
    )
    return written_answer(*_store().update(resource_type, id, _body(), if_match, if_new), _base())


@routes.put("/<resource_type>")
def conditional_update(resource_type: str) -> Response:
    written = update_where(
        _store(), resource_type, _body(), _query(), _base(), request.headers.get("If-Match", "")
    )
    return written_answer(*written, _base())


@routes.patch("/<resource_type>/<id>")
def patch(resource_type: str, id: str) -> Response:
    version = _store().patch(resource_type, id, _operations(), request.headers.get("If-Match", ""))
    return written_answer(version, False, _base())


@routes.patch("/<resource_type>")
def conditional_patch(resource_type: str) -> Response:
    version = patch_where(
        _store(),
        resource_type,
        _operations(),
        _query(),
        _base(),
        request.headers.get("If-Match", ""),
    )
    return written_answer(version, False, _base())


@routes.delete("/<resource_type>/<id>")
def delete(resource_type: str, id: str) -> Response:
    _store().delete(resource_type, id, request.headers.get("If-Match", ""))
    return answer(None, 204)


@routes.delete("/<resource_type>")
def conditional_delete(resource_type: str) -> Response:
    delete_where(_store(), resource_type, _query(), _base(), request.headers.get("If-Match", ""))
    return answer(None, 204)


@routes.post("/<resource_type>/$validate")
@routes.post("/<resource_type>/<id>/$validate")
def validate(resource_type: str, id: str = "") -> Response:  # noqa: ARG001 - part of the address
    return answer(_validation(resource_type, _body()))


@routes.post("/Patient/<id>/$everything")
def everything(id: str) -> Response:
    """The parameters of an operation may come as a Parameters resource too (operations.html#executing)."""
    sent = _body().get("parameter") if request.content_length else []
    if not isinstance(sent or [], list):
        raise StoreError(400, "structure", ["Parameters.parameter must be a list of objects."])
    values = [
        (p.get("name"), value)
        for p in sent or []
        if isinstance(p, dict)
        for name, value in p.items()
        if name.startswith("value")
    ]
    given = [(str(name), str(value)) for name, value in values]
    return read_answer(
        *_reading().get(f"Patient/{id}/$everything", [*request.args.items(multi=True), *given])
    )


@routes.post("/$<name>")
@routes.post("/<resource_type>/$<name>")
@routes.post("/<resource_type>/<id>/$<name>")
def unknown_operation(**_parts: str) -> Response:
    raise StoreError(
        404,
        "not-supported",
        ["There is no such operation here; GET metadata lists those there are."],
    )


@routes.post("")
def transaction_or_batch() -> Response:
    bundles = Bundles(_store(), _base(), _reading().get, preference("return") == "representation")
    return answer(bundles.perform(_body()))


@routes.before_app_request
def answer_preflight() -> Response | None:
    return Response(status=204) if request.method == "OPTIONS" else None


@routes.before_request
def check_request() -> None:
    check_format()
    if "resource_type" in (values := request.view_args or {}):
        known_type(values["resource_type"])


@routes.after_app_request
def add_headers(response: Response) -> Response:
    response.headers.update(_CORS)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@routes.app_errorhandler(StoreError)
def answer_refusal(error: StoreError) -> Response:
    return answer(error.outcome(), error.status)


@routes.app_errorhandler(HTTPException)
def answer_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code, text = _HTTP_ERRORS.get(status, ("invalid", "The request cannot be read."))
    response = answer(outcome(text, "error", code), status)
    response.headers.update({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _sandbox() -> _Sandbox:
    return current_app.extensions["sandbox"]


def _store() -> Store:
    return _sandbox().store


def _base() -> str:
    return request.root_url.rstrip("/") + _sandbox().base_path


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


def _reading() -> Reading:
    base, sandbox = _base(), _sandbox()
    strict = preference("handling") == "strict"
    return Reading(
        sandbox.store,
        sandbox.pages,
        base,
        strict,
        lambda: capability_statement(base, sandbox.started),
    )


def _body() -> dict:
    """The JSON object that was sent. Raises StoreError: 415 for another format, 400 for what cannot be read."""
    if request.mimetype not in _JSON_TYPES:
        raise StoreError(
            415, "not-supported", ["The body needs Content-Type: application/fhir+json."]
        )
    body = _json()
    if not isinstance(body, dict):
        raise StoreError(400, "structure", ["The body must be a JSON object."])
    return body


def _operations() -> object:
    """The JSON Patch that was sent, whatever it is. StoreErrors as in _body."""
    if request.mimetype != _PATCH_TYPE:
        raise StoreError(
            415, "not-supported", [f"A patch is a JSON Patch here: Content-Type: {_PATCH_TYPE}."]
        )
    return _json()


def _json() -> object:
    try:
        return strict_json.loads_any(request.get_data())
    except strict_json.BadJson as error:
        raise StoreError(400, "structure", [f"The JSON cannot be read: {error}."]) from None


def _validation(resource_type: str, body: dict) -> dict:
    """What $validate says of a resource, alone or in Parameters: base R4 only, no profile (resource-operation-validate.html)."""
    parameters = body.get("parameter") if body.get("resourceType") == "Parameters" else None
    if parameters is not None:
        sent = (
            [
                p.get("resource")
                for p in parameters
                if isinstance(p, dict) and p.get("name") == "resource"
            ]
            if isinstance(parameters, list)
            else []
        )
        body = sent[0] if sent and isinstance(sent[0], dict) else {}
    if body.get("resourceType") != resource_type:
        return StoreError(
            200, "invalid", [f"The resourceType must be {resource_type}, as in the address."]
        ).outcome()
    found = problems(body) or foreign_codes(body)
    return (
        InvalidResource(found).outcome()
        if found
        else outcome("It is valid FHIR R4; profiles were not looked at.")
    )
