"""Every answer that is not 2xx carries a FHIR OperationOutcome: no HTML, no stack trace, no patient data."""

import logging
import traceback
from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from cds_service.errors import RequestError, StoreUnavailable

log = logging.getLogger("mammacards")
_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    411: "required",
    412: "incomplete",
    413: "too-long",
    415: "not-supported",
    503: "transient",
}
_MESSAGES = {
    404: "There is nothing at this address; GET /cds-services lists the services.",
    405: "This address does not take this method; see the Allow header.",
}


def outcome(status: int, message: str, code: str = "", expression: str = "") -> Response:
    """An OperationOutcome as response."""
    issue: dict[str, Any] = {
        "severity": "error",
        "code": code or _CODES.get(status, "exception"),
        "diagnostics": message,
    }
    if expression:
        issue["expression"] = [expression]
    response = jsonify({"resourceType": "OperationOutcome", "issue": [issue]})
    response.status_code = status
    return response


def register(app: Flask) -> None:
    """Turn every error of the application into an OperationOutcome."""

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return outcome(error.status, str(error), error.code, error.expression)

    @app.errorhandler(StoreUnavailable)
    def store_down(error: StoreUnavailable) -> Response:
        log.error("the database does not answer: %s", type(error.__cause__ or error).__name__)
        response = outcome(
            503,
            "The service cannot reach its database; nothing was stored or advised. Try again later.",
        )
        response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        response = outcome(status, _MESSAGES.get(status, f"{error.name}."))
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(Exception)
    def ours(error: Exception) -> Response:
        # The type is enough to find it; the text of an exception may quote the record.
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-6:])
        )
        log.error("unexpected %s at %s", type(error).__name__, where)
        return outcome(
            500, "The service met an error of its own; nothing was advised.", "exception"
        )
