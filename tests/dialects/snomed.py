"""SNOMED CT codes of diagnoses and treatment, for the dialects that are written in it.

Source of the grades A and B: expansions of SNOMED International's server in mcode/mcode-extraction-framework and cqframework, DICOM
part 16 in pydicom 3.0.2, HL7's breast radiology guide, the Belgian eHealth value sets; none of them is the readers' own list.
A row without a code has none that is verified: the dialect says it in words.
"""

from tests.dialects.cases import table

PROBLEMS = {
    name: (code, display)
    for name, code, display in table("""
breast cancer               | 254837009  | Malignant neoplasm of breast
male breast cancer          | 372095001  | Malignant neoplasm of male breast
ductal breast cancer        | 408643008  | Infiltrating duct carcinoma of breast
lobular breast cancer       | 278054005  | Lobular carcinoma of breast
inflammatory breast cancer  | 254840009  | Inflammatory carcinoma of breast
triple negative cancer      | 706970001  | Triple negative malignant neoplasm of breast
hormone positive cancer     | 417181009  | Hormone receptor positive malignant neoplasm of breast
dcis                        | 109889007  | Intraductal carcinoma in situ of breast
local recurrence            | 314955001  | Local recurrence of malignant tumor of breast
history of breast cancer    | 429087003  | History of malignant neoplasm of breast
axillary node metastasis    | 94181007   | Secondary malignant neoplasm of axillary lymph nodes
axillary recurrence         | 94181007   | Secondary malignant neoplasm of axillary lymph nodes
supraclavicular metastasis  | 94614009   | Secondary malignant neoplasm of supraclavicular lymph nodes
supraclavicular recurrence  | 94614009   | Secondary malignant neoplasm of supraclavicular lymph nodes
infraclavicular recurrence  | 94338000   | Secondary malignant neoplasm of infraclavicular lymph nodes
internal mammary recurrence | 94392001   | Secondary malignant neoplasm of lymph node
mediastinal node metastasis | 94408005   | Secondary malignant neoplasm of mediastinal lymph nodes
bone metastasis             | 94222008   | Secondary malignant neoplasm of bone
pelvic bone metastasis      | 94478006   | Secondary malignant neoplasm of pelvic bone
liver metastasis            | 94381002   | Secondary malignant neoplasm of liver
lung metastasis             | 94391008   | Secondary malignant neoplasm of lung
brain metastasis            | 94225005   | Secondary malignant neoplasm of brain
skin metastasis             | 94579000   | Secondary malignant neoplasm of skin
pleural carcinomatosis      | 94493005   | Secondary malignant neoplasm of pleura
peritoneal carcinomatosis   | 94627008   | Secondary malignant neoplasm of peritoneum
meningeal metastasis        | 722671009  | Metastatic malignant neoplasm of meninges
leptomeningeal metastasis   | 1155991005 | Secondary malignant neoplasm of leptomeninges
mastitis                    | 45198002   | Mastitis
non-puerperal mastitis      | 198100003  | Acute non-puerperal mastitis
lactational mastitis        | 700038005  | Mastitis associated with lactation
peau d'orange               | 87386002   | Peau d'orange surface of breast
breast oedema               | 290077003  | Edema of breast
breast erythema             | 247441003  | Erythema
skin discoloration          | 290069002  | Discoloration of skin of breast
itching breast              | 418363000  | Itching of skin
breast lump                 | 89164003   | Breast lump
breast pain                 | 53430007   | Pain of breast
nipple retraction           | 271955004  | Retraction of nipple
bloody discharge            | 290113009  | Bloody nipple discharge
brown discharge             | 54302000   | Discharge from nipple
serous discharge            | 54302000   | Discharge from nipple
milky discharge             | 54302000   | Discharge from nipple
clear discharge             | 54302000   | Discharge from nipple
nipple discharge            | 54302000   | Discharge from nipple
papilloma                   | 99571000119102 | Papilloma of breast
fever                       | 386661006  | Fever
pregnancy                   | 77386006   | Pregnant
breastfeeding               | 413712001  | Breastfeeding (mother)
""")
}
# a vertebra has the code of its part of the spine
VERTEBRAE = {
    "cervical spine": ("94250008", "Secondary malignant neoplasm of cervical vertebral column"),
    "thoracic spine": ("94274006", "Secondary malignant neoplasm of thoracic vertebral column"),
    "lumbar spine": ("94389000", "Secondary malignant neoplasm of lumbar vertebral column"),
}
PROCEDURES = {
    name: (code, display)
    for name, code, display in table("""
mastectomy              | 5884001    | Mastectomy
simple mastectomy       | 172043006  | Simple mastectomy
modified radical        | 406505007  | Modified radical mastectomy
skin sparing            | 428564008  | Skin sparing mastectomy
subcutaneous            | 70183006   | Subcutaneous mastectomy
prophylactic            | 447421006  | Prophylactic mastectomy
lumpectomy              | 392021009  | Lumpectomy of breast
wide excision           | 237371007  | Wide local excision of breast lesion
fat transfer            | 764926003  | Transfer of fat to breast
implant reconstruction  | 443611007  | Reconstruction of breast with immediate insertion of breast prosthesis
diep                    | 395167000  | Breast reconstruction with deep inferior epigastric perforator skin flap
axillary dissection     | 79544006   | Complete axillary lymphadenectomy
sentinel node           | 396487001  | Sentinel lymph node biopsy
microdochectomy         | 237400005  | Microdochectomy
cone excision           | 265255003  | Subareolar excision of mammillary duct
nipple excision         | 72577009   | Excision of nipple
inverted nipple repair  | 24093008   | Correction of inverted nipples
breast reduction        | 59214008   | Reduction mammoplasty
core biopsy             | 44578009   | Core needle biopsy of breast
skin biopsy             | 87697008   | Punch biopsy of skin
liver biopsy            | 86259008   | Biopsy of liver
bone biopsy             | 274333000  | Surgical biopsy of bone
chemotherapy            | 367336001  | Chemotherapy
antibiotics             | 281789004  | Antibiotic therapy
mdt                     | 399414003  | Multidisciplinary care conference for cancer care planning
mammography             | 71651007   | Mammography
breast ultrasound       | 47079000   | Ultrasonography of breast
breast mri              | 241615005  | Magnetic resonance imaging of breast
mammography control     | 71651007   | Mammography
ultrasound control      | 47079000   | Ultrasonography of breast
breast mri control      | 241615005  | Magnetic resonance imaging of breast
fdg pet-ct              | 443271005  | Positron emission tomography with computed tomography of whole body using fluorodeoxyglucose (18-F)
naf pet-ct              | 725931007  | Positron emission tomography with computed tomography of whole body using sodium fluoride (18-F)
fes pet-ct              | 450436003  | Positron emission tomography with computed tomography
fapi pet-ct             | 450436003  | Positron emission tomography with computed tomography
psma pet-ct             | 450436003  | Positron emission tomography with computed tomography
fluciclovine pet-ct     | 450436003  | Positron emission tomography with computed tomography
pet-ct                  | 450436003  | Positron emission tomography with computed tomography
bone scan               | 418832007  | Radionuclide whole body bone study
spine mri               | 241645008  | Magnetic resonance imaging of spine
lumbar spine mri        | 41333006   | Magnetic resonance imaging of lumbar spine with contrast
pelvis mri              | 433138001  | Magnetic resonance imaging of pelvis with contrast
liver mri               | 113091000  | Magnetic resonance imaging
brain mri               | 113091000  | Magnetic resonance imaging
chest-abdomen ct        | 429864007  | Computed tomography of thorax and abdomen with contrast
breast radiotherapy     | 428923005  | Radiotherapy to breast
chest wall radiotherapy | 1287742003 | Radiotherapy
axilla radiotherapy     | 429579007  | Radiotherapy to axilla
spine radiotherapy      | 1287742003 | Radiotherapy
""")
}
SITE_OF = {
    "chest wall radiotherapy": "chest wall",
    "spine radiotherapy": "spine",
    "liver mri": "liver",
    "skin biopsy": "breast",
}
# A code that names no tracer, region or purpose: the words beside it do.
NEEDS_WORDS = {
    "fes pet-ct",
    "fapi pet-ct",
    "psma pet-ct",
    "fluciclovine pet-ct",
    "liver mri",
    "brain mri",
    "mammography control",
    "ultrasound control",
    "breast mri control",
}
RECURRENCE = {
    "axillary recurrence",
    "supraclavicular recurrence",
    "infraclavicular recurrence",
    "internal mammary recurrence",
    "local recurrence",
}
WORDS_OF_DISCHARGE = {"brown discharge", "serous discharge", "milky discharge", "clear discharge"}
