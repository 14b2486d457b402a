"""Orders with their kind, urgency and reason; multidisciplinary meetings; taking part in a study.

Expectations from the meaning of the facts `care_order`, `mdt_meeting` and `study_participation`, the catalogue and the project's rulings
on orders (draft, active, on-hold and completed count; no reason = staging). Codes are the tests' own. "-" means: none.
"""

import pytest

from tests.spec.readers.test_scan_facts import (
    ATC,
    LOINC,
    SNOMED,
    coded,
    facts_in,
    procedure,
    values_in,
)
from tests.spec.tables import MET, NOT_MET, UNKNOWN, table

ICD10 = "http://hl7.org/fhir/sid/icd-10-nl"
ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"
OWN = "https://guideline-cards.example.org/CodeSystem/breast"
CURRENT = {"status": "active", "intent": "order", "authoredOn": "2026-06-01"}


def order(code, **elements):
    return (
        {
            "resourceType": "ServiceRequest",
            "id": "s",
            "code": {"text": code} if isinstance(code, str) else code,
        }
        | CURRENT
        | elements
    )


def prescription(concept=None, **elements):
    return (
        {"resourceType": "MedicationRequest", "id": "m"}
        | ({"medicationCodeableConcept": concept} if concept else {})
        | CURRENT
        | elements
    )


def attribute(fact, name):
    return " ".join(sorted(m.value for m in fact.attributes.get(name, ()))) or "-"


# --- what is asked for

KINDS = table("""
    words                                                    | kinds
    ---------------------------------------------------------+----------------------------------
    FDG-PET/CT                                               | fdg_pet
    FES-PET wegens niet-conclusieve FDG-PET                  | fes_pet
    MRI wervelkolom                                          | mri_spine
    MRI lever en bekken                                      | mri_liver mri_pelvis
    PET-CT                                                   | pet
    MRI                                                      | mri
    CT thorax/abdomen                                        | ct_abdomen ct_chest
    Botscan                                                  | bone_scan
    X-thorax                                                 | chest_xray
    Controle mammografie beiderzijds                         | mammography
    Mammografie en echo mamma links                          | mammography ultrasound
    Mammografie, echo en MRI                                 | mammography mri_breast ultrasound
    MRI mamma rechts                                         | mri_breast
    Echo lever bij mammacarcinoom                            | liver_ultrasound
    MRI lever mammacarcinoom                                 | mri_liver
    MRI mamma bij neoadjuvante chemotherapie                 | mri_breast
    Echo oksel rechts                                        | -
    Echo cor voor chemotherapie                              | -
    Ablatio mamma links                                      | mastectomy
    Mastectomie met directe reconstructie borst              | mastectomy reconstruction
    Mastectomie na neoadjuvante chemotherapie                | mastectomy
    Lumpectomie rechts met schildwachtklierprocedure         | breast_conserving sentinel_node
    Okselklierdissectie                                      | axillary_dissection
    MARI-procedure                                           | mari
    Jodiumzaadje in okselklier rechts                        | node_marking
    Lipofilling borst rechts                                 | fat_transfer
    Bestraling thoraxwand rechts                             | radiotherapy
    Radiotherapie mamma links                                | radiotherapy
    Verwijzing radiotherapie                                 | radiotherapy
    Consult radiotherapie                                    | -
    Preoperatieve chemotherapie (AC-T)                       | chemotherapy
    Neoadjuvante chemotherapie                               | chemotherapy
    Start paclitaxel                                         | chemotherapy
    Trastuzumab                                              | anti_her2
    Start hormoontherapie                                    | endocrine
    Port-a-cath voor chemotherapie                           | -
    Voorlichting chemotherapie                               | -
    Geen chemotherapie                                       | -
    Verwijzing mammapoli                                     | breast_clinic
    Verwijzing borstkliniek                                  | breast_clinic
    Referral to breast clinic                                | breast_clinic
    Verwijzing naar MDO                                      | mdt
    Bespreken in multidisciplinair overleg                   | mdt
    Tumor board discussion                                   | mdt
    MDO: regionaal recidief mammacarcinoom links             | mdt
    Huidbiopt mamma rechts                                   | skin_biopsy
    Stansbiopt huid                                          | skin_biopsy
    Skin punch biopsy                                        | skin_biopsy
    Echogeleide biopsie lever                                | biopsy
    Biopsie van een metastase                                | biopsy
    Schildwachtklierbiopsie                                  | sentinel_node
    Punctie oksel rechts                                     | biopsy
    Aanmelden voor MDO                                       | mdt
    FDG-PET/CT conform MDO                                   | fdg_pet
    Telefonisch consult: uitslag PET-CT                      | -
    ECG voor start trastuzumab                               | -
    Fysiotherapie                                            | -
    Bloedonderzoek                                           | -
""")


