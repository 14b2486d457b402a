"""From the body of a request to a decision: what the services, /explain and the demo's playground have in common."""

from collections.abc import Callable, Mapping
from datetime import datetime

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.cds_hooks.request import HookRequest, parse
from cds_service.decision.decide import Decision, decide, prefetch_templates
from cds_service.errors import RequestError
from cds_service.fhir_client.client import FhirClient
from cds_service.guideline.library import Library
from cds_service.security.clients import Client
from cds_service.settings import Settings


class Deciding:
    """Decides hook requests on loaded content. `clock` gives the present moment in the service's time zone."""

    def __init__(self, settings: Settings, library: Library, clock: Callable[[], datetime]):
        self._settings, self._library, self._clock = settings, library, clock
        self.services = {service.id: service for service in SERVICES}
        self.templates = {
            service.hook: prefetch_templates(library, service.hook) for service in SERVICES
        }

    def check(self, service_id: str) -> None:
        """Raises RequestError (404) for a service that there is not."""
        if service_id not in self.services:
            raise RequestError(
                404, "not-found", "there is no such service; GET /cds-services lists them"
            )

    def decide(self, service_id: str, body: dict, client: Client) -> Decision:
        """The decision on a request of a client, whose FHIR server is read for what prefetch lacks. Raises RequestError (400, 404)."""
        self.check(service_id)
        hook = self.services[service_id].hook
        asked = parse(body, hook)
        return decide(
            asked, self._library, self.templates[hook], self._clock(), self._reader(asked, client)
        )

    def _reader(
        self, asked: HookRequest, client: Client
    ) -> Callable[[Mapping[str, str], Mapping[str, str]], Mapping] | None:
        """Reads the client's FHIR server; None when it named none, or one that is not registered for it."""
        base = client.fhir_base(asked.fhir_server) if asked.fhir_server else None
        if base is None:
            return None
        token, deadline = (
            asked.token,
            client.fhir_deadline_seconds or self._settings.fhir_deadline_seconds,
        )

        def read(queries: Mapping[str, str], further: Mapping[str, str]) -> Mapping:
            return FhirClient(base, token, deadline, trust=client.trust).read(queries, further)

        return read
