"""Guideline pages, the targets of the cards' links: the folder's own texts as HTML. Read-only, no patient data."""

from flask import Blueprint, Response, abort, request
from markdown_it import MarkdownIt
from markupsafe import escape

from cds_service.content import cards_folder
from cds_service.guideline.library import Library
from cds_service.settings import Settings

_MARKDOWN = MarkdownIt("js-default")  # no raw HTML
_STYLE = "body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3rem .5rem;vertical-align:top;text-align:left}"


def blueprint(settings: Settings, library: Library) -> Blueprint:
    """Routes /guidelines/<folder> and /guidelines/<folder>/patient-information, rendered at start."""
    routes = Blueprint("guidelines", __name__)
    pages: dict[tuple[str, str], str] = {}
    for guideline in library.guidelines:
        for name, file in (("", "README.md"), ("patient-information", "patient-information.md")):
            for language in ("nl", "en"):
                path = cards_folder() / guideline.id / file.replace(".md", f".{language}.md")
                path = path if path.exists() else cards_folder() / guideline.id / file
                if path.exists():
                    title = guideline.title[language]
                    pages[guideline.id, name + language] = _page(title, path.read_text(encoding="utf-8"), language)

    def page(folder: str, name: str) -> Response:
        language = request.accept_languages.best_match(["nl", "en"], default=settings.language) if request.accept_languages else settings.language
        html = pages.get((folder, name + str(language)))
        if html is None:
            abort(404)
        response = Response(html, mimetype="text/html")
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
        return response

    @routes.get("/guidelines/<folder>")
    def guideline(folder: str) -> Response:
        return page(folder, "")

    @routes.get("/guidelines/<folder>/patient-information")
    def patient_information(folder: str) -> Response:
        return page(folder, "patient-information")

    return routes


def _page(title: str, markdown: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main>{_MARKDOWN.render(markdown)}</main></html>"
    )
