"""The searches of FHIR R4 in memory. Each table: what is asked, which of the resources below it are found."""

import pytest

from cds_service.demo.sandbox.search import UnknownParameter, is_used, references, search
from cds_service.demo.sandbox.search_dates import date_test, interval_of, parse
from cds_service.demo.sandbox.search_parameters import TYPES, parameters_of
from cds_service.demo.sandbox.search_values import BadParameter
from cds_service.fhir.resource_types import KEYS

SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-nl"
HERE = "http://localhost:8000/fhir"


def found(resources, resource_type, *parameters, **options):
    return " ".join(
        resource["id"] for resource in search(resources, resource_type, list(parameters), **options)
    )


CONDITIONS = [
    {
        "resourceType": "Condition",
        "id": "coded",
        "identifier": [{"system": "urn:hospital", "value": "77"}],
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "active",
                }
            ]
        },
        "code": {
            "coding": [
                {"system": SNOMED, "code": "54302000", "display": "Discharge from nipple"},
                {"system": ICD, "code": "N64.5"},
            ]
        },
        "subject": {"reference": "Patient/p1"},
        "onsetDateTime": "2019-03",
        "recordedDate": "2019-04-02",
        "meta": {"lastUpdated": "2026-01-05T10:00:00Z"},
    },
    {
        "resourceType": "Condition",
        "id": "local",
        "clinicalStatus": {"coding": [{"code": "resolved"}]},
        "code": {"coding": [{"code": "54302000"}], "text": "Tepeluitvloed, sereus"},
        "subject": {"reference": f"{HERE}/Patient/p1/_history/3"},
        "onsetPeriod": {"start": "2020-05-01", "end": "2020-06-30"},
        "abatementDateTime": "2020-06-30",
        "recordedDate": "2018-01-01",
    },
    {
        "resourceType": "Condition",
        "id": "text",
        "code": {"text": "Mamillaire afscheiding"},
        "subject": {"reference": "Patient/p2", "identifier": {"system": "urn:bsn", "value": "9"}},
        "onsetString": "2019",
        "encounter": {"reference": "Encounter/e1"},
    },
    {
        "resourceType": "Condition",
        "id": "group",
        "subject": {"reference": "Group/p1"},
        "onsetPeriod": {"start": "2021"},
    },
    {"resourceType": "Observation", "id": "other-type", "subject": {"reference": "Patient/p1"}},
]

CONDITION_TABLE = [
    # tokens
    ("code", "54302000", "coded local"),
    ("code", f"{SNOMED}|54302000", "coded"),
    ("code", "|54302000", "local"),
    ("code", f"{SNOMED}|", "coded"),
    ("code", f"{SNOMED}|N64.5", ""),
    ("code", f"{ICD}|N64.5,|54302000", "coded local"),
    ("code", "5430200", ""),
    ("code:not", "54302000", "text group"),
    ("code:not", f"{SNOMED}|54302000", "local text group"),
    ("code:text", "NIPPLE", "coded"),
    ("code:text", "uitvloed", "local"),
    ("code:text", "uitvloed\\, sereus", "local"),
    ("code:text", "uitvloed,afscheiding", "local text"),
    ("code:missing", "true", "group"),
    ("code:missing", "false", "coded local text"),
    ("clinical-status", "active", "coded"),
    ("clinical-status:not", "resolved", "coded text group"),
    ("identifier", "urn:hospital|77", "coded"),
    ("identifier", "77", "coded"),
    ("identifier", "urn:other|77", ""),
    ("_id", "text,coded", "coded text"),
    # references
    ("patient", "p1", "coded local"),
    ("patient", "Patient/p1", "coded local"),
    ("patient", f"{HERE}/Patient/p1", "coded local"),
    ("patient", "Group/p1", ""),
    ("patient", "p1,p2", "coded local text"),
    ("subject", "p1", "coded local group"),
    ("subject:Group", "p1", "group"),
    ("subject:Patient", "p1", "coded local"),
    ("subject", "Group/p1", "group"),
    ("patient:identifier", "urn:bsn|9", "text"),
    ("encounter", "e1", "text"),
    ("encounter:missing", "false", "text"),
    # dates: a string is not a date, an open period goes on
    ("onset-date", "2019", "coded"),
    ("onset-date", "2019-03-15", ""),
    ("onset-date", "ge2019-03-15", "coded local group"),
    ("onset-date", "ge2020-06", "local group"),
    ("onset-date", "ge2019-01,le2018", "coded local group"),
    ("onset-date:missing", "true", "text"),
    ("recorded-date", "lt2019", "local"),
    ("abatement-date", "2020-06", "local"),
    ("_lastUpdated", "ge2026-01-05", "coded"),
]