@pytest.mark.parametrize("words, kinds", KINDS, ids=[row[0] for row in KINDS])
def test_what_is_asked_for_in_words(words, kinds):
    assert values_in("care_order", order(words)) == kinds
    assert values_in("care_order", drafts=[order(words, status="draft")]) == kinds


KINDS_BY_CODE = [
    (SNOMED, "443271005", "fdg_pet"),
    (SNOMED, "241645008", "mri_spine"),
    (LOINC, "36046-1", "mri_liver"),
    (LOINC, "24867-4", "mri_pelvis"),
    (SNOMED, "450436003", "pet"),
    (SNOMED, "71651007", "mammography"),
    (SNOMED, "47079000", "ultrasound"),
    (SNOMED, "241615005", "mri_breast"),
    (SNOMED, "172043006", "mastectomy"),
    (SNOMED, "399414003", "mdt"),
    (SNOMED, "306300002", "breast_clinic"),
    (SNOMED, "240977001", "skin_biopsy"),
    (SNOMED, "86259008", "biopsy"),
    (SNOMED, "122548005", "biopsy"),
    (SNOMED, "367336001", "chemotherapy"),
    (SNOMED, "428923005", "radiotherapy"),
    (SNOMED, "1287742003", "radiotherapy"),
    (OWN, "breast-clinic-referral", "breast_clinic"),
    (OWN, "biopsy-of-metastasis", "biopsy"),
    (OWN, "node-marking", "node_marking"),
    (SNOMED, "54302000", "-"),
]


@pytest.mark.parametrize(
    "system, code, kinds", KINDS_BY_CODE, ids=[row[1] for row in KINDS_BY_CODE]
)
def test_what_is_asked_for_by_code(system, code, kinds):
    assert values_in("care_order", order(coded(system, code))) == kinds


CONTAINED = {"resourceType": "Medication", "id": "a", "code": {"text": "Doxorubicine 50 mg"}}
MEDICINES = [
    ("paclitaxel, ATC", prescription(coded(ATC, "L01CD01")), "chemotherapy"),
    ("carboplatin, ATC", prescription(coded(ATC, "L01XA02")), "chemotherapy"),
    ("letrozole, ATC", prescription(coded(ATC, "L02BG04")), "endocrine"),
    ("palbociclib, ATC", prescription(coded(ATC, "L01EF01")), "cdk46"),
    ("trastuzumab in words", prescription({"text": "Trastuzumab 600 mg sc"}), "anti_her2"),
    ("AC in words", prescription({"text": "Doxorubicine/cyclofosfamide"}), "chemotherapy"),
    (
        "contained Medication",
        prescription(medicationReference={"reference": "#a"}, contained=[CONTAINED]),
        "chemotherapy",
    ),
    (
        "Medication known by its display",
        prescription(medicationReference={"reference": "Medication/9", "display": "Paclitaxel"}),
        "chemotherapy",
    ),
    ("R5", prescription(medication={"concept": coded(ATC, "L01CD01")}), "chemotherapy"),
    ("paracetamol", prescription(coded(ATC, "N02BE01")), "-"),
    ("zoledronic acid is no systemic therapy here", prescription(coded(ATC, "M05BA08")), "-"),
]


