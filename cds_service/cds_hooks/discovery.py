"""The discovery answer (CDS Hooks 2.0.1 §Discovery). Each hook has an id of its own: clients store services by URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cds_service.cds_hooks.hooks import ORDER_SELECT, ORDER_SIGN, PATIENT_VIEW, Hook


@dataclass(frozen=True)
class Service:
    """One CDS service that we offer."""

    answers: Hook
    title: str
    description: str

    @property
    def id(self) -> str:
        """Under which its URL stands."""
        return self.answers.service_id

    @property
    def hook(self) -> str:
        """The id of the hook that it answers."""
        return self.answers.id


SERVICES = (
    Service(
        PATIENT_VIEW,
        "Borstkanker: advies bij openen dossier",
        "Advies uit Nederlandse borstkankerrichtlijnen bij het openen van het dossier, met per criterium: ja, nee of niet bekend. "
        "Advice from Dutch breast-cancer guidelines when a chart is opened, with the evidence for every criterion.",
    ),
    Service(
        ORDER_SELECT,
        "Borstkanker: advies bij kiezen van een aanvraag",
        "Advies over de gekozen aanvragen. Advice on the selected orders.",
    ),
    Service(
        ORDER_SIGN,
        "Borstkanker: advies bij ondertekenen",
        "Advies over alle aanvragen die worden ondertekend. Advice on all orders that are being signed.",
    ),
)
USAGE = "FHIR R4. Prefetch every key, or pass fhirServer with fhirAuthorization; keys that are neither given nor readable are reported, never guessed."


def discovery(
    prefetch: Mapping[str, Mapping[str, str]], topics: Mapping[str, Sequence[str]], version: str
) -> dict:
    """The body of GET /cds-services; `prefetch` maps hook -> key -> template, `topics` hook -> titles of the guidelines that answer."""
    return {
        "services": [
            {
                "hook": service.hook,
                "title": service.title,
                "description": f"{service.description} ({'; '.join(topics[service.hook])})",
                "id": service.id,
                "prefetch": dict(prefetch[service.hook]),
                "usageRequirements": USAGE,
                "version": version,
            }
            for service in SERVICES
            if prefetch[service.hook]
        ]
    }
