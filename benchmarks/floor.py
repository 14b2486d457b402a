"""The floors: bare Flask applications. Less than this a service in Flask cannot do."""

from concurrent.futures import ThreadPoolExecutor

import requests
from flask import Flask, jsonify, request

CARD = {"summary": "A fixed card", "indicator": "info", "source": {"label": "floor"}}
THREADS = 64  # of the floor that reads; as many as the service has


def create_floor() -> Flask:
    """The application: POST /cds-services/<anything> parses the body and returns a fixed card."""
    app = Flask("floor", static_folder=None)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str):
        request.get_json()
        return jsonify({"cards": [CARD]})

    @app.get("/")
    def ready():
        return jsonify({})

    return app


def create_reading_floor() -> Flask:
    """The same, but it also puts the queries that stand in `extension.queries` to `fhirServer`, all at once and without any precaution,
    as one would write it down with requests, and parses what comes."""
    app, pool = create_floor(), ThreadPoolExecutor(THREADS)

    def get(url: str) -> object:
        return requests.get(url, headers={"Accept": "application/fhir+json"}, timeout=10).json()

    @app.post("/reading/<service_id>")
    def read(service_id: str):
        asked = request.get_json()
        list(
            pool.map(
                get, [f"{asked['fhirServer']}/{query}" for query in asked["extension"]["queries"]]
            )
        )
        return jsonify({"cards": [CARD]})

    return app
