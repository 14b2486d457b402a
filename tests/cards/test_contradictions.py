"""Records that contradict themselves: the cautious reading (met for an exclusion, unknown for a requirement), "conflicting data" and
both entries as evidence, on the card where there is one and always in the trace."""

from datetime import date

import pytest

from tests.conftest import SERVICE

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
LEFT, RIGHT = "80248007", "73056007"  # structures of the breasts
LATERALITY = "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality"


def coded(code, text=None, system=SNOMED):
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def site(code, extension=None):
    return coded(code) | (
        {"extension": [{"url": LATERALITY, "valueCodeableConcept": coded(extension)}]}
        if extension
        else {}
    )


def entry(kind, identity, **elements):
    return {"resourceType": kind, "id": identity, "subject": {"reference": "Patient/p"}, **elements}


def problem(identity, text=None, code=None, confirmed="confirmed", **elements):
    concept = ({"coding": [{"system": SNOMED, "code": code}]} if code else {}) | (
        {"text": text} if text else {}
    )
    status = {
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": confirmed}]},
    }
    return entry("Condition", identity, code=concept, **status, **elements)


def report(identity, text, conclusion, day="2026-05-10", **elements):
    return entry(
        "DiagnosticReport",
        identity,
        status="final",
        code={"text": text},
        effectiveDateTime=day,
        conclusion=conclusion,
        **elements,
    )


def finding(identity, text, value, day="2026-06-01"):
    return entry(
        "Observation",
        identity,
        status="final",
        code={"text": text},
        effectiveDateTime=day,
        valueString=value,
    )


def receptor(code, answer, identity, day="2026-05-20"):
    return entry(
        "Observation",
        identity,
        status="final",
        code=coded(code, system=LOINC),
        effectiveDateTime=day,
        valueCodeableConcept={"text": answer},
    )


COMPLAINT = problem(
    "d", "Bloederige tepelvloed links", bodySite=[coded(LEFT)], onsetDateTime="2026-02-01"
)
MAMMOGRAM = report("m", "Mammografie links", "BI-RADS 2")
ULTRASOUND = report("u", "Echografie mamma links", "BI-RADS 1")
CANCER = problem(
    "c", "Mammacarcinoom links", "254837009", onsetDateTime="2025-03-01", recordedDate="2025-03-01"
)
LIVER = problem(
    "l", "Levermetastase", "94381002", onsetDateTime="2026-05-01", recordedDate="2026-05-01"
)
BONE = problem(
    "b", "Botmetastase", "94222008", onsetDateTime="2026-05-01", recordedDate="2026-05-01"
)
CHEMOTHERAPY = entry(
    "ServiceRequest", "o", status="draft", intent="order", code={"text": "Chemotherapie: docetaxel"}
)