@pytest.mark.parametrize(
    "resource, kinds", [row[1:] for row in MEDICINES], ids=[row[0] for row in MEDICINES]
)
def test_prescriptions_of_systemic_treatment(resource, kinds):
    assert values_in("medication_order", resource) == kinds
    assert values_in("medication_order", drafts=[resource | {"status": "draft"}]) == kinds


SHAPES = [
    (
        "detail beside a code",
        order("Beeldvorming", orderDetail=[{"text": "MRI bekken"}]),
        "mri_pelvis",
    ),
    (
        "site beside a general code",
        order(coded(SNOMED, "113091000"), bodySite=[coded(SNOMED, "10200004")]),
        "mri_liver",
    ),
    (
        "words beside a general code",
        order(coded(SNOMED, "450436003", text="FES-PET/CT")),
        "fes_pet",
    ),
    (
        "two codings of one order",
        order(
            {
                "coding": [
                    {"system": SNOMED, "code": "241645008"},
                    {"system": LOINC, "code": "36067-7"},
                ]
            }
        ),
        "mri_spine",
    ),
    ("R5 code", order({"concept": {"text": "MRI bekken"}}), "mri_pelvis"),
    (
        "a referral, to the breast clinic",
        order("Verwijzing", performerType={"text": "Mammapoli"}),
        "breast_clinic",
    ),
    (
        "a referral, performer",
        order("Verwijzing", performer=[{"display": "Borstcentrum"}]),
        "breast_clinic",
    ),
    (
        "an examination by the breast clinic",
        order("Mammografie", performer=[{"display": "Mammapoli"}]),
        "mammography",
    ),
    ("an occurrence ahead", order("MRI lever", occurrenceDateTime="2026-07-01"), "mri_liver"),
    ("a date of asking ahead", order("MRI lever", authoredOn="2026-07-01"), "-"),
    ("on hold", order("MRI lever", status="on-hold"), "mri_liver"),
    ("completed", order("MRI lever", status="completed"), "mri_liver"),
    ("revoked", order("MRI lever", status="revoked"), "-"),
    ("entered in error", order("MRI lever", status="entered-in-error"), "-"),
    ("not to be done", order("MRI lever", doNotPerform=True), "-"),
    (
        "Procedure in preparation",
        procedure({"text": "Ablatio mamma links"}, status="preparation"),
        "mastectomy",
    ),
    ("Procedure that was done", procedure({"text": "Ablatio mamma links"}), "-"),
    (
        "Procedure that was not done",
        procedure({"text": "Ablatio mamma links"}, status="not-done"),
        "-",
    ),
    (
        "a prescription that was cancelled",
        prescription(coded(ATC, "L01CD01"), status="cancelled"),
        "-",
    ),
]


@pytest.mark.parametrize(
    "resource, kinds", [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES]
)
def test_shapes_and_statuses(resource, kinds):
    assert values_in("care_order", resource) == kinds


def test_a_planned_procedure_is_ordered_and_its_date_ahead_is_no_date():
    (fact,), reading = facts_in(
        "care_order",
        procedure(
            {"text": "Ablatio mamma links"}, status="preparation", performedDateTime="2026-07-01"
        ),
    )
    assert (
        fact.asserted is MET
        and not fact.when.is_known
        and fact.side.value == "left"
        and not reading.problems
    )
    (fact,), _ = facts_in(
        "care_order", drafts=[procedure({"text": "Ablatio mamma links"}, status="preparation")]
    )
    assert fact.asserted is MET and fact.draft == 0


def test_a_draft_keeps_its_place_and_the_day_of_asking():
    facts, _ = facts_in(
        "care_order", drafts=[order("Mammografie"), order("MRI mamma beiderzijds", status="draft")]
    )
    assert [(f.value, f.draft, str(f.when)) for f in facts] == [
        ("mammography", 0, "2026-06-01"),
        ("mri_breast", 1, "2026-06-01"),
    ]
    assert facts[1].side.value == "both"


