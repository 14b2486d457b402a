"""The CDS Hooks endpoints: discovery, the three services, and /explain with the whole tree behind an answer."""

import logging
import re
import time
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, g, jsonify, request

from cds_service.cds_hooks.discovery import SERVICES, discovery
from cds_service.cds_hooks.profile import adapted, without_feedback
from cds_service.decision.decide import Decision
from cds_service.errors import RequestError, StoreUnavailable
from cds_service.guideline.library import Library
from cds_service.rendering.cards import render_cards
from cds_service.rendering.trace import EXTENSION, explain
from cds_service.settings import Settings
from cds_service.store.feedback import FeedbackStore, Issue
from cds_service.web.deciding import Deciding
from cds_service.web.transport import language_of, read_json

log = logging.getLogger("mammacards")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def blueprint(
    settings: Settings, library: Library, given: FeedbackStore, clock: Callable[[], datetime]
) -> Blueprint:
    """The routes, for a loaded library. `given` remembers the cards; `clock` gives the present moment in the service's time zone."""
    routes = Blueprint("cds_services", __name__)
    deciding = Deciding(settings, library, clock)
    topics = {
        service.hook: [
            guideline.title[settings.language] for guideline in library.for_hook(service.hook)
        ]
        for service in SERVICES
    }
    found = discovery(deciding.templates, topics, settings.hooks_version)

    def decided(service_id: str) -> Decision:
        deciding.check(service_id)
        body = read_json(request, settings.max_body_bytes)
        try:
            return deciding.decide(service_id, body, g.client)
        except RequestError as error:
            if error.code == "conflict":
                hook = deciding.services[service_id].hook
                log.warning(
                    "security patient-mismatch client=%s hook=%s instance=%s",
                    g.client.id,
                    hook,
                    _word(str(body.get("hookInstance"))),
                )
            raise

    @routes.get("/cds-services")
    def discover() -> Response:
        return jsonify(found)

    @routes.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        started = time.perf_counter()
        decision = decided(service_id)
        asked = decision.request
        if not decision.is_answerable:
            unread = sorted(i.key for i in decision.record.inputs.values() if not i.state.is_read)
            raise RequestError(
                412,
                "incomplete",
                f"these data were neither prefetched completely nor readable from fhirServer: {', '.join(unread)}",
                "prefetch",
            )
        cards = adapted(
            render_cards(decision, library, settings, language_of(request, settings.language)),
            g.client.profile,
        )
        if g.client.profile.feedback:
            cards = _remembered(
                cards,
                given,
                Issue(
                    g.client.id,
                    service_id,
                    asked.user_id,
                    asked.patient_id,
                    int(clock().timestamp()),
                ),
            )
        elapsed = (time.perf_counter() - started) * 1000
        log.info(
            "hook=%s client=%s instance=%s cards=%s ms=%.1f",
            asked.hook,
            g.client.id,
            _word(asked.hook_instance),
            [c["source"]["topic"]["code"] for c in cards],
            elapsed,
        )
        return jsonify({"cards": cards})

    @routes.post("/explain/<service_id>")
    def trace(service_id: str) -> Response:
        return jsonify(
            explain(decided(service_id), library, language_of(request, settings.language))
        )

    return routes


def _word(instance: str) -> str:
    """A hookInstance as it may stand in a log: a UUID; what else a client puts there could tell of a person."""
    return instance if _UUID.fullmatch(instance) else "no-uuid"


def _remembered(cards: list[dict], given: FeedbackStore, issue: Issue) -> list[dict]:
    """Cards about which feedback can be sent; advice does not wait for a database that is down, but goes out without that."""
    try:
        given.issue(cards, issue, EXTENSION)
    except StoreUnavailable as error:
        log.error(
            "cards were given without uuid, the database does not answer: %s",
            type(error.__cause__ or error).__name__,
        )
        return [without_feedback(card) for card in cards]
    return cards