@pytest.mark.parametrize(("name", "value", "expected"), CONDITION_TABLE)
def test_conditions_are_found(name, value, expected):
    assert found(CONDITIONS, "Condition", (name, value), base=HERE) == expected


def test_repeated_parameters_all_hold():
    assert (
        found(CONDITIONS, "Condition", ("patient", "p1"), ("clinical-status", "active")) == "coded"
    )
    assert (
        found(CONDITIONS, "Condition", ("onset-date", "ge2019"), ("onset-date", "lt2020"))
        == "coded"
    )


@pytest.mark.parametrize(
    ("stored", "asked", "base", "expected"),
    [
        ("Patient/1", f"{HERE}/Patient/1", HERE, "x"),
        (f"{HERE}/Patient/1", "1", HERE, "x"),
        ("http://elsewhere/fhir/Patient/1", "Patient/1", HERE, ""),
        ("http://elsewhere/fhir/Patient/1", "1", HERE, ""),
        ("Patient/1", "http://elsewhere/fhir/Patient/1", HERE, ""),
        # where nobody says which server this is, an absolute reference may be to it
        ("http://elsewhere/fhir/Patient/1", "Patient/1", None, "x"),
        ("http://elsewhere/fhir/Patient/1", f"{HERE}/Patient/1", None, ""),
        ("urn:uuid:0d4b", "urn:uuid:0d4b", None, "x"),
        ("#inside", "inside", None, ""),
    ],
)
def test_absolute_references_belong_to_their_server(stored, asked, base, expected):
    condition = {"resourceType": "Condition", "id": "x", "subject": {"reference": stored}}
    assert found([condition], "Condition", ("patient", asked), base=base) == expected


PREFIX_TABLE = """
    asked                      found              fits
    2019-03                    2019-03-10         yes
    2019-03-10                 2019-03            no
    eq2019                     2019-12-31         yes
    ne2019                     2019-12-31         no
    ne2019-03-10               2019-03            yes
    gt2019-03                  2019-03-31         no
    gt2019-03                  2019-04-01         yes
    gt2019-03                  2019               yes
    lt2019-03                  2019-03-01         no
    lt2019-03                  2019-02-28         yes
    lt2019-03                  2019               yes
    ge2019-03                  2019-03-31         yes
    ge2019-03                  2019-02-28         no
    ge2019-03-15               2019-03            yes
    le2019-03                  2019-03-01         yes
    le2019-03                  2019-04-01         no
    le2019-03-15               2019-03            yes
    sa2019-03                  2019-04-01         yes
    sa2019-03                  2019               no
    eb2019-03                  2019-02-28         yes
    eb2019-03                  2019               no
    ap2019-03-10               2019-03-11         yes
    ap2019-03-10               2019-03-12         no
    ap2019                     2020-06-30         yes
    ap2019                     2021-01-01         no
    2019-12-31                 2019-12-31T23:59   yes
    2019-03-10T10:00           2019-03-10T10:00:59Z           yes
    2019-03-10T10:00:00Z       2019-03-10T11:00:00+01:00      yes
    2019-03-10                 2019-03-10T00:30:00+01:00      no
    2019-03-10T10:00:00.5Z     2019-03-10T10:00:00.512Z       yes
    gt9999                     9999-12-31                     no
"""


@pytest.mark.parametrize("row", PREFIX_TABLE.strip().splitlines()[1:], ids=str.strip)
def test_prefixes_compare_intervals(row):
    asked, stored, fits = row.split()
    assert date_test(asked)(interval_of(stored)) == (fits == "yes")


def test_a_period_lasts_and_a_timing_reaches_from_first_to_last():
    ongoing = interval_of({"start": "2019-03-10"})
    assert date_test("ge2025")(ongoing)
    assert not date_test("2019")(ongoing)
    assert date_test("2019")(interval_of({"start": "2019-03-10", "end": "2019-04"}))
    assert date_test("le2010")(interval_of({"end": "2012"}))
    ended_in_june = interval_of({"start": "2019-05-01", "end": "2019-06-20"})
    assert date_test("ge2019-06")(ended_in_june)
    assert date_test("le2019-05")(ended_in_june)
    assert not date_test("gt2019-06")(ended_in_june)
    assert interval_of({"event": ["2019-03-01", "2019-05-01"]}) == (
        parse("2019-03-01").start,
        parse("2019-05-01").end,
    )
    assert interval_of({"repeat": {"boundsPeriod": {"start": "2019", "end": "2019"}}}) == parse(
        "2019"
    )


