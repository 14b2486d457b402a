"""Hook requests of any size: one invented patient among a realistic bulk that concerns no guideline."""

import uuid
from collections.abc import Mapping
from datetime import date

from cds_service.casebook.cases import all_cases
from cds_service.casebook.render import hook_request, render

HOOKS = {
    "patient-view": "breast-patient-view",
    "order-select": "breast-order-select",
    "order-sign": "breast-order-sign",
}
# A patient whose advice needs an onset, two examinations, exclusions and orders; on the order hooks, one with an order against which a card speaks.
CASES = {
    "patient-view": "bloody-discharge-for-five-months",
    "order-select": "ductoscopy-ordered-with-bi-rads-5",
    "order-sign": "ductoscopy-ordered-with-bi-rads-5",
}
_LABORATORY = (
    ("718-7", "Hemoglobin", "mmol/L", 8.1),
    ("2160-0", "Creatinine", "umol/L", 71),
    ("1742-6", "ALAT", "U/L", 22),
    ("2345-7", "Glucose", "mmol/L", 5.6),
)
_CONDITIONS = (
    ("38341003", "Hypertensive disorder"),
    ("44054006", "Diabetes mellitus type 2"),
    ("195967001", "Asthma"),
    ("396275006", "Osteoarthritis"),
)
_MEDICATION = (
    ("C07AB02", "Metoprolol tablet 50 mg"),
    ("A10BA02", "Metformine tablet 500 mg"),
    ("C10AA05", "Atorvastatine tablet 20 mg"),
)
_SYSTEM = {
    "lab": "http://loinc.org",
    "sct": "http://snomed.info/sct",
    "atc": "http://www.whocc.no/atc",
}


def hook_body(hook: str, resources: int, templates: Mapping[str, str], today: date) -> dict:
    """A complete request for a hook with that many resources in its prefetch; most are laboratory results, visits, problems and medication."""
    case = next(case for case in all_cases() if case.id == CASES[hook])
    record = render(case, today)
    bulk = (
        _bulk(number, case.id, today) for number in range(max(resources - len(record.resources), 0))
    )
    record.resources.extend(bulk)
    return hook_request(case, record, hook, prefetch_keys=templates)


def fresh(body: dict) -> dict:
    """The same request as another call."""
    return body | {"hookInstance": str(uuid.uuid4())}


def _bulk(number: int, patient: str, today: date) -> dict:
    """One irrelevant resource: of ten, five laboratory results, two visits, one problem, one prescription, one vital sign."""
    subject, day = (
        {"reference": f"Patient/{patient}"},
        today.replace(year=today.year - 1 - number % 9).isoformat(),
    )
    kind = number % 10
    if kind < 5 or kind == 9:
        code, display, unit, value = _LABORATORY[number % len(_LABORATORY)]
        category = "laboratory" if kind < 5 else "vital-signs"
        return {
            "resourceType": "Observation",
            "id": f"bulk-{number}",
            "status": "final",
            "subject": subject,
            "effectiveDateTime": f"{day}T09:30:00+01:00",
            "category": [
                {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                            "code": category,
                        }
                    ]
                }
            ],
            "code": {
                "coding": [{"system": _SYSTEM["lab"], "code": code, "display": display}],
                "text": display,
            },
            "valueQuantity": {
                "value": value,
                "unit": unit,
                "system": "http://unitsofmeasure.org",
                "code": unit,
            },
            "referenceRange": [
                {"low": {"value": 1, "unit": unit}, "high": {"value": 90, "unit": unit}}
            ],
        }
    if kind < 7:
        return {
            "resourceType": "Encounter",
            "id": f"bulk-{number}",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": subject,
            "type": [{"text": "Polikliniekbezoek interne geneeskunde"}],
            "period": {"start": day, "end": day},
        }
    if kind == 7:
        code, display = _CONDITIONS[number % len(_CONDITIONS)]
        return {
            "resourceType": "Condition",
            "id": f"bulk-{number}",
            "subject": subject,
            "onsetDateTime": day,
            "recordedDate": day,
            "clinicalStatus": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                        "code": "active",
                    }
                ]
            },
            "code": {
                "coding": [{"system": _SYSTEM["sct"], "code": code, "display": display}],
                "text": display,
            },
        }
    code, display = _MEDICATION[number % len(_MEDICATION)]
    return {
        "resourceType": "MedicationRequest",
        "id": f"bulk-{number}",
        "status": "active",
        "intent": "order",
        "subject": subject,
        "authoredOn": day,
        "medicationCodeableConcept": {
            "coding": [{"system": _SYSTEM["atc"], "code": code, "display": display}],
            "text": display,
        },
    }