def test_the_field_of_radiotherapy_and_the_name_of_a_prescription():
    (fact,), _ = facts_in("care_order", order("Bestraling thoraxwand rechts"))
    assert attribute(fact, "field") == "chest_wall" and fact.side.value == "right"
    (fact,), _ = facts_in(
        "medication_order", prescription(coded(ATC, "L01CD01", text="Paclitaxel 80 mg/m2"))
    )
    assert fact.words == "Paclitaxel 80 mg/m2"


def test_completed_orders_say_so():
    (fact,), _ = facts_in("care_order", order("MRI lever", status="completed"))
    assert attribute(fact, "state") == "completed"
    (fact,), _ = facts_in("care_order", order("MRI lever"))
    assert attribute(fact, "state") == "-"


def test_an_unread_medication_of_a_draft_is_told_and_of_the_record_too():
    unread = prescription(medicationReference={"reference": "Medication/9"})
    facts, reading = facts_in("medication_order", drafts=[unread | {"status": "draft"}])
    assert (
        facts == ()
        and {kind for _, kind, _ in reading.problems} == {"unreadable"}
        and "medication_order" in reading.unreadable
    )
    facts, reading = facts_in("medication_order", unread)
    assert (
        facts == ()
        and {kind for _, kind, _ in reading.problems} == {"unreadable"}
        and "medication_order" not in reading.unreadable
    )


def test_malformed_elements_are_told():
    for broken in (
        order({"coding": "443271005"}),
        order("MRI lever", priority=3),
        order("MRI lever", reasonCode="pijn", note=[3]),
    ):
        facts, reading = facts_in("care_order", broken)
        assert facts == () and {kind for _, kind, _ in reading.problems} == {"unreadable"}


# --- urgency

PRIORITY = [
    ("none", order("MRI lever"), "-"),
    ("routine", order("MRI lever", priority="routine"), "routine"),
    ("urgent", order("MRI lever", priority="urgent"), "urgent"),
    ("stat", order("MRI lever", priority="stat"), "stat"),
    ("asap", order("MRI lever", priority="asap"), "asap"),
    ("something else", order("MRI lever", priority="soon"), "unreadable"),
    (
        "something else, and spoed in its words",
        order("MRI lever met spoed", priority="P1"),
        "unreadable urgent",
    ),
    ("timing critical in HL7 v2", order("MRI lever", priority="T"), "unreadable"),
    ("nothing but blanks", order("MRI lever", priority=" "), "-"),
    ("S of HL7 v2", order("MRI lever", priority="S"), "stat"),
    ("A of HL7 v2", order("MRI lever", priority="A"), "asap"),
    ("R of HL7 v2", order("MRI lever", priority="R"), "routine"),
    ("STAT", order("MRI lever", priority="STAT"), "stat"),
    ("Urgent with blanks", order("MRI lever", priority=" Urgent "), "urgent"),
    ("Routine", order("MRI lever", priority="Routine"), "routine"),
    ("spoed", order("MRI lever", priority="Spoed"), "urgent"),
    ("cito", order("MRI lever", priority="CITO"), "urgent"),
    ("spoed in words", order("SPOED MRI wervelkolom"), "urgent"),
    (
        "cito in the detail, routine by default",
        order("MRI wervelkolom", priority="routine", orderDetail=[{"text": "cito"}]),
        "routine urgent",
    ),
    ("geen spoed", order("MRI wervelkolom, geen spoed"), "-"),
]


@pytest.mark.parametrize(
    "resource, priority", [row[1:] for row in PRIORITY], ids=[row[0] for row in PRIORITY]
)
def test_urgency(resource, priority):
    (fact,), _ = facts_in("care_order", resource)
    assert attribute(fact, "priority") == priority


# --- reasons

