"""How pages for people are made: templates, the reader's language, one strict policy of what a page may load."""

from pathlib import Path

from flask import Blueprint, Request, Response, render_template, request

from cds_service.strict.yaml import load
from cds_service.web.transport import language_of

LANGUAGES = ("nl", "en")
# Nothing from elsewhere, no script or style inside a page; `connect` is where the demo's own script may call.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'{connect}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_TEXTS: dict[str, dict[str, str]] = load(Path(__file__).with_name("texts.yaml"))
_SAID = {
    language: {name: words[language] for name, words in _TEXTS.items()} for language in LANGUAGES
}


def texts(language: str) -> dict[str, str]:
    """The sentences of the pages, by name, in one language."""
    return _SAID[language]


def reader_language(incoming: Request, default: str) -> str:
    """What the reader chose on a page (`?language=`, then remembered in a cookie), else what the browser asks for, else `default`."""
    chosen = [incoming.args.get("language"), incoming.cookies.get("language")]
    return next((language for language in chosen if language in LANGUAGES), None) or language_of(
        incoming, default
    )


def page(
    template: str, language: str, *, connect: str = "", code: int = 200, **values: object
) -> Response:
    """A page of a template in templates/. `connect`: an origin beside our own that its script may call."""
    other = [name for name in LANGUAGES if name != language]
    html = render_template(
        template,
        t=texts(language),
        language=language,
        other_languages=other,
        path=request.path,
        **values,
    )
    response = Response(html, code, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY.format(
        connect=f" {connect}" if connect else ""
    )
    if request.args.get("language") == language:
        response.set_cookie("language", language, samesite="Strict", httponly=True, path="/")
    return response


def blueprint() -> Blueprint:
    """Style and script under /static."""
    return Blueprint("pages", __name__, static_folder="../static", static_url_path="/static")
