"""The resource types that facts may read, one row each: what depends on the type of a resource stands here and nowhere else.

The codes are those of the FHIR R4 status value sets; names of R5 stand last. docs/data.md is made from this table.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

VOID = None  # never evidence: entered in error, cancelled, revoked


def _statuses(
    met: str = "", unknown: str = "", not_met: str = "", void: str = ""
) -> Mapping[str, Truth | None]:
    """Status code -> whether the statement holds."""
    told = ((met, MET), (unknown, UNKNOWN), (not_met, NOT_MET), (void, VOID))
    return {code: truth for codes, truth in told for code in codes.split()}


class ResourceType(NamedTuple):
    """What the service knows of one type of resource."""

    key: str  # prefetch key under which it is asked
    subjects: tuple[str, ...] = ("subject",)  # elements that name the patient it is about
    times: tuple[str, ...] = ()  # where the time of the event stands, the most exact element first
    # Whether the statement holds, by status; a code that is not listed is unknown. Condition: VERIFICATION and CLINICAL.
    statuses: Mapping[str, Truth | None] = {}
    gone: tuple[str, ...] = ()  # elements that R4 does not have, or no longer has (STU3 and older)
    was_text: tuple[str, ...] = ()  # text in STU3, coded in R4
    was_concept: str = ""  # concepts in STU3, where R5 has objects that hold concepts
    of_r5: tuple[str, ...] = ()  # without any of these a resource has no shape of R5


RESOURCE_TYPES = {
    "Patient": ResourceType("patient", subjects=()),
    "Condition": ResourceType(
        "conditions",
        gone=("assertedDate", "dateRecorded", "context"),
        was_text=("clinicalStatus", "verificationStatus"),
        of_r5=("evidence",),
    ),
    "Observation": ResourceType(
        "observations",
        times=("effective", "issued"),
        statuses=_statuses(
            met="final amended corrected",
            unknown="preliminary registered",
            void="cancelled entered-in-error",
        ),
        gone=("related", "context"),
    ),
    "Procedure": ResourceType(
        "procedures",
        times=("performed", "occurrence"),
        statuses=_statuses(
            met="completed",
            unknown="in-progress on-hold stopped",
            not_met="preparation not-done",
            void="entered-in-error",
        ),
        gone=(
            "notDone",
            "notDoneReason",
            "notPerformed",
            "reasonNotPerformed",
            "context",
            "definition",
        ),
        of_r5=(
            "occurrenceDateTime",
            "occurrencePeriod",
            "occurrenceString",
            "occurrenceAge",
            "occurrenceRange",
            "occurrenceTiming",
            "reason",
            "used",
        ),
    ),
    "ImagingStudy": ResourceType(
        "imagingStudies",
        times=("started",),
        statuses=_statuses(
            met="available inactive", not_met="registered", void="cancelled entered-in-error"
        ),
        gone=("modalityList", "patient", "availability", "context", "accession", "uid"),
        of_r5=("modality", "series", "procedure", "reason"),
    ),
    "DiagnosticReport": ResourceType(
        "diagnosticReports",
        times=("effective", "issued"),
        statuses=_statuses(
            met="final amended corrected appended",
            unknown="preliminary partial",
            not_met="registered",
            void="cancelled entered-in-error",
        ),
        gone=("codedDiagnosis", "image", "context"),
        of_r5=("study",),
    ),
    # An order counts from draft to completed; "unknown" does not count as ordered.
    "ServiceRequest": ResourceType(
        "serviceRequests",
        times=("authoredOn",),
        statuses=_statuses(
            met="draft active on-hold completed", void="revoked entered-in-error unknown"
        ),
        of_r5=("code", "orderDetail", "reason"),
    ),
    # Medication counts as given from the prescription on; what was stopped was given.
    "MedicationRequest": ResourceType(
        "medicationRequests",
        times=("authoredOn",),
        statuses=_statuses(
            met="draft active on-hold completed stopped ended", void="cancelled entered-in-error"
        ),
        gone=("context", "definition"),
        of_r5=("medication", "reason"),
    ),
    # (In R4, MedicationAdministration and MedicationStatement have a `context`.)
    "MedicationAdministration": ResourceType(
        "medicationAdministrations",
        times=("effective", "occurence", "occurrence"),
        statuses=_statuses(
            met="in-progress completed stopped",
            unknown="on-hold",
            not_met="not-done",
            void="entered-in-error",
        ),
        gone=("notGiven", "reasonNotGiven", "wasNotGiven", "prescription"),
        of_r5=(
            "medication",
            "reason",
            "occurenceDateTime",
            "occurencePeriod",
            "occurenceTiming",
            "occurrenceDateTime",
            "occurrencePeriod",
            "occurrenceTiming",
        ),
    ),
    "MedicationStatement": ResourceType(
        "medicationStatements",
        times=("effective", "dateAsserted"),
        statuses=_statuses(
            met="active completed stopped recorded",
            unknown="on-hold",
            not_met="intended not-taken",
            void="entered-in-error",
        ),
        gone=("taken", "reasonNotTaken", "wasNotTaken"),
        of_r5=("medication", "reason", "adherence"),
    ),
    "ResearchSubject": ResourceType(
        "researchSubjects",
        subjects=("individual", "subject"),
        times=("period",),
        statuses=_statuses(
            met="on-study on-study-intervention on-study-observation follow-up pending-on-study active",
            not_met="candidate eligible potential-candidate screening ineligible not-registered off-study withdrawn draft retired",
        ),
    ),
    "DocumentReference": ResourceType(
        "documentReferences",
        times=("date",),
        statuses=_statuses(met="current", unknown="superseded", void="entered-in-error"),
        gone=("indexed", "class", "created"),
    ),
    "Encounter": ResourceType(
        "encounters",
        times=("period", "actualPeriod"),
        statuses=_statuses(
            met="arrived triaged in-progress onleave finished completed discharged",
            not_met="planned",
            void="cancelled entered-in-error",
        ),
        gone=("incomingReferral",),
        was_concept="reason",
        of_r5=("actualPeriod", "serviceType", "reason"),
    ),
    "AllergyIntolerance": ResourceType("allergyIntolerances", subjects=("patient",)),
    # Its patients are among those who take part (decision/ownership.py).
    "Appointment": ResourceType(
        "appointments",
        times=("start",),
        statuses=_statuses(
            met="proposed pending booked arrived checked-in fulfilled",
            unknown="waitlist",
            void="cancelled noshow entered-in-error",
        ),
        gone=("incomingReferral",),
        was_concept="reason",
        of_r5=("serviceType", "reason"),
    ),
}

# The same by what is asked, for modules that ask one thing of every resource.
KEYS = {kind: row.key for kind, row in RESOURCE_TYPES.items()}
EVENT_TIMES = {kind: row.times for kind, row in RESOURCE_TYPES.items() if row.times}
STANDING = {kind: row.statuses for kind, row in RESOURCE_TYPES.items() if row.statuses}
# Any of these on any type: a resource that names another patient where its type knows no such element is another's all the same.
# (`beneficiary`: Coverage, which is not read.)
SUBJECTS = tuple(
    dict.fromkeys(
        name
        for row in (*RESOURCE_TYPES.values(), ResourceType("", subjects=("beneficiary",)))
        for name in row.subjects
    )
)

# A Condition has two statuses of its own.
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
