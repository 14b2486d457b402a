"""What the resources that cases.yaml writes say: their words and codes, each row one concept.

A row is recognised only when words *and* code agree with it (`-`: words alone). A case whose code and words differ on purpose, or
that a clinician wrote by hand, is left as it is written: restating it would decide what the case asks.
"""

import re

from tests.dialects.said import Resource, Said

SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "dcm": "http://dicom.nema.org/resources/ontology/DCM",
    "icd": "http://hl7.org/fhir/sid/icd-10",
    "cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icpc": "http://hl7.org/fhir/sid/icpc-1-nl",
    "icpc2": "http://hl7.org/fhir/sid/icpc-2",
    "atc": "http://www.whocc.no/atc",
    "own": "https://guideline-cards.example.org/CodeSystem/breast",
}
_SHORT = {system: short for short, system in SYSTEMS.items()}


def table(text: str) -> list[list[str]]:
    """The rows of a table whose columns are parted by `|`; lines that begin with # are left out."""
    lines = [
        line
        for line in text.strip().splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


# concept | words of the case | its codes
PROBLEMS = table("""
breast cancer               | Mammacarcinoom                                 | sct 254837009; icd C50.9; cm C50.912; -
male breast cancer          | Mammacarcinoom                                 | sct 372095001
ductal breast cancer        | Invasief ductaal mammacarcinoom                | sct 408643008
lobular breast cancer       | Lobulair mammacarcinoom                        | sct 278054005
inflammatory breast cancer  | Inflammatoir mammacarcinoom                    | sct 254840009; cm C50.A2
triple negative cancer      | Triple-negatief mammacarcinoom                 | sct 706970001
hormone positive cancer     | Hormoonreceptorpositief mammacarcinoom         | sct 417181009
dcis                        | Ductaal carcinoma in situ van de mamma (DCIS)  | sct 109889007; icd D05.1; cm D05.12
local recurrence            | Lokaal recidief mammacarcinoom                 | sct 314955001
history of breast cancer    | Mammacarcinoom in de voorgeschiedenis          | sct 429087003; icd Z85.3
family history              | Mammacarcinoom in de familie (moeder)          | icd Z80.3
had a mastectomy            | Status na mastectomie                          | sct 429009003
axillary node metastasis    | Axillaire lymfekliermetastase                  | sct 94181007; icd C77.3
axillary recurrence         | Axillair recidief                              | sct 94181007; icd C77.3
supraclavicular metastasis  | Supraclaviculaire lymfekliermetastase          | sct 94614009; icd C77.0
supraclavicular recurrence  | Supraclaviculair recidief                      | sct 94614009
infraclavicular recurrence  | Infraclaviculair recidief                      | sct 94338000
internal mammary recurrence | Parasternaal recidief                          | sct 94392001
mediastinal node metastasis | Mediastinale lymfekliermetastase               | sct 94408005
bone metastasis             | Botmetastase                                   | sct 94222008; sct 94389000; sct 94274006; sct 94250008; icd C79.5; cm C79.51; -
pelvic bone metastasis      | Botmetastase bekken                            | sct 94478006
liver metastasis            | Levermetastase                                 | sct 94381002; icd C78.7; -
lung metastasis             | Longmetastase                                  | sct 94391008; icd C78.0; -
brain metastasis            | Hersenmetastase                                | sct 94225005
skin metastasis             | Huidmetastase                                  | sct 94579000
adrenal metastasis          | Bijniermetastase                               | sct 128462008
pleural carcinomatosis      | Pleuritis carcinomatosa                        | sct 94493005
peritoneal carcinomatosis   | Peritonitis carcinomatosa                      | sct 94627008; icd C78.6
meningeal metastasis        | Meningeale metastasering                       | sct 722671009; cm C79.32
leptomeningeal metastasis   | Leptomeningeale metastasering                  | sct 1155991005
mastitis                    | Mastitis                                       | sct 45198002; icd N61; cm N61.0; -
non-puerperal mastitis      | Niet-puerperale mastitis                       | sct 198100003
lactational mastitis        | Mastitis puerperalis                           | sct 700038005; icd O91.2
peau d'orange               | Peau d'orange                                  | sct 87386002
peau d'orange               | Sinaasappelhuid                                | sct 87386002
breast oedema               | Oedeem van de borst                            | sct 290077003
breast erythema             | Roodheid van de borst                          | sct 247441003
skin discoloration          | Huidverkleuring borst                          | sct 290069002
warm breast                 | Warme borst                                    | own warm-breast
itching breast              | Jeuk van de borst                              | sct 418363000
heavy breast                | Zwaar gevoel in de borst                       | own heavy-breast
breast lump                 | Knobbel in de borst                            | sct 89164003
breast pain                 | Pijn in de borst                               | sct 53430007
nipple retraction           | Tepelretractie                                 | sct 271955004
bloody discharge            | Bloederige tepeluitvloed                       | sct 290113009
brown discharge             | Bruine tepeluitvloed                           | sct 54302000
serous discharge            | Sereuze tepeluitvloed                          | sct 54302000
milky discharge             | Melkachtige tepeluitvloed                      | sct 54302000
clear discharge             | Heldere tepeluitvloed                          | sct 54302000
nipple discharge            | Tepeluitvloed                                  | sct 54302000; sct 162164007; sct 290113009
papilloma                   | Papilloom                                      | sct 99571000119102
fever                       | Koorts                                         | sct 386661006
pregnancy                   | Zwangerschap                                   | sct 77386006
breastfeeding               | Borstvoeding                                   | sct 413712001
delivery                    | Bevalling                                      | icpc W90
painful bone metastasis     | Pijnlijke botmetastase                         | own bone-pain
neurological deficit        | Neurologische uitval                           | own neurological-deficit
impending fracture          | Dreigende pathologische fractuur               | own fracture-risk
cord compression            | Myelumcompressie                               | own spinal-cord-compression
rapid progression           | Snelle ziekteprogressie                        | own rapid-progression
visceral crisis             | Viscerale crisis                               | own visceral-crisis
marrow failure              | Beenmergfalen door metastasering               | own marrow-failure
endocrine failure           | Progressie onder endocriene therapie           | own endocrine-failure
leucocytosis                | Leukocytose                                    | own leucocytosis
""")
# concept | words of the case | its codes (the side, where a code holds it, in PRECOORDINATED)
EXAMINATIONS = table("""
mammography         | Mammografie                  | loinc 36627-8; loinc 37774-7; loinc 36626-0; sct 71651007
tomosynthesis       | Tomosynthese van de borst    | loinc 86463-7
breast ultrasound   | Echografie van de borst      | loinc 26215-4; loinc 26216-2; loinc 26214-7; sct 47079000
breast mri          | MRI van de borst             | loinc 35954-7; loinc 35955-4; loinc 30795-9; sct 241615005
fdg pet-ct          | FDG-PET/CT                   | sct 443271005; loinc 81555-5
naf pet-ct          | NaF-PET/CT                   | sct 725931007; loinc 81552-2
fes pet-ct          | FES-PET/CT                   | sct 450436003
fapi pet-ct         | FAPI-PET/CT                  | sct 450436003
psma pet-ct         | PSMA-PET/CT                  | sct 450436003
fluciclovine pet-ct | Fluciclovine-PET/CT          | sct 450436003
pet-ct              | PET/CT                       | sct 450436003
bone scan           | Skeletscintigrafie           | sct 418832007; loinc 39818-0
spine mri           | MRI wervelkolom              | sct 241645008; loinc 36067-7
whole spine mri     | MRI gehele wervelkolom       | sct 411611000119102
lumbar spine mri    | MRI lumbale wervelkolom      | sct 41333006
pelvis mri          | MRI bekken                   | sct 433138001
liver mri           | MRI lever                    | sct 241622002
brain mri           | MRI hersenen                 | sct 113091000
chest-abdomen ct    | CT thorax/abdomen            | sct 429864007
chest x-ray         | Röntgenfoto van de thorax    | own chest-xray; -
liver ultrasound    | Echografie van de lever      | own liver-ultrasound
mammography control | Controle mammografie         | sct 71651007
ultrasound control  | Controle echografie van de borst | sct 47079000
breast mri control  | Controle MRI van de borst    | sct 241615005
""")
PROCEDURES = table("""
mastectomy              | Mastectomie                                    | sct 5884001; sct 428571003; sct 27865001; -
simple mastectomy       | Ablatio mammae                                 | sct 172043006; -
modified radical        | Gemodificeerde radicale mastectomie            | sct 406505007
skin sparing            | Huidsparende mastectomie                       | sct 428564008; -
subcutaneous            | Subcutane mastectomie                          | sct 70183006
prophylactic            | Profylactische mastectomie                     | sct 447421006
lumpectomy              | Lumpectomie mamma                              | sct 392021009; sct 735085002
wide excision           | Ruime lokale excisie mamma                     | sct 237371007
fat transfer            | Autologe vettransplantatie (lipofilling) borst | sct 764926003
implant reconstruction  | Borstreconstructie met prothese                | sct 443611007
diep                    | DIEP-lapreconstructie                          | sct 395167000
axillary dissection     | Okselklierdissectie                            | sct 79544006
sentinel node           | Schildwachtklierprocedure                      | sct 396487001
node marking            | Markering lymfeklier met jodiumzaadje          | own node-marking
mari                    | MARI-procedure                                 | own mari; -
tad                     | Targeted axillary dissection (TAD)             | own targeted-axillary-dissection
ductoscopy              | Ductoscopie                                    | own ductoscopy; -
microdochectomy         | Microdochectomie                               | sct 237400005; -
cone excision           | Conusexcisie                                   | sct 265255003; -
duct excision           | Excisie melkgangen                             | sct 736751004; sct 736752006
nipple excision         | Tepelexcisie                                   | sct 72577009
inverted nipple repair  | Correctie ingetrokken tepel                    | sct 24093008
breast reduction        | Borstverkleining                               | sct 59214008
breast radiotherapy     | Radiotherapie mamma                            | sct 428923005
chest wall radiotherapy | Radiotherapie thoraxwand                       | sct 428624002; -
axilla radiotherapy     | Radiotherapie oksel                            | sct 429579007
spine radiotherapy      | Radiotherapie wervelkolom                      | sct 1287742003
core biopsy             | Dikkenaaldbiopsie                              | sct 44578009
skin biopsy             | Huidbiopt mamma                                | sct 87697008; -
liver biopsy            | Leverbiopsie                                   | sct 86259008
bone biopsy             | Botbiopsie                                     | sct 274333000
chemotherapy            | Chemotherapie                                  | sct 367336001; -
bone stabilisation      | Stabiliserende operatie wervelkolom            | own bone-stabilisation
antibiotics             | Antibiotica                                    | sct 281789004
mdt                     | MDO mammacarcinoom                             | sct 399414003
mdt                     | Bespreking MDO mammacarcinoom                  | sct 399414003
breast clinic           | Verwijzing mammapolikliniek                    | own breast-clinic-referral; -
""")
DETAILS = {
    "spontaan": "spontaneous",
    "niet spontaan": "not spontaneous",
    "uit één melkgang": "one duct",
    "uit meerdere melkgangen": "several ducts",
    "niet reponeerbaar": "does not evert",
    "reponeerbaar": "everts",
    "een derde van de borst": "a third of the breast",
    "de helft van de borst": "half of the breast",
    "bulky": "bulky",
}
PRECOORDINATED = {
    "36627-8": "left",
    "26215-4": "left",
    "35954-7": "left",
    "428571003": "left",
    "735085002": "left",
    "736751004": "left",
    "429009003": "left",
    "C50.912": "left",
    "C50.A2": "left",
    "D05.12": "left",
    "37774-7": "right",
    "26216-2": "right",
    "35955-4": "right",
    "736752006": "right",
    "36626-0": "both",
    "26214-7": "both",
    "30795-9": "both",
    "86463-7": "both",
    "27865001": "both",
}
_SIDE_WORDS = {"links": "left", "rechts": "right", "beiderzijds": "both"}
_SIDE_CODES = {
    "80248007": "left",
    "73056007": "right",
    "63762007": "both",
    "7771000": "left",
    "24028007": "right",
    "51440002": "both",
}
SITE_CODES = {
    "91470000": "axilla",
    "77621008": "supraclavicular",
    "245282001": "internal mammary",
    "39607008": "lung",
    "78904004": "chest wall",
    "10200004": "liver",
    "272673000": "bone",
    "122496007": "lumbar spine",
    "122495006": "thoracic spine",
    "118645006": "pelvic bone",
    "421060004": "spine",
    "12921003": "pelvis",
    "3120008": "pleura",
    "76752008": "breast",
    "80248007": "breast",
    "73056007": "breast",
    "63762007": "breast",
}


def _index(rows: list[list[str]]) -> dict[tuple[str, str], str]:
    return {
        (words.lower(), code.strip()): concept
        for concept, words, codes in rows
        for code in codes.split(";")
    }


_PROBLEMS, _EXAMINATIONS, _PROCEDURES = _index(PROBLEMS), _index(EXAMINATIONS), _index(PROCEDURES)


def problem(resource: Resource) -> Said | None:
    """What a Condition, or an Observation of a complaint, says; None where no row fits."""
    return _said(resource, _PROBLEMS)


def done(resource: Resource) -> Said | None:
    """What examination or treatment a Procedure, report or order names."""
    return _said(resource, _PROCEDURES) or _said(resource, _EXAMINATIONS)


def examination(resource: Resource) -> Said | None:
    return _said(resource, _EXAMINATIONS)


def _said(resource: Resource, rows: dict[tuple[str, str], str]) -> Said | None:
    code = resource.get("code") or {}
    words, codings = code.get("text", ""), code.get("coding", [])
    if not words or len(codings) > 1:
        return None
    coded = (
        f"{_SHORT.get(codings[0].get('system'), '?')} {codings[0].get('code')}" if codings else "-"
    )
    head, *more = words.split(", ")
    if not all(part in DETAILS for part in more):
        return None
    head, side_in_words = _without_side(head)
    doubt = head.startswith(("Verdenking ", "DD "))
    stem = head.removeprefix("Verdenking ").removeprefix("DD ")
    where = re.search(r" (C\d|Th\d+|L\d|segment [IVX]+|rib \d+)$", stem)
    concept = (
        rows.get((stem.lower(), coded)) or rows.get((stem[: where.start()].lower(), coded))
        if where
        else rows.get((stem.lower(), coded))
    )
    if concept is None:
        return None
    sides = {side_in_words, PRECOORDINATED.get(coded.partition(" ")[2]), side_of(resource)} - {None}
    if len(sides) > 1 or (
        side_in_words is None and resource.get("bodySite") and site_of(resource) is None
    ):
        return None
    place = where[1] if where and (stem.lower(), coded) not in rows else ""
    if concept.endswith("cancer") and site_of(resource) not in (None, "breast"):
        return None  # a breast cancer at another place: how a recurrence was written
    return Said(
        concept,
        next(iter(sides), None),
        site_of(resource),
        place,
        doubt,
        tuple(DETAILS[part] for part in more),
    )


def _without_side(words: str) -> tuple[str, str | None]:
    stem, _, last = words.rpartition(" ")
    return (stem, _SIDE_WORDS[last]) if last in _SIDE_WORDS else (words, None)


def side_of(resource: Resource) -> str | None:
    """The side of the bodySite: its code, its extension, or its words."""
    sites = _sites(resource)
    found = {
        _SIDE_CODES.get(coding.get("code")) for site in sites for coding in site.get("coding", [])
    }
    for site in sites:
        found |= {
            _SIDE_CODES.get(c["code"])
            for extension in site.get("extension", [])
            for c in extension["valueCodeableConcept"]["coding"]
        }
        found.add(_SIDE_WORDS.get(site.get("text", "").rpartition(" ")[2]))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def site_of(resource: Resource) -> str | None:
    codes = [coding.get("code") for site in _sites(resource) for coding in site.get("coding", [])]
    return SITE_CODES.get(codes[0]) if len(codes) == 1 else None


def _sites(resource: Resource) -> list[dict]:
    site = resource.get("bodySite") or []
    return site if isinstance(site, list) else [site]