NO_DATES = [
    None,
    3,
    "",
    "yesterday",
    "2019-13",
    "2019-02-30",
    {},
    {"start": 5},
    {"start": "x"},
    {"event": 1},
]


@pytest.mark.parametrize("element", NO_DATES)
def test_what_is_no_date_in_a_resource_is_passed_over(element):
    assert interval_of(element) is None


BAD_TABLE = [
    ("recorded-date", "yesterday"),
    ("recorded-date", "xx2019"),
    ("recorded-date", "2019-3-1"),
    ("recorded-date", "2019-03-01T10:00:00 01:00"),
    ("recorded-date", "٢٠١٩"),
    ("recorded-date", ""),
    ("recorded-date", "0000"),
    ("recorded-date", "0001-01-01T00:00:00+02:00"),
    ("recorded-date:not", "2019"),
    ("code", ""),
    ("code", "a,,b"),
    ("code", "|"),
    ("code", "a|b|c"),
    ("code:missing", "perhaps"),
    ("code:in", "http://example.org/ValueSet/x"),
    ("code:exact", "x"),
    ("patient", ""),
    ("patient", "Patient/"),
    ("patient", "Patient/a b"),
    ("subject:patient", "p1"),
    ("subject:Nothing", "p1"),
    ("code:of-type", "urn:a|MR"),
    ("_profile:contains", "x"),
    ("_sort", ""),
    ("_sort", "code,-"),
]


@pytest.mark.parametrize(("name", "value"), BAD_TABLE)
@pytest.mark.parametrize("strict", [True, False])
def test_a_malformed_parameter_is_refused_even_when_nothing_is_there(name, value, strict):
    with pytest.raises(BadParameter) as refusal:
        search([], "Condition", [(name, value)], strict=strict)
    assert refusal.value.name.partition(":")[0] == name.partition(":")[0]
    assert len(value) < 4 or value not in str(refusal.value)


LEADING_AWAY = {
    "patient.name",
    "_has:Observation:patient:code",
}  # known where the other resources are at hand
UNKNOWN = [
    "colour",
    "patient.name",
    "_has:Observation:patient:code",
    "patient.colour",
    "subject:Nothing.name",
    "code.text",
    "_has:Observation:code:code",
    "date",
    "_list",
    "_filter",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_parameter_is_passed_over_or_refused(name):
    assert found(CONDITIONS, "Condition", (name, "x"), ("patient", "p2")) == "text"
    assert name in LEADING_AWAY or not is_used("Condition", name)
    with pytest.raises(UnknownParameter) as refusal:
        search(CONDITIONS, "Condition", [(name, "x")], strict=True)
    assert refusal.value.name == name.partition(":")[0]


def test_parameters_that_shape_the_answer_are_left_to_it():
    parameters = [
        ("_count", "5"),
        ("_summary", "count"),
        ("_include", "Condition:subject"),
        ("_format", "json"),
    ]
    assert len(search(CONDITIONS, "Condition", parameters, strict=True)) == 4


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("onset-date", "coded local group text"),
        ("-onset-date", "group local coded text"),
        ("recorded-date", "local coded text group"),
        ("-_id", "text local group coded"),
        ("patient,-_id", "group local coded text"),
        ("-clinical-status", "local coded text group"),
        ("unheard-of,_id", "coded group local text"),
    ],
)
def test_sorting(keys, expected):
    resources = [
        dict(r, subject={"reference": "Patient/p1"}) if r["id"] == "local" else r
        for r in CONDITIONS
    ]
    assert found(resources, "Condition", ("_sort", keys)) == expected


def test_several_values_sort_by_the_lowest_upwards_and_by_the_highest_downwards():
    wide = {"resourceType": "Patient", "id": "wide", "name": [{"family": "A"}, {"family": "Z"}]}
    middle = {"resourceType": "Patient", "id": "middle", "name": [{"family": "M"}]}
    assert found([middle, wide], "Patient", ("_sort", "family")) == "wide middle"
    assert found([middle, wide], "Patient", ("_sort", "-family")) == "wide middle"


def test_an_unknown_sort_key_is_refused_when_strict():
    with pytest.raises(UnknownParameter, match="unheard-of"):
        search([], "Condition", [("_sort", "_id,unheard-of")], strict=True)


