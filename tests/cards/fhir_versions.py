"""A record of R4 written as another version of FHIR says the same: R5, and STU3. The shapes are the tests' own, from the pages "R3 <-> R4
<-> R5 conversions" of the resources; nothing here knows how the service reads them."""

import copy


def _references(concepts: list, references: list) -> list[dict]:
    """CodeableReferences: one for each concept and each reference, as R5 has them in one element."""
    return [{"concept": c} for c in concepts] + [{"reference": r} for r in references]


def _joined(resource: dict, new: str, concepts_at: str, references_at: str) -> None:
    concepts, references = (
        resource.pop(concepts_at, None) or [],
        resource.pop(references_at, None) or [],
    )
    if concepts or references:
        resource[new] = _references(concepts, references)


def _renamed(resource: dict, old: str, new: str) -> None:
    for key in [
        key
        for key in resource
        if key == old or key.startswith(old) and key[len(old) : len(old) + 1].isupper()
    ]:
        resource[new + key[len(old) :]] = resource.pop(key)


def _one(resource: dict, new: str, concept_at: str, reference_at: str) -> None:
    """A single CodeableReference (medication[x])."""
    told = {
        name: resource.pop(at)
        for name, at in (("concept", concept_at), ("reference", reference_at))
        if at in resource
    }
    if told:
        resource[new] = told


def _concept(coding: dict) -> dict:
    return {"coding": [coding]}


def _study(r: dict) -> None:
    if "modality" in r:
        r["modality"] = [_concept(c) for c in r["modality"]]
    for series in r.get("series", []):
        for name in ("modality", "laterality"):
            if name in series:
                series[name] = _concept(series[name])
        if "bodySite" in series:
            series["bodySite"] = {"concept": _concept(series["bodySite"])}
    _joined(r, "procedure", "procedureCode", "procedureReference")
    _joined(r, "reason", "reasonCode", "reasonReference")


def _procedure(r: dict) -> None:
    _renamed(r, "performed", "occurrence")
    _joined(r, "reason", "reasonCode", "reasonReference")
    _joined(r, "used", "usedCode", "usedReference")
    if "category" in r:
        r["category"] = [r["category"]]


def _order(r: dict) -> None:
    r["code"] = {"concept": r["code"]} if "code" in r else {"reference": {"display": "order"}}
    _joined(r, "reason", "reasonCode", "reasonReference")
    if "orderDetail" in r:
        r["orderDetail"] = [
            {"parameter": [{"code": {"text": "detail"}, "valueCodeableConcept": d}]}
            for d in r["orderDetail"]
        ]


def _medication(r: dict) -> None:
    _one(r, "medication", "medicationCodeableConcept", "medicationReference")
    _joined(r, "reason", "reasonCode", "reasonReference")


def _administration(r: dict) -> None:
    _medication(r)
    _renamed(r, "effective", "occurence")  # so spelt in R5


_ADHERENCE = {
    "active": "taking",
    "not-taken": "not-taking",
    "on-hold": "on-hold-as-directed",
    "stopped": "stopped-as-directed",
}


def _statement(r: dict) -> None:
    """R5: the status is that of the record. What R5 cannot say ("completed", "intended") keeps its R4 word here."""
    _medication(r)
    if r.get("status") in _ADHERENCE:
        r["adherence"] = {
            "code": {
                "coding": [
                    {
                        "system": "http://hl7.org/fhir/CodeSystem/medication-statement-adherence",
                        "code": _ADHERENCE[r["status"]],
                    }
                ]
            }
        }
        r["status"] = "recorded"


def _condition(r: dict) -> None:
    if "evidence" in r:
        r["evidence"] = [
            told
            for e in r["evidence"]
            for told in _references(e.get("code", []), e.get("detail", []))
        ]
    for name in ("recorder", "asserter"):
        if name in r:
            r.setdefault("participant", []).append({"actor": r.pop(name)})


def _encounter(r: dict) -> None:
    _renamed(r, "period", "actualPeriod")
    if "serviceType" in r:
        r["serviceType"] = [{"concept": r["serviceType"]}]
    if reasons := _references(r.pop("reasonCode", []), r.pop("reasonReference", [])):
        r["reason"] = [{"value": reasons}]
    if isinstance(r.get("class"), dict):
        r["class"] = [_concept(r["class"])]
    r["status"] = {"finished": "completed"}.get(r.get("status"), r.get("status"))


def _appointment(r: dict) -> None:
    if "serviceType" in r:
        r["serviceType"] = [{"concept": c} for c in r["serviceType"]]
    _joined(r, "reason", "reasonCode", "reasonReference")


def _document(r: dict) -> None:
    context = r.pop("context", {})
    if "period" in context:
        r["period"] = context["period"]


def _subject(r: dict) -> None:
    _renamed(r, "individual", "subject")


R5 = {
    "ImagingStudy": _study,
    "Procedure": _procedure,
    "ServiceRequest": _order,
    "MedicationRequest": _medication,
    "MedicationAdministration": _administration,
    "MedicationStatement": _statement,
    "Condition": _condition,
    "Encounter": _encounter,
    "Appointment": _appointment,
    "DocumentReference": _document,
    "ResearchSubject": _subject,
    "DiagnosticReport": lambda r: _renamed(r, "imagingStudy", "study"),
}


def as_r5(resource: dict) -> dict:
    """A resource of R4 as R5 writes it."""
    told = copy.deepcopy(resource)
    R5.get(told["resourceType"], lambda r: None)(told)
    return told


# --- STU3


def _stu3_condition(r: dict) -> None:
    for name in ("clinicalStatus", "verificationStatus"):
        r[name] = (
            r[name]["coding"][0]["code"]
            if isinstance(r.get(name), dict)
            else "active"
            if name == "clinicalStatus"
            else "confirmed"
        )
    _renamed(r, "recordedDate", "assertedDate")


def _stu3_study(r: dict) -> None:
    r["uid"] = "urn:oid:1.2.3"
    _renamed(r, "subject", "patient")
    if "modality" in r:
        r["modalityList"] = r.pop("modality")


def _stu3_procedure(r: dict) -> None:
    r["notDone"] = r.get("status") == "not-done"
    if r["notDone"]:
        r["status"] = "completed"


def _stu3_order(r: dict) -> None:
    r["resourceType"] = "ProcedureRequest"


def _stu3_context(r: dict) -> None:
    r["context"] = {"reference": "Encounter/e"}


def _stu3_statement(r: dict) -> None:
    r["taken"] = "n" if r.get("status") == "not-taken" else "y"


def _stu3_administration(r: dict) -> None:
    r["notGiven"] = r.get("status") == "not-done"


STU3 = {
    "Condition": _stu3_condition,
    "ImagingStudy": _stu3_study,
    "Procedure": _stu3_procedure,
    "ServiceRequest": _stu3_order,
    "Observation": _stu3_context,
    "DiagnosticReport": _stu3_context,
    "MedicationRequest": _stu3_context,
    "MedicationStatement": _stu3_statement,
    "MedicationAdministration": _stu3_administration,
}


def as_stu3(resource: dict) -> dict:
    """A resource of R4 as STU3 writes it, with an element by which it can be told."""
    told = copy.deepcopy(resource)
    STU3.get(told["resourceType"], lambda r: None)(told)
    return told