REASONS = table("""
    reason given                                                          | read as
    ----------------------------------------------------------------------+---------------------------------
    stadiëring                                                            | staging
    Stadiëring mammacarcinoom cT3N1                                       | cancer staging
    disseminatieonderzoek                                                 | staging
    verdenking oligometastasen                                            | suspected_metastases
    beoordelen metastasen                                                 | metastases
    staging of breast cancer                                              | cancer staging
    botmetastasen                                                         | metastases
    gemetastaseerd mammacarcinoom                                         | cancer metastases
    recidief mammacarcinoom?                                              | suspected_recurrence
    controle                                                              | surveillance
    follow-up                                                             | surveillance
    nacontrole na borstsparende therapie                                  | surveillance
    jaarlijkse surveillance                                               | surveillance
    dreigende dwarslaesie                                                 | cord_compression
    verdenking myelumcompressie                                           | cord_compression
    caudasyndroom?                                                        | cord_compression
    rule out cord compression                                             | cord_compression
    geen aanwijzing voor dwarslaesie                                      | -
    stadiëring, geen aanwijzing voor dwarslaesie                          | staging
    neurologische uitval                                                  | neurological
    krachtsverlies been links                                             | neurological
    hemiparese                                                            | neurological
    in studieverband                                                      | research
    trial                                                                 | research
    SONIA-studie                                                          | research
    wetenschappelijk onderzoek                                            | research
    pijn                                                                  | complaint
    rugpijn                                                               | complaint
    voelbare knobbel links                                                | complaint
    palpable mass                                                         | complaint
    geen klachten                                                         | -
    pijn bij botmetastasen                                                | complaint metastases
    consequentie voor lokale behandeling                                  | consequence
    bepaalt lokale behandeling                                            | consequence
    de uitslag bepaalt direct de behandelkeuze                            | consequence
    in aanmerking voor SABR                                               | consequence
    restaging voor lokale behandeling                                     | consequence staging
    planning van stereotactische radiotherapie                            | consequence
    before metastasectomy                                                 | consequence metastases
    result changes local treatment                                        | consequence
    geen consequentie voor lokale behandeling                             | no_consequence
    does not change local treatment                                       | no_consequence
    verandert de behandeling niet                                         | no_consequence
    consequentie voor lokale behandeling?                                 | consequence_asked
    mogelijk consequentie voor de behandeling                             | consequence_asked
    FDG-PET niet conclusief                                               | inconclusive
    onvoldoende informatie op FDG-PET/CT                                  | inconclusive
    FDG-PET/CT inconclusive                                               | inconclusive
    biopsie niet mogelijk                                                 | no_biopsy
    biopsie van de laesie niet gewenst                                    | no_biopsy
    biopt heeft niet de voorkeur                                          | no_biopsy
    biopsy not feasible                                                   | no_biopsy
    FDG-PET niet conclusief, biopsie niet mogelijk, bepaalt lokale behandeling | consequence inconclusive no_biopsy
    stadiëring, indien niet conclusief volgt MRI                          | staging
    resectabiliteit klieren                                               | resectability
    verdenking recidief                                                   | suspected_recurrence
    Controle, recidief?                                                   | surveillance suspected_recurrence
    jaarlijkse controle, dd ontsteking                                    | surveillance suspicion
    rule out recurrence                                                   | suspected_recurrence
    geen verdenking recidief, jaarlijkse controle                         | surveillance
    routine follow-up of breast cancer                                    | cancer surveillance
    stadiëring, botmetastasen?                                            | staging suspected_metastases
    stadiëring, verdachte laesie lever                                    | staging
    pathologische fractuur femur?                                         | suspicion
    hernia L4-L5?                                                         | suspicion
    vetnecrose links                                                      | complaint
    oil cyst                                                              | complaint
    krachtvermindering beide benen                                        | neurological
    preoperatieve planning                                                | other
    responsevaluatie                                                      | other
    aanvullend onderzoek                                                  | other
""")


@pytest.mark.parametrize("words, said", REASONS, ids=[row[0] for row in REASONS])
def test_reasons_in_words(words, said):
    (fact,), _ = facts_in("care_order", order("FES-PET", reasonCode=[{"text": words}]))
    assert attribute(fact, "reason") == said