PATIENTS = [
    {
        "resourceType": "Patient",
        "id": "anna",
        "active": True,
        "gender": "female",
        "birthDate": "1970-05-17",
        "name": [{"family": "Müller", "given": ["Anna", "Maria"], "text": "Anna Müller"}],
        "address": [{"city": "Nijmegen"}],
        "telecom": [{"system": "phone", "value": "024-1"}],
    },
    {
        "resourceType": "Patient",
        "id": "bea",
        "gender": "other",
        "birthDate": "1970",
        "name": [{"family": "van Muiden"}],
    },
]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("family", "mull", "anna"),
        ("family", "MÜLLER", "anna"),
        ("family", "ller", ""),
        ("family:contains", "mui", "bea"),
        ("family:exact", "Müller", "anna"),
        ("family:exact", "müller", ""),
        ("name", "maria", "anna"),
        ("name", "van", "bea"),
        ("given", "muller", ""),
        ("birthdate", "1970", "anna bea"),
        ("birthdate", "1970-05", "anna"),
        ("gender", "female", "anna"),
        ("gender", "http://hl7.org/fhir/administrative-gender|female", "anna"),
        ("gender:not", "female", "bea"),
        ("active", "true", "anna"),
        ("active", "True", ""),
        ("address", "nij", "anna"),
        ("telecom", "024-1", "anna"),
    ],
)
def test_patients_are_found(name, value, expected):
    assert found(PATIENTS, "Patient", (name, value)) == expected


ONE_OF_EACH = [
    ("Observation", {"effectiveDateTime": "2026-02-03"}, "date", "2026-02"),
    (
        "Observation",
        {"effectivePeriod": {"start": "2026-02-03", "end": "2026-02-04"}},
        "date",
        "2026-02",
    ),
    ("Observation", {"effectiveInstant": "2026-02-03T10:00:00Z"}, "date", "2026-02"),
    ("Observation", {"category": [{"coding": [{"code": "imaging"}]}]}, "category", "imaging"),
    ("Observation", {"component": [{"code": {"coding": [{"code": "a"}]}}]}, "combo-code", "a"),
    ("Observation", {"valueCodeableConcept": {"coding": [{"code": "b"}]}}, "value-concept", "b"),
    (
        "Observation",
        {"basedOn": [{"reference": "ServiceRequest/s"}]},
        "based-on",
        "ServiceRequest/s",
    ),
    ("DiagnosticReport", {"effectiveDateTime": "2026-02-03"}, "date", "ge2026-02-01"),
    ("DiagnosticReport", {"result": [{"reference": "Observation/o"}]}, "result", "o"),
    ("Procedure", {"performedDateTime": "2026-02-03"}, "date", "2026"),
    ("Procedure", {"performedPeriod": {"start": "2026-02-03"}}, "date", "sa2026-01"),
    ("ImagingStudy", {"started": "2026-02-03T10:00:00Z"}, "started", "2026-02-03"),
    ("ImagingStudy", {"series": [{"uid": "1.2", "modality": {"code": "MG"}}]}, "modality", "MG"),
    ("ImagingStudy", {"basedOn": [{"reference": "ServiceRequest/s"}]}, "basedon", "s"),
    ("ServiceRequest", {"authoredOn": "2026-02-03"}, "authored", "2026-02-03"),
    ("ServiceRequest", {"intent": "order"}, "intent", "plan,order"),
    ("ServiceRequest", {"status": "active"}, "status", "active"),
    ("MedicationRequest", {"authoredOn": "2026-02-03"}, "authoredon", "2026-02"),
    (
        "MedicationRequest",
        {"medicationCodeableConcept": {"coding": [{"code": "L02BA01"}]}},
        "code",
        "L02BA01",
    ),
    ("MedicationAdministration", {"effectiveDateTime": "2026-02-03"}, "effective-time", "2026-02"),
    ("MedicationStatement", {"effectivePeriod": {"start": "2026-02-03"}}, "effective", "gt2025"),
    (
        "Condition",
        {"verificationStatus": {"coding": [{"code": "confirmed"}]}},
        "verification-status",
        "confirmed",
    ),
    (
        "FamilyMemberHistory",
        {"condition": [{"code": {"coding": [{"code": "254837009"}]}}]},
        "code",
        "254837009",
    ),
    ("FamilyMemberHistory", {"patient": {"reference": "Patient/p"}}, "patient", "p"),
    ("Encounter", {"class": {"code": "AMB"}}, "class", "AMB"),
    (
        "DocumentReference",
        {"context": {"encounter": [{"reference": "Encounter/e"}]}},
        "encounter",
        "e",
    ),
    ("CarePlan", {"intent": "plan"}, "intent", "plan"),
    ("ResearchSubject", {"individual": {"reference": "Patient/p"}}, "patient", "p"),
    ("AllergyIntolerance", {"patient": {"reference": "Patient/p"}}, "patient", "p"),
    ("Practitioner", {"name": [{"family": "Bos"}]}, "name", "bos"),
    ("PractitionerRole", {"practitioner": {"reference": "Practitioner/p"}}, "practitioner", "p"),
    ("Organization", {"name": "Mammapoli"}, "name", "mamma"),
    ("Specimen", {"subject": {"reference": "Patient/p"}}, "patient", "p"),
    ("BodyStructure", {"patient": {"reference": "Patient/p"}}, "patient", "p"),
    ("Appointment", {"participant": [{"actor": {"reference": "Patient/p"}}]}, "patient", "p"),
    ("FamilyMemberHistory", {"patient": {"reference": "Patient/p"}}, "patient", "p"),
    ("Task", {"for": {"reference": "Patient/p"}}, "subject", "p"),
    ("Device", {"type": {"coding": [{"code": "clip"}]}}, "type", "clip"),
    ("Medication", {"code": {"coding": [{"code": "m"}]}}, "code", "m"),
    ("Location", {"name": "Kamer 1"}, "name", "kamer"),
    ("Patient", {"identifier": [{"value": "1"}]}, "identifier", "1"),
    (
        "CareTeam",
        {"participant": [{"member": {"reference": "Practitioner/p"}}]},
        "participant",
        "p",
    ),
    ("Communication", {"sent": "2026-02-03T10:00:00Z"}, "sent", "2026-02"),
    ("Coverage", {"beneficiary": {"reference": "Patient/p"}}, "patient", "p"),
    ("EpisodeOfCare", {"period": {"start": "2026-02-03"}}, "date", "ge2026"),
    ("Goal", {"target": [{"dueDate": "2026-02-03"}]}, "target-date", "2026-02-03"),
    ("Group", {"member": [{"entity": {"reference": "Patient/p"}}]}, "member", "Patient/p"),
    ("Immunization", {"vaccineCode": {"coding": [{"code": "v"}]}}, "vaccine-code", "v"),
    ("List", {"entry": [{"item": {"reference": "Condition/c"}}]}, "item", "Condition/c"),
    (
        "MedicationDispense",
        {"whenHandedOver": "2026-02-03T10:00:00Z"},
        "whenhandedover",
        "2026-02-03",
    ),
    (
        "Provenance",
        {"target": [{"reference": "Observation/o"}, {"reference": "Patient/p"}]},
        "patient",
        "p",
    ),
    ("QuestionnaireResponse", {"authored": "2026-02-03T10:00:00Z"}, "authored", "2026-02"),
    ("RelatedPerson", {"telecom": [{"system": "phone", "value": "024"}]}, "phone", "024"),
    ("ResearchStudy", {"sponsor": {"reference": "Organization/o"}}, "sponsor", "o"),
]


