"""The guideline pages, targets of the cards' links: read-only, no patient data."""

from functools import cache

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from cds_service.content import cards_folder
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline
from cds_service.guideline.site import Site
from cds_service.settings import Settings
from cds_service.web.markdown import html
from cds_service.web.pages import page, reader_language


def blueprint(settings: Settings, library: Library) -> Blueprint:
    """Routes /guidelines/<folder> and /guidelines/<folder>/patient-information."""
    routes = Blueprint("guidelines", __name__)
    guidelines = {guideline.id: guideline for guideline in library.guidelines}

    def told(folder: str, file: str) -> Response:
        language = reader_language(request, settings.language)
        body = _document(folder, file, language) if folder in guidelines else None
        if body is None:
            abort(404)
        own = _own_choices(guidelines[folder], library.site, language) if file == "README" else []
        return page("guideline.html", language, title=guidelines[folder].title[language], body=body, own=own, site=library.site.name)

    @routes.get("/guidelines/<folder>")
    def guideline_page(folder: str) -> Response:
        return told(folder, "README")

    @routes.get("/guidelines/<folder>/patient-information")
    def patient_information(folder: str) -> Response:
        return told(folder, "patient-information")

    return routes


@cache
def _document(folder: str, file: str, language: str) -> Markup | None:
    """A Markdown file of a guideline's folder as HTML, in the reader's language where there is such a file; None where there is none."""
    for path in (cards_folder() / folder / f"{file}{end}" for end in (f".{language}.md", ".md")):
        if path.exists():
            return html(path.read_text(encoding="utf-8"))
    return None


def _own_choices(guideline: Guideline, site: Site, language: str) -> list[dict]:
    """What the hospital changed: kind (a name in texts.yaml), text, and the address of a protocol."""
    off = [name.partition(".")[2] for name in site.off if name.startswith(f"{guideline.id}.")]
    changed = [guideline.settings[name].label[language].format(value=value) for name, value in site.settings.get(guideline.id, {}).items()]
    choices = [{"kind": "switched_off", "text": key, "url": ""} for key in off] + [{"kind": "setting", "text": text, "url": ""} for text in changed]
    if link := site.protocols.get(guideline.id):
        choices.append({"kind": "own_protocol", "text": link["label"][language], "url": link["url"]})
    return choices