CANCER = {"resourceType": "Condition", "id": "c", "code": coded(ICD10, "C50.4")}
CORD = {"resourceType": "Condition", "id": "d", "code": {"text": "Dreigende dwarslaesie"}}
GIVEN = [
    ("none", {}, "-"),
    ("ICD-10 C79.5", {"reasonCode": [coded(ICD10, "C79.5")]}, "metastases"),
    ("ICD-10 C50", {"reasonCode": [coded(ICD10, "C50.9")]}, "cancer"),
    ("SNOMED CT bone metastasis", {"reasonCode": [coded(SNOMED, "94222008")]}, "metastases"),
    ("ICPC-1 lump", {"reasonCode": [coded(ICPC, "X19")]}, "complaint"),
    ("a code that nobody here knows", {"reasonCode": [coded(ICD10, "Z00.0")]}, "other"),
    (
        "a code with words that ask",
        {
            "reasonCode": [
                {
                    "coding": [{"system": ICD10, "code": "C50.9"}],
                    "text": "Verdenking recidief links",
                }
            ]
        },
        "cancer suspected_recurrence",
    ),
    (
        "two reasons",
        {"reasonCode": [coded(ICD10, "C50.9"), {"text": "krachtsverlies"}]},
        "cancer neurological",
    ),
    ("a Condition on record", {"reasonReference": [{"reference": "Condition/c"}]}, "cancer"),
    (
        "a Condition in words",
        {"reasonReference": [{"reference": "Condition/d"}]},
        "cord_compression",
    ),
    ("a Condition that was not read", {"reasonReference": [{"reference": "Condition/9"}]}, "other"),
    (
        "a Condition that was not read, with its name",
        {"reasonReference": [{"reference": "Condition/9", "display": "Mammacarcinoom"}]},
        "cancer",
    ),
    ("R5 concept", {"reason": [{"concept": {"text": "stadiëring"}}]}, "staging"),
    ("R5 reference", {"reason": [{"reference": {"reference": "Condition/d"}}]}, "cord_compression"),
    ("a remark that is known", {"note": [{"text": "Dreigende dwarslaesie"}]}, "cord_compression"),
    ("a remark that is not", {"note": [{"text": "Graag bellen met uitslag"}]}, "-"),
    (
        "reason and remark",
        {
            "reasonCode": [{"text": "stadiëring"}],
            "note": [{"text": "Uitslag bepaalt de lokale behandeling."}],
        },
        "consequence staging",
    ),
    (
        "supporting information is no reason",
        {"supportingInfo": [{"reference": "Condition/d"}]},
        "-",
    ),
]


@pytest.mark.parametrize(
    "elements, said", [row[1:] for row in GIVEN], ids=[row[0] for row in GIVEN]
)
def test_where_reasons_stand(elements, said):
    (fact,), _ = facts_in("care_order", order("FES-PET", **elements), CANCER, CORD)
    assert attribute(fact, "reason") == said


NAMES = [
    ("Controle mammografie", "surveillance"),
    ("Surveillance mammography", "surveillance"),
    ("Nacontrole mammografie beiderzijds", "surveillance"),
    ("MRI wervelkolom i.v.m. dreigende dwarslaesie", "cord_compression"),
    ("FDG-PET/CT stadiëring", "staging"),
    ("MRI-onderzoek lever", "-"),
]


@pytest.mark.parametrize("words, said", NAMES)
def test_the_reason_in_the_name_of_an_order(words, said):
    (fact,), _ = facts_in("care_order", order(words))
    assert attribute(fact, "reason") == said


# --- multidisciplinary meetings

DAY = "2026-06-01"


def encounter(words, status="finished", start=DAY, **elements):
    return {
        "resourceType": "Encounter",
        "id": "e",
        "status": status,
        "type": [{"text": words}],
        "period": {"start": start, "end": start},
    } | elements


def document(title="", **elements):
    base = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "date": f"{DAY}T10:00:00Z",
        "type": {"text": title or "Verslag"},
    }
    return base | elements


