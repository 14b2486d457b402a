"""What was done to a patient: operations, radiotherapy, systemic treatment, bone protection, antibiotics.

Expectations from cards/shared/facts.yaml (`meaning`), the catalogue and the terminology notes; written out by hand. A row
ends with the facts expected: value, side (l, r, both, -), whether it holds (yes, no, ?), and `undated` or an attribute where it matters.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from cds_service.cards.readers import medication as medication_module
from cds_service.cards.readers import pregnancy, signs, surgery, treatment
from cds_service.cards.readers.medication import medication_nodes

from cds_service.content import cards_folder
from cds_service.facts.definitions import load_facts, load_value_sets
from cds_service.facts.extraction import Reading
from cds_service.fhir.elements import Unreadable
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.resource_types import KEYS
from cds_service.fhir.state import State
from cds_service.terminology.value_set import ValueSet
from tests.spec.tables import MET, NOT_MET, UNKNOWN, table

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=ZONE)
SNOMED, ICD10, LOINC, ATC = (
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10",
    "http://loinc.org",
    "http://www.whocc.no/atc",
)
SIDES = {"left": "l", "right": "r", "both": "both", "unknown": "-", "conflict": "conflict"}
HOLDS = {MET: "yes", NOT_MET: "no", UNKNOWN: "?"}

VALUE_SETS, _ = load_value_sets(cards_folder() / "shared")
VALUE_SETS["laterality"] = ValueSet(
    "laterality",
    {key: row for v in VALUE_SETS.values() for key, row in v.codes.items() if row[1]},
    (),
)
DEFINITIONS, _ = load_facts(cards_folder() / "shared", VALUE_SETS)
READERS = {
    name: f
    for module in (medication_module, pregnancy, signs, surgery, treatment)
    for name, f in vars(module).items()
    if getattr(f, "is_reader", False)
}


def reading(*resources, drafts=()):
    """The Reading of a record that holds just these resources."""
    by_type = {
        kind: [r for r in resources if r["resourceType"] == kind]
        for kind in (*KEYS, "Medication", "Substance")
    }
    inputs = {kind: PrefetchInput(key, kind, State.PRESENT) for kind, key in KEYS.items()}
    return Reading(
        Record("p", by_type, inputs, drafts=tuple(drafts)), NOW, ZONE, VALUE_SETS, READERS
    )


def told(name, *resources, drafts=()):
    """The facts of one definition as the tables write them."""
    return said(reading(*resources, drafts=drafts).facts(DEFINITIONS[name]).facts)


def said(facts):
    """Facts in words, sorted."""
    lines = []
    for fact in facts:
        attributes = [m.value for found in fact.attributes.values() for m in found]
        past = [] if fact.current is MET else ["past"]
        dated = [] if fact.when.is_known else ["undated"]
        lines.append(
            " ".join(
                [
                    fact.value,
                    SIDES[fact.side.value],
                    HOLDS[fact.asserted],
                    *past,
                    *dated,
                    *attributes,
                ]
            )
        )
    return "; ".join(sorted(lines))


def expected(words):
    return "; ".join(sorted(part.strip() for part in words.split(";") if part.strip()))


def codes(system, *found, text=None):
    return {"coding": [{"system": system, "code": code} for code in found]} | (
        {"text": text} if text else {}
    )


def procedure(code, **elements):
    return (
        {
            "resourceType": "Procedure",
            "id": "p",
            "status": "completed",
            "performedDateTime": "2025-03-01",
        }
        | {"code": {"text": code} if isinstance(code, str) else code}
        | elements
    )


def condition(code, **elements):
    return (
        {"resourceType": "Condition", "id": "c", "onsetDateTime": "2025-03-01"}
        | {"code": {"text": code} if isinstance(code, str) else code}
        | elements
    )


def request(code=None, **elements):
    named = (
        {}
        if code is None
        else {"medicationCodeableConcept": {"text": code} if isinstance(code, str) else code}
    )
    return (
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "authoredOn": "2026-03-01",
        }
        | named
        | elements
    )


# --- operations in words

SURGERY = table("""
words                                              | facts
Ablatio mammae links                               | mastectomy l yes
Ablatio links                                      | mastectomy l yes
Amputatie mamma rechts                             | mastectomy r yes
Borstamputatie beiderzijds                         | mastectomy both yes
Huidsparende mastectomie links                     | mastectomy l yes
Preventieve mastectomie beiderzijds                | mastectomy both yes   # whatever the reason
Modified radical mastectomy left                   | mastectomy l yes
Gemodificeerde radicale mastectomie rechts         | mastectomy r yes
Skin-sparing mastectomy, right breast              | mastectomy r yes
Ablatio retinae links                              |
Partiële mastectomie links                         | breast_conserving l yes
Partial mastectomy right breast                    | breast_conserving r yes
Lumpectomie links                                  | breast_conserving l yes
Borstsparende operatie rechts                      | breast_conserving r yes
Mammasparende operatie re. mamma                   | breast_conserving r yes
Tumorectomie mamma links                           | breast_conserving l yes
Segmentectomie mamma rechts                        | breast_conserving r yes
Segmentectomie                                     | breast_conserving - ?     # of a lung, or of a breast
Segmentectomie long links                          |
Breast conserving surgery left                     | breast_conserving l yes
Okselklierdissectie links                          | axillary_dissection l yes
OKD rechts                                         | axillary_dissection r yes
ALND                                               | axillary_dissection - yes
Axillary clearance, left                           | axillary_dissection l yes
Schildwachtklierprocedure links                    | sentinel_node l yes
SN-procedure rechts                                | sentinel_node r yes
Sentinel lymph node biopsy left                    | sentinel_node l yes
SN-procedure lies links bij melanoom               |
MARI-procedure links                               | mari l yes
TAD rechts                                         | mari r yes
Targeted axillary dissection                       | mari - yes
Verwijderen gemarkeerde klier oksel links          | mari l yes
MARI-zaadje plaatsen oksel links                   | node_marking l yes
Markeren lymfeklier oksel links                    | node_marking l yes
Jodiumzaadje in klier rechts                       | node_marking r yes
Clip in lymfeklier oksel                           | node_marking - yes
Marking of axillary lymph node with a clip         | node_marking - yes
Clipplaatsing mamma links en echo oksel            |
Lymfeklierexcisie oksel links                      | node_excision l yes
Lipofilling mamma rechts                           | fat_transfer r yes
Autologe vettransplantatie linkerborst             | fat_transfer l yes
AFT borst links                                    | fat_transfer l yes
Fat grafting left breast                           | fat_transfer l yes
Lipomodelling                                      | fat_transfer - ?
Lipofilling hand                                   |
DIEP-lap reconstructie links                       | flap_reconstruction l yes
Diep veneuze trombose behandeling                  |
LD-plastiek rechts                                 | flap_reconstruction r yes
Breast reconstruction with DIEP flap               | flap_reconstruction - yes
Tissue expander links                              | implant_reconstruction l yes
Directe borstreconstructie met prothese rechts     | implant_reconstruction r yes
Borstreconstructie links                           | reconstruction l yes
Osteosynthese femur links                          | bone_stabilisation l yes
Spondylodese Th8-L1                                | bone_stabilisation - yes
Ablatio links met SN-procedure en directe reconstructie | mastectomy l yes; sentinel_node l yes; reconstruction l ?
Mastectomie links, OKD links                       | mastectomy l yes; axillary_dissection l yes
DIEP-lap links na ablatio                          | flap_reconstruction l yes; mastectomy l yes undated
Controle na mastectomie rechts                     | mastectomy r yes undated
Bilateral skin-sparing mastectomy with DIEP        | mastectomy both yes; flap_reconstruction both yes
WLE left breast with SLNB                          | breast_conserving l yes; sentinel_node l yes
Consult mastectomie                                |
Voorlichting borstreconstructie                    |
Geen mastectomie                                   | mastectomy - no
Mastectomie links?                                 | mastectomy l ?
Excisie mamma links, geen lymfeklieren             |
Reconstructie mamma, geen DIEP                     | reconstruction - yes
Appendectomie                                      |
""")


@pytest.mark.parametrize("words, facts", SURGERY, ids=[row[0] for row in SURGERY])
def test_operations_in_words(words, facts):
    assert told("cancer_surgery", procedure(words)) == expected(facts)


SURGERY_HISTORY = table("""
words                                       | facts
Status na ablatio links                     | mastectomy l yes
Z.n. mastectomie rechts                     | mastectomy r yes
Status na MST rechts                        | breast_conserving r yes
Status na lipofilling mamma links           | fat_transfer l yes
Verworven afwezigheid van linkerborst       | mastectomy l yes
Lymfoedeem na okselklierdissectie links     | axillary_dissection l yes undated   # the date is that of the lymphoedema
Wachtlijst mastectomie                      |
Wens tot mastectomie                        |
Indicatie voor ablatio links                |
Ziet af van reconstructie mamma             |
Moeder mastectomie                          |
Geen eerdere mastectomie                    | mastectomy - no
Recidief in mastectomielitteken             |
""")


@pytest.mark.parametrize("words, facts", SURGERY_HISTORY, ids=[row[0] for row in SURGERY_HISTORY])
def test_operations_on_the_problem_list(words, facts):
    assert told("cancer_surgery", condition(words)) == expected(facts)


def on(code):
    return [codes(SNOMED, code)]


CODED_SURGERY = [
    (
        "simple mastectomy, side on bodySite",
        procedure(codes(SNOMED, "172043006"), bodySite=on("80248007")),
        "mastectomy l yes",
    ),
    ("radical mastectomy", procedure(codes(SNOMED, "384723003")), "mastectomy - yes"),
    ("mastectomy of left breast", procedure(codes(SNOMED, "428571003")), "mastectomy l yes"),
    ("mastectomy of right breast", procedure(codes(SNOMED, "429400009")), "mastectomy r yes"),
    ("bilateral mastectomy", procedure(codes(SNOMED, "27865001")), "mastectomy both yes"),
    (
        "the code says left, the bodySite right",
        procedure(codes(SNOMED, "428571003"), bodySite=on("73056007")),
        "mastectomy conflict yes",
    ),
    (
        "mCODE: laterality as an extension of the bodySite",
        procedure(
            codes(SNOMED, "392021009"),
            bodySite=[
                codes(SNOMED, "76752008")
                | {
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier",
                            "valueCodeableConcept": codes(SNOMED, "7771000"),
                        }
                    ]
                }
            ],
        ),
        "breast_conserving l yes",
    ),
    (
        "lumpectomy of the right breast",
        procedure(codes(SNOMED, "735086001")),
        "breast_conserving r yes",
    ),
    ("excision of mass: of any organ", procedure(codes(SNOMED, "392022002")), ""),
    (
        "mastectomy with complete axillary lymphadenectomy is two",
        procedure(codes(SNOMED, "446420001")),
        "mastectomy - yes; axillary_dissection - yes",
    ),
    (
        "mastectomy with synchronous implant is two",
        procedure(codes(SNOMED, "318190001")),
        "mastectomy - yes; implant_reconstruction - yes",
    ),
    (
        "complete axillary lymphadenectomy",
        procedure(codes(SNOMED, "79544006")),
        "axillary_dissection - yes",
    ),
    ("sentinel node", procedure(codes(SNOMED, "396487001")), "sentinel_node - yes"),
    (
        "transfer of fat to breast",
        procedure(codes(SNOMED, "764926003"), bodySite=on("80248007")),
        "fat_transfer l yes",
    ),
    ("DIEP", procedure(codes(SNOMED, "395167000")), "flap_reconstruction - yes"),
    (
        "words beside a code add another operation",
        procedure(codes(SNOMED, "172043006", text="Mastectomie links met SN-procedure")),
        "mastectomy l yes; sentinel_node l yes",
    ),
    (
        "words beside a code do not rename it",
        procedure(codes(SNOMED, "392021009", text="Mastectomie links")),
        "breast_conserving l yes",
    ),
    ("history of left mastectomy", condition(codes(SNOMED, "429009003")), "mastectomy l yes"),
    (
        "history of bilateral mastectomy",
        condition(codes(SNOMED, "428529004")),
        "mastectomy both yes",
    ),
    (
        "history, and the problem inactive: it stays done",
        condition(codes(SNOMED, "429242008"), clinicalStatus=codes("x", "inactive")),
        "mastectomy r yes",
    ),
    (
        "ICD-10 acquired absence of breast",
        condition(codes(ICD10, "Z90.1", text="Afwezigheid mamma links")),
        "mastectomy l yes",
    ),
    (
        "refuted",
        condition(codes(SNOMED, "429009003"), verificationStatus=codes("x", "refuted")),
        "mastectomy l no",
    ),
    (
        "in preparation",
        procedure(codes(SNOMED, "428571003"), status="preparation"),
        "mastectomy l no",
    ),
    ("not done", procedure(codes(SNOMED, "428571003"), status="not-done"), "mastectomy l no"),
    ("in progress", procedure(codes(SNOMED, "428571003"), status="in-progress"), "mastectomy l ?"),
    ("entered in error", procedure(codes(SNOMED, "428571003"), status="entered-in-error"), ""),
    (
        "R5: occurrence",
        {
            **procedure(codes(SNOMED, "428571003")),
            "performedDateTime": None,
            "occurrenceDateTime": "2025-03-01",
        },
        "mastectomy l yes",
    ),
    ("iodine seed radiotherapy marks nothing", procedure(codes(SNOMED, "394918006")), ""),
]


@pytest.mark.parametrize(
    "resource, facts", [row[1:] for row in CODED_SURGERY], ids=[row[0] for row in CODED_SURGERY]
)
def test_coded_operations(resource, facts):
    assert told("cancer_surgery", resource) == expected(facts)


# --- radiotherapy

RADIOTHERAPY = table("""
words                                              | facts
Radiotherapie mamma links                          | breast l yes
Radiotherapie linkerborst                          | breast l yes
Bestraling thoraxwand rechts                       | chest_wall r yes
Okselbestraling links                              | axilla l yes
Locoregionale radiotherapie links                  | regional_nodes l yes
Locoregionale radiotherapie mamma rechts           | regional_nodes r yes
Radiotherapie mamma en oksel links                 | breast l yes; axilla l yes
Supra-infraclaviculaire bestraling                 | supraclavicular - yes; infraclavicular - yes
Bestraling supra- en infraclaviculair rechts       | supraclavicular r yes; infraclavicular r yes
Parasternale radiotherapie                         | internal_mammary - yes
Radiotherapie parasternale lymfeklieren links      | internal_mammary l yes
Radiotherapie botmetastase L3                      | bone - yes
Bestraling wervelkolom Th8                         | bone - yes
Schedelbestraling                                  | brain - yes
WBRT                                               | brain - yes
Radiotherapie                                      | unspecified_field - yes
Radiotherapie wegens mammacarcinoom links          | unspecified_field l yes   # the cancer is no field
Radiotherapy for breast cancer                     | unspecified_field - yes
Radiotherapy left breast and axilla                | breast l yes; axilla l yes
Irradiation of chest wall, right                   | chest_wall r yes
Brachytherapie cervix                              | other - yes
Re-irradiatie thoraxwand links                     | chest_wall l yes
Radiotherapie borst, geen oksel                    | breast - yes; axilla - no
Geen radiotherapie                                 | unspecified_field - no
Radiotherapie mamma links?                         | breast l ?
Consult radiotherapie                              |
Planning-CT radiotherapie mamma links              |
Controle na radiotherapie mamma links              | breast l yes undated
RT mamma links                                     | breast l yes
RT L mamma en periclaviculair                      | breast l yes; supraclavicular l yes; infraclavicular l yes
Post-mastectomy radiation therapy right chest wall | chest_wall r yes
RT thoraxwand                                      | chest_wall - yes   # not "right"
Hyperthermie                                       |
Radiotherapie met hyperthermie thoraxwand links    | chest_wall l yes
UVB-bestraling huid                                |
Echo mamma links                                   |
""")


@pytest.mark.parametrize("words, facts", RADIOTHERAPY, ids=[row[0] for row in RADIOTHERAPY])
def test_radiotherapy_in_words(words, facts):
    assert told("radiotherapy", procedure(words)) == expected(facts)


CODED_RADIOTHERAPY = [
    (
        "of the breast",
        procedure(codes(SNOMED, "428923005"), bodySite=on("80248007")),
        "breast l yes",
    ),
    ("of the axilla", procedure(codes(SNOMED, "429579007", text="Oksel rechts")), "axilla r yes"),
    ("of the chest wall", procedure(codes(SNOMED, "428624002")), "chest_wall - yes"),
    (
        "generic, bodySite breast",
        procedure(codes(SNOMED, "1287742003"), bodySite=on("73056007")),
        "breast r yes",
    ),
    (
        "generic, bodySites breast and axilla",
        procedure(codes(SNOMED, "33195004"), bodySite=on("80248007") + on("91470000")),
        "breast l yes; axilla l yes",
    ),
    (
        "generic, supraclavicular nodes",
        procedure(codes(SNOMED, "108290001"), bodySite=on("76838003")),
        "supraclavicular - yes",
    ),
    (
        "generic, internal mammary nodes",
        procedure(codes(SNOMED, "108290001"), bodySite=on("245282001")),
        "internal_mammary - yes",
    ),
    (
        "generic, lumbar spine",
        procedure(codes(SNOMED, "1287742003"), bodySite=on("122496007")),
        "bone - yes",
    ),
    (
        "generic, brain",
        procedure(codes(SNOMED, "1287742003"), bodySite=on("12738006")),
        "brain - yes",
    ),
    (
        "generic, lung",
        procedure(codes(SNOMED, "1287742003"), bodySite=on("39607008")),
        "other - yes",
    ),
    (
        "generic, a site that nobody here knows",
        procedure(codes(SNOMED, "1287742003"), bodySite=on("999")),
        "unspecified_field - yes",
    ),
    (
        "generic, site in words",
        procedure(codes(SNOMED, "1287742003"), bodySite=[{"text": "thoraxwand links"}]),
        "chest_wall l yes",
    ),
    (
        "generic, field in the words of the code",
        procedure(codes(SNOMED, "1287742003", text="RT mamma links")),
        "breast l yes",
    ),
    (
        "of the breast, the axilla in words",
        procedure(codes(SNOMED, "428923005", text="Radiotherapie mamma en oksel links")),
        "breast l yes; axilla l yes",
    ),
    (
        "mCODE course summary: radiotherapy is the category",
        procedure(
            "Course of treatment", category=[codes(SNOMED, "108290001")], bodySite=on("78904004")
        ),
        "chest_wall - yes",
    ),
    (
        "a talk at the department",
        procedure("Intakegesprek, consult", category=codes(SNOMED, "108290001")),
        "",
    ),
    (
        "in progress has begun",
        procedure(codes(SNOMED, "428923005"), status="in-progress"),
        "breast - yes",
    ),
    (
        "stopped half-way was given",
        procedure(codes(SNOMED, "428923005"), status="stopped"),
        "breast - yes",
    ),
    ("not done", procedure(codes(SNOMED, "428923005"), status="not-done"), "breast - no"),
    (
        "permanent seeds",
        procedure(codes(SNOMED, "169359004"), bodySite=on("76752008")),
        "breast - yes",
    ),
    (
        "iodine seed radiotherapy is radiotherapy",
        procedure(codes(SNOMED, "394918006")),
        "unspecified_field - yes",
    ),
    (
        "... but beside words about marking nobody knows",
        procedure(codes(SNOMED, "394918006", text="Jodiumzaad lokalisatie")),
        "unspecified_field - ?",
    ),
    ("hyperthermia", procedure(codes(SNOMED, "31847002")), ""),
    ("on the problem list", condition("Status na radiotherapie mamma links"), "breast l yes"),
    (
        "on the problem list, of something else",
        condition("Huidfibrose na radiotherapie thoraxwand rechts"),
        "chest_wall r yes undated",
    ),
    ("planned", condition("Indicatie voor radiotherapie thoraxwand"), ""),
    ("of a relative", condition("Moeder radiotherapie mamma"), ""),
]


@pytest.mark.parametrize(
    "resource, facts",
    [row[1:] for row in CODED_RADIOTHERAPY],
    ids=[row[0] for row in CODED_RADIOTHERAPY],
)
def test_coded_radiotherapy(resource, facts):
    assert told("radiotherapy", resource) == expected(facts)


# --- systemic treatment

DRUGS = table("""
words                        | facts
Doxorubicine 60 mg/m2        | chemotherapy - yes
Epirubicine                  | chemotherapy - yes
Docetaxel 75 mg/m2           | chemotherapy - yes
Paclitaxel wekelijks         | chemotherapy - yes
Capecitabine 500 mg tablet   | chemotherapy - yes
Eribuline                    | chemotherapy - yes
AC                           | chemotherapy - yes
FEC                          | chemotherapy - yes
TC kuur 1                    | chemotherapy - yes
TCHP                         | chemotherapy - yes; anti_her2 - yes
Trastuzumab/pertuzumab       | anti_her2 - yes
T-DM1                        | anti_her2 - yes
T-DXd                        | anti_her2 - yes
Tucatinib                    | anti_her2 - yes
Tamoxifen 20 mg              | endocrine - yes
Letrozol 2,5 mg              | endocrine - yes
Goserelin implantaat         | endocrine - yes
Fulvestrant 250 mg           | endocrine - yes
Palbociclib                  | cdk46 - yes
Ribociclib + letrozol        | cdk46 - yes; endocrine - yes
Pembrolizumab                | immunotherapy - yes
Olaparib                     | targeted - yes
Everolimus                   | targeted - yes
Geen chemotherapie           | chemotherapy - no
Metformine                   |
Naproxen EC 500 mg           |
Tc-99m HDP                   |
Bevacizumab intravitreaal    |
""")


@pytest.mark.parametrize("words, facts", DRUGS, ids=[row[0] for row in DRUGS])
def test_drugs_in_words(words, facts):
    assert told("systemic_treatment", request(words)) == expected(facts)


CLASSES = table("""
code    | facts
L01AA01 | chemotherapy - yes    # cyclophosphamide
L01BC06 | chemotherapy - yes    # capecitabine
L01CD02 | chemotherapy - yes    # docetaxel
L01DB01 | chemotherapy - yes    # doxorubicin
L01XA02 | chemotherapy - yes    # carboplatin
L01XX41 | chemotherapy - yes    # eribulin
L01FD01 | anti_her2 - yes       # trastuzumab
L01FY01 | anti_her2 - yes       # pertuzumab and trastuzumab
L01EH03 | anti_her2 - yes       # tucatinib
L01XC03 | anti_her2 - yes       # trastuzumab, former code
L01XC14 | anti_her2 - yes       # trastuzumab emtansine, former code
L01EF01 | cdk46 - yes           # palbociclib
L01XE33 | cdk46 - yes           # palbociclib, former code
L02BA01 | endocrine - yes       # tamoxifen
L02AE03 | endocrine - yes       # goserelin
L01FF02 | immunotherapy - yes   # pembrolizumab
L01XC18 | immunotherapy - yes   # pembrolizumab, former code
L01XK01 | targeted - yes        # olaparib
L01EG02 | targeted - yes        # everolimus
L01FX17 | targeted - yes        # sacituzumab govitecan
L04AX03 |                       # low-dose methotrexate
N02BE01 |                       # paracetamol
""")


@pytest.mark.parametrize("code, facts", CLASSES, ids=[row[0] for row in CLASSES])
def test_atc_classes(code, facts):
    assert told("systemic_treatment", request(codes(ATC, code))) == expected(facts)


def contained(**medication):
    return {"contained": [{"resourceType": "Medication", "id": "drug", **medication}]}


TO_CONTAINED = {"medicationReference": {"reference": "#drug"}}
SHAPES = [
    (
        "an ATC code of something else rules the words out",
        request(codes(ATC, "L04AX03", text="cyclofosfamide")),
        "",
    ),
    (
        "a contained Medication",
        request(**TO_CONTAINED, **contained(code=codes(ATC, "L01DB01"))),
        "chemotherapy - yes",
    ),
    (
        "a contained Medication in words",
        request(**TO_CONTAINED, **contained(code={"text": "Letrozol 2,5 mg tablet"})),
        "endocrine - yes",
    ),
    (
        "an ingredient",
        request(
            **TO_CONTAINED,
            **contained(ingredient=[{"itemCodeableConcept": codes(SNOMED, "386918005")}]),
        ),
        "chemotherapy - yes",
    ),
    ("R5: a concept", request(medication={"concept": codes(ATC, "L02BG04")}), "endocrine - yes"),
    (
        "R5: a reference, an ingredient with a concept",
        request(
            medication={"reference": {"reference": "#drug"}},
            **contained(ingredient=[{"item": {"concept": {"text": "Docetaxel"}}}]),
        ),
        "chemotherapy - yes",
    ),
    (
        "the display of a reference",
        request(medicationReference={"reference": "Medication/far", "display": "Tamoxifen"}),
        "endocrine - yes",
    ),
    (
        "administered",
        {
            "resourceType": "MedicationAdministration",
            "id": "a",
            "status": "completed",
            "effectiveDateTime": "2026-03-01",
            "medicationCodeableConcept": codes(ATC, "L01CD01"),
        },
        "chemotherapy - yes",
    ),
    (
        "not given",
        {
            "resourceType": "MedicationAdministration",
            "id": "a",
            "status": "not-done",
            "effectiveDateTime": "2026-03-01",
            "medicationCodeableConcept": codes(ATC, "L01CD01"),
        },
        "chemotherapy - no",
    ),
    (
        "used",
        {
            "resourceType": "MedicationStatement",
            "id": "s",
            "status": "active",
            "effectivePeriod": {"start": "2026-01-01"},
            "medicationCodeableConcept": {"text": "Anastrozol"},
        },
        "endocrine - yes",
    ),
    ("stopped was given", request("Docetaxel", status="stopped"), "chemotherapy - yes"),
    ("cancelled", request("Docetaxel", status="cancelled"), ""),
    (
        "coded neoadjuvant intent",
        request("Docetaxel", reasonCode=[codes(SNOMED, "373847000")]),
        "chemotherapy - yes neoadjuvant",
    ),
    (
        "adjuvant in words",
        request("Docetaxel", note=[{"text": "adjuvante behandeling"}]),
        "chemotherapy - yes adjuvant",
    ),
    (
        "R5: reason",
        request("Docetaxel", reason=[{"concept": codes(SNOMED, "373846009")}]),
        "chemotherapy - yes adjuvant",
    ),
    ("a procedure", procedure(codes(SNOMED, "367336001")), "chemotherapy - yes"),
    (
        "a procedure in words",
        procedure("Neo-adjuvante chemotherapie AC"),
        "chemotherapy - yes neoadjuvant",
    ),
    ("kind not said", procedure("Neoadjuvante systemische therapie"), "systemic - yes neoadjuvant"),
    (
        "kind said beside it",
        procedure("Adjuvante systemische therapie: hormoontherapie"),
        "endocrine - yes adjuvant",
    ),
    ("hormone therapy", procedure(codes(SNOMED, "169413002")), "endocrine - yes"),
    (
        "mCODE: intent as an extension",
        procedure(
            codes(SNOMED, "367336001"),
            extension=[
                {
                    "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent",
                    "valueCodeableConcept": codes(SNOMED, "363676003"),
                }
            ],
        ),
        "chemotherapy - yes palliative",
    ),
    ("begun", procedure("Chemotherapie", status="in-progress"), "chemotherapy - yes"),
    ("a talk about it", procedure("Voorlichting chemotherapie"), ""),
    ("for its sake", procedure("Plaatsen PAC voor chemotherapie"), ""),
    ("a joint", procedure("AC-gewricht resectie"), ""),
    ("against hay fever", procedure("Subcutane immunotherapie graspollen"), ""),
]


@pytest.mark.parametrize(
    "resource, facts", [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES]
)
def test_systemic_treatment(resource, facts):
    assert told("systemic_treatment", resource) == expected(facts)


# --- other medication

OTHER_MEDICATION = [
    ("antibiotic_course", request("Flucloxacilline 500 mg"), "antibiotic - yes"),
    ("antibiotic_course", request("Augmentin 500/125"), "antibiotic - yes"),
    ("antibiotic_course", request("Amoxicilline-clavulaanzuur"), "antibiotic - yes"),
    ("antibiotic_course", request("Clindamycin 600 mg"), "antibiotic - yes"),
    ("antibiotic_course", request(codes(ATC, "J01CF05")), "antibiotic - yes"),
    ("antibiotic_course", request(codes(ATC, "J01FF01", text="clindamycine")), "antibiotic - yes"),
    ("antibiotic_course", request(codes(ATC, "D06AX01", text="fusidinezuur crème")), ""),
    ("antibiotic_course", request(codes(ATC, "D10AF01", text="clindamycine lotion")), ""),
    ("antibiotic_course", request(codes(ATC, "S01AA13", text="claritromycine oogdruppels")), ""),
    ("antibiotic_course", request("Erytromycine zalf"), ""),
    (
        "antibiotic_course",
        request("Clindamycine", dosageInstruction=[{"route": {"text": "cutaan"}}]),
        "",
    ),
    ("antibiotic_course", request("Fluconazol"), ""),
    ("bone_protection", request(codes(ATC, "M05BA08")), "bisphosphonate - yes"),
    ("bone_protection", request("Zoledroninezuur 4 mg iv"), "bisphosphonate - yes"),
    ("bone_protection", request("Alendroninezuur 70 mg"), "bisphosphonate - yes"),
    ("bone_protection", request(codes(ATC, "M05BX04")), "denosumab - yes"),
    ("bone_protection", request("Denosumab (Xgeva) 120 mg"), "denosumab - yes"),
    ("bone_protection", request(codes(ATC, "M05BX03")), ""),
    ("bone_protection", request("Calcium/colecalciferol"), ""),
]


@pytest.mark.parametrize(
    "name, resource, facts",
    OTHER_MEDICATION,
    ids=[str(row[1]["medicationCodeableConcept"]) for row in OTHER_MEDICATION],
)
def test_other_medication(name, resource, facts):
    assert told(name, resource) == expected(facts)


# --- what cannot be read is told

UNREADABLE = [
    (
        "systemic_treatment",
        request(medicationCodeableConcept="Docetaxel"),
        "MedicationRequest.medicationCodeableConcept",
        False,
    ),
    (
        "systemic_treatment",
        request({"coding": "L01CD02", "text": "docetaxel"}),
        "code.coding",
        False,
    ),
    (
        "systemic_treatment",
        request(medicationReference={"reference": "Medication/far"}),
        "MedicationRequest.medicationReference",
        True,
    ),
    (
        "antibiotic_course",
        request(medication={"reference": {"reference": "#gone"}}),
        "MedicationRequest.medicationReference",
        True,
    ),
    (
        "systemic_treatment",
        request("Docetaxel", authoredOn="soon"),
        "MedicationRequest.authoredOn",
        True,
    ),
    (
        "cancer_surgery",
        procedure(codes(SNOMED, "428571003"), performedDateTime="last year"),
        "Procedure.performedDateTime",
        True,
    ),
    (
        "cancer_surgery",
        procedure({"coding": [{"system": SNOMED, "code": 428571003}]}),
        "code.coding.code",
        False,
    ),
    ("radiotherapy", procedure(codes(SNOMED, "428923005"), status=5), "Procedure.status", True),
    (
        "cancer_surgery",
        procedure(codes(SNOMED, "428571003"), modifierExtension=[{"url": "x"}]),
        "modifierExtension",
        True,
    ),
]


@pytest.mark.parametrize("name, resource, path, unread", UNREADABLE)
def test_what_cannot_be_read_is_told(name, resource, path, unread):
    read = reading(resource)
    found = read.facts(DEFINITIONS[name])
    assert (said(found.facts), [p.text for p in read.problems.values()], bool(found.unread)) == (
        "",
        [path],
        unread,
    )


def test_a_cancelled_order_for_an_unread_medication_is_no_gap():
    read = reading(request(medicationReference={"reference": "Medication/far"}, status="cancelled"))
    assert not read.facts(DEFINITIONS["systemic_treatment"]).unread


def test_an_operation_in_the_future_was_not_done():
    read = reading(procedure(codes(SNOMED, "428571003"), performedDateTime="2026-09-01"))
    assert (
        read.facts(DEFINITIONS["cancer_surgery"]).facts,
        [p.kind for p in read.problems.values()],
    ) == ((), ["future"])


def test_a_draft_is_marked_as_one():
    (fact,) = (
        reading(drafts=[request(codes(ATC, "L01CD02"), status="draft")])
        .facts(DEFINITIONS["systemic_treatment"])
        .facts
    )
    assert fact.draft == 0


def test_the_words_of_a_medication_are_those_of_the_record():
    (fact,) = (
        reading(request(codes(ATC, "L01CD02", text="Docetaxel 75 mg/m2")))
        .facts(DEFINITIONS["systemic_treatment"])
        .facts
    )
    assert fact.words == "Docetaxel 75 mg/m2"


def test_medication_on_record_beside_the_request():
    medication = {
        "resourceType": "Medication",
        "id": "drug",
        "code": codes(ATC, "L01DB03"),
        "ingredient": [{"itemReference": {"reference": "Substance/s"}}],
    }
    substance = {"resourceType": "Substance", "id": "s", "code": {"text": "epirubicine"}}
    order = request(medicationReference={"reference": "Medication/drug", "display": "EC kuur 1"})
    assert medication_nodes(reading(medication, substance, order), order) == [
        "EC kuur 1",
        codes(ATC, "L01DB03"),
        {"text": "epirubicine"},
    ]
    assert told("systemic_treatment", medication, substance, order) == "chemotherapy - yes"


def test_a_malformed_medication_is_unreadable():
    order = request(**TO_CONTAINED, **contained(code="docetaxel"))
    with pytest.raises(Unreadable):
        medication_nodes(reading(order), order)