ROWS = [
    # what contradicts what, the record, recommendation, criterion, judgement, verdict, evidence that must stand there, card that tells it
    (
        "code text left, body site right: a complaint",
        [
            problem(
                "d",
                "Bloederige tepelvloed links",
                bodySite=[coded(RIGHT)],
                onsetDateTime="2026-02-01",
            ),
            MAMMOGRAM,
            ULTRASOUND,
        ],
        "ductoscopyReferral",
        "current_nipple_discharge",
        "met",
        None,
        ["Condition/d"],
        None,
    ),
    (
        "code text left, body site right: an examination that would exclude",
        [
            COMPLAINT,
            MAMMOGRAM,
            ULTRASOUND,
            report("x", "Mammografie links", "BI-RADS 5", bodySite=None)
            | {
                "code": coded("71651007", "Mammografie links"),
                "conclusionCode": [coded("397145000")],
                "resourceType": "Observation",
                "bodySite": coded(RIGHT),
            },
        ],
        "ductoscopyReferral",
        "birads_4_or_higher_malignancy_not_excluded",
        "met",
        "contraindicated",
        ["Observation/x"],
        "ductoscopyContraindicated",
    ),
    (
        "body site left, its laterality extension right",
        [
            COMPLAINT,
            MAMMOGRAM,
            ULTRASOUND,
            entry(
                "Procedure",
                "s",
                status="completed",
                code={"text": "Microdochectomie"},
                bodySite=[site(LEFT, "24028007")],
                performedDateTime="2020-01-01",
            ),
        ],
        "ductoscopyReferral",
        "earlier_nipple_areola_surgery",
        "met",
        "contraindicated",
        ["Procedure/s"],
        "ductoscopyContraindicated",
    ),
    (
        "BI-RADS 2 and 5 on one day: as an exclusion",
        [COMPLAINT, MAMMOGRAM, ULTRASOUND, report("x", "Mammografie links", "BI-RADS 5")],
        "ductoscopyReferral",
        "birads_4_or_higher_malignancy_not_excluded",
        "met",
        "contraindicated",
        ["DiagnosticReport/m", "DiagnosticReport/x"],
        "ductoscopyContraindicated",
    ),
    (
        "BI-RADS 2 and 5 on one day: as a requirement",
        [COMPLAINT, MAMMOGRAM, ULTRASOUND, report("x", "Mammografie links", "BI-RADS 5")],
        "ductoscopyReferral",
        "imaging_without_suspicion:mammography",
        "unknown",
        "contraindicated",
        ["DiagnosticReport/m", "DiagnosticReport/x"],
        None,
    ),
    (
        "benign and malignant tissue on one day after BI-RADS 4",
        [
            COMPLAINT,
            ULTRASOUND,
            report("x", "Mammografie links", "BI-RADS 4"),
            report("t", "Pathologie mammabiopt links", "Benigne.", "2026-05-20"),
            report("v", "Pathologie mammabiopt links", "Invasief carcinoom.", "2026-05-20"),
        ],
        "ductoscopyReferral",
        "birads_4_or_higher_malignancy_not_excluded",
        "met",
        "contraindicated",
        ["DiagnosticReport/x", "DiagnosticReport/t", "DiagnosticReport/v"],
        "ductoscopyContraindicated",
    ),
    (
        "spontaneous and not spontaneous",
        [
            COMPLAINT,
            MAMMOGRAM,
            ULTRASOUND,
            finding("y", "Tepelvloed links", "spontaan"),
            finding("n", "Tepelvloed links", "niet spontaan"),
        ],
        "ductoscopyReferral",
        "discharge_is_spontaneous",
        "unknown",
        "recommended-after-check",
        ["Observation/y", "Observation/n"],
        "ductoscopyReferral",
    ),
    (
        "bloody and milky",
        [COMPLAINT, MAMMOGRAM, ULTRASOUND, finding("y", "Tepelvloed links", "melkachtig")],
        "ductoscopyReferral",
        "discharge_is_bloody_brown_or_serous",
        "unknown",
        "recommended-after-check",
        ["Condition/d", "Observation/y"],
        "ductoscopyReferral",
    ),
    (
        "one cancer confirmed and refuted",
        [
            CANCER,
            CANCER | {"id": "r", "verificationStatus": {"coding": [{"code": "refuted"}]}},
            LIVER,
        ],
        "fdgPetCtFirst",
        "breast_cancer_on_record",
        "unknown",
        "incomplete",
        ["Condition/c", "Condition/r"],
        "informationNeeded",
    ),
    (
        "a cancer that was refuted later",
        [
            CANCER,
            CANCER
            | {
                "id": "r",
                "recordedDate": "2025-06-01",
                "verificationStatus": {"coding": [{"code": "refuted"}]},
            },
            LIVER,
        ],
        "fdgPetCtFirst",
        "breast_cancer_on_record",
        "unknown",
        "incomplete",
        ["Condition/c", "Condition/r"],
        "informationNeeded",
    ),
    (
        "receptors positive and negative of one date: required",
        [
            CANCER,
            LIVER,
            receptor("85337-4", "positief", "e1"),
            receptor("85337-4", "negatief", "e2"),
            CHEMOTHERAPY,
        ],
        "endocrineFirst",
        "hormone_receptor_positive",
        "unknown",
        "incomplete",
        ["Observation/e1", "Observation/e2"],
        None,
    ),
    (
        "HER2 positive and negative of one date: for the reader",
        [
            CANCER,
            LIVER,
            receptor("85337-4", "positief", "e1"),
            receptor("48676-1", "positief", "h1"),
            receptor("48676-1", "negatief", "h2"),
            CHEMOTHERAPY,
        ],
        "endocrineFirst",
        "her2_positive",
        "unknown",
        None,
        ["Observation/h1", "Observation/h2"],
        "endocrineFirst",
    ),
]

