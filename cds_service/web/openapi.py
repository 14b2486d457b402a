"""GET /openapi.json: the service as an OpenAPI document, for those who connect a client and for tests that invent requests."""

from pathlib import Path

from flask import Blueprint, Response, jsonify

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.settings import Settings
from cds_service.strict import yaml as strict_yaml
from cds_service.version import __version__


def document(settings: Settings) -> dict:
    """The document, with what only this installation knows filled in."""
    found = strict_yaml.load(Path(__file__).with_name("openapi.yaml"))
    found["info"]["version"] = __version__
    found["servers"] = [{"url": settings.public_url}]
    found["components"]["parameters"]["Service"]["schema"]["enum"] = [
        service.id for service in SERVICES
    ]
    return found


def blueprint(settings: Settings) -> Blueprint:
    """The route; the document holds no patient data and is public."""
    routes = Blueprint("openapi", __name__)
    written = document(settings)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(written)

    return routes
