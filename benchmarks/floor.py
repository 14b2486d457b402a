"""The floor: a bare Flask application that parses the same body and returns a fixed card. Less than this a service in Flask cannot do."""

from flask import Flask, jsonify, request

CARD = {"summary": "A fixed card", "indicator": "info", "source": {"label": "floor"}}


def create_floor() -> Flask:
    """The application: POST /cds-services/<anything>."""
    app = Flask("floor", static_folder=None)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str):
        request.get_json()
        return jsonify({"cards": [CARD]})

    @app.get("/")
    def ready():
        return jsonify({})

    return app
