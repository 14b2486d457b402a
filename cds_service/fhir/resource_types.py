"""One table for each question that depends on the type of a resource: prefetch key, status, time.

The codes are those of the FHIR R4 status value sets; names of R5 stand last.
"""

from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

# Where the time of an event stands, the most exact element first. R5 names last.
EVENT_TIMES = {
    "Observation": ("effective", "issued"),
    "DiagnosticReport": ("effective", "issued"),
    "ImagingStudy": ("started",),
    "Procedure": ("performed", "occurrence"),
    "ServiceRequest": ("authoredOn",),
    "MedicationRequest": ("authoredOn",),
    "MedicationAdministration": ("effective", "occurence", "occurrence"),
    "MedicationStatement": ("effective", "dateAsserted"),
    "Encounter": ("period", "actualPeriod"),
    "DocumentReference": ("date",),
    "Appointment": ("start",),
    "ResearchSubject": ("period",),
}


VOID = None  # never evidence: entered in error, cancelled, revoked


# (resource type) -> status code -> whether the statement holds. A code that is not listed is unknown.
STANDING: dict[str, dict[str, Truth | None]] = {
    "Observation": {
        "final": MET,
        "amended": MET,
        "corrected": MET,
        "preliminary": UNKNOWN,
        "registered": UNKNOWN,
        "cancelled": VOID,
        "entered-in-error": VOID,
    },
    "DiagnosticReport": {
        "final": MET,
        "amended": MET,
        "corrected": MET,
        "appended": MET,
        "preliminary": UNKNOWN,
        "partial": UNKNOWN,
        "registered": NOT_MET,
        "cancelled": VOID,
        "entered-in-error": VOID,
    },
    "ImagingStudy": {
        "available": MET,
        "registered": NOT_MET,
        "inactive": MET,
        "cancelled": VOID,
        "entered-in-error": VOID,
    },
    "Procedure": {
        "completed": MET,
        "in-progress": UNKNOWN,
        "on-hold": UNKNOWN,
        "stopped": UNKNOWN,
        "preparation": NOT_MET,
        "not-done": NOT_MET,
        "entered-in-error": VOID,
    },
    # An order counts from draft to completed; "unknown" does not count as ordered.
    "ServiceRequest": {
        "draft": MET,
        "active": MET,
        "on-hold": MET,
        "completed": MET,
        "revoked": VOID,
        "entered-in-error": VOID,
        "unknown": VOID,
    },
    # Medication counts as given from the prescription on; what was stopped was given.
    "MedicationRequest": {
        "draft": MET,
        "active": MET,
        "on-hold": MET,
        "completed": MET,
        "stopped": MET,
        "ended": MET,
        "cancelled": VOID,
        "entered-in-error": VOID,
    },
    "MedicationAdministration": {
        "in-progress": MET,
        "completed": MET,
        "stopped": MET,
        "on-hold": UNKNOWN,
        "not-done": NOT_MET,
        "entered-in-error": VOID,
    },
    "MedicationStatement": {
        "active": MET,
        "completed": MET,
        "stopped": MET,
        "recorded": MET,
        "on-hold": UNKNOWN,
        "intended": NOT_MET,
        "not-taken": NOT_MET,
        "entered-in-error": VOID,
    },
    "Encounter": {
        "planned": NOT_MET,
        "arrived": MET,
        "triaged": MET,
        "in-progress": MET,
        "onleave": MET,
        "finished": MET,
        "completed": MET,
        "discharged": MET,
        "cancelled": VOID,
        "entered-in-error": VOID,
    },
    "Appointment": {
        "proposed": MET,
        "pending": MET,
        "booked": MET,
        "arrived": MET,
        "checked-in": MET,
        "fulfilled": MET,
        "waitlist": UNKNOWN,
        "cancelled": VOID,
        "noshow": VOID,
        "entered-in-error": VOID,
    },
    "DocumentReference": {"current": MET, "superseded": UNKNOWN, "entered-in-error": VOID},
    "ResearchSubject": {
        "on-study": MET,
        "on-study-intervention": MET,
        "on-study-observation": MET,
        "follow-up": MET,
        "pending-on-study": MET,
        "active": MET,
        "candidate": NOT_MET,
        "eligible": NOT_MET,
        "potential-candidate": NOT_MET,
        "screening": NOT_MET,
        "ineligible": NOT_MET,
        "not-registered": NOT_MET,
        "off-study": NOT_MET,
        "withdrawn": NOT_MET,
        "draft": NOT_MET,
        "retired": NOT_MET,
    },
}


VERIFICATION: dict[str, Truth | None] = {
    "confirmed": MET,
    "unconfirmed": UNKNOWN,
    "provisional": UNKNOWN,
    "differential": UNKNOWN,
    "refuted": NOT_MET,
    "entered-in-error": VOID,
    # zib verification status, SNOMED CT
    "410605003": MET,
    "415684004": UNKNOWN,
    "410590009": UNKNOWN,
    "410516002": NOT_MET,
}


CLINICAL: dict[str, Truth | None] = {
    "active": MET,
    "recurrence": MET,
    "relapse": MET,
    "inactive": NOT_MET,
    "remission": NOT_MET,
    "resolved": NOT_MET,
    # zib problem status, SNOMED CT (Active, Inactive, Problem resolved; value set eHDSIStatusCode of HL7 Europe)
    "55561003": MET,
    "73425007": NOT_MET,
    "413322009": NOT_MET,
}


# The same in words, where no code says it (words of the project); the whole text, without regard to case.
VERIFICATION_WORDS: dict[str, Truth | None] = {
    "confirmed": MET,
    "bevestigd": MET,
    "unconfirmed": UNKNOWN,
    "onbevestigd": UNKNOWN,
    "provisional": UNKNOWN,
    "voorlopig": UNKNOWN,
    "differential": UNKNOWN,
    "suspected": UNKNOWN,
    "vermoed": UNKNOWN,
    "vermoeden": UNKNOWN,
    "verdenking": UNKNOWN,
    "possible": UNKNOWN,
    "mogelijk": UNKNOWN,
    "refuted": NOT_MET,
    "weerlegd": NOT_MET,
    "uitgesloten": NOT_MET,
    "known absent": NOT_MET,
    "entered in error": VOID,
    "foutief ingevoerd": VOID,
}


CLINICAL_WORDS: dict[str, Truth | None] = {
    "active": MET,
    "actief": MET,
    "actueel": MET,
    "recurrence": MET,
    "relapse": MET,
    "recidief": MET,
    "inactive": NOT_MET,
    "inactief": NOT_MET,
    "niet actief": NOT_MET,
    "niet actueel": NOT_MET,
    "niet-actueel": NOT_MET,
    "remission": NOT_MET,
    "remissie": NOT_MET,
    "in remissie": NOT_MET,
    "resolved": NOT_MET,
    "opgelost": NOT_MET,
    "genezen": NOT_MET,
}


# The resource types that facts may read, and the prefetch key under which each is asked.
KEYS = {
    "Patient": "patient",
    "Condition": "conditions",
    "Observation": "observations",
    "Procedure": "procedures",
    "ImagingStudy": "imagingStudies",
    "DiagnosticReport": "diagnosticReports",
    "ServiceRequest": "serviceRequests",
    "MedicationRequest": "medicationRequests",
    "MedicationAdministration": "medicationAdministrations",
    "MedicationStatement": "medicationStatements",
    "ResearchSubject": "researchSubjects",
    "DocumentReference": "documentReferences",
    "Encounter": "encounters",
    "AllergyIntolerance": "allergyIntolerances",
    "Appointment": "appointments",
}
