"""Patients from files, for the command line: a Bundle, a list of resources, NDJSON, or a hook request.

A file is taken as the whole record: what it does not hold is empty, not unread.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.cds_hooks.request import HookRequest, parse
from cds_service.decision.ownership import patients_named
from cds_service.errors import MammaCardsError
from cds_service.fhir.codes import in_fhir_spelling
from cds_service.fhir.elements import reference
from cds_service.strict import json as strict_json


class BadFile(MammaCardsError):
    """A file that holds no patients; names the file and what is expected."""


@dataclass(frozen=True)
class Patient:
    """One patient of a file: a hook request as it stands, or the resources of the record."""

    place: str
    request: Mapping | None = None
    patient_id: str = ""
    resources: tuple[dict, ...] = ()


def read_patients(file: str, standard_input: BinaryIO) -> Iterator[Patient]:
    """The patients in a file ("-" is standard input). Raises BadFile."""
    body = standard_input.read() if file == "-" else Path(file).read_bytes()
    name = "standard input" if file == "-" else Path(file).name
    whole = _parsed(body)
    if whole is None:
        resources = []
        for number, line in enumerate(body.splitlines(), 1):
            if line.strip():
                resource = _parsed(line)
                if not isinstance(resource, dict):
                    raise BadFile(
                        f"{name}, line {number}: expected a Bundle, a list of resources, a hook request, or one resource a line"
                    )
                resources.append(resource)
    elif isinstance(whole, dict) and "hook" in whole:
        yield Patient(name, request=whole)
        return
    else:
        resources = whole if isinstance(whole, list) else [whole]
    yield from _by_patient(name, list(_unpacked(resources)))


def _parsed(body: bytes) -> Any:
    try:
        return strict_json.loads_any(body.strip())
    except strict_json.BadJson:
        return None


def _unpacked(resources: list, full_url: str = "") -> Iterator[tuple[str, dict]]:
    """(fullUrl, resource) of everything in the file, Bundles opened, those in Bundles too."""
    for resource in resources:
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            for entry in resource.get("entry") or []:
                if isinstance(entry, dict):
                    yield from _unpacked([entry.get("resource")], str(entry.get("fullUrl") or ""))
        elif isinstance(resource, dict):
            yield full_url, resource


def _by_patient(name: str, entries: list[tuple[str, dict]]) -> Iterator[Patient]:
    """Group resources by the patient they are about; urn:uuid references are replaced by Type/id."""
    full_urls = {url: reference(r) for url, r in entries if url and reference(r)}
    groups: dict[str, list[dict]] = {}
    for _, resource in entries:
        resource = _resolved(resource, full_urls)
        for owner in patients_named(resource):
            groups.setdefault(owner, []).append(resource)
    if not groups:
        raise BadFile(
            f"{name}: no patient found; a Patient resource or a subject reference to one is needed"
        )
    for owner, resources in groups.items():
        yield Patient(name, None, owner, tuple(resources))


def _resolved(resource: dict, full_urls: Mapping[str, str]) -> dict:
    """The resource with references of the Bundle's own making (urn:uuid) as Type/id."""
    if not any(url.startswith("urn:") for url in full_urls):
        return resource
    text = json.dumps(resource)
    for url, name in full_urls.items():
        text = text.replace(json.dumps(url), json.dumps(name))
    return json.loads(text)


def request_of(
    patient: Patient, hook: str, templates: Mapping[str, Mapping[str, str]]
) -> HookRequest:
    """The hook request for a patient; draft orders of a record become draftOrders on the order hooks."""
    if patient.request is not None:
        asked = patient.request.get("hook")
        if asked not in templates:
            raise BadFile(f"hook: must be one of {', '.join(templates)}")
        return parse(dict(patient.request), str(asked))
    is_order_hook = HOOKS[hook].is_order_hook
    orders = [
        r
        for r in patient.resources
        if is_order_hook and r.get("resourceType", "").endswith("Request")
    ]
    drafts = [r for r in orders if in_fhir_spelling(r).get("status") == "draft"]
    kept = [r for r in patient.resources if r not in drafts]
    context: dict = {"userId": "Practitioner/command-line", "patientId": patient.patient_id}
    if is_order_hook:
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "entry": [{"resource": r} for r in drafts],
        }
        context["selections"] = [reference(r) for r in drafts]
    prefetch = {}
    for key, template in templates[hook].items():
        kind = template.split("?")[0].split("/")[0]
        found = [r for r in kept if r.get("resourceType") == kind]
        prefetch[key] = (
            {"resourceType": "Bundle", "entry": [{"resource": r} for r in found]} if found else None
        )
    return parse(
        {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": prefetch},
        hook,
    )
