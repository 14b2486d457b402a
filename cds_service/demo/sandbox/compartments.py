"""The Patient compartment of FHIR R4 (compartmentdefinition-patient.html): what belongs to a patient, and $everything. Pure."""

from collections.abc import Callable, Iterable

from cds_service.demo.sandbox.search import places
from cds_service.demo.sandbox.search_includes import included, read_includes
from cds_service.demo.sandbox.search_parameters import TYPES

# "The inclusion criteria": a resource is in the compartment where one of these parameters refers to the patient.
# The types of TYPES that are not here are in no patient's compartment.
PATIENT = {
    "AllergyIntolerance": ("patient", "recorder", "asserter"),
    "Appointment": ("actor",),
    "BodyStructure": ("patient",),
    "CarePlan": ("patient", "performer"),
    "CareTeam": ("patient", "participant"),
    "Communication": ("subject", "sender", "recipient"),
    "Condition": ("patient", "asserter"),
    "Coverage": ("policy-holder", "subscriber", "beneficiary", "payor"),
    "DiagnosticReport": ("subject",),
    "DocumentReference": ("subject", "author"),
    "Encounter": ("patient",),
    "EpisodeOfCare": ("patient",),
    "FamilyMemberHistory": ("patient",),
    "Goal": ("patient",),
    "Group": ("member",),
    "ImagingStudy": ("patient",),
    "Immunization": ("patient",),
    "List": ("subject", "source"),
    "MedicationAdministration": ("patient", "performer", "subject"),
    "MedicationDispense": ("subject", "patient", "receiver"),
    "MedicationRequest": ("subject",),
    "MedicationStatement": ("subject",),
    "Observation": ("subject", "performer"),
    "Patient": ("link",),
    "Procedure": ("patient", "performer"),
    "Provenance": ("patient",),
    "QuestionnaireResponse": ("subject", "author"),
    "RelatedPerson": ("patient",),
    "ResearchSubject": ("individual",),
    "ServiceRequest": ("subject", "performer"),
    "Specimen": ("subject",),
}

AllOf = Callable[[str], Iterable[dict]]


def compartment(patient_id: str, resource_type: str, all_of: AllOf, base: str) -> list[dict]:
    """The resources of a type that are in this patient's compartment; none for a type that never is."""
    return [
        resource
        for resource in all_of(resource_type)
        if any(
            ("Patient", patient_id) in places(resource, name, "", base)
            for name in PATIENT.get(resource_type, ())
        )
    ]


def everything(
    patient: dict,
    types: Iterable[str],
    all_of: AllOf,
    current: Callable[[str, str], dict | None],
    base: str,
) -> tuple[list[dict], list[dict]]:
    """The patient with what is in the compartment, and what that refers to (operation-patient-everything.html).

    `types` limits both; none for all types.
    """
    wanted = set(types) or set(TYPES)
    own = [
        resource
        for kind in PATIENT
        if kind in wanted
        for resource in compartment(patient["id"], kind, all_of, base)
        if resource != patient
    ]
    matches = ([patient] if "Patient" in wanted else []) + own
    also = included(
        [patient, *own],
        read_includes([("_include", "*")], strict=True).values(),
        all_of,
        current,
        base,
    )
    return matches, [
        resource
        for resource in also
        if resource["resourceType"] in wanted and resource["resourceType"] != "Patient"
    ]
