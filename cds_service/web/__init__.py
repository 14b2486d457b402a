"""The HTTP application; the only floor that imports flask. This is the composition root."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from cds_service.fhir import validation
from cds_service.guideline.library import Library
from cds_service.settings import Settings
from cds_service.web import cds_services, errors, guidelines, transport


def create_app(settings: Settings, library: Library, clock: Callable[[], datetime] | None = None) -> Flask:
    """Compose the application from settings and loaded content. `clock` is for tests; None is the machine's clock."""
    validation.warm(kind for guideline in library.guidelines for fact in guideline.facts.values() for kind in fact.resource_types)
    app = Flask("cds_service", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    transport.register(app, settings)
    errors.register(app)
    app.register_blueprint(cds_services.blueprint(settings, library, clock or (lambda: datetime.now(settings.timezone))))
    app.register_blueprint(guidelines.blueprint(settings, library))
    return app
