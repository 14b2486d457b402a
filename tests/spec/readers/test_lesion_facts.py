"""Lesions: from problems, observations, reports and studies to sites, places and certainty.

Expectations from the interface in cards/shared/facts.yaml, decisions 8, 10b and 10c, and the codes' own displays. Codes
are the tests' own. A lesion is written as "site/place certainty", with `left`, `right` or `both` for nodes, and `no`
(denied or refuted), `past` (not current), `?` (holds unknown), `back` (recurrence) and `many`.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.content import cards_folder
from cds_service.facts.definitions import load_facts
from cds_service.facts.extraction import Reading
from cds_service.facts.model import Laterality
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.state import State
from tests.spec.tables import MET, NOT_MET, UNKNOWN, table

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=ZONE)
SNOMED, ICD, CM = (
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm",
)
ICD_NL = "http://hl7.org/fhir/sid/icd-10-nl"
TYPES = ("Patient", "Condition", "Observation", "Procedure", "ImagingStudy", "DiagnosticReport")


@pytest.fixture(scope="module")
def read(library):
    """read(fact, *resources): the facts of that name in a record that holds just these, and the Reading behind them."""
    definitions, faults = load_facts(cards_folder() / "shared", dict(library.value_sets))
    assert not faults

    def facts(name, *resources):
        by_type = {kind: [r for r in resources if r["resourceType"] == kind] for kind in TYPES}
        inputs = {
            kind: PrefetchInput(kind, kind, State.PRESENT if by_type[kind] else State.EMPTY)
            for kind in TYPES
        }
        reading = Reading(
            Record("p", by_type, inputs), NOW, ZONE, library.value_sets, library.readers
        )
        return reading.facts(definitions[name]), reading

    return facts


def coded(code, system=SNOMED, text=None):
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def problem(text=None, *codes, **elements):
    """A Condition by words and codes ("94381002", or "icd C78.7")."""
    code = {"text": text} if text else {}
    if codes:
        code["coding"] = [
            {
                "system": {"icd": ICD, "nl": ICD_NL, "cm": CM}[c.split()[0]]
                if " " in c
                else SNOMED,
                "code": c.split()[-1],
            }
            for c in codes
        ]
    return {"resourceType": "Condition", "id": "c", "code": code} | elements


def status(code):
    return {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": code}
        ]
    }


def verified(code):
    return {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": code}
        ]
    }


def report(conclusion, name="PET/CT", **elements):
    return {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": name},
        "effectiveDateTime": "2026-06-01",
        "conclusion": conclusion,
    } | elements


def seen(text=None, **elements):
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "effectiveDateTime": "2026-06-01",
        "code": {"text": text or "Bevinding"},
    } | elements


def told(facts):
    """Facts in the notation of the tables, sorted."""
    lines = []
    for fact in facts.facts:
        place = "".join(f"/{m.value}" for m in fact.attributes.get("place", ()))
        marks = [m.value for m in fact.attributes.get("certainty", ())]
        marks += [] if fact.side is Laterality.UNKNOWN else [fact.side.value]
        marks += {MET: [], NOT_MET: ["no"], UNKNOWN: ["?"]}[fact.asserted]
        marks += [] if fact.current is MET else ["past"]
        marks += (
            ["back"]
            if any(m.value == "recurrence" for m in fact.attributes.get("course", ()))
            else []
        )
        marks += ["many"] if fact.attributes.get("extent") else []
        lines.append(" ".join([fact.value + place, *marks]))
    return sorted(lines)


def expected(cell):
    return sorted(part.strip() for part in cell.split(";") if part.strip() and part.strip() != "-")


# --- codes alone: what they are called says the site

CODES = """
code             | lesion
94222008         | bone confirmed
94602001         | spine confirmed
94250008         | cervical_spine confirmed
94274006         | thoracic_spine confirmed
94389000         | lumbar_spine confirmed
94527001         | sacrum confirmed
94480000         | pelvis confirmed
94478006         | pelvis confirmed
94381002         | liver confirmed
94391008         | lung confirmed
94225005         | brain confirmed
94493005         | pleura confirmed
94627008         | peritoneum confirmed
94246001         | meninges confirmed
1155991005       | meninges confirmed
722671009        | meninges confirmed
230156002        | meninges confirmed
94579000         | skin confirmed
94253005         | chest_wall confirmed
94392001         | lymph_nodes confirmed
94181007         | axillary_nodes confirmed
94614009         | supraclavicular_nodes confirmed
94338000         | infraclavicular_nodes confirmed
94408005         | mediastinal_nodes confirmed
94397007         | other_nodes confirmed
315004001        | unspecified confirmed
128462008        | unspecified confirmed
1255358009       | unspecified confirmed
icd C77.0        | lymph_nodes confirmed    # head, face and neck with the supraclavicular ones: the station is not said
icd C77.1        | mediastinal_nodes confirmed
icd C77.2        | other_nodes confirmed
icd C77.3        | axillary_nodes confirmed
icd C77.9        | lymph_nodes confirmed
icd C78.0        | lung confirmed
icd C78.2        | pleura confirmed
icd C78.6        | peritoneum confirmed
icd C78.7        | liver confirmed
nl C78.7         | liver confirmed
icd C79.3        | brain_or_meninges confirmed
icd C79.5        | bone confirmed
icd C79.7        | adrenal confirmed
icd C79.9        | unspecified confirmed
cm C79.51        | bone confirmed
cm C79.31        | brain confirmed
cm C79.32        | meninges confirmed
icd C50.9        | -
icd C22.0        | -
icd C34.9        | -
"""


@pytest.mark.parametrize("code, lesion", table(CODES), ids=[row[0] for row in table(CODES)])
def test_a_code_of_a_secondary_tumour(read, code, lesion):
    facts, reading = read("lesion", problem(None, code))
    assert told(facts) == expected(lesion) and not reading.problems
    assert not any(fact.from_text for fact in facts.facts)


# --- words of a problem list, Dutch and English

WORDS = """
words                                            | lesion
Levermetastase                                   | liver confirmed
Levermetastasen                                  | liver confirmed
Multipele levermetastasen                        | liver confirmed many
Verdachte laesie L3                              | lumbar_spine/l3 suspected
Verdenking levermetastase                        | liver suspected
Levermetastase?                                  | liver uncertain
Mogelijk botmetastase os ilium links             | pelvis/ilium left uncertain
Onduidelijke laesie Th8                          | thoracic_spine/th8 uncertain
Onzekere laesie D8                               | thoracic_spine/th8 uncertain
Indeterminate lesion in T8                       | thoracic_spine/th8 uncertain
Botmetastasen wervelkolom                        | spine confirmed
Botmetastasen L3 en Th8                          | lumbar_spine/l3 confirmed; thoracic_spine/th8 confirmed
Botmetastasen C5, L3 en S1                       | cervical_spine/c5 confirmed; lumbar_spine/l3 confirmed; sacrum/s1 confirmed
Metastasen L2 t/m L4                             | lumbar_spine/l2 confirmed; lumbar_spine/l3 confirmed; lumbar_spine/l4 confirmed
metastase os sacrum                              | sacrum confirmed
skeletmetastasen                                 | bone confirmed
Ossale metastasering                             | bone confirmed
Diffuse ossale metastasering                     | bone confirmed many
Ribmetastase 5 links                             | bone/rib 5 left confirmed
Metastase femur rechts                           | bone/femur right confirmed
Levermetastase segment VII                       | liver/segment 7 confirmed
hersenmetastasen                                 | brain confirmed
leptomeningeale metastasering                    | meninges confirmed
pleuritis carcinomatosa                          | pleura confirmed
peritonitis carcinomatosa                        | peritoneum confirmed
Longmetastase rechter onderkwab                  | lung/lower lobe right confirmed
Metastase long                                   | lung confirmed
Bijniermetastase links                           | adrenal/left confirmed
Ovariummetastase                                 | ovary confirmed
Niermetastase                                    | other/kidney confirmed
Laesie in de nier                                | -   # another organ with a finding in it: nobody says metastasis
Huidmetastase thoraxwand links                   | chest_wall confirmed left; skin confirmed left
Uitgezaaide borstkanker                          | unspecified confirmed
Gemetastaseerd mammacarcinoom                    | unspecified confirmed
Metastatic breast cancer                         | unspecified confirmed
Mammacarcinoom rechts met levermetastasen        | liver confirmed
Liver metastases                                 | liver confirmed
Bone metastasis L3                               | lumbar_spine/l3 confirmed
Suspicious lesion in the liver                   | liver suspected
Geen levermetastasen                             | liver no
Levermetastasen uitgesloten                      | liver no
Geen aanwijzingen voor metastasen                | unspecified no
No evidence of distant metastases                | unspecified no
Status na resectie levermetastase                | liver confirmed past
Moeder levermetastasen                           | -
Hepatocellulair carcinoom                        | -
Levermetastase van coloncarcinoom                | -
Laesie linker mamma                              | -
Mammacarcinoom links                             | -
Mammacarcinoom T2 N1 M0                          | -
Levercyste                                       | -
Hemangioom lever                                 | -
Artrose L4                                       | -
Angst voor metastasen                            | -
"""


@pytest.mark.parametrize("words, lesion", table(WORDS), ids=[row[0] for row in table(WORDS)])
def test_words_of_a_problem(read, words, lesion):
    facts, _ = read("lesion", problem(words))
    assert told(facts) == expected(lesion)
    assert all(fact.from_text for fact in facts.facts)


NODES = """
words                                            | lesion
Axillaire lymfekliermetastase rechts             | axillary_nodes confirmed right
Okselkliermetastase                              | axillary_nodes confirmed
Okselkliermetastasen links                       | axillary_nodes confirmed left
N+ oksel                                         | axillary_nodes confirmed
Axillair recidief rechts                         | axillary_nodes confirmed right back
Okselrecidief links                              | axillary_nodes confirmed left back
Regionaal recidief oksel                         | axillary_nodes confirmed back
Regionaal recidief mammacarcinoom links          | lymph_nodes/regional confirmed left back
Supraclaviculair recidief links                  | supraclavicular_nodes confirmed left back
Supraclaviculaire kliermetastase                 | supraclavicular_nodes confirmed
Infraclaviculaire lymfekliermetastase rechts     | infraclavicular_nodes confirmed right
Parasternale kliermetastase links                | internal_mammary_nodes confirmed left
Metastase mammaria interna klier rechts          | internal_mammary_nodes confirmed right
Pathologische okselklier links                   | axillary_nodes suspected left
Verdachte klier supraclaviculair links           | supraclavicular_nodes suspected left
Mediastinale lymfekliermetastasen                | mediastinal_nodes confirmed
Axillary lymph node metastasis right             | axillary_nodes confirmed right
Recurrence in left axillary lymph nodes          | axillary_nodes confirmed left back
Lokaal recidief thoraxwand rechts                | chest_wall confirmed right back
Recidief mammacarcinoom linker borst             | -
Lokaal recidief mamma links                      | -
Okselklieren niet vergroot                       | axillary_nodes no
Geen pathologische okselklieren                  | axillary_nodes no
Okselklierdissectie links                        | -
"""


@pytest.mark.parametrize("words, lesion", table(NODES), ids=[row[0] for row in table(NODES)])
def test_words_about_nodes(read, words, lesion):
    assert told(read("lesion", problem(words))[0]) == expected(lesion)


# --- a problem: code, site, words and status together

SITE = {"bodySite": [coded("245282001")]}
L_SPINE = {"bodySite": [coded("122496007")]}
LEFT = {
    "extension": [
        {
            "url": "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality",
            "valueCodeableConcept": coded("7771000"),
        }
    ]
}
MCODE = {
    "meta": {
        "profile": [
            "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-secondary-cancer-condition"
        ]
    }
}
FURTHER = {
    "extension": [
        {
            "url": "http://nictiz.nl/fhir/StructureDefinition/ext-Problem.FurtherSpecificationProblemName",
            "valueString": "L3",
        }
    ]
}
TOGETHER = [
    (
        "bone, made exact by a body site",
        problem(None, "94222008", **L_SPINE),
        "lumbar_spine confirmed",
    ),
    (
        "bone, made exact by words",
        problem("Botmetastase L3", "94222008"),
        "lumbar_spine/l3 confirmed",
    ),
    (
        "bone, two levels in words",
        problem("Botmetastasen L3 en Th8", "icd C79.5"),
        "lumbar_spine/l3 confirmed; thoracic_spine/th8 confirmed",
    ),
    (
        "zib: the further specification",
        problem(None, "94222008") | {"code": coded("94222008") | FURTHER},
        "lumbar_spine/l3 confirmed",
    ),
    (
        "C77.0 and words that say which station",
        problem("Supraclaviculaire kliermetastase", "icd C77.0"),
        "supraclavicular_nodes confirmed",
    ),
    ("C79.3 and words that say which", problem("Hersenmetastasen", "icd C79.3"), "brain confirmed"),
    (
        "nodes in general with the internal mammary ones as site",
        problem(None, "94392001", **SITE),
        "internal_mammary_nodes confirmed",
    ),
    (
        "axillary nodes, zib side on the body site",
        problem(None, "94181007", bodySite=[coded("68171009") | LEFT]),
        "axillary_nodes confirmed left",
    ),
    (
        "axillary nodes, side in words",
        problem("Okselkliermetastase rechts", "94181007"),
        "axillary_nodes confirmed right",
    ),
    (
        "mCODE: the profile and a body site",
        problem("Secondary tumour", bodySite=[coded("10200004")], **MCODE),
        "liver confirmed",
    ),
    (
        "mCODE: a general code and a body site",
        problem(None, "128462008", bodySite=[coded("39607008")], **MCODE),
        "lung confirmed",
    ),
    (
        "a general code, the site in words of the body site",
        problem(None, "128462008", bodySite=[{"text": "Os sacrum"}]),
        "sacrum confirmed",
    ),
    (
        "a body site nobody knows tells lesions apart",
        problem(
            None,
            "94222008",
            bodySite=[{"coding": [{"system": SNOMED, "code": "51299004", "display": "Clavicula"}]}],
        ),
        "bone/clavicle confirmed",
    ),
    (
        "a code that is not refined by another organ in words",
        problem("Longmetastase", "94381002"),
        "liver confirmed",
    ),
    (
        "two codes of one problem say one thing",
        problem(None, "94381002", "icd C78.7"),
        "liver confirmed",
    ),
    (
        "a code beside a whole of it",
        problem(None, "94222008", "94389000"),
        "lumbar_spine confirmed",
    ),
    (
        "a suspicion by verification status",
        problem(None, "94381002", verificationStatus=verified("provisional")),
        "liver suspected",
    ),
    (
        "unconfirmed",
        problem("Levermetastase", verificationStatus=verified("unconfirmed")),
        "liver suspected",
    ),
    (
        "differential",
        problem(None, "94222008", verificationStatus=verified("differential")),
        "bone suspected",
    ),
    (
        "zib: suspected",
        problem(None, "94381002", verificationStatus=coded("415684004")),
        "liver suspected",
    ),
    (
        "confirmed",
        problem(None, "94381002", verificationStatus=verified("confirmed")),
        "liver confirmed",
    ),
    ("refuted", problem(None, "94381002", verificationStatus=verified("refuted")), "liver no"),
    (
        "zib: known absent",
        problem(None, "94381002", verificationStatus=coded("410516002")),
        "liver no",
    ),
    (
        "entered in error",
        problem(None, "94381002", verificationStatus=verified("entered-in-error")),
        "-",
    ),
    (
        "resolved",
        problem(None, "94381002", clinicalStatus=status("resolved")),
        "liver confirmed past",
    ),
    (
        "nodes that came back",
        problem(None, "94181007", clinicalStatus=status("recurrence")),
        "axillary_nodes confirmed back",
    ),
    (
        "nodes that relapsed",
        problem(None, "94614009", clinicalStatus=status("relapse")),
        "supraclavicular_nodes confirmed back",
    ),
    (
        "breast cancer that came back in the axilla",
        problem(
            None, "254837009", clinicalStatus=status("recurrence"), bodySite=[coded("68171009")]
        ),
        "axillary_nodes confirmed back",
    ),
    (
        "breast cancer that came back in the breast",
        problem(
            None, "254837009", clinicalStatus=status("recurrence"), bodySite=[coded("80248007")]
        ),
        "-",
    ),
    (
        "breast cancer in the axilla that never left",
        problem(None, "254837009", clinicalStatus=status("active"), bodySite=[coded("68171009")]),
        "-",
    ),
    (
        "breast cancer with a regional recurrence (Onconova)",
        problem(
            None,
            "254837009",
            clinicalStatus=status("recurrence"),
            extension=[{"url": "urn:x", "valueCodeableConcept": coded("410674003")}],
        ),
        "lymph_nodes/regional confirmed back",
    ),
    ("a local recurrence", problem(None, "314955001", clinicalStatus=status("recurrence")), "-"),
    (
        "breast cancer with invaded axillary nodes",
        problem(None, "1082901000112103"),
        "axillary_nodes confirmed",
    ),
]


@pytest.mark.parametrize(
    "resource, lesion", [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_a_problem_with_all_its_elements(read, resource, lesion):
    facts, reading = read("lesion", resource)
    assert told(facts) == expected(lesion)
    assert all(kind == "set-aside" for _, kind, _ in reading.problems)


def test_a_metastasis_of_another_primary_is_none_of_ours(read):
    lung = problem("Longcarcinoom") | {"id": "lung"}
    related = [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/condition-related",
            "valueReference": {"reference": "Condition/lung"},
        }
    ]
    assert told(read("lesion", lung, problem(None, "94225005", extension=related))[0]) == []


def test_a_date_of_a_lesion_is_its_onset(read):
    ((fact,), _) = (
        read(
            "lesion",
            problem("Levermetastase", onsetDateTime="2026-03-01", recordedDate="2026-03-05"),
        )[0].facts,
        None,
    )
    assert str(fact.when) == "2026-03-01" and str(fact.recorded) == "2026-03-05"


# --- reports: clause by clause

REPORTS = """
conclusion                                                                                         | lesion
Metastase in de lever.                                                                             | liver confirmed
Verdachte laesie in L3.                                                                            | lumbar_spine/l3 suspected
Aspecifieke haard in L3.                                                                           | lumbar_spine/l3 uncertain
Haard met verhoogde FDG-opname in L3, niet goed te duiden.                                         | lumbar_spine/l3 uncertain
Verhoogde FDG-stapeling in L3, aspecifiek, mogelijk degeneratief.                                  | lumbar_spine/l3 uncertain
Laesie in L3. Niet conclusief.                                                                     | lumbar_spine/l3 uncertain
Laesie in L3, maar onduidelijk.                                                                    | lumbar_spine/l3 uncertain
Laesie long, onduidelijk.                                                                          | lung uncertain
Laesies long, verdacht.                                                                            | lung suspected
Haard long rechts, aspecifiek.                                                                     | lung/right uncertain
Metastasen long.                                                                                   | lung confirmed
A long lesion of the skin.                                                                         | skin
Laesie segment 7 van de lever, verdacht voor metastase.                                            | liver/segment 7 suspected
Haard in de lever.                                                                                 | liver
Geen aanwijzingen voor afstandsmetastasen.                                                         | unspecified no
Geen verdachte laesies in lever, longen of skelet.                                                 | bone no; liver no; lung no
Lever: geen afwijkingen. Skelet: verdachte haard in L3.                                            | liver no; lumbar_spine/l3 suspected
Bekende levermetastasen, geen longmetastasen, aspecifieke laesie L3.                               | liver confirmed; lumbar_spine/l3 uncertain; lung no
Geen levermetastasen, wel een onduidelijke laesie in het os ilium rechts.                          | liver no; pelvis/ilium right uncertain
T.o.v. vorig onderzoek toename van de levermetastasen.                                             | liver confirmed
Botmetastasen: L3, Th8 en bekken.                                                                  | lumbar_spine/l3 confirmed; pelvis confirmed; thoracic_spine/th8 confirmed
Multipele botmetastasen, onder andere in L3.                                                       | bone confirmed many; lumbar_spine/l3 confirmed many
Levermetastasen niet meer zichtbaar.                                                               | liver confirmed past
Laesie in L3, niet verdacht voor metastase.                                                        | -
Degeneratieve afwijkingen L3-L5.                                                                   | -
Haard in de lever, passend bij hemangioom.                                                         | -
Fysiologische activiteit in lever en blaas.                                                        | -
Verdachte laesie linker mamma.                                                                     | -
Tumor rechter mamma, verdacht. Pathologische okselklier rechts.                                    | axillary_nodes suspected right
Botmetastasen, lever vrij.                                                                         | bone confirmed
T2 hyperintense laesie in L4, aspecifiek.                                                          | lumbar_spine/l4 uncertain
Vraagstelling: levermetastasen? Conclusie: geen afwijkingen in de lever.                           | liver no
Klinische gegevens: bekend met botmetastasen. Longen: twee verdachte haarden.                      | lung suspected
Voorgeschiedenis: levermetastase.                                                                  | liver confirmed past
Equivocal uptake in T8.                                                                            | thoracic_spine/th8 uncertain
Indeterminate lesion in segment 4a of the liver.                                                   | liver/segment 4a uncertain
No evidence of metastatic disease.                                                                 | unspecified no
Multiple osseous metastases.                                                                       | bone confirmed many
Intense stapeling in de linker oksel, passend bij lymfekliermetastasen.                            | axillary_nodes confirmed left
Haard in L3, passend bij een botmetastase.                                                         | lumbar_spine/l3 confirmed
Sclerotische laesie Th12, boteilandje.                                                             | -
0/3 schildwachtklieren met metastase.                                                              | axillary_nodes no
2/3 schildwachtklieren met macrometastase.                                                         | axillary_nodes confirmed
Verhoogde activiteit in rib 6 rechts, mogelijk posttraumatisch.                                    | bone/rib 6 right uncertain
Oligometastatische ziekte: 2 levermetastasen en 1 botmetastase (L2).                               | liver confirmed; lumbar_spine/l2 confirmed
Meerdere longnoduli beiderzijds, suspect voor metastasen.                                          | lung/left suspected many; lung/right suspected many
No lymphadenopathy. No suspicious osseous lesions.                                                 | bone no
New hypermetabolic lesion in T9 suspicious for metastasis. Indeterminate nodule in right upper lobe. | lung/upper lobe right uncertain; thoracic_spine/th9 suspected
Ossale metastasen kunnen niet worden uitgesloten.                                                  | bone uncertain
Multiple bone metastases, liver clear.                                                             | bone confirmed many
Suspicious lesion in the left femur.                                                               | bone/femur left suspected
Peritonitis carcinomatosa kan niet worden uitgesloten.                                             | peritoneum uncertain
Levermetastasen. Grootste in segment 7.                                                            | liver confirmed
Kliermetastasen axillair en supraclaviculair rechts.                                               | axillary_nodes confirmed right; supraclavicular_nodes confirmed right
PA-bewezen okselkliermetastase links.                                                              | axillary_nodes confirmed left
Opname longafdeling wegens pneumonie.                                                              | -
"""


@pytest.mark.parametrize(
    "conclusion, lesion", table(REPORTS), ids=[row[0][:60] for row in table(REPORTS)]
)
def test_the_conclusion_of_a_report(read, conclusion, lesion):
    facts = read("lesion", report(conclusion))[0]
    assert told(facts) == expected(lesion)
    assert all(str(fact.when) == "2026-06-01" and fact.from_text for fact in facts.facts)


NAMED = [
    (
        "the region of the examination is that of its lesions",
        report("Twee verdachte laesies.", "MRI lever"),
        "liver suspected",
    ),
    ("no lesion there", report("Geen laesies.", "Echo lever"), "liver no"),
    (
        "a mammogram's lesion is of the breast",
        report("Verdachte laesie, BI-RADS 4.", "Mammografie links"),
        "-",
    ),
    (
        "a node on a breast ultrasound",
        report("Pathologische klier in de oksel links.", "Echo mamma links"),
        "axillary_nodes suspected left",
    ),
    (
        "an ultrasound of the axilla",
        report("Verdachte klier.", "Echo oksel rechts"),
        "axillary_nodes suspected right",
    ),
    ("conclusionCode", report(None, conclusionCode=[coded("94381002")]), "liver confirmed"),
    (
        "conclusionCode, made exact by the words",
        report("Metastase in L3", conclusionCode=[coded("94222008")]),
        "lumbar_spine/l3 confirmed",
    ),
    (
        "conclusionCode, doubted by the words",
        report("Verdacht voor levermetastase", conclusionCode=[coded("94381002")]),
        "liver suspected",
    ),
    ("preliminary", report("Levermetastase", status="preliminary"), "liver confirmed ?"),
    ("entered in error", report("Levermetastase", status="entered-in-error"), "-"),
    ("registered", report("Levermetastase", status="registered"), "liver no"),
    (
        "the text of a report as an attachment",
        report(None, presentedForm=[{"contentType": "text/plain", "data": "TGV2ZXJtZXRhc3Rhc2U="}]),
        "liver confirmed",
    ),
]


@pytest.mark.parametrize(
    "resource, lesion", [row[1:] for row in NAMED], ids=[row[0] for row in NAMED]
)
def test_a_report_with_all_its_elements(read, resource, lesion):
    resource = {key: value for key, value in resource.items() if value is not None}
    assert told(read("lesion", resource)[0]) == expected(lesion)


# --- observations: a question with its answer

NO = {"valueCodeableConcept": coded("373067005")}
OBSERVED = [
    (
        "a finding in words",
        seen("Bevinding PET", valueString="Onzekere laesie L3"),
        "lumbar_spine/l3 uncertain",
    ),
    (
        "question and answer together",
        seen("Verdachte laesie", valueString="L3"),
        "lumbar_spine/l3 suspected",
    ),
    ("a coded finding", seen(code=coded("94381002")), "liver confirmed"),
    ("a coded finding, denied", seen(code=coded("94381002"), valueBoolean=False), "liver no"),
    ("a coded finding, SNOMED CT: no", seen(code=coded("94381002"), **NO), "liver no"),
    ("a coded value", seen(valueCodeableConcept=coded("94222008")), "bone confirmed"),
    ("in words, yes", seen("Levermetastasen", valueBoolean=True), "liver confirmed"),
    ("in words, no", seen("Levermetastasen", valueBoolean=False), "liver no"),
    ("in words, nee", seen("Levermetastasen", valueString="nee"), "liver no"),
    ("in words, onbekend", seen("Levermetastasen", valueString="onbekend"), "liver confirmed ?"),
    ("in words, mogelijk", seen("Levermetastasen", valueString="mogelijk"), "liver uncertain"),
    (
        "a denial and a finding in one answer",
        seen("CT", valueString="Geen levermetastasen. Verdachte laesie L3."),
        "liver no; lumbar_spine/l3 suspected",
    ),
    (
        "site of distant metastasis",
        seen(code=coded("44667-4", "http://loinc.org"), valueCodeableConcept=coded("10200004")),
        "liver confirmed",
    ),
    (
        "site of distant metastasis in words",
        seen(code=coded("44667-4", "http://loinc.org"), valueString="Lever"),
        "liver confirmed",
    ),
    (
        "imaging result equivocal, at a site",
        seen("PET/CT", bodySite=coded("122496007"), valueCodeableConcept=coded("408379005")),
        "lumbar_spine uncertain",
    ),
    (
        "indeterminate as the interpretation",
        seen(
            "Focale FDG-stapeling", bodySite=coded("10200004"), interpretation=[coded("82334004")]
        ),
        "liver uncertain",
    ),
    (
        "indeterminate in words of the interpretation",
        seen("Laesie", bodySite=coded("10200004"), interpretation=[{"text": "Indeterminate"}]),
        "liver uncertain",
    ),
    (
        "a lesion at a coded site",
        seen("Verdachte laesie", bodySite=coded("12921003")),
        "pelvis suspected",
    ),
    (
        "a lesion at a site in words",
        seen("Verdachte laesie", bodySite={"text": "Os sacrum"}),
        "sacrum suspected",
    ),
    (
        "a site in a component",
        seen(
            "Laesie",
            component=[
                {"code": {"text": "Lokalisatie"}, "valueString": "Th8"},
                {"code": {"text": "Duiding"}, "valueString": "aspecifiek"},
            ],
        ),
        "thoracic_spine/th8 uncertain",
    ),
    ("a lesion of the breast", seen("Verdachte laesie", bodySite=coded("80248007")), "-"),
    ("a benign one", seen("Laesie lever", valueString="hemangioom"), "-"),
    ("preliminary", seen("Levermetastasen", status="preliminary"), "liver confirmed ?"),
    (
        "the answer is absent",
        seen("Levermetastasen", dataAbsentReason={"text": "not asked"}),
        "liver confirmed ?",
    ),
    ("a number of metastases is no lesion", seen("Aantal levermetastasen", valueInteger=3), "-"),
    (
        "the M category is another fact",
        seen(
            code={
                "text": "Distant metastases.clinical [Class] Cancer",
                "coding": [{"system": "http://loinc.org", "code": "21907-1"}],
            },
            valueCodeableConcept={"text": "cM0"},
        ),
        "-",
    ),
    (
        "history of metastatic cancer: no (mCODE)",
        seen(code={"text": "History of metastatic malignant neoplasm"}, valueBoolean=False),
        "unspecified no past",
    ),
    ("a laboratory value", seen("Leverfuncties afwijkend"), "-"),
]


@pytest.mark.parametrize(
    "resource, lesion", [row[1:] for row in OBSERVED], ids=[row[0] for row in OBSERVED]
)
def test_an_observation(read, resource, lesion):
    facts, reading = read("lesion", resource)
    assert told(facts) == expected(lesion) and not reading.problems


def test_a_study_may_tell_of_a_lesion_itself(read):
    study = {
        "resourceType": "ImagingStudy",
        "id": "s",
        "status": "available",
        "started": "2026-06-01",
        "description": "PET-CT",
        "note": [{"text": "Verdachte laesie L3"}],
    }
    assert told(read("lesion", study)[0]) == ["lumbar_spine/l3 suspected"]


# --- on which scan it was seen

FDG = {
    "resourceType": "DiagnosticReport",
    "id": "pet",
    "status": "final",
    "code": {"text": "FDG-PET/CT"},
    "effectiveDateTime": "2026-06-01",
}


def scans(facts):
    return [[m.value for m in fact.attributes.get("seen_on", ())] for fact in facts.facts]


def test_a_report_says_on_which_scan_its_lesions_were_seen(read):
    assert scans(read("lesion", FDG | {"conclusion": "Aspecifieke haard L3"})[0]) == [["fdg_pet"]]


def test_an_observation_was_seen_on_the_scan_of_the_report_that_lists_it(read):
    finding = seen("Bevinding", valueString="Aspecifieke haard L3")
    assert scans(
        read("lesion", FDG | {"result": [{"reference": "Observation/o"}]}, finding)[0]
    ) == [["fdg_pet"]]


def test_an_observation_was_seen_on_the_study_that_it_derives_from(read):
    study = {
        "resourceType": "ImagingStudy",
        "id": "s",
        "status": "available",
        "description": "FDG-PET/CT",
    }
    finding = seen(
        "Bevinding",
        valueString="Aspecifieke haard L3",
        derivedFrom=[{"reference": "ImagingStudy/s"}],
    )
    assert scans(read("lesion", study, finding)[0]) == [["fdg_pet"]]


def test_a_problem_says_nothing_of_scans(read):
    assert scans(read("lesion", problem("Levermetastase"))[0]) == [[]]


# --- what cannot be read is told

MALFORMED = [
    ("a code without structure", problem() | {"code": {"coding": "94381002"}}),
    (
        "a code that is a number",
        problem()
        | {"code": {"text": "Levermetastase", "coding": [{"system": SNOMED, "code": 94381002}]}},
    ),
    ("a body site without structure", problem("Levermetastase", bodySite=["x"])),
    ("a date that is none", problem("Levermetastase", onsetDateTime="vorige week")),
    ("a clinical status that is a number", problem("Levermetastase", clinicalStatus=1)),
    (
        "a conclusion code without structure",
        report("Levermetastase", conclusionCode=[{"coding": "94381002"}]),
    ),
    (
        "a modifier extension",
        problem("Levermetastase", modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
    ),
]


@pytest.mark.parametrize(
    "resource", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED]
)
def test_what_cannot_be_read_is_told(read, resource):
    facts, reading = read("lesion", resource)
    assert facts.facts == () and [kind for _, kind, _ in reading.problems] == ["unreadable"]


def test_a_lesion_of_tomorrow_is_told_and_not_used(read):
    facts, reading = read("lesion", report("Levermetastase", effectiveDateTime="2026-06-16"))
    assert facts.facts == () and [kind for _, kind, _ in reading.problems] == ["future"]


def test_the_shape_of_r5_is_read_too(read):
    assert told(
        read("lesion", problem(None, "94381002", bodySite=[{"concept": coded("10200004")}]))[0]
    ) == ["liver confirmed"]


# --- nodes: resectable, bulky, how many

STATE = """
words                                                  | state
Recidief oksel rechts, resectabel                      | resectable
Okselrecidief, niet resectabel                         | not_resectable
Irresectabel okselrecidief                             | not_resectable
Resectabele okselklier                                 | resectable
Bulky kliermetastasen oksel                            | bulky
Klierpakket in de oksel                                | bulky
Unresectable axillary recurrence                       | not_resectable
Levermetastase, resectabel                             | -
Drie pathologische okselklieren                        | number 3
2 verdachte klieren in de oksel                        | number 2
Okselrecidief                                          | -
"""


@pytest.mark.parametrize("words, state", table(STATE), ids=[row[0] for row in table(STATE)])
@pytest.mark.parametrize("where", ["problem", "report"])
def test_the_state_of_the_nodes(read, words, state, where):
    facts = read("nodal_state", problem(words) if where == "problem" else report(words))[0]
    assert [
        "".join([f.value, *(f" {m.value}" for m in f.attributes.get("number", ()))])
        for f in facts.facts
    ] == expected(state)


def test_a_number_of_nodes_as_an_observation(read):
    (fact,) = read("nodal_state", seen("Aantal pathologische klieren", valueInteger=4))[0].facts
    assert (fact.value, [m.value for m in fact.attributes["number"]]) == ("number", ["4"])