MEETINGS = [
    # what | resource | holds, day, planned
    ("SNOMED CT", procedure(coded(SNOMED, "399414003"), performedDateTime=DAY), MET, DAY, "-"),
    (
        "SNOMED CT, multidisciplinary review",
        procedure(coded(SNOMED, "708004003"), performedDateTime=DAY),
        MET,
        DAY,
        "-",
    ),
    (
        "SNOMED CT, cancer care review",
        procedure(coded(SNOMED, "720006006"), performedDateTime=DAY),
        MET,
        DAY,
        "-",
    ),
    ("LOINC of a note", document(type=coded(LOINC, "85232-7")), MET, DAY, "-"),
    ("MDO verslag", document("MDO-verslag"), MET, DAY, "-"),
    (
        "MDO as a title",
        document(content=[{"attachment": {"title": "MDO verslag 12-3"}}]),
        MET,
        DAY,
        "-",
    ),
    ("MDO as a description", document(description="Mammabespreking"), MET, DAY, "-"),
    (
        "a note about an earlier day",
        document("MDO", context={"period": {"start": "2026-05-20", "end": "2026-05-20"}}),
        MET,
        "2026-05-20",
        "-",
    ),
    ("superseded", document("MDO", status="superseded"), UNKNOWN, DAY, "-"),
    ("an encounter", encounter("MDO mamma"), MET, DAY, "-"),
    ("oncologiebespreking", encounter("Oncologiebespreking"), MET, DAY, "-"),
    ("tumor board", encounter("Tumor board"), MET, DAY, "-"),
    (
        "serviceType",
        encounter("Contact", serviceType={"text": "Multidisciplinair overleg"}),
        MET,
        DAY,
        "-",
    ),
    (
        "a report",
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "final",
            "effectiveDateTime": DAY,
            "code": {"text": "MDO"},
        },
        MET,
        DAY,
        "-",
    ),
    ("planned, without a day", encounter("MDO", "planned", period=None), MET, "", "yes"),
    ("planned, a day ahead", encounter("MDO", "planned", "2026-06-22"), MET, "", "yes"),
    ("planned, today", encounter("MDO", "planned", "2026-06-15"), MET, "", "yes"),
    (
        "planned, and nobody wrote down whether it was held",
        encounter("MDO", "planned", "2026-03-01"),
        UNKNOWN,
        "2026-03-01",
        "-",
    ),
    (
        "a procedure in preparation",
        procedure(coded(SNOMED, "399414003"), status="preparation", performedDateTime="2026-06-20"),
        MET,
        "",
        "yes",
    ),
    ("a day ahead by itself", document("MDO", date="2026-06-20T10:00:00Z"), MET, "", "yes"),
    (
        "not held",
        procedure(coded(SNOMED, "399414003"), status="not-done", performedDateTime=DAY),
        NOT_MET,
        DAY,
        "-",
    ),
    (
        "R5 encounter",
        encounter("MDO", "completed", period=None, actualPeriod={"start": DAY, "end": DAY}),
        MET,
        DAY,
        "-",
    ),
]


@pytest.mark.parametrize(
    "resource, asserted, day, planned",
    [row[1:] for row in MEETINGS],
    ids=[row[0] for row in MEETINGS],
)
def test_meetings(resource, asserted, day, planned):
    (fact,), reading = facts_in("mdt_meeting", resource)
    assert (fact.value, fact.asserted, str(fact.when), attribute(fact, "planned")) == (
        "mdt",
        asserted,
        day,
        planned,
    )
    assert not reading.problems


NO_MEETINGS = [
    ("denied", document("Geen MDO")),
    ("a request for one", document("Aanmelding MDO")),
    ("a referral to one", document("Verwijzing naar MDO")),
    ("entered in error", document("MDO", status="entered-in-error")),
    ("an encounter that was cancelled", encounter("MDO", "cancelled")),
    ("another encounter", encounter("Controle oncologie")),
    ("another document", document("Ontslagbrief")),
    ("a draft", None),
]


