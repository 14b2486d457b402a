"""The CDS Hooks endpoints: discovery, the three services, and /explain with the whole tree behind an answer."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, Response, g, jsonify, request

from cds_service.cds_hooks.discovery import SERVICES, discovery
from cds_service.cds_hooks.profile import adapted, without_feedback
from cds_service.cds_hooks.request import HookRequest, parse
from cds_service.decision import Decision, decide, prefetch_templates
from cds_service.errors import RequestError, StoreUnavailable
from cds_service.fhir.client import FhirClient
from cds_service.guideline.library import Library
from cds_service.rendering import EXTENSION, explain, render_cards
from cds_service.security.clients import Client
from cds_service.settings import Settings
from cds_service.store.feedback import FeedbackStore, Issue
from cds_service.web.transport import language_of, read_json

log = logging.getLogger("mammacards")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def blueprint(settings: Settings, library: Library, given: FeedbackStore, clock: Callable[[], datetime]) -> Blueprint:
    """The routes, for a loaded library. `given` remembers the cards; `clock` gives the present moment in the service's time zone."""
    routes = Blueprint("cds_services", __name__)
    services = {service.id: service for service in SERVICES}
    templates = {service.hook: prefetch_templates(library, service.hook) for service in SERVICES}
    topics = {service.hook: [guideline.title[settings.language] for guideline in library.for_hook(service.hook)] for service in SERVICES}
    found = discovery(templates, topics, settings.hooks_version)

    def decided(service_id: str) -> tuple[Decision, HookRequest]:
        service = services.get(service_id)
        if service is None:
            raise RequestError(404, "not-found", "there is no such service; GET /cds-services lists them")
        body = read_json(request, settings.max_body_bytes)
        try:
            asked = parse(body, service.hook)
            return decide(asked, library, templates[service.hook], clock(), _reader(asked, g.client, settings)), asked
        except RequestError as error:
            if error.code == "conflict":
                log.warning("security patient-mismatch client=%s hook=%s instance=%s", g.client.id, service.hook, _word(str(body.get("hookInstance"))))
            raise

    @routes.get("/cds-services")
    def discover() -> Response:
        return jsonify(found)

    @routes.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        started = time.perf_counter()
        decision, asked = decided(service_id)
        if not decision.is_answerable:
            unread = sorted(i.key for i in decision.record.inputs.values() if not i.state.is_read)
            raise RequestError(412, "incomplete", f"these data were neither prefetched completely nor readable from fhirServer: {', '.join(unread)}", "prefetch")
        cards = adapted(render_cards(decision, library, settings, language_of(request, settings.language)), g.client.profile)
        if g.client.profile.feedback:
            cards = _remembered(cards, given, Issue(g.client.id, service_id, asked.user_id, asked.patient_id, int(clock().timestamp())))
        elapsed = (time.perf_counter() - started) * 1000
        log.info("hook=%s client=%s instance=%s cards=%s ms=%.1f", asked.hook, g.client.id, _word(asked.hook_instance), [c["source"]["topic"]["code"] for c in cards], elapsed)
        return jsonify({"cards": cards})

    @routes.post("/explain/<service_id>")
    def trace(service_id: str) -> Response:
        decision, _ = decided(service_id)
        return jsonify(explain(decision, library, language_of(request, settings.language)))

    return routes


def _word(instance: str) -> str:
    """A hookInstance as it may stand in a log: a UUID; what else a client puts there could tell of a person."""
    return instance if _UUID.fullmatch(instance) else "no-uuid"


def _remembered(cards: list[dict], given: FeedbackStore, issue: Issue) -> list[dict]:
    """Cards about which feedback can be sent; advice does not wait for a database that is down, but goes out without that."""
    try:
        given.issue(cards, issue, EXTENSION)
    except StoreUnavailable as error:
        log.error("cards were given without uuid, the database does not answer: %s", type(error.__cause__ or error).__name__)
        return [without_feedback(card) for card in cards]
    return cards


def _reader(asked: HookRequest, client: Client, settings: Settings) -> Callable[[Mapping[str, str], Mapping[str, str]], Mapping] | None:
    """Reads the client's FHIR server; None when it named none, or one that is not registered for it."""
    base = client.fhir_base(asked.fhir_server) if asked.fhir_server else None
    if base is None:
        return None
    token, deadline = asked.token, client.fhir_deadline_seconds or settings.fhir_deadline_seconds

    def read(queries: Mapping[str, str], further: Mapping[str, str]) -> Mapping:
        return FhirClient(base, token, deadline).read(queries, further)

    return read
