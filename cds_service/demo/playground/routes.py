"""The playground of `make demo`: see the guidelines think about invented patients. Imported by the demo only.

The browser is the EHR: its script fires the hooks, writes to the sandbox and sends the feedback itself, over the same
addresses as any client. The routes here draw: patients, what a service answered, and the tree behind it.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, jsonify, request
from markupsafe import Markup

from cds_service.casebook.model import USER
from cds_service.cds_hooks.discovery import SERVICES
from cds_service.decision.decide import Decision
from cds_service.demo.playground.gallery import Gallery
from cds_service.demo.playground.record import age_of, entries, name_of
from cds_service.demo.playground.supposing import what_if
from cds_service.demo.sandbox.search_parameters import TYPES
from cds_service.errors import RequestError
from cds_service.guideline.library import Library
from cds_service.guideline.verdict import ORDER_OF_WEIGHT, Verdict
from cds_service.rendering.trace import explain
from cds_service.rendering.voice import Phrasebook
from cds_service.settings import Settings
from cds_service.timeline import timeline
from cds_service.web.deciding import Deciding
from cds_service.web.errors import outcome
from cds_service.web.pages.diagram import diagram
from cds_service.web.pages.markdown import html
from cds_service.web.pages.page import page, reader_language, texts
from cds_service.web.transport import read_json
from cds_service.what_if.suppositions import CannotSuppose

OWN = {
    "system": "https://guideline-cards.example.org/CodeSystem/playground",
    "code": "own",
}  # marks what a visitor pasted
FIRST_PATIENT = "bloody-discharge-for-five-months"  # the one a newcomer is led to: discharge for five months, both examinations unsuspicious
_IDS = {service.hook: service.id for service in SERVICES}


def blueprint(
    settings: Settings, library: Library, clock: Callable[[], datetime], fhir: str
) -> Blueprint:
    """The routes. `fhir` is the base URL of the sandbox FHIR server, which the service may read."""
    routes = Blueprint("playground", __name__)
    deciding, gallery = Deciding(settings, library, clock), Gallery(library, settings)
    parts = urlsplit(fhir)
    origin = f"{parts.scheme}://{parts.netloc}"

    def language() -> str:
        return reader_language(request, settings.language)

    def shown(template: str, **values: Any) -> Response:
        return page(template, language(), connect=origin, fhir=fhir, **values)

    @routes.get("/")
    def start() -> Response:
        told = gallery.examples(clock(), language())
        groups = [
            (guideline, [e for e in told if e.case.guideline == guideline.id])
            for guideline in library.guidelines
        ]
        across = [
            e
            for e in told
            if e.case.guideline not in {guideline.id for guideline in library.guidelines}
        ]
        return shown(
            "gallery.html",
            groups=groups,
            across=across,
            guidelines=library.guidelines,
            first=FIRST_PATIENT,
            script={"fhir": fhir, "own": OWN},
        )

    @routes.get("/own")
    def own() -> Response:
        return shown(
            "own.html",
            script={"fhir": fhir, "own": OWN, "types": list(TYPES), "words": texts(language())},
        )

    @routes.get("/patients/<patient_id>")
    def patient(patient_id: str) -> Response:
        decision, words = (
            deciding.decide(_IDS["patient-view"], patient_view(fhir, patient_id), g.client),
            language(),
        )
        unread = [read.key for read in decision.record.inputs.values() if not read.state.is_read]
        found = next(iter(decision.record.of_type("Patient")), None)
        if found is None:
            return shown("nobody.html", code=404, unread=unread)
        case = gallery.by_id.get(patient_id)
        orders = gallery.orders(patient_id, clock().date(), words)
        script = {
            "fhir": fhir,
            "patient": patient_id,
            "user": USER,
            "language": words,
            "orders": [asdict(order) for order in orders],
            "services": _IDS,
            "words": texts(words),
        }
        hook = (
            "patient-view"
            if case is None or "patient-view" in case.expect
            else next(iter(case.expect))
        )
        return shown(
            "patient.html",
            name=name_of(found),
            age=age_of(found, clock().date()),
            case=case,
            hook=hook,
            orders=orders,
            record=entries(decision.record),
            timeline=timeline(decision.reading, library, words),
            services=SERVICES,
            unread=unread,
            left_out=_types(request.args.get("left_out", "")),
            script=script,
        )

    @routes.get("/playground/examples/<patient_id>")
    def example(patient_id: str) -> Response:
        """The record of an example as it was written, as a transaction: what starting over puts back."""
        if patient_id not in gallery.by_id:
            abort(404)
        return jsonify(gallery.bundle(patient_id, clock().date()))

    def asked() -> tuple[dict, str, dict]:
        """What a page sends: the whole, the service, the hook request. Raises RequestError (400)."""
        body = read_json(request, settings.max_body_bytes)
        if not isinstance(body.get("request"), dict):
            raise RequestError(400, "invalid", "the hook request is required here", "request")
        return body, str(body.get("service")), body["request"]

    @routes.post("/playground/answers")
    def answers() -> Response:
        """What a service answered to a request, drawn, and the tree behind it."""
        body, service, sent = asked()
        answered, status = body.get("response") or {}, body.get("status")
        decision = deciding.decide(service, sent, g.client) if status in (200, 412) else None
        told = explain(decision, library, language()) if decision is not None else None
        if told is not None:
            told["recommendations"].sort(
                key=lambda r: ORDER_OF_WEIGHT.index(Verdict(r["verdict"]))
            )  # what speaks comes first
        cards = [_drawn(card) for card in answered.get("cards") or []]
        drawings = _drawings(decision, library, language()) if decision is not None else {}
        return shown(
            "_answers.html",
            status=status,
            issues=answered.get("issue") or [],
            cards=cards,
            told=told,
            drawings=drawings,
        )

    @routes.post("/playground/what-if")
    def change() -> Response:
        """What would change the verdict of one recommendation, and what follows from suppositions; nothing is written."""
        body, service, sent = asked()
        decision = deciding.decide(service, sent, g.client)
        chosen = [str(key) for key in body.get("suppose") or []]
        told = what_if(
            decision, library, settings, language(), str(body.get("recommendation")), chosen
        )
        if told["supposed"]:
            told["supposed"]["cards"] = [_drawn(card) for card in told["supposed"]["cards"]]
        return shown("_what_if.html", **told)

    @routes.errorhandler(CannotSuppose)
    def not_supposed(error: CannotSuppose) -> Response:
        return outcome(400, str(error))

    return routes


def patient_view(fhir: str, patient_id: str) -> dict:
    """A patient-view request that lets the service read everything from the FHIR server."""
    context = {"userId": USER, "patientId": patient_id}
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "fhirServer": fhir,
        "context": context,
    }


def _types(text: str) -> list[str]:
    """The names of resource types in what a page handed on; anything else is passed over."""
    return re.findall(r"\b[A-Z][A-Za-z]{1,40}\b", text[:500])


def _drawn(card: dict) -> dict:
    """A card with its detail as safe HTML."""
    return card | {"html": html(str(card.get("detail", "")))}


def _drawings(decision: Decision, library: Library, language: str) -> dict[str, Markup]:
    """For each recommendation the drawing of its decision with this patient's answers; none where data were not read."""
    drawn = {}
    for guideline in decision.guidelines:
        voice = Phrasebook(language, library.wording, guideline)
        for assessment in decision.assessments[guideline.id]:
            first, key = assessment.evaluations[0], assessment.recommendation.key
            if first.situation is not None and first.verdict is not Verdict.NOT_ASSESSED:
                drawn[key] = Markup(  # noqa: S704 - our own drawing, whose texts are escaped
                    diagram(
                        first.situation,
                        name=f"drawing-{key}",
                        title=voice.say(assessment.recommendation.title),
                        label=voice.label,
                        order=voice.order(first, markdown=False),
                        words=texts(language),
                        answers={judged.id: judged.answer.truth for judged in first.criteria},
                    )
                )
    return drawn
