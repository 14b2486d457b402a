"""POST /cds-services/<service>/feedback: what clinicians did with the cards (CDS Hooks 2.0.1, "Feedback")."""

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from flask import Blueprint, Response, g, jsonify, request

from cds_service.cds_hooks.feedback import parse_feedback
from cds_service.errors import RequestError
from cds_service.settings import Settings
from cds_service.store.feedback import FeedbackStore
from cds_service.web.transport import read_json

log = logging.getLogger("mammacards")


def blueprint(
    settings: Settings,
    services: Collection[str],
    store: FeedbackStore,
    clock: Callable[[], datetime],
) -> Blueprint:
    """The route; an answer of 200 says that everything which is ours to keep is on disk."""
    routes = Blueprint("feedback", __name__)

    @routes.post("/cds-services/<service_id>/feedback")
    def feedback(service_id: str) -> Response:
        if service_id not in services:
            raise RequestError(
                404, "not-found", "there is no such service; GET /cds-services lists them"
            )
        entries = parse_feedback(read_json(request, settings.max_body_bytes))
        unknown = store.store(
            entries,
            g.client.id,
            service_id,
            clock().astimezone(UTC).isoformat(timespec="milliseconds"),
        )
        log.info(
            "feedback client=%s service=%s entries=%d unknown=%d",
            g.client.id,
            service_id,
            len(entries),
            unknown,
        )
        return jsonify({})

    return routes
