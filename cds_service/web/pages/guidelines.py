"""The guideline pages, targets of the cards' links: read-only, no patient data."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from urllib.parse import urljoin

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from cds_service.content import folder_of
from cds_service.guideline.library import Library
from cds_service.guideline.loading.site import Site
from cds_service.guideline.model import Guideline
from cds_service.settings import Settings
from cds_service.web.pages.cases_live import CasesLive
from cds_service.web.pages.markdown import html
from cds_service.web.pages.page import page, reader_language, texts
from cds_service.web.pages.recommendation import RecommendationPage, meaning
from cds_service.web.pages.value_sets import SYSTEMS, told_set


def blueprint(settings: Settings, library: Library, clock: Callable[[], datetime]) -> Blueprint:
    """Routes /guidelines/<folder>, its /patient-information, a page for every recommendation and every value set.

    `clock`: on which day the cases of a recommendation are played.
    """
    routes = Blueprint("guidelines", __name__)
    guidelines = {guideline.id: guideline for guideline in library.guidelines}
    recommendations = {(g.id, r.key): r for g in library.guidelines for r in g.recommendations}
    live = CasesLive(library, settings)

    def told(folder: str, file: str) -> Response:
        language = reader_language(request, settings.language)
        found = _document(folder, file, language) if folder in guidelines else None
        if found is None:
            abort(404)
        own = _own_choices(guidelines[folder], library.site, language) if file == "README" else []
        return page(
            "guideline.html",
            language,
            guideline=guidelines[folder],
            is_whole=file == "README",
            leaflet=_document(folder, "patient-information", language) is not None,
            body=found[0],
            body_language=found[1],
            own=own,
            site=library.site.name,
        )

    @routes.get("/guidelines/<folder>")
    def guideline_page(folder: str) -> Response:
        return told(folder, "README")

    @routes.get("/guidelines/<folder>/patient-information")
    def patient_information(folder: str) -> Response:
        return told(folder, "patient-information")

    @routes.get("/guidelines/<folder>/<key>")
    def recommendation_page(folder: str, key: str) -> Response:
        if (folder, key) not in recommendations:
            abort(404)
        language = reader_language(request, settings.language)
        guideline, recommendation, today = (
            guidelines[folder],
            recommendations[folder, key],
            clock().date(),
        )
        teller = RecommendationPage(library, guideline, recommendation, language, texts(language))
        return page(
            "recommendation.html",
            language,
            guideline=guideline,
            recommendation=recommendation,
            teller=teller,
            site=library.site.name,
            systems=SYSTEMS,
            cases=live.of(recommendation, today),
            today=teller.voice.day(today),
            own=_own_choices(guideline, library.site, language),
        )

    @routes.get("/guidelines/<folder>/value_sets/<name>")
    def value_set(folder: str, name: str) -> Response:
        found = told_set(library, folder, name)
        if found is None:
            abort(404)
        language = reader_language(request, settings.language)
        terms = guidelines[folder].terms if folder in guidelines else library.wording["terms"]
        return page(
            "value_set.html",
            language,
            value_set=found,
            guideline=guidelines.get(folder),
            site=library.site.name,
            meaning=lambda value, side: (
                meaning(terms, language, value, side) or texts(language)["presence"]
            ),
        )

    return routes


@cache
def _document(folder: str, file: str, language: str) -> tuple[Markup, str] | None:
    """A Markdown file of a guideline's folder as HTML, and its language: the reader's where there is such a file, else that of the
    README, Dutch. None where there is no file."""
    for end, written_in in ((f".{language}.md", language), (".md", "nl")):
        path = folder_of(folder) / f"{file}{end}"
        if path.exists():
            return html(
                path.read_text(encoding="utf-8"), lambda link: _served(folder, link)
            ), written_in
    return None


_FILES = re.compile(r"(/guidelines/[a-z_]+)(?:/README\.md|(/value_sets/[a-z0-9_]+)\.csv)?")


def _served(folder: str, link: str) -> str | None:
    """Where a link between files of cards/ leads on the served pages; None where the file has no page."""
    if "://" in link or link.startswith("#"):
        return link
    known = _FILES.fullmatch(urljoin(f"/guidelines/{folder}/", link))
    return known[1] + (known[2] or "") if known else None


def _own_choices(guideline: Guideline, site: Site, language: str) -> list[dict]:
    """What the hospital changed: kind (a name in texts.yaml), text, and the address of a protocol."""
    off = [name.partition(".")[2] for name in site.off if name.startswith(f"{guideline.id}.")]
    changed = [
        guideline.settings[name].label[language].format(value=value)
        for name, value in site.settings.get(guideline.id, {}).items()
    ]
    choices = [{"kind": "switched_off", "text": key, "url": ""} for key in off] + [
        {"kind": "setting", "text": text, "url": ""} for text in changed
    ]
    if link := site.protocols.get(guideline.id):
        choices.append(
            {"kind": "own_protocol", "text": link["label"][language], "url": link["url"]}
        )
    return choices