@pytest.mark.parametrize(("resource_type", "content", "name", "value"), ONE_OF_EACH)
def test_each_type_looks_where_the_standard_says(resource_type, content, name, value):
    resources = [
        {"resourceType": resource_type, "id": "with", **content},
        {"resourceType": resource_type, "id": "without"},
    ]
    assert found(resources, resource_type, (name, value), strict=True) == "with"


def owned(resource_type: str, patient: str) -> dict:
    """The element by which R4 says whose a resource is."""
    whose = {"reference": f"Patient/{patient}"}
    special = {
        "ResearchSubject": {"individual": whose},
        "AllergyIntolerance": {"patient": whose},
        "Appointment": {"participant": [{"actor": whose}]},
    }
    return special.get(resource_type, {"subject": whose})


@pytest.mark.parametrize("resource_type", [kind for kind in KEYS if kind != "Patient"])
def test_whatever_facts_read_is_found_by_its_patient(resource_type):
    """Prefetch templates ask every type by `patient`."""
    resources = [
        {"resourceType": resource_type, "id": who, **owned(resource_type, who)}
        for who in ("p", "q")
    ]
    assert found(resources, resource_type, ("patient", "p"), ("_count", "500"), strict=True) == "p"


def test_every_type_is_in_the_table_above():
    assert {row[0] for row in ONE_OF_EACH} == set(TYPES)


def test_the_modality_of_a_study_is_that_of_its_series():
    series = [{"uid": "1.2", "modality": {"code": "US"}}]
    study = {
        "resourceType": "ImagingStudy",
        "id": "s",
        "modality": [{"code": "MG"}],
        "series": series,
    }
    assert found([study], "ImagingStudy", ("modality", "MG")) == ""
    assert found([study], "ImagingStudy", ("modality", "US")) == "s"


