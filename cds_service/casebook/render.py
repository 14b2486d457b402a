"""Cases as FHIR R4 resources and as hook requests."""

import re
import uuid
import zlib
from collections.abc import Mapping
from datetime import date

from cds_service.casebook.model import USER, Case, PatientRecord
from cds_service.casebook.vocabulary import Resource, Writer, relative_date, words_of, write
from cds_service.cds_hooks.hooks import HOOKS
from cds_service.errors import ContentError

_GIVEN = {
    "female": "Anna Bianca Carla Daphne Elske Femke Gerda Hilde Ingrid Jolanda Karin Loes Marleen Nelleke Odette Petra Renske Sanne "  # noqa: SIM905 - a line of words
    "Tineke Ursula Vera Wietske Yvonne Zwaantje".split(),
    "male": "Arjen Bas Casper Dirk Egbert Floris Gijs Hendrik Igor Jurre Kees Lucas".split(),  # noqa: SIM905 - a line of words
}


_FAMILY = (  # noqa: SIM905 - a line of words
    "Aalbers Baanders Cuijpers Doornbos Elzinga Fokkema Geerdink Haverkort IJsselstein Jaspers Klaverweide Lommerse Muiderman Noordhoek "
    "Oldenkamp Poelstra Quist Roozeboom Schaapveld Terpstra Uilenberg Veldhuis Wagemaker Zandvliet"
).split()


def render(case: Case, today: date) -> PatientRecord:
    """The case as FHIR R4 resources, as they stand on that day (`record.today`: a case may ask for a day of the month)."""
    today = case.today(today)
    writer, words = Writer(case.id, today), words_of(case.guideline)
    try:
        resources = [_patient(case, today)]
        for word, options in case.record:
            resources += write(word, options, words, writer)
        writer.drafting = True
        drafts, chosen = [], []
        for word, options in case.orders:
            order = write(word, options, words, writer)
            drafts += order
            chosen += [
                one for one in order if case.select is None or {word, one["id"]} & set(case.select)
            ]
        if case.select and not chosen:
            raise ValueError(f"'select:' names none of the orders: {', '.join(case.select)}")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ContentError([f"{case.place}: {error}"]) from error
    selections = [f"{order['resourceType']}/{order['id']}" for order in chosen]
    return PatientRecord(case.id, today, resources, drafts, selections)


def _patient(case: Case, today: date) -> Resource:
    gender, age = case.patient.get("gender", "female"), case.patient.get("age", 52)
    given, _, family = case.patient.get("name", _invented_name(case.id, gender)).partition(" ")
    return {
        "resourceType": "Patient",
        "id": case.id,
        "name": [{"use": "official", "family": family, "given": [given]}],
        "gender": gender,
        # five months past the last birthday, so that an age in years lies clear of any boundary
        "birthDate": relative_date(f"-{age} years -5 months", today),
    }


def _invented_name(case_id: str, gender: str) -> str:
    """The same for a case each time."""
    given = _GIVEN.get(gender, _GIVEN["female"])
    number = zlib.crc32(case_id.encode())
    return f"{given[number % len(given)]} {_FAMILY[number // len(given) % len(_FAMILY)]}"


def hook_request(
    case: Case, record: PatientRecord, hook: str, *, prefetch_keys: Mapping[str, str]
) -> dict:
    """A complete CDS Hooks request; `prefetch_keys`: prefetch key -> template."""
    context: dict = {"userId": USER, "patientId": record.patient_id}
    if HOOKS[hook].judges == "selections":
        context["selections"] = record.selections
    if HOOKS[hook].is_order_hook:
        drafts = [{"resource": order} for order in record.draft_orders]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": drafts}
    prefetch = {key: _prefetched(template, case, record) for key, template in prefetch_keys.items()}
    return {
        "hook": hook,
        "hookInstance": str(uuid.uuid4()),
        "context": context,
        "prefetch": prefetch,
    }


def _prefetched(template: str, case: Case, record: PatientRecord) -> Resource | None:
    resource_type = re.split(r"[/?]", template)[0]
    if resource_type in case.unread:
        issue = {
            "severity": "error",
            "code": "timeout",
            "diagnostics": f"{resource_type} could not be read",
        }
        return {"resourceType": "OperationOutcome", "issue": [issue]}
    found = [resource for resource in record.resources if resource["resourceType"] == resource_type]
    if not found:
        return None
    if resource_type == "Patient":
        return found[0]
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in found]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}
