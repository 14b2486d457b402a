"""The CDS Hooks endpoints: discovery, the three services, and /explain with the whole tree behind an answer."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, Response, jsonify, request

from cds_service import strict_json
from cds_service.cds_hooks.discovery import SERVICES, discovery
from cds_service.cds_hooks.request import HookRequest, parse
from cds_service.decision import Decision, decide, prefetch_templates
from cds_service.errors import RequestError
from cds_service.fhir.client import FhirClient
from cds_service.guideline.library import Library
from cds_service.rendering import explain, render_cards
from cds_service.settings import Settings
from cds_service.web.transport import language_of, read_body

log = logging.getLogger("mammacards")


def blueprint(settings: Settings, library: Library, clock: Callable[[], datetime]) -> Blueprint:
    """The routes, for a loaded library; `clock` gives the present moment in the service's time zone."""
    routes = Blueprint("cds_services", __name__)
    services = {service.id: service for service in SERVICES}
    templates = {service.hook: prefetch_templates(library, service.hook) for service in SERVICES}
    topics = {service.hook: [guideline.title[settings.language] for guideline in library.for_hook(service.hook)] for service in SERVICES}
    found = discovery(templates, topics, settings.hooks_version)

    def decided(service_id: str) -> tuple[Decision, HookRequest]:
        service = services.get(service_id)
        if service is None:
            raise RequestError(404, "not-found", "there is no such service; GET /cds-services lists them")
        try:
            body = strict_json.loads(read_body(request, settings.max_body_bytes))
        except strict_json.BadJson as error:
            raise RequestError(400, "invalid", str(error)) from error
        asked = parse(body, service.hook)
        return decide(asked, library, templates[service.hook], clock(), _reader(asked, settings)), asked

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
        cards = render_cards(decision, library, settings, language_of(request, settings.language))
        elapsed = (time.perf_counter() - started) * 1000
        log.info("hook=%s instance=%s cards=%s ms=%.1f", asked.hook, _word(asked.hook_instance), [c["source"]["topic"]["code"] for c in cards], elapsed)
        return jsonify({"cards": cards})

    @routes.post("/explain/<service_id>")
    def trace(service_id: str) -> Response:
        decision, _ = decided(service_id)
        return jsonify(explain(decision, library, language_of(request, settings.language)))

    return routes


def _word(instance: str) -> str:
    """A hookInstance as it may stand in a log: what a UUID is made of, nothing else."""
    return "".join(c for c in instance[:64] if c.isascii() and (c.isalnum() or c == "-"))


def _reader(asked: HookRequest, settings: Settings) -> Callable[[Mapping[str, str], Mapping[str, str]], Mapping] | None:
    """Reads the client's FHIR server; None when it named none, or one that may not be contacted."""
    if asked.fhir_server is None or not settings.admits_fhir_server(asked.fhir_server):
        return None
    base, token, deadline = asked.fhir_server.rstrip("/"), asked.token, settings.fhir_deadline_seconds

    def read(queries: Mapping[str, str], further: Mapping[str, str]) -> Mapping:
        return FhirClient(base, token, deadline).read(queries, further)

    return read
