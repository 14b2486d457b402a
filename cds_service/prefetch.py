"""Which data the content needs, as prefetch templates, and how a request's data are gathered.

Templates are derived from the facts of the enabled guidelines; they use 2.0 tokens only, never repeat a parameter
and stay in the standard's query subset (CDS Hooks §Prefetch Template). Prefetch comes first; what is missing is read
from the client's FHIR server. Resources are recognised by what they are, under any key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from cds_service.cds_hooks.request import HookRequest
from cds_service.errors import RequestError
from cds_service.facts.model import FactDefinition
from cds_service.fhir.elements import SUBJECTS, reference, relative
from cds_service.fhir.received import Gathering, received
from cds_service.fhir.record import KEYS, Input, Problem, Record
from cds_service.fhir.revisions import Versions
from cds_service.fhir.state import Fetched, State
from cds_service.fhir.versions import OLDER_THAN_R4, outdated
from cds_service.terminology import DCM, LOINC, PROJECT, SNOMED

# A finding may be written in words only, so Observations are asked by category; laboratory and vital signs, the bulk
# of a record, are not read. What was stored without a category is asked by code.
OBSERVATION_CATEGORIES = "exam,imaging,procedure,survey,social-history,therapy,activity"
OBSERVATION_SYSTEMS = (SNOMED, LOINC, DCM, PROJECT)
BY_CODE = "observationsByCode"
PAGE = 500


def templates(definitions: Iterable[FactDefinition]) -> dict[str, str]:
    """Prefetch key -> template, for everything that the facts read."""
    definitions = list(definitions)
    if not definitions:
        return {}
    types = {kind for definition in definitions for kind in definition.resource_types}
    found = {"patient": "Patient/{{context.patientId}}"}
    for kind in (kind for kind in KEYS if kind in types):
        narrowed = f"&category={OBSERVATION_CATEGORIES}" if kind == "Observation" else ""
        found[KEYS[kind]] = f"{kind}?patient={{{{context.patientId}}}}{narrowed}&_count={PAGE}"
    codes = sorted({
        f"{system}|{code}"
        for definition in definitions
        for path in definition.paths.get("Observation", ())
        if path.expression == "code"
        for system, code in definition.search_set.codes
        if system in OBSERVATION_SYSTEMS
    })  # fmt: skip
    if codes:
        found[BY_CODE] = f"Observation?patient={{{{context.patientId}}}}&code={','.join(codes)}&_count={PAGE}"
    return found


# Reads what is missing: (queries, next links of prefetched pages) -> results by key. See fhir.client.FhirClient.
Reader = Callable[[Mapping[str, str], Mapping[str, str]], Mapping[str, Fetched]]


def gather(request: HookRequest, wanted: Mapping[str, str], read: Reader | None) -> Record:
    """The patient's record for this request. Raises RequestError (400) when any of it is another patient's."""
    asked = {key: template.replace("{{context.patientId}}", quote(request.patient_id, safe="")) for key, template in wanted.items()}
    came = {key: received(value, _type_of(asked.get(key, "")), asked.get(key, "").partition("?")[2]) for key, value in request.prefetch.items()}
    extra = [g for key, g in came.items() if key not in wanted]
    # Resources are recognised by what they are: a Bundle under a key of the client's own answers for the types it holds.
    gathered: dict[str, Gathering] = {}
    missing: dict[str, str] = {}
    for key, template in wanted.items():
        if key in came:
            gathered[key] = came[key]
            continue
        missing[key] = asked[key]
        told = [g for g in extra if g.is_bundle and any(r["resourceType"] == _type_of(template) for r in g.resources)]
        gathered[key] = Gathering(State.PRESENT, reason="other-key", told_by=told) if told else Gathering(State.UNAVAILABLE, reason="not-prefetched")
    further = {key: g.next_link for key, g in gathered.items() if g.next_link}
    if read is not None and (missing or further):
        for key, fetched in read(missing, further).items():
            if gathered[key].deciding.state.is_read and not fetched.state.is_read:
                continue  # the client told it under a key of its own
            gathered[key] = _merged(gathered[key], fetched, is_page=key in further)
    return _record(request, wanted, gathered, extra)


def check_drafts(request: HookRequest) -> None:
    """Raises RequestError (400) when a draft order is another patient's, whatever it orders, or is written in a FHIR before R4:
    nobody could say what it orders, and passing over it would look like nothing to advise."""
    owner = _Owner(request.patient_id, {}, request.fhir_server)
    for position, draft in enumerate(request.drafts):
        owner.owns(draft)
        if meant := outdated(draft):
            message = f"{OLDER_THAN_R4}; send the order as a {meant} of R4"
            raise RequestError(400, "not-supported", message, f"context.draftOrders.entry[{position}]")


def _type_of(template: str) -> str:
    return template.split("?")[0].split("/")[0]


def _merged(before: Gathering, fetched: Fetched, *, is_page: bool) -> Gathering:
    resources = list(fetched.resources)
    if not is_page:
        return Gathering(fetched.state, resources, fetched.reason)
    # The rest of a prefetched first page: complete only when all of it came, and when a further page was all that was missing.
    state, reason = (State.PRESENT, "") if fetched.state.is_read and not before.lacks_more else (State.PARTIAL, fetched.reason or before.reason)
    return Gathering(state, before.resources + resources, reason, full_urls=before.full_urls)


def _record(request: HookRequest, wanted: Mapping[str, str], gathered: dict[str, Gathering], extra: list[Gathering]) -> Record:
    everything = [*gathered.values(), *extra]
    versions = Versions([pair for found in everything for pair in found.full_urls])
    owner = _Owner(request.patient_id, versions.by_url, request.fhir_server)
    problems: list[Problem] = []
    for found in everything:
        for resource in found.resources:
            identity = versions.identity(resource)
            if versions.has(resource, identity):
                continue  # under two keys, as templates overlap
            if owner.owns(resource):
                versions.add(resource, identity)
                continue
            # Nobody knows whose it is: it must not be used, and what it might say is missing.
            problems.append(Problem(reference(resource), "no-patient", resource["resourceType"]))
            found.state = State.PARTIAL if found.state is not State.UNAVAILABLE else found.state
            found.reason = found.reason or "no-patient"
    held, full_urls = versions.held()
    problems += versions.problems
    inputs = {key: Input(key, _type_of(wanted[key]), found.deciding.state, found.deciding.reason) for key, found in gathered.items()}
    # Wherever a resource came from whose versions contradict each other, nobody knows what it says.
    inputs |= {key: replace(i, state=State.PARTIAL, reason="two-versions") for key, i in inputs.items() if i.resource_type in versions.in_doubt and i.state.is_read}
    resources: dict[str, list[dict]] = {}
    for resource in held:
        resources.setdefault(resource["resourceType"], []).append(resource)
    drafted = {reference(d) for d in request.drafts if reference(d)}
    for kind in {d["resourceType"] for d in request.drafts} & resources.keys():
        # The draft is the newer version of an order that is on record too.
        resources[kind] = [r for r in resources[kind] if reference(r) not in drafted]
    return Record(request.patient_id, resources, inputs, problems, request.drafts, request.judged, full_urls)


def _reference_in(node: object) -> str:
    text = node.get("reference") if isinstance(node, dict) else None
    return text if isinstance(text, str) else ""


def _patients_in(appointment: dict) -> list[str]:
    """The patients who take part in an appointment."""
    participants = appointment.get("participant")
    actors = [p.get("actor") for p in participants if isinstance(p, dict)] if isinstance(participants, list) else []
    named = [text for actor in actors if isinstance(actor, dict) and isinstance(text := actor.get("reference"), str)]
    return [text for text in named if relative(text).startswith("Patient/")]


@dataclass
class _Owner:
    """Whose data a resource is. Raises RequestError (400) for another patient's: nothing is evaluated then."""

    patient_id: str
    full_urls: Mapping[str, dict]
    fhir_server: str | None
    told: dict[str, bool] = field(default_factory=dict)  # what was found of a reference before: a record names its patient over and over

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
        references = [text for key in SUBJECTS if key in resource and (text := _reference_in(resource[key]))]
        if kind == "Appointment":
            # A meeting may be about several patients; it is this one's when this one takes part.
            references += _patients_in(resource)
            references = [text for text in references if relative(text) == f"Patient/{self.patient_id}"] or references
        if not references:
            return kind not in KEYS or kind == "Encounter"
        for text in references:
            if text not in self.told:
                self.told[text] = self._is_patient(text, resource)
        return all([self.told[text] for text in references])  # every one of them: each may be somebody else's

    def _check_contained(self, contained: object) -> None:
        for inner in contained if isinstance(contained, list) else []:
            if isinstance(inner, dict) and isinstance(inner.get("resourceType"), str) and inner["resourceType"] != "Patient":
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
        elsewhere = "://" in text and self.fhir_server is not None and not text.startswith(self.fhir_server.rstrip("/") + "/")
        return not elsewhere

    @staticmethod
    def _foreign(resource: dict) -> RequestError:
        kind = resource["resourceType"] if resource["resourceType"] in KEYS else "resource"
        return RequestError(400, "conflict", f"a {kind} belongs to another patient than context.patientId; nothing was evaluated", "prefetch")