@pytest.mark.parametrize(
    "resource", [row[1] for row in NO_MEETINGS], ids=[row[0] for row in NO_MEETINGS]
)
def test_what_is_no_meeting(resource):
    drafts = (
        [procedure(coded(SNOMED, "399414003"), status="preparation")] if resource is None else []
    )
    assert values_in("mdt_meeting", *([resource] if resource else []), drafts=drafts) == "-"


CHANGES = [
    ("Uitslag MRI bepaalt de lokale behandeling.", "consequence"),
    ("MRI heeft consequentie voor het beleid", "consequence"),
    ("Geen consequentie voor lokale behandeling.", "no_consequence"),
    ("MRI verandert de behandeling niet", "no_consequence"),
    ("Mogelijk consequentie voor de behandeling", "-"),
    ("Patiënt besproken.", "-"),
]


@pytest.mark.parametrize("words, said", CHANGES)
def test_whether_a_result_changes_the_treatment(words, said):
    (fact,), _ = facts_in("mdt_meeting", document("MDO", description=words))
    assert attribute(fact, "consequence") == said
    (fact,), _ = facts_in(
        "mdt_meeting", procedure(coded(SNOMED, "399414003"), note=[{"text": words}])
    )
    assert attribute(fact, "consequence") == said


def test_malformed_meetings_are_told():
    for broken in (
        document(type={"coding": 3}),
        document("MDO", date="gisteren"),
        encounter("MDO", period={"start": 3}),
    ):
        facts, reading = facts_in("mdt_meeting", broken)
        assert facts == () and {kind for _, kind, _ in reading.problems} == {"unreadable"}


# --- studies


def subject(status, **elements):
    return {
        "resourceType": "ResearchSubject",
        "id": "r",
        "status": status,
        "individual": {"reference": "Patient/p"},
        "period": {"start": "2026-01-10"},
    } | elements


STUDIES = [
    ("on study", subject("on-study"), MET),
    ("on study, intervention", subject("on-study-intervention"), MET),
    ("pending", subject("pending-on-study"), MET),
    ("follow-up", subject("follow-up"), MET),
    ("withdrawn", subject("withdrawn"), NOT_MET),
    ("off study", subject("off-study"), NOT_MET),
    ("ineligible", subject("ineligible"), NOT_MET),
    ("screening", subject("screening"), NOT_MET),
    ("a status that nobody knows", subject("perhaps"), UNKNOWN),
    (
        "on study, and ended",
        subject("on-study", period={"start": "2025-01-01", "end": "2025-12-31"}),
        UNKNOWN,
    ),
    (
        "R5: active, on study",
        subject("active", progress=[{"subjectState": {"coding": [{"code": "on-study"}]}}]),
        MET,
    ),
    (
        "R5: active record of somebody withdrawn",
        subject("active", progress=[{"subjectState": {"coding": [{"code": "withdrawn"}]}}]),
        NOT_MET,
    ),
    (
        "R5: went from screening to the study",
        subject(
            "active",
            progress=[
                {"subjectState": {"coding": [{"code": "screening"}]}, "endDate": "2026-02-01"},
                {"subjectState": {"coding": [{"code": "on-study"}]}},
            ],
        ),
        MET,
    ),
]


@pytest.mark.parametrize(
    "resource, asserted", [row[1:] for row in STUDIES], ids=[row[0] for row in STUDIES]
)
def test_studies(resource, asserted):
    (fact,), _ = facts_in("study_participation", resource)
    assert (fact.value, fact.asserted, fact.current) == ("study", asserted, asserted)


def test_a_study_by_name_and_a_malformed_one():
    (fact,), _ = facts_in("study_participation", subject("on-study", study={"display": "SONIA"}))
    assert fact.words == "SONIA" and str(fact.when) == "≥ 2026-01-10"
    facts, reading = facts_in("study_participation", subject(["on-study"]))
    assert facts == () and {kind for _, kind, _ in reading.problems} == {"unreadable"}
