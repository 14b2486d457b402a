"""The HTTP application; the only floor that imports flask. This is the composition root."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.fhir import validation
from cds_service.guideline.library import Library
from cds_service.settings import Settings
from cds_service.store.database import Database
from cds_service.store.feedback import FeedbackStore
from cds_service.store.tokens import TokenStore
from cds_service.web import access, errors, feedback, openapi, transport
from cds_service.web import hooks as cds_services
from cds_service.web.pages import guidelines, start
from cds_service.web.pages import page as pages

Clock = Callable[[], datetime]  # the present moment, in the service's time zone
Front = Callable[[Settings, Library, Clock], Blueprint]


def create_app(
    settings: Settings, library: Library, clock: Clock | None = None, front: Front = start.blueprint
) -> Flask:
    """Compose the application from settings and loaded content. `clock` is for tests; None is the machine's clock.

    `front` makes what stands at /: the start page, or the demo's playground.

    Raises ConfigurationError when the clients file or the database cannot be used.
    """
    clock = clock or (lambda: datetime.now(settings.timezone))
    validation.warm(
        kind
        for guideline in library.guidelines
        for fact in guideline.facts.values()
        for kind in fact.resource_types
    )
    app = Flask("cds_service", static_folder=None, template_folder="web/templates")
    app.jinja_env.undefined = StrictUndefined  # a name that is misspelt in a template fails at once
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json = transport.Json(app)
    database = Database(settings.database_url)
    given = FeedbackStore(database, settings.feedback_keeps)
    access.register(app, settings, TokenStore(database), clock)
    transport.register(app)
    errors.register(app)
    app.register_blueprint(cds_services.blueprint(settings, library, given, clock))
    app.register_blueprint(
        feedback.blueprint(settings, {service.id for service in SERVICES}, given, clock)
    )
    app.register_blueprint(front(settings, library, clock))
    app.register_blueprint(pages.blueprint())
    app.register_blueprint(guidelines.blueprint(settings, library, clock))
    app.register_blueprint(openapi.blueprint(settings))
    return app
