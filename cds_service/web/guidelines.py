"""Pages for people: the start page and the guideline pages, targets of the cards' links. Read-only, no patient data."""

import re

from flask import Blueprint, Response, abort, request
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.content import cards_folder
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline
from cds_service.guideline.site import Site
from cds_service.settings import Settings
from cds_service.web.transport import language_of

_MARKDOWN = MarkdownIt("js-default")  # no raw HTML
_COMMENT = re.compile(r"^<!--.*-->\n", re.MULTILINE)  # marks of the generated part
_STYLE = """
body{font:1rem/1.55 system-ui,sans-serif;color:#1d2433;background:#fbfaf8;max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1,h2{line-height:1.25}h2{margin-top:2rem}a{color:#8a1c4a}code{font-size:.92em;background:#f1ece6;padding:.1em .25em;border-radius:3px}
table{border-collapse:collapse;width:100%}td code{overflow-wrap:anywhere}td,th{border:1px solid #c9c2b8;padding:.4rem .6rem;vertical-align:top;text-align:left}
th{background:#f1ece6}dt{font-weight:600;margin-top:.8rem}dd{margin:0 0 .2rem 1rem}.status{border-left:4px solid #8a1c4a;padding-left:.8rem}
"""
_STYLE_URL = "/guidelines/style.css"
# What the start page says, by language.
_START = {
    "nl": ("Nederlandse borstkankerrichtlijnen op het moment van beslissen", "CDS-diensten", "Richtlijnen", "Patiënteninformatie", "Adviezen"),
    "en": ("Dutch breast-cancer guidelines at the moment of decision", "CDS services", "Guidelines", "Patient information", "Recommendations"),
}

# What a guideline's page says of a hospital's own choices.
_OWN = {
    "nl": ("Eigen keuzes van {site}; de tekst hieronder is die van de richtlijn zelf", "uitgeschakeld", "instelling", "eigen protocol"),
    "en": ("Choices of {site}; the text below is that of the guideline itself", "switched off", "setting", "own protocol"),
}


def blueprint(settings: Settings, library: Library) -> Blueprint:
    """Routes /, /guidelines/<folder> and /guidelines/<folder>/patient-information, rendered at start."""
    routes = Blueprint("guidelines", __name__)
    pages = {("", "", language): _page("MammaCards", _start(library, language), language) for language in _START}
    for guideline in library.guidelines:
        for name, file in (("", "README"), ("patient-information", "patient-information")):
            for language in _START:
                found = [p for end in (f".{language}.md", ".md") if (p := cards_folder() / guideline.id / f"{file}{end}").exists()]
                if found:
                    body = Markup(_MARKDOWN.render(_COMMENT.sub("", found[0].read_text(encoding="utf-8"))))
                    own = _own_choices(guideline, library.site, language) if not name else Markup("")
                    pages[guideline.id, name, language] = _page(guideline.title[language], own + body, language)

    def page(folder: str, name: str) -> Response:
        html = pages.get((folder, name, language_of(request, settings.language)))
        if html is None:
            abort(404)
        response = Response(html, mimetype="text/html")
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
        return response

    @routes.get("/")
    def start() -> Response:
        return page("", "")

    @routes.get(_STYLE_URL)
    def style() -> Response:
        return Response(_STYLE, mimetype="text/css")

    @routes.get("/guidelines/<folder>")
    def guideline_page(folder: str) -> Response:
        return page(folder, "")

    @routes.get("/guidelines/<folder>/patient-information")
    def patient_information(folder: str) -> Response:
        return page(folder, "patient-information")

    return routes


def _start(library: Library, language: str) -> Markup:
    lead, services, guidelines, leaflet, recommendations = _START[language]
    rows = Markup("").join(
        Markup("<dt><code>POST /cds-services/{}</code> ({})</dt><dd>{}</dd>").format(s.id, s.hook, s.description) for s in SERVICES
    )
    parts = [Markup('<h1>MammaCards</h1><p>{}.</p><h2>{}</h2><p><a href="/cds-services">/cds-services</a></p><dl>{}</dl><h2>{}</h2>').format(lead, services, rows, guidelines)]
    parts += [_guideline(g, language, leaflet, recommendations) for g in library.guidelines]
    return Markup("").join(parts)


def _guideline(guideline: Guideline, language: str, leaflet: str, recommendations: str) -> Markup:
    items = Markup("").join(
        Markup("<li>{} (<code>{}</code>; {})</li>").format(r.title[language], r.key, ", ".join(dict.fromkeys(hook for s in r.situations for hook in s.hooks)))
        for r in guideline.recommendations
    )
    address = f"/guidelines/{guideline.id}"
    has_leaflet = any((cards_folder() / guideline.id).glob("patient-information*.md"))
    link = Markup('<p><a href="{}/patient-information">{}</a></p>').format(address, leaflet) if has_leaflet else ""
    return Markup('<h3><a href="{}">{}</a></h3><p class="status">{} ({})</p><p>{}:</p><ul>{}</ul>{}').format(
        address, guideline.title[language], guideline.source.label[language], guideline.source.status[language], recommendations, items, link
    )


def _own_choices(guideline: Guideline, site: Site, language: str) -> Markup:
    """What the hospital changed, above the page that tells the guideline as it was written."""
    by, off, changed, protocol = _OWN[language]
    dropped = [name for name in site.off if name.startswith(f"{guideline.id}.")]
    words = [guideline.settings[name].label[language].format(value=value) for name, value in site.settings.get(guideline.id, {}).items()]
    items = [Markup("{}: <code>{}</code>").format(off, name.partition(".")[2]) for name in dropped]
    items += [Markup("{}: {}").format(changed, text) for text in words]
    if link := site.protocols.get(guideline.id):
        items.append(Markup('{}: <a href="{}">{}</a>').format(protocol, link["url"], link["label"][language]))
    if not items:
        return Markup("")
    listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return Markup('<div class="status"><p>{}:</p><ul>{}</ul></div>').format(by.format(site=site.name), listed)


def _page(title: str, body: Markup, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{_STYLE_URL}"></head><body><main>{body}</main></body></html>'
    )