# What looks like a contradiction and is none: the latest or the surer statement holds, and nothing is flagged.
NONE = [
    (
        "a suspicion that was refuted before the cancer was found",
        [
            CANCER,
            CANCER
            | {
                "id": "r",
                "recordedDate": "2024-01-01",
                "onsetDateTime": "2024-01-01",
                "verificationStatus": {"coding": [{"code": "refuted"}]},
            },
            LIVER,
        ],
        "fdgPetCtFirst",
        "breast_cancer_on_record",
        "met",
    ),
    (
        "a cancer of the other breast that was refuted",
        [
            CANCER,
            problem(
                "r", "Mammacarcinoom rechts", "254837009", "refuted", recordedDate="2025-03-01"
            ),
            LIVER,
        ],
        "fdgPetCtFirst",
        "breast_cancer_on_record",
        "met",
    ),
    (
        "a later BI-RADS of another category",
        [
            COMPLAINT,
            ULTRASOUND,
            report("x", "Mammografie links", "BI-RADS 0", "2026-05-01"),
            MAMMOGRAM,
        ],
        "ductoscopyReferral",
        "imaging_without_suspicion:mammography",
        "met",
    ),
    (
        "words of both sides beside a code of one",
        [
            problem(
                "d",
                "Bloederige tepelvloed links, rechts niet",
                bodySite=[coded(LEFT)],
                onsetDateTime="2026-02-01",
            ),
            MAMMOGRAM,
            ULTRASOUND,
        ],
        "ductoscopyReferral",
        "current_nipple_discharge",
        "met",
    ),
    (
        "a newer receptor",
        [
            CANCER,
            LIVER,
            receptor("85337-4", "negatief", "e1", "2025-03-20"),
            receptor("85337-4", "positief", "e2"),
            CHEMOTHERAPY,
        ],
        "endocrineFirst",
        "hormone_receptor_positive",
        "met",
    ),
]


def asked(client, clock, record, path):
    clock.day = date(2026, 6, 15)
    drafts = [r for r in record if r.get("status") == "draft"]
    hook = "order-sign" if drafts else "patient-view"
    prefetch = {
        key: {
            "resourceType": "Bundle",
            "entry": [
                {"resource": r} for r in record if r["resourceType"] == kind and r not in drafts
            ],
        }
        for key, kind in KINDS.items()
    } | {
        "patient": {
            "resourceType": "Patient",
            "id": "p",
            "gender": "female",
            "birthDate": "1970-01-01",
        }
    }
    context = {
        "userId": "Practitioner/1",
        "patientId": "p",
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": d} for d in drafts]},
    }
    body = {
        "hook": hook,
        "hookInstance": "a2e1ae5a-1b5d-4c5e-9d8e-000000000001",
        "context": context,
        "prefetch": prefetch,
    }
    answer = client.post(f"{path}{SERVICE[hook]}", json=body, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


KINDS = {
    "conditions": "Condition",
    "observations": "Observation",
    "observationsByCode": "Observation",
    "procedures": "Procedure",
    "imagingStudies": "ImagingStudy",
    "diagnosticReports": "DiagnosticReport",
    "serviceRequests": "ServiceRequest",
    "medicationRequests": "MedicationRequest",
    "medicationAdministrations": "MedicationAdministration",
    "medicationStatements": "MedicationStatement",
    "researchSubjects": "ResearchSubject",
    "documentReferences": "DocumentReference",
    "encounters": "Encounter",
    "appointments": "Appointment",
}


def judged(trace, key, criterion):
    (told,) = [r for r in trace["recommendations"] if r["recommendation"] == key]
    trees = [told, *told.get("others", [])]
    return told["verdict"], [
        c for tree in trees for c in tree.get("criteria", []) if c["id"] == criterion
    ]


@pytest.mark.parametrize(
    "record, key, criterion, truth, verdict, evidence, card",
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_a_contradiction_is_shown_and_read_with_caution(
    client, clock, record, key, criterion, truth, verdict, evidence, card
):
    trace = asked(client, clock, record, "/explain/")
    found, criteria = judged(trace, key, criterion)
    assert verdict in (None, found)
    flagged = [c for c in criteria if c.get("conflicting")]
    assert flagged, (found, criteria)
    assert {c["truth"] for c in flagged} == {truth}
    assert set(evidence) <= {e["reference"] for c in flagged for e in c["evidence"]}
    if card:
        cards = [
            c
            for c in asked(client, clock, record, "/cds-services/")["cards"]
            if c["source"]["topic"]["code"] == card
        ]
        assert cards
        for told in cards:
            assert "conflicting data" in told["detail"]
            shown = [
                c
                for c in told["extension"]["org.mammacards.evaluation"]["criteria"]
                if c.get("conflicting")
            ]
            assert set(evidence) <= {e["reference"] for c in shown for e in c["evidence"]}


@pytest.mark.parametrize(
    "record, key, criterion, truth", [row[1:] for row in NONE], ids=[row[0] for row in NONE]
)
def test_what_only_looks_like_a_contradiction(client, clock, record, key, criterion, truth):
    _, criteria = judged(asked(client, clock, record, "/explain/"), key, criterion)
    assert truth in {c["truth"] for c in criteria} and not any(
        c.get("conflicting") for c in criteria
    ), criteria
