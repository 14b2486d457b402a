"""Whose data a resource is: the one place that says so. Another patient's data stop the evaluation (400).

The service asks PatientOwnership of one patient's record. Who brings the resources of many patients together (files of the command line,
population runs, SQL too) asks `patients_named`, or has its own statement of it compared with this one row by row (tests/spec/test_ownership.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from cds_service.cds_hooks.request import HookRequest
from cds_service.errors import RequestError
from cds_service.fhir.elements import reference, relative
from cds_service.fhir.resource_types import KEYS, SUBJECTS
from cds_service.fhir.versions import OLDER_THAN_R4, outdated

# The patient that a reference names; also in SQL (population/grouping.py), so without anything that only Python's expressions know.
PATIENT = r"^(?:(?:.*/)?Patient/|urn:uuid:)([^/?#]+)(?:/_history/.*)?$"
_NAMES_A_PATIENT = re.compile(PATIENT)


class Owner(Enum):
    """Whose a resource is, seen from one patient."""

    OWN = "own"  # this patient's, or of a kind that belongs to no patient: it may be used
    NOBODYS = (
        "nobody's"  # nobody can tell whose: it must not be used, and what it might say is missing
    )


class ForeignPatient(RequestError):
    """Data of another patient than the request is about (400); nothing is evaluated."""

    def __init__(self, kind: str):
        super().__init__(
            400,
            "conflict",
            f"a {kind} belongs to another patient than context.patientId; nothing was evaluated",
            "prefetch",
        )


def check_drafts(request: HookRequest) -> None:
    """Raises RequestError (400) when a draft order is another patient's, whatever it orders, or is written in a FHIR before R4:
    nobody could say what it orders, and passing over it would look like nothing to advise."""
    ownership = PatientOwnership(request.patient_id, {}, request.fhir_server)
    for position, draft in enumerate(request.drafts):
        ownership.of(draft)
        if meant := outdated(draft):
            message = f"{OLDER_THAN_R4}; send the order as a {meant} of R4"
            raise RequestError(
                400, "not-supported", message, f"context.draftOrders.entry[{position}]"
            )


def patients_named(resource: dict) -> list[str]:
    """The ids of the patients that a resource says it is about, each once: of a Patient its own."""
    if resource.get("resourceType") == "Patient":
        texts = [reference(resource)]
    else:
        texts = _subjects(resource) + _participants(resource)
    return list(
        dict.fromkeys(found[1] for text in texts if (found := _NAMES_A_PATIENT.match(text)))
    )


def _reference_in(node: object) -> str:
    text = node.get("reference") if isinstance(node, dict) else None
    return text if isinstance(text, str) else ""


def _subjects(resource: dict) -> list[str]:
    """The references to whom a resource is about."""
    return [text for key in SUBJECTS if key in resource and (text := _reference_in(resource[key]))]


def _participants(resource: dict) -> list[str]:
    """The references to who takes part in an Appointment, patients and others."""
    participants = resource.get("participant")
    if resource.get("resourceType") != "Appointment" or not isinstance(participants, list):
        return []
    actors = [_reference_in(p.get("actor")) for p in participants if isinstance(p, dict)]
    return [text for text in actors if text]


@dataclass
class PatientOwnership:
    """Whose data a resource is, for one patient.

    full_urls: Bundle.entry.fullUrl -> resource. fhir_server: the base of the server that the data come from, where it is known.
    """

    patient_id: str
    full_urls: Mapping[str, dict]
    fhir_server: str | None
    # What was found of a reference before: a record names its patient over and over.
    known: dict[str, bool] = field(default_factory=dict)

    def of(self, resource: dict) -> Owner:
        """Whose it is. Raises ForeignPatient (400) where it, or what it contains, is another patient's."""
        if "contained" in resource:
            self._check_contained(resource["contained"])
        kind = resource["resourceType"]
        if kind == "Patient":
            if resource.get("id") != self.patient_id:
                raise self._foreign(resource)
            return Owner.OWN
        references = _subjects(resource)
        if kind == "Appointment":
            # A meeting may be about several patients; it is this one's when this one takes part.
            references += [
                text for text in _participants(resource) if relative(text).startswith("Patient/")
            ]
            references = [
                text for text in references if relative(text) == f"Patient/{self.patient_id}"
            ] or references
        if not references:
            return Owner.OWN if kind not in KEYS or kind == "Encounter" else Owner.NOBODYS
        # Every one of them is looked at: each may be somebody else's.
        for text in references:
            if text not in self.known:
                self.known[text] = self._is_patient(text, resource)
        return Owner.OWN if all([self.known[text] for text in references]) else Owner.NOBODYS

    def _check_contained(self, contained: object) -> None:
        for inner in contained if isinstance(contained, list) else []:
            if (
                isinstance(inner, dict)
                and isinstance(inner.get("resourceType"), str)
                and inner["resourceType"] != "Patient"
            ):
                self.of(inner)

    def _is_patient(self, text: str, resource: dict) -> bool:
        """Whether a reference surely means this patient; False where that cannot be told. Raises ForeignPatient."""
        if text.startswith("#") or "?" in text or ("/" not in text and not text.startswith("urn:")):
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
    def _foreign(resource: dict) -> ForeignPatient:
        return ForeignPatient(
            resource["resourceType"] if resource["resourceType"] in KEYS else "resource"
        )
