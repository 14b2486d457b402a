"""How clinicians write a concept down, in Dutch and in English; the variant is chosen by the case, the same each time.

`{s}` links / left, `{b}` linkerborst / left breast, `{m}` linkermamma / left breast. Written from practice, not from any list of the readers.
"""

import re
import zlib

from tests.dialects.cases import table
from tests.dialects.said import Said

# concept | Dutch, in variants | English, in variants
WORDS = table("""
breast cancer               | Mammacarcinoom {s}; Borstkanker {s}; Mammaca {s}; Carcinoom {m}                  | Breast cancer, {s}; Carcinoma of the {b}; Malignant neoplasm of the {b}
male breast cancer          | Mammacarcinoom {s} (man); Borstkanker {s} bij man                                | Male breast cancer, {s}; Carcinoma of the {b} in a man
ductal breast cancer        | Invasief ductaal mammacarcinoom {s}; Invasief ductaal carcinoom {m}                       | Invasive ductal carcinoma of the {b}; Infiltrating ductal carcinoma, {b}
lobular breast cancer       | Lobulair mammacarcinoom {s}; Invasief lobulair carcinoom {m}                     | Invasive lobular carcinoma of the {b}; Lobular breast cancer, {s}
inflammatory breast cancer  | Inflammatoir mammacarcinoom {s}; Inflammatoire borstkanker {s}; Mastitis carcinomatosa {s} | Inflammatory breast cancer, {s}; Inflammatory carcinoma of the {b}
triple negative cancer      | Triple-negatief mammacarcinoom {s}; Triple negatieve borstkanker {s}             | Triple-negative breast cancer, {s}; Triple negative carcinoma of the {b}
hormone positive cancer     | Hormoonreceptorpositief mammacarcinoom {s}; Hormoongevoelig mammacarcinoom {s}   | Hormone receptor positive breast cancer, {s}; HR-positive breast cancer, {s}
dcis                        | DCIS {s}; Ductaal carcinoma in situ {m}                                          | DCIS, {b}; Ductal carcinoma in situ of the {b}
local recurrence            | Lokaal recidief mammacarcinoom {s}; Lokaal recidief borstkanker {s}              | Local recurrence of breast cancer, {s}; Locally recurrent breast cancer, {s}
history of breast cancer    | Mammacarcinoom {s} in de voorgeschiedenis; Status na mammacarcinoom {s}          | History of breast cancer, {s}; Personal history of carcinoma of the {b}
family history              | Mammacarcinoom in de familie (moeder); Moeder: borstkanker                       | Family history of breast cancer (mother); Mother had breast cancer
had a mastectomy            | Status na ablatio {s}; Status na mastectomie {s}                                 | Status post mastectomy, {s}; History of mastectomy, {s}
axillary node metastasis    | Axillaire lymfekliermetastase {s}; Okselkliermetastase {s}                       | Axillary lymph node metastasis, {s}; Metastasis in {s} axillary node
axillary recurrence         | Axillair recidief {s}; Okselklierrecidief {s}; Recidief in {s} oksel | Axillary recurrence, {s}; Recurrent disease in the {s} axilla
supraclavicular metastasis  | Supraclaviculaire lymfekliermetastase {s}; Supraclaviculaire kliermetastase {s}  | Supraclavicular lymph node metastasis, {s}; Metastasis in {s} supraclavicular node
supraclavicular recurrence  | Supraclaviculair recidief {s}; Supraclaviculair klierrecidief {s}                | Supraclavicular recurrence, {s}; Supraclavicular nodal recurrence, {s}
infraclavicular recurrence  | Infraclaviculair recidief {s}                                                    | Infraclavicular recurrence, {s}
internal mammary recurrence | Parasternaal recidief {s}; Recidief in parasternale klieren {s}                  | Internal mammary recurrence, {s}; Internal mammary nodal recurrence, {s}
mediastinal node metastasis | Mediastinale lymfekliermetastase; Mediastinale kliermetastase                    | Mediastinal lymph node metastasis; Metastasis in mediastinal node
bone metastasis             | Botmetastase {p}; Ossale metastase {p}; Skeletmetastase {p}                      | Bone metastasis {p}; Osseous metastasis {p}
pelvic bone metastasis      | Botmetastase bekken; Ossale metastase in het bekken                              | Bone metastasis of the pelvis; Pelvic bone metastasis
liver metastasis            | Levermetastase {p}; Hepatische metastase {p}; Metastase in de lever {p}          | Liver metastasis {p}; Hepatic metastasis {p}; Metastasis in the liver {p}
lung metastasis             | Longmetastase {s} {p}; Pulmonale metastase {s} {p}                               | Lung metastasis {s} {p}; Pulmonary metastasis {s} {p}
brain metastasis            | Hersenmetastase; Cerebrale metastase                                             | Brain metastasis; Cerebral metastasis
skin metastasis             | Huidmetastase; Cutane metastase                                                  | Skin metastasis; Cutaneous metastasis
adrenal metastasis          | Bijniermetastase; Metastase in de bijnier                                        | Adrenal metastasis; Metastasis in the adrenal gland
pleural carcinomatosis      | Pleuritis carcinomatosa; Pleurale metastasering                                  | Pleural carcinomatosis; Pleural metastases
peritoneal carcinomatosis   | Peritonitis carcinomatosa; Peritoneale metastasering                             | Peritoneal carcinomatosis; Peritoneal metastases
meningeal metastasis        | Meningeale metastasering; Meningeale metastasen                                  | Meningeal metastases; Meningeal carcinomatosis
leptomeningeal metastasis   | Leptomeningeale metastasering; Leptomeningeale metastasen                        | Leptomeningeal carcinomatosis; Leptomeningeal metastases
mastitis                    | Mastitis {s}; Borstontsteking {s}                                                | Mastitis, {b}; Mastitis of the {b}
non-puerperal mastitis      | Niet-puerperale mastitis {s}; Mastitis non-puerperalis {s}                       | Non-puerperal mastitis, {b}; Nonpuerperal mastitis of the {b}
lactational mastitis        | Mastitis puerperalis {s}; Lactatiemastitis {s}                                   | Lactational mastitis, {b}; Puerperal mastitis, {b}
peau d'orange               | Peau d'orange {b}; Sinaasappelhuid {b}                                           | Peau d'orange of the {b}; Peau d'orange, {b}
breast oedema               | Oedeem {b}; Oedeem van de {b}                                                    | Oedema of the {b}; Breast edema, {s}
breast erythema             | Roodheid {b}; Erytheem van de {b}; Rode {b}                                      | Erythema of the {b}; Redness of the {b}
skin discoloration          | Verkleuring huid {b}; Huidverkleuring {b}                                        | Skin discoloration of the {b}; Discoloured skin, {b}
warm breast                 | Warme {b}; {b} voelt warm aan                                                    | Warm {b}; Warmth of the {b}
itching breast              | Jeuk {b}; Jeukende {b}                                                           | Itching of the {b}; Itchy {b}
heavy breast                | Zwaar gevoel {b}; Zware {b}                                                      | Heaviness of the {b}; Heavy feeling in the {b}
breast lump                 | Knobbel {b}; Knobbeltje in de {b}; Palpabele zwelling {m}                        | Lump in the {b}; Breast lump, {s}; Palpable lump, {b}
breast pain                 | Pijn {b}; Pijnlijke {b}; Mastodynie {s}                                          | Pain in the {b}; Breast pain, {s}; Mastodynia, {s}
nipple retraction           | Tepelretractie {s}; Ingetrokken tepel {s}                                        | Nipple retraction, {s}; Retracted nipple, {s}
bloody discharge            | Bloederige tepeluitvloed {s}; Bloed uit tepel {s}; Tepeluitvloed {s}, bloederig  | Bloody nipple discharge, {b}; Blood-stained discharge from {s} nipple
brown discharge             | Bruine tepeluitvloed {s}; Tepeluitvloed {s}, bruin                               | Brown nipple discharge, {b}; Nipple discharge {s}, brown
serous discharge            | Sereuze tepeluitvloed {s}; Tepeluitvloed {s}, sereus                             | Serous nipple discharge, {b}; Nipple discharge {s}, serous
milky discharge             | Melkachtige tepeluitvloed {s}; Melkachtig vocht uit tepel {s}                    | Milky nipple discharge, {b}; Nipple discharge {s}, milky
clear discharge             | Heldere tepeluitvloed {s}; Tepeluitvloed {s}, helder                             | Clear nipple discharge, {b}; Nipple discharge {s}, clear
nipple discharge            | Tepeluitvloed {s}; Vochtafscheiding uit tepel {s}                                | Nipple discharge, {b}; Discharge from {s} nipple
papilloma                   | Papilloom {m}; Intraductaal papilloom {s}                                        | Papilloma of the {b}; Intraductal papilloma, {b}
fever                       | Koorts; Febriel                                                                  | Fever; Pyrexia
pregnancy                   | Zwangerschap; Zwanger; Graviditeit                                               | Pregnancy; Pregnant
breastfeeding               | Borstvoeding; Geeft borstvoeding; Lactatie                                       | Breastfeeding; Lactating
delivery                    | Bevalling; Partus                                                                | Delivery; Childbirth
painful bone metastasis     | Pijnlijke botmetastase; Botpijn bij metastase                                    | Painful bone metastasis; Bone pain due to metastasis
neurological deficit        | Neurologische uitval; Neurologische uitvalsverschijnselen                        | Neurological deficit; Neurologic deficit
impending fracture          | Dreigende pathologische fractuur; Fractuurdreiging                               | Impending pathological fracture; Impending pathologic fracture
cord compression            | Myelumcompressie; Ruggenmergcompressie                                           | Spinal cord compression; Compression of the spinal cord
rapid progression           | Snelle ziekteprogressie; Snelle progressie van de ziekte                         | Rapid disease progression; Rapidly progressive disease
visceral crisis             | Viscerale crisis; Uitgebreide viscerale metastasering                            | Visceral crisis; Extensive visceral disease
marrow failure              | Beenmergfalen door metastasering; Beenmerginsufficiëntie door metastasen         | Bone marrow failure due to metastases; Bone marrow failure
endocrine failure           | Progressie onder endocriene therapie; Progressie onder hormoontherapie           | Progression on endocrine therapy; Progression during endocrine therapy
leucocytosis                | Leukocytose; Leucocytose                                                         | Leucocytosis; Leukocytosis
mammography                 | Mammografie {s}; Mammografie {b}; Mammogram {s}                                  | Mammography, {s}; Mammogram {b}
tomosynthesis               | Tomosynthese {m}; Tomosynthese van de {b}                                        | Breast tomosynthesis, {s}; Tomosynthesis, {b}
breast ultrasound           | Echografie {m}; Echo {b}; Echografie van de {b}                                  | Breast ultrasound, {s}; Ultrasound of the {b}
breast mri                  | MRI {m}; MRI van de {b}                                                          | MRI of the {b}; Breast MRI, {s}
fdg pet-ct                  | FDG-PET/CT; 18F-FDG-PET-CT; PET-CT met FDG                                       | FDG PET/CT; 18F-FDG PET-CT whole body
naf pet-ct                  | NaF-PET/CT; 18F-NaF-PET-CT                                                       | NaF PET/CT; Sodium fluoride PET/CT
fes pet-ct                  | FES-PET/CT; 18F-FES-PET-CT                                                       | FES PET/CT; Fluoroestradiol PET/CT
fapi pet-ct                 | FAPI-PET/CT; 68Ga-FAPI-PET-CT                                                    | FAPI PET/CT; 68Ga-FAPI PET-CT
psma pet-ct                 | PSMA-PET/CT; 68Ga-PSMA-PET-CT                                                    | PSMA PET/CT; 68Ga-PSMA PET-CT
fluciclovine pet-ct         | Fluciclovine-PET/CT; 18F-fluciclovine-PET-CT                                     | Fluciclovine PET/CT; 18F-fluciclovine PET-CT
pet-ct                      | PET/CT; PET-CT                                                                   | PET/CT; PET-CT
bone scan                   | Skeletscintigrafie; Botscan; Botscintigrafie                                     | Bone scan; Bone scintigraphy
spine mri                   | MRI wervelkolom; MRI van de wervelkolom; MR wervelkolom                          | MRI spine; MRI of the spine
whole spine mri             | MRI gehele wervelkolom; MRI totale wervelkolom                                   | MRI whole spine; MRI of the entire spine
lumbar spine mri            | MRI lumbale wervelkolom; MRI LWK                                                 | MRI lumbar spine; MRI of the lumbar spine
pelvis mri                  | MRI bekken; MRI van het bekken                                                   | MRI pelvis; MRI of the pelvis
liver mri                   | MRI lever; MRI van de lever                                                      | MRI liver; MRI of the liver
brain mri                   | MRI hersenen; MRI cerebrum                                                       | MRI brain; MRI of the brain
chest-abdomen ct            | CT thorax/abdomen; CT-thorax-abdomen                                             | CT chest and abdomen; CT chest/abdomen
chest x-ray                 | Röntgenfoto van de thorax; X-thorax; Thoraxfoto                                  | Chest x-ray; Chest radiograph
liver ultrasound            | Echografie van de lever; Echo lever                                              | Ultrasound of the liver; Liver ultrasound
mammography control         | Controlemammografie {s}; Mammografie {s} ter controle                            | Surveillance mammography, {s}; Follow-up mammogram {b}
ultrasound control          | Controle echografie {m}; Echografie {m} ter controle                             | Follow-up ultrasound of the {b}; Surveillance ultrasound, {b}
breast mri control          | Controle MRI {m}; MRI {m} ter controle                                           | Follow-up MRI of the {b}; Surveillance MRI, {b}
mastectomy                  | Mastectomie {s}; Ablatio mammae {s}; Borstamputatie {s}                          | Mastectomy, {s}; Mastectomy of the {b}
simple mastectomy           | Ablatio mammae {s}; Ablatio {s}                                                  | Simple mastectomy, {s}; Total mastectomy, {s}
modified radical            | Gemodificeerde radicale mastectomie {s}; GRM {s}                                 | Modified radical mastectomy, {s}; Modified radical mastectomy of the {b}
skin sparing                | Huidsparende mastectomie {s}; Skin sparing mastectomie {s}                       | Skin-sparing mastectomy, {s}; Skin sparing mastectomy of the {b}
subcutaneous                | Subcutane mastectomie {s}                                                        | Subcutaneous mastectomy, {s}
prophylactic                | Profylactische mastectomie {s}; Preventieve mastectomie {s}                      | Prophylactic mastectomy, {s}; Risk-reducing mastectomy, {s}
lumpectomy                  | Lumpectomie {s}; Lumpectomie {b}; Borstsparende operatie {s}                     | Lumpectomy, {s}; Breast-conserving surgery, {s}
wide excision               | Ruime lokale excisie {m}; Ruime excisie tumor {m}                                | Wide local excision, {b}; WLE {b}
fat transfer                | Lipofilling {b}; Autologe vettransplantatie {m}; AFT {b}                         | Autologous fat transfer, {b}; Fat grafting of the {b}
implant reconstruction      | Borstreconstructie {s} met prothese; Reconstructie {m} met implantaat            | Implant-based breast reconstruction, {s}; Breast reconstruction with implant, {s}
diep                        | DIEP-lapreconstructie {s}; Borstreconstructie {s} met DIEP-lap                   | DIEP flap reconstruction, {s}; Breast reconstruction with DIEP flap, {s}
axillary dissection         | Okselklierdissectie {s}; OKD {s}                                                 | Axillary lymph node dissection, {s}; Axillary dissection, {s}
sentinel node               | Schildwachtklierprocedure {s}; SWK-procedure {s}; Sentinel node procedure {s}    | Sentinel lymph node biopsy, {s}; Sentinel node procedure, {s}
node marking                | Markering lymfeklier {s} met jodiumzaadje; Jodiumzaadje in okselklier {s}        | Marking of {s} lymph node with iodine seed; Iodine seed marking of lymph node, {s}
mari                        | MARI-procedure {s}; MARI {s}                                                     | MARI procedure, {s}; MARI, {s} axilla
tad                         | Targeted axillary dissection {s}; TAD {s}                                        | Targeted axillary dissection, {s}; TAD, {s} axilla
ductoscopy                  | Ductoscopie {s}; Ductoscopie {b}                                                 | Ductoscopy, {s}; Ductoscopy of the {b}
microdochectomy             | Microdochectomie {s}                                                             | Microdochectomy, {s}; Microdochectomy of the {b}
cone excision               | Conusexcisie {s}; Conusexcisie {m}                                               | Subareolar duct excision, {s}; Hadfield procedure, {s}
duct excision               | Excisie melkgangen {s}; Excisie van de melkgangen {s}                            | Total duct excision, {s}; Excision of lactiferous ducts, {s}
nipple excision             | Tepelexcisie {s}; Excisie tepel {s}                                              | Excision of the {s} nipple; Nipple excision, {s}
inverted nipple repair      | Correctie ingetrokken tepel {s}; Tepelcorrectie {s}                              | Correction of inverted nipple, {s}; Inverted nipple repair, {s}
breast reduction            | Borstverkleining {s}; Mammareductie {s}                                          | Breast reduction, {s}; Reduction mammoplasty, {s}
breast radiotherapy         | Radiotherapie {m}; Bestraling {b}                                                | Radiotherapy to the {b}; Irradiation of the {b}
chest wall radiotherapy     | Radiotherapie thoraxwand {s}; Bestraling thoraxwand {s}                          | Radiotherapy to the chest wall, {s}; Chest wall irradiation, {s}
axilla radiotherapy         | Radiotherapie oksel {s}; Bestraling oksel {s}                                    | Radiotherapy to the {s} axilla; Axillary irradiation, {s}
spine radiotherapy          | Radiotherapie wervelkolom; Bestraling wervelkolom                                | Radiotherapy to the spine; Irradiation of the spine
core biopsy                 | Dikkenaaldbiopsie {m}; Dikke naald biopt {m}                                     | Core needle biopsy of the {b}; Core biopsy, {b}
skin biopsy                 | Huidbiopt {m}; Huidbiopsie {b}                                                   | Skin biopsy of the {b}; Punch biopsy of the skin of the {b}
liver biopsy                | Leverbiopsie; Leverbiopt                                                         | Liver biopsy; Biopsy of the liver
bone biopsy                 | Botbiopsie; Botbiopt                                                             | Bone biopsy; Biopsy of bone
chemotherapy                | Chemotherapie; Chemokuur                                                         | Chemotherapy; Cytotoxic chemotherapy
bone stabilisation          | Stabiliserende operatie wervelkolom; Stabilisatie wervelkolom                    | Surgical stabilisation of the spine; Spinal stabilisation surgery
antibiotics                 | Antibiotica; Antibioticakuur                                                     | Antibiotics; Antibiotic therapy
mdt                         | MDO mammacarcinoom; Multidisciplinair overleg; MDO oncologie                     | Multidisciplinary team meeting; Tumour board; MDT breast cancer
breast clinic               | Verwijzing mammapolikliniek; Verwijzing mammapoli                                | Referral to breast clinic; Breast clinic referral
""")
_VARIANTS = {concept: {"nl": nl.split("; "), "en": en.split("; ")} for concept, nl, en in WORDS}
_SIDES = {
    "nl": {
        "left": ("links", "linkerborst", "linkermamma"),
        "right": ("rechts", "rechterborst", "rechtermamma"),
        "both": ("beiderzijds", "beide borsten", "mamma beiderzijds"),
        None: ("", "borst", "mamma"),
    },
    "en": {
        "left": ("left", "left breast", "left breast"),
        "right": ("right", "right breast", "right breast"),
        "both": ("bilateral", "both breasts", "both breasts"),
        None: ("", "breast", "breast"),
    },
}
_DETAILS = {
    "spontaneous": ("spontaan", "spontaneous"),
    "not spontaneous": ("niet spontaan", "not spontaneous"),
    "one duct": ("uit één melkgang", "from one duct"),
    "several ducts": ("uit meerdere melkgangen", "from multiple ducts"),
    "does not evert": ("niet reponeerbaar", "cannot be everted"),
    "everts": ("reponeerbaar", "can be everted"),
    "a third of the breast": ("een derde van de borst", "one third of the breast"),
    "half of the breast": ("de helft van de borst", "half of the breast"),
    "bulky": ("bulky", "bulky"),
}
_DOUBT = {
    "nl": ("Verdenking {}", "Verdacht voor {}", "Verdenking op {}"),
    "en": ("Suspected {}", "Suspicion of {}"),
}


def chosen(options: list | tuple, *seed: str):
    """One of the options, the same for the same seed on every machine."""
    return options[zlib.crc32(" ".join(seed).encode()) % len(options)]


def phrase(said: Said, language: str, seed: str) -> str:
    """The statement as a clinician writes it."""
    template = chosen(_VARIANTS[said.concept][language], seed, said.concept)
    side, breast, mamma = _SIDES[language][said.side]
    place = said.place if language == "nl" else re.sub(r"^Th(?=\d)", "T", said.place)
    words = re.sub(r"\s+", " ", template.format(s=side, b=breast, m=mamma, p=place))
    words = (
        re.sub(r"\s+,", ",", words)
        .strip(" ,")
        .replace("in links oksel", "in linkeroksel")
        .replace("in rechts oksel", "in rechteroksel")
    )
    details = [_DETAILS[detail][language == "en"] for detail in said.details]
    if said.doubt:
        words = chosen(_DOUBT[language], seed, "doubt").format(
            words if words[1:2].isupper() else words[0].lower() + words[1:]
        )
    return ", ".join([words[0].upper() + words[1:], *details])
