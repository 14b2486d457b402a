"""The start page of the service: what it offers and what it knows."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.guideline.library import Library
from cds_service.settings import Settings
from cds_service.web.pages.page import page, reader_language


def blueprint(settings: Settings, library: Library, _clock: Callable[[], datetime]) -> Blueprint:
    """The route /."""
    routes = Blueprint("start", __name__)

    @routes.get("/")
    def start() -> Response:
        return page(
            "start.html",
            reader_language(request, settings.language),
            services=SERVICES,
            guidelines=library.guidelines,
        )

    return routes
