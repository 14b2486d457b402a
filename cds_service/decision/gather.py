"""Which data the content needs, as prefetch templates, and how a request's data are gathered.

Templates are derived from the facts of the enabled guidelines; they use 2.0 tokens only, never repeat a parameter
and stay in the standard's query subset (CDS Hooks §Prefetch Template). Prefetch comes first; what is missing is read
from the client's FHIR server. Resources are recognised by what they are, under any key.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from cds_service.cds_hooks.request import HookRequest
from cds_service.decision.inputs import Gathering, received
from cds_service.decision.ownership import Owner, PatientOwnership
from cds_service.decision.prefetch_templates import type_of
from cds_service.fhir.elements import reference
from cds_service.fhir.record import DataIssue, PrefetchInput, Record
from cds_service.fhir.revisions import Versions
from cds_service.fhir.state import Fetched, State

# Reads what is missing: (queries, next links of prefetched pages) -> results by key. See fhir.client.FhirClient.
Reader = Callable[[Mapping[str, str], Mapping[str, str]], Mapping[str, Fetched]]


def gather(request: HookRequest, wanted: Mapping[str, str], read: Reader | None) -> Record:
    """The patient's record for this request. Raises RequestError (400) when any of it is another patient's."""
    asked = {
        key: template.replace("{{context.patientId}}", quote(request.patient_id, safe=""))
        for key, template in wanted.items()
    }
    came = {
        key: received(value, type_of(asked.get(key, "")), asked.get(key, "").partition("?")[2])
        for key, value in request.prefetch.items()
    }
    extra = [g for key, g in came.items() if key not in wanted]
    # Resources are recognised by what they are: a Bundle under a key of the client's own answers for the types it holds.
    gathered: dict[str, Gathering] = {}
    missing: dict[str, str] = {}
    for key, template in wanted.items():
        if key in came:
            gathered[key] = came[key]
            continue
        missing[key] = asked[key]
        told = [
            g
            for g in extra
            if g.is_bundle and any(r["resourceType"] == type_of(template) for r in g.resources)
        ]
        gathered[key] = (
            Gathering(State.PRESENT, reason="other-key", told_by=told)
            if told
            else Gathering(State.UNAVAILABLE, reason="not-prefetched")
        )
    further = {key: g.next_link for key, g in gathered.items() if g.next_link}
    if read is not None and (missing or further):
        for key, fetched in read(missing, further).items():
            if gathered[key].deciding.state.is_read and not fetched.state.is_read:
                continue  # the client told it under a key of its own
            gathered[key] = _merged(gathered[key], fetched, is_page=key in further)
    return _record(request, wanted, gathered, extra)


def _merged(before: Gathering, fetched: Fetched, *, is_page: bool) -> Gathering:
    resources = list(fetched.resources)
    if not is_page:
        return Gathering(fetched.state, resources, fetched.reason)
    # The rest of a prefetched first page: complete only when all of it came, and when a further page was all that was missing.
    state, reason = (
        (State.PRESENT, "")
        if fetched.state.is_read and not before.lacks_more
        else (State.PARTIAL, fetched.reason or before.reason)
    )
    return Gathering(state, before.resources + resources, reason, full_urls=before.full_urls)


def _record(
    request: HookRequest,
    wanted: Mapping[str, str],
    gathered: dict[str, Gathering],
    extra: list[Gathering],
) -> Record:
    everything = [*gathered.values(), *extra]
    versions = Versions([pair for found in everything for pair in found.full_urls])
    ownership = PatientOwnership(request.patient_id, versions.by_url, request.fhir_server)
    problems: list[DataIssue] = []
    for found in everything:
        for resource in found.resources:
            identity = versions.identity(resource)
            if versions.has(resource, identity):
                continue  # under two keys, as templates overlap
            if ownership.of(resource) is Owner.OWN:
                versions.add(resource, identity)
                continue
            # Nobody knows whose it is: it must not be used, and what it might say is missing.
            problems.append(DataIssue(reference(resource), "no-patient", resource["resourceType"]))
            found.state = State.PARTIAL if found.state is not State.UNAVAILABLE else found.state
            found.reason = found.reason or "no-patient"
    held, full_urls = versions.held()
    problems += versions.problems
    inputs = {
        key: PrefetchInput(key, type_of(wanted[key]), found.deciding.state, found.deciding.reason)
        for key, found in gathered.items()
    }
    # Wherever a resource came from whose versions contradict each other, nobody knows what it says.
    inputs |= {
        key: replace(i, state=State.PARTIAL, reason="two-versions")
        for key, i in inputs.items()
        if i.resource_type in versions.in_doubt and i.state.is_read
    }
    resources: dict[str, list[dict]] = {}
    for resource in held:
        resources.setdefault(resource["resourceType"], []).append(resource)
    drafted = {reference(d) for d in request.drafts if reference(d)}
    for kind in {d["resourceType"] for d in request.drafts} & resources.keys():
        # The draft is the newer version of an order that is on record too.
        resources[kind] = [r for r in resources[kind] if reference(r) not in drafted]
    return Record(
        request.patient_id, resources, inputs, problems, request.drafts, request.judged, full_urls
    )