def test_malformed_elements_are_passed_over():
    odd = {
        "resourceType": "Condition",
        "id": "odd",
        "code": {
            "coding": [None, 3, {"code": 5}, {"coding": []}, {"system": None, "code": "ok"}],
            "text": 1,
        },
        "subject": "Patient/p1",
        "recordedDate": 2019,
        "identifier": "x",
    }
    for name, value in [
        ("patient", "p1"),
        ("recorded-date", "2019"),
        ("code", "5"),
        ("code:text", "1"),
        ("_sort", "patient"),
    ]:
        assert found([odd], "Condition", (name, value)) == ("odd" if name == "_sort" else "")
    assert found([odd], "Condition", ("code", "|ok")) == "odd"


def test_references_for_include():
    appointment = {
        "resourceType": "Appointment",
        "participant": [
            {"actor": {"reference": "Patient/p"}},
            {"actor": {"reference": "Location/l"}},
            {"actor": {"display": "x"}},
        ],
    }
    assert references(appointment, "actor") == ["Patient/p", "Location/l"]
    assert references(appointment, "actor", "Location") == ["Location/l"]
    assert references(appointment, "patient") == ["Patient/p"]


def test_every_place_in_the_table_is_an_element_of_r4():
    from fhir.resources.R4B import get_fhir_model_class

    def model_of(annotation):
        """The model that an element's annotation names, such as ImagingStudySeriesType inside a list."""
        for inner in getattr(annotation, "__args__", ()):
            if (model := model_of(inner)) is not None:
                return model
        name = getattr(annotation, "__name__", "")
        try:
            return (
                get_fhir_model_class(name.removesuffix("Type")) if name.endswith("Type") else None
            )
        except (KeyError, ValueError):
            return None

    for resource_type in TYPES:
        for parameter in parameters_of(resource_type).values():
            for path in parameter.paths:
                model = get_fhir_model_class(resource_type)
                for step in path:
                    elements = {
                        field.alias or name: field for name, field in model.model_fields.items()
                    }
                    assert step in elements, (resource_type, parameter.name, path)
                    model = model_of(elements[step].annotation)


# What other resources say: chains and _has

HOSPITAL = [
    {
        "resourceType": "Organization",
        "id": "umc",
        "name": "UMC Voorbeeld",
        "identifier": [{"system": "urn:agb", "value": "1"}],
    },
    {
        "resourceType": "Patient",
        "id": "anna",
        "name": [{"family": "Jansen"}],
        "birthDate": "1970-05-17",
        "managingOrganization": {"reference": "Organization/umc"},
    },
    {"resourceType": "Patient", "id": "bea", "name": [{"family": "Bakker"}], "gender": "female"},
    {
        "resourceType": "Condition",
        "id": "c-anna",
        "code": {"coding": [{"code": "54302000"}]},
        "subject": {"reference": f"{HERE}/Patient/anna"},
    },
    {
        "resourceType": "Condition",
        "id": "c-bea",
        "code": {"coding": [{"code": "1"}]},
        "subject": {"reference": "Patient/bea"},
    },
    {
        "resourceType": "Condition",
        "id": "c-away",
        "subject": {"reference": "http://elsewhere/fhir/Patient/anna"},
    },
    {
        "resourceType": "Observation",
        "id": "o-anna",
        "code": {"coding": [{"code": "MG"}]},
        "status": "final",
        "subject": {"reference": "Patient/anna"},
        "encounter": {"reference": "Encounter/e"},
    },
    {
        "resourceType": "Encounter",
        "id": "e",
        "subject": {"reference": "Patient/anna"},
        "serviceProvider": {"reference": "Organization/umc"},
    },
]


def of(kind):
    return [resource for resource in HOSPITAL if resource["resourceType"] == kind]


