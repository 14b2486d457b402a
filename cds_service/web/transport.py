"""What HTTP brings with it: paths with double slashes, bodies and their limits, languages, safe headers."""

import re
from collections.abc import Callable, Iterable

import orjson
from flask import Flask, Request, Response
from flask.json.provider import DefaultJSONProvider

from cds_service.errors import RequestError
from cds_service.strict import json as strict_json


class Json(DefaultJSONProvider):
    """How answers are written: UTF-8, compact, members in the order in which they were made.

    By orjson, as the standard library takes ten times as long for the cards of a hook. For output only: strict_json reads. orjson would
    write NaN as null, and answers hold neither: what comes from a record was read strictly, and what has no value is left out.
    """

    sort_keys = False
    ensure_ascii = False

    def response(self, *args: object, **kwargs: object) -> Response:  # noqa: ARG002 - flask's signature
        (told,) = args
        return Response(orjson.dumps(told) + b"\n", mimetype=self.mimetype)


class CleanPaths:
    """WSGI middleware: `/cds-services/` and `/cds-services//id` answer like the plain paths, without a redirect
    (which would drop the body of a POST). Clients join URLs carelessly."""

    def __init__(self, app: Callable):
        self.app = app

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = re.sub(r"/{2,}", "/", environ.get("PATH_INFO", "") or "/")
        environ["PATH_INFO"] = path.rstrip("/") if len(path) > 1 else path
        return self.app(environ, start_response)


def read_body(incoming: Request, limit: int) -> bytes:
    """The body of a JSON POST. Raises RequestError: 415 type or encoding, 411 no length, 413 too large, 400 cut off.

    A chunked body is read up to one byte past the limit; the framework would cut it off silently.
    """
    if incoming.mimetype != "application/json":
        raise RequestError(
            415, "not-supported", "send Content-Type: application/json", "Content-Type"
        )
    if (incoming.mimetype_params.get("charset") or "utf-8").strip('"').lower() not in (
        "utf-8",
        "utf8",
    ):
        raise RequestError(415, "not-supported", "send UTF-8", "Content-Type")
    if incoming.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise RequestError(
            415, "not-supported", "send the body without compression", "Content-Encoding"
        )
    length = incoming.content_length
    if length is None and "chunked" not in incoming.headers.get("Transfer-Encoding", "").lower():
        raise RequestError(411, "required", "send Content-Length", "Content-Length")
    if length is not None and length > limit:
        raise RequestError(
            413, "too-long", f"the body may have at most {limit} bytes", "Content-Length"
        )
    try:
        body = incoming.stream.read(limit + 1 if length is None else length)
    except Exception as error:  # every server raises errors of its own for a malformed body
        raise RequestError(
            400, "invalid", "the body ends too early or its chunks are malformed"
        ) from error
    if len(body) > limit:
        raise RequestError(413, "too-long", f"the body may have at most {limit} bytes")
    if length is not None and len(body) < length:
        raise RequestError(
            400, "invalid", "the body is shorter than Content-Length says", "Content-Length"
        )
    return body


def read_json(incoming: Request, limit: int) -> dict:
    """The JSON object of a POST, read strictly. Raises RequestError as read_body does, and 400 for what is no such object."""
    try:
        return strict_json.loads(read_body(incoming, limit))
    except strict_json.BadJson as error:
        raise RequestError(400, "invalid", str(error)) from error


def language_of(incoming: Request, default: str) -> str:
    """The language that a request asks for, `nl` or `en`; `default` where it asks for neither."""
    return (
        incoming.accept_languages.best_match(["nl", "en"], default=default)
        if incoming.accept_languages
        else default
    )


def register(app: Flask) -> None:
    """Install clean paths and safe headers on an application."""
    app.wsgi_app = CleanPaths(app.wsgi_app)  # type: ignore[method-assign]
    app.url_map.merge_slashes = False

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
