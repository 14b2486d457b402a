"""How the sandbox answers over HTTP: the format that is asked for, what a write returns, what has not changed (http.html)."""

import json
import re

from flask import Response, request
from werkzeug.http import http_date, parse_date

from cds_service.demo.sandbox.store import StoreError, Version

_FORMATS = {
    "json",
    "application/json",
    "application/fhir+json",
    "application/json+fhir",
    "text/json",
    "html",
    "text/html",
}
# A browser asks for text/html; it is answered with JSON like everybody else.
_ACCEPTED = _FORMATS | {"*/*", "application/*", "text/*", "application/json-patch+json"}


def check_format() -> None:
    """406 where neither _format nor Accept lets the answer be JSON.

    "_format ... overrides the value of the Accept header" (http.html#parameters). XML and Turtle are not offered.
    """
    asked = request.args.get("_format")
    if asked is not None:
        acceptable = asked.partition(";")[0].strip().replace(" ", "+") in _FORMATS
    else:
        accepted = [kind for kind, quality in request.accept_mimetypes if quality > 0]
        acceptable = not accepted or any(
            kind.partition(";")[0].strip().lower() in _ACCEPTED for kind in accepted
        )
    if not acceptable:
        raise StoreError(
            406,
            "not-supported",
            ["Only JSON is offered: Accept: application/fhir+json or _format=json."],
        )


def preference(name: str) -> str:
    """The value of one preference in the header Prefer (RFC 7240, http.html#ops)."""
    match = re.search(
        rf"(?:^|[,;])\s*{name}\s*=\s*\"?(\w+)", ",".join(request.headers.getlist("Prefer"))
    )
    return match[1] if match else ""


def answer(body: dict | None, status: int = 200) -> Response:
    """A FHIR answer; indented where _pretty=true asks for it."""
    text = (
        ""
        if body is None
        else json.dumps(body, indent=2 if request.args.get("_pretty") == "true" else None)
    )
    return Response(text, status, content_type="application/fhir+json; charset=utf-8")


def read_answer(body: dict, version: Version | None) -> Response:
    """What was read, with the headers of its version; 304 where the client has it already (http.html#cread)."""
    if version is None:
        return answer(body)
    unchanged = _has_it(version)
    return _stamped(answer(None if unchanged else body, 304 if unchanged else 200), version)


def written_answer(version: Version, created: bool, base: str) -> Response:
    """The answer to a write: the resource, nothing or an OperationOutcome, as Prefer: return says (http.html#ops)."""
    wanted = preference("return")
    body = (
        None
        if wanted == "minimal"
        else outcome("The resource is stored.")
        if wanted == "OperationOutcome"
        else version.resource
    )
    response = _stamped(answer(body, 201 if created else 200), version)
    if created or request.method == "POST":
        response.headers["Location"] = f"{base}/{version.place}"
    return response


def outcome(text: str, severity: str = "information", code: str = "informational") -> dict:
    """An OperationOutcome of one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": text}],
    }


def _stamped(response: Response, version: Version) -> Response:
    response.headers.update({"ETag": version.etag, "Last-Modified": http_date(version.updated)})
    return response


def _has_it(version: Version) -> bool:
    """If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2); dates of HTTP have whole seconds."""
    if "If-None-Match" in request.headers:
        return (
            request.if_none_match.contains_weak(str(version.number))
            or request.headers["If-None-Match"].strip() == "*"
        )
    since = parse_date(request.headers.get("If-Modified-Since"))
    return since is not None and version.updated.replace(microsecond=0) <= since