CHAIN_TABLE = [
    # "Reference parameters may be chained by appending them with a period and the name of a search parameter" (search.html#chaining)
    ("Condition", "patient.name", "jans", "c-anna"),
    ("Condition", "subject:Patient.name", "bakker", "c-bea"),
    ("Condition", "subject.name", "jansen,bakker", "c-anna c-bea"),
    ("Condition", "subject:Patient.name:exact", "Jansen", "c-anna"),
    ("Condition", "subject:Patient.name:exact", "jansen", ""),
    ("Condition", "patient.birthdate", "lt1980", "c-anna"),
    ("Condition", "patient.gender:missing", "true", "c-anna"),
    ("Condition", "patient._id", "bea", "c-bea"),
    ("Condition", "subject:Device.type", "x", ""),
    # "chains can be nested"
    ("Condition", "subject:Patient.organization.identifier", "urn:agb|1", "c-anna"),
    ("Condition", "patient.organization:Organization.name", "umc", "c-anna"),
    # "_has:Observation:patient:code=1234-5 ... return Patient resources, where the patient resource is referred to" (search.html#has)
    ("Patient", "_has:Observation:patient:code", "MG", "anna"),
    ("Patient", "_has:Observation:patient:code", "US", ""),
    ("Patient", "_has:Condition:subject:code", "54302000,1", "anna bea"),
    ("Patient", "_has:Condition:patient:code:not", "1", "anna"),
    # "_has ... may be nested", and go with a chain
    ("Organization", "_has:Patient:organization:_has:Observation:patient:code", "MG", "umc"),
    ("Condition", "patient._has:Observation:patient:code", "MG", "c-anna"),
    ("Patient", "_has:Observation:patient:encounter.service-provider", "umc", "anna"),
]


@pytest.mark.parametrize(("kind", "name", "value", "expected"), CHAIN_TABLE)
def test_chains_and_reverse_chains(kind, name, value, expected):
    assert found(of(kind), kind, (name, value), strict=True, base=HERE, others=of) == expected
    assert is_used(kind, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient.birthdate", "gisteren"),
        ("_has:Observation:patient:date", "gisteren"),
        ("_has:Observation", "x"),
        ("subject.birthdate", "gisteren"),
        ("patient.gender:in", "x"),
    ],
)
def test_a_malformed_chain_is_refused(name, value):
    with pytest.raises(BadParameter):
        search(of("Condition"), "Condition", [(name, value)], base=HERE, others=of)


def test_a_long_chain_takes_no_long_time():
    """Each link may lead to any type: what a type answers is asked once."""
    name = ".".join(["subject"] * 9)
    assert (
        found(of("Condition"), "Condition", (f"{name}.birthdate", "1970"), base=HERE, others=of)
        == ""
    )
    with pytest.raises(BadParameter):
        search(
            of("Condition"), "Condition", [(f"{name}.birthdate", "gisteren")], base=HERE, others=of
        )
    for longer in (f"{name}.{name}.birthdate", "_has:Observation:patient:" * 500 + "code"):
        with pytest.raises(BadParameter):
            search(of("Patient"), "Patient", [(longer, "x")], base=HERE, others=of)


@pytest.mark.parametrize(
    "name",
    [
        "patient.colour",
        "patient.subject.name",
        "code.text",
        "_has:Nothing:x:y",
        "_has:Observation:code:code",
    ],
)
def test_an_unknown_chain_is_an_unknown_parameter(name):
    assert (
        found(of("Condition"), "Condition", (name, "x"), base=HERE, others=of)
        == "c-anna c-bea c-away"
    )
    with pytest.raises(UnknownParameter):
        search(of("Condition"), "Condition", [(name, "x")], strict=True, base=HERE, others=of)


# Quantities, composites, addresses, kinds of identifiers

MM = "http://unitsofmeasure.org"


def measured(id, value, code="mm", **more):
    return {
        "resourceType": "Observation",
        "id": id,
        "valueQuantity": {"value": value, "system": MM, "code": code, "unit": code, **more},
    }


MEASURED = [
    measured("five", 5.4),
    measured("near", 5.449),
    measured("ten", 10),
    measured("cm", 5.4, "cm"),
    measured("over", 12, comparator=">"),
    {
        "resourceType": "Observation",
        "id": "parts",
        "component": [
            {"code": {"coding": [{"code": "a"}]}, "valueQuantity": {"value": 1, "unit": "mm"}},
            {"code": {"coding": [{"code": "b"}]}, "valueQuantity": {"value": 2, "unit": "mm"}},
        ],
    },
    {
        "resourceType": "Observation",
        "id": "word",
        "code": {"coding": [{"code": "a"}]},
        "valueCodeableConcept": {"coding": [{"code": "yes"}]},
    },
]

