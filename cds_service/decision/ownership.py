"""Whose data a resource is: the one place that says so. Another patient's data stop the evaluation (400)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.cds_hooks.request import HookRequest
from cds_service.errors import RequestError
from cds_service.fhir.elements import SUBJECTS, relative
from cds_service.fhir.resource_types import KEYS
from cds_service.fhir.versions import OLDER_THAN_R4, outdated


def check_drafts(request: HookRequest) -> None:
    """Raises RequestError (400) when a draft order is another patient's, whatever it orders, or is written in a FHIR before R4:
    nobody could say what it orders, and passing over it would look like nothing to advise."""
    owner = PatientOwnership(request.patient_id, {}, request.fhir_server)
    for position, draft in enumerate(request.drafts):
        owner.owns(draft)
        if meant := outdated(draft):
            message = f"{OLDER_THAN_R4}; send the order as a {meant} of R4"
            raise RequestError(
                400, "not-supported", message, f"context.draftOrders.entry[{position}]"
            )


def _reference_in(node: object) -> str:
    text = node.get("reference") if isinstance(node, dict) else None
    return text if isinstance(text, str) else ""


def _patients_in(appointment: dict) -> list[str]:
    """The patients who take part in an appointment."""
    participants = appointment.get("participant")
    actors = (
        [p.get("actor") for p in participants if isinstance(p, dict)]
        if isinstance(participants, list)
        else []
    )
    named = [
        text
        for actor in actors
        if isinstance(actor, dict) and isinstance(text := actor.get("reference"), str)
    ]
    return [text for text in named if relative(text).startswith("Patient/")]


@dataclass
class PatientOwnership:
    """Whose data a resource is. Raises RequestError (400) for another patient's: nothing is evaluated then."""

    patient_id: str
    full_urls: Mapping[str, dict]
    fhir_server: str | None
    told: dict[str, bool] = field(
        default_factory=dict
    )  # what was found of a reference before: a record names its patient over and over

    def owns(self, resource: dict) -> bool:
        """True for this patient's data and for what belongs to no patient; False where the owner cannot be told.

        What a resource contains must not be another patient's either.
        """
        if "contained" in resource:
            self._check_contained(resource["contained"])
        kind = resource["resourceType"]
        if kind == "Patient":
            if resource.get("id") != self.patient_id:
                raise self._foreign(resource)
            return True
        references = [
            text for key in SUBJECTS if key in resource and (text := _reference_in(resource[key]))
        ]
        if kind == "Appointment":
            # A meeting may be about several patients; it is this one's when this one takes part.
            references += _patients_in(resource)
            references = [
                text for text in references if relative(text) == f"Patient/{self.patient_id}"
            ] or references
        if not references:
            return kind not in KEYS or kind == "Encounter"
        for text in references:
            if text not in self.told:
                self.told[text] = self._is_patient(text, resource)
        return all(
            [self.told[text] for text in references]
        )  # every one of them: each may be somebody else's

    def _check_contained(self, contained: object) -> None:
        for inner in contained if isinstance(contained, list) else []:
            if (
                isinstance(inner, dict)
                and isinstance(inner.get("resourceType"), str)
                and inner["resourceType"] != "Patient"
            ):
                self.owns(inner)

    def _is_patient(self, text: str, resource: dict) -> bool:
        if text.startswith("#") or "?" in text or "/" not in text and not text.startswith("urn:"):
            return False
        if text == f"urn:uuid:{self.patient_id}":
            return True
        if text.startswith("urn:"):
            target = self.full_urls.get(text)
            if target is None:
                return False
            if target.get("resourceType") != "Patient" or target.get("id") != self.patient_id:
                raise self._foreign(resource)
            return True
        if relative(text) != f"Patient/{self.patient_id}":
            raise self._foreign(resource)
        # The same id on another server may be anybody.
        elsewhere = (
            "://" in text
            and self.fhir_server is not None
            and not text.startswith(self.fhir_server.rstrip("/") + "/")
        )
        return not elsewhere

    @staticmethod
    def _foreign(resource: dict) -> RequestError:
        kind = resource["resourceType"] if resource["resourceType"] in KEYS else "resource"
        return RequestError(
            400,
            "conflict",
            f"a {kind} belongs to another patient than context.patientId; nothing was evaluated",
            "prefetch",
        )