QUANTITY_TABLE = [
    # "[parameter]=5.4 ... values within the range 5.35 ... 5.45", "the implicit precision" (search.html#quantity)
    ("value-quantity", "5.4", "five near cm"),
    ("value-quantity", "5.40", "five cm"),
    ("value-quantity", f"5.4|{MM}|mm", "five near"),
    ("value-quantity", "5.4||cm", "cm"),
    ("value-quantity", "1e1", "ten"),
    ("value-quantity", "ne5.4", "ten over"),
    # "gt, lt, ge, le: the implicit precision of the number is ignored"
    ("value-quantity", "gt5.4", "near ten over"),
    ("value-quantity", "ge5.4||mm", "five near ten over"),
    ("value-quantity", "lt10", "five near cm"),
    ("value-quantity", "le5.4", "five cm"),
    ("value-quantity", "sa11", "over"),
    ("value-quantity", "eb5.41", "five cm"),
    ("value-quantity", "ap10.5", "ten"),
    ("value-quantity", "-5.4", ""),
    ("value-quantity:missing", "true", "parts word"),
    ("combo-value-quantity", "lt3", "parts"),
    # "composite: ... component-code-value-quantity=a$1": both in the same component (search.html#composite)
    ("component-code-value-quantity", "a$1", "parts"),
    ("component-code-value-quantity", "a$2", ""),
    ("component-code-value-quantity", "a$2,b$gt1||mm", "parts"),
    ("combo-code-value-quantity", "b$2", "parts"),
    ("code-value-concept", "a$yes", "word"),
    ("code-value-concept", "a$no", ""),
    ("combo-code-value-concept", "a$yes", "word"),
    ("code-value-concept:missing", "false", "word"),
    ("_sort", "value-quantity", "five cm near ten over parts word"),
]


@pytest.mark.parametrize(("name", "value", "expected"), QUANTITY_TABLE)
def test_quantities_and_composites(name, value, expected):
    assert found(MEASURED, "Observation", (name, value), strict=True) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("value-quantity", "veel"),
        ("value-quantity", "xx5"),
        ("value-quantity", "5.4|mm"),
        ("value-quantity", "5|a|b|c"),
        ("value-quantity", "1e999"),
        ("value-quantity:exact", "5"),
        ("code-value-concept", "a"),
        ("code-value-concept", "a$"),
        ("code-value-concept", "a$b$c"),
        ("code-value-quantity", "a$veel"),
        ("code-value-concept:text", "a$b"),
        ("_sort", ""),
    ],
)
def test_malformed_quantities_and_composites(name, value):
    with pytest.raises(BadParameter):
        search([], "Observation", [(name, value)])


def test_a_hundred_in_powers_of_ten_is_as_the_standard_says():
    """ "[parameter]=1e2 ... values in the range [95 ... 105)"; "100 ... [99.5 ... 100.5)" (search.html#number)."""
    numbers = [measured(str(value), value) for value in (94, 95, 99, 100, 104, 105)]
    assert found(numbers, "Observation", ("value-quantity", "1e2")) == "95 99 100 104"
    assert found(numbers, "Observation", ("value-quantity", "100")) == "100"


MANY = [
    {
        "resourceType": "Patient",
        "id": "phone",
        "telecom": [
            {"system": "phone", "value": "024"},
            {"system": "email", "value": "a@example.org"},
        ],
        "meta": {
            "profile": ["http://example.org/fhir/sd/x|1.0"],
            "security": [{"code": "R"}],
            "source": "http://example.org/ehr",
        },
    },
    {
        "resourceType": "Patient",
        "id": "late",
        "deceasedDateTime": "2026-01-01",
        "address": [{"use": "home", "state": "GLD", "country": "NL"}],
    },
    {
        "resourceType": "Patient",
        "id": "alive",
        "deceasedBoolean": False,
        "identifier": [
            {"type": {"coding": [{"system": "urn:types", "code": "MR"}]}, "value": "7"},
            {"value": "8"},
        ],
    },
]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("phone", "024", "phone"),
        ("phone", "a@example.org", ""),
        ("email", "a@example.org", "phone"),
        ("deceased", "true", "late"),
        ("deceased", "false", "phone alive"),
        ("address-state", "gld", "late"),
        ("address-use", "home", "late"),
        ("address-country:exact", "NL", "late"),
        ("_profile", "http://example.org/fhir/sd/x", "phone"),
        ("_profile", "http://example.org/fhir/sd", ""),
        ("_profile:below", "http://example.org/fhir", "phone"),
        ("_source:above", "http://example.org/ehr/1", "phone"),
        ("_security", "R", "phone"),
        ("identifier:of-type", "urn:types|MR|7", "alive"),
        ("identifier:of-type", "urn:types|MR|8", ""),
        ("_sort", "_source", "phone late alive"),
    ],
)
def test_what_else_a_patient_is_found_by(name, value, expected):
    assert found(MANY, "Patient", (name, value), strict=True) == expected


def test_resources_of_every_type_have_the_parameters_of_every_type():
    assert found(HOSPITAL, "", ("_id", "umc,c-bea")) == "umc c-bea"
    with pytest.raises(UnknownParameter):
        search(HOSPITAL, "", [("code", "x")], strict=True)
