"""Words of reports and letters again: BI-RADS in the forms of Dutch and English reports, and sentences with their translation."""

import re

from tests.dialects.cases import table
from tests.dialects.wording import chosen

BIRADS = {
    "nl": (
        "Conclusie: BI-RADS {}.",
        "Conclusie: BIRADS {}.",
        "BI-RADS classificatie: {}.",
        "Conclusie: BI-RADS categorie {}.",
    ),
    "en": (
        "Impression: BI-RADS {}.",
        "Assessment: BI-RADS category {}.",
        "Conclusion: BIRADS {}.",
        "ACR BI-RADS {}.",
    ),
}
_SENTENCES = dict(
    table("""
Metastase van mammacarcinoom                                            | Metastasis of breast carcinoma
FDG-PET/CT niet conclusief.                                             | FDG PET/CT inconclusive.
Geen afwijkingen                                                        | No abnormalities
Conclusie: ER positief, PR negatief, HER2 negatief                      | Conclusion: ER positive, PR negative, HER2 negative
Conclusie: rechts BI-RADS 4, links BI-RADS 2.                           | Impression: right BI-RADS 4, left BI-RADS 2.
Conclusie: BI-RADS 1 rechts                                             | Impression: BI-RADS 1 right
Conclusie: BI-RADS 1 links                                              | Impression: BI-RADS 1 left
Conclusie: BIRADS-classificatie: 0, aanvullende opnamen nodig.          | Impression: BI-RADS category 0, additional imaging needed.
Solide haard retro-areolair. Conclusie: BI-RADS 4a links.               | Solid retroareolar lesion. Impression: BI-RADS 4A, left.
Conclusie: BIRADS-IV.                                                   | Impression: BI-RADS IV.
Conclusie: BI-RADS II.                                                  | Impression: BI-RADS II.
Geen afwijkingen. BIRADS-classificatie: 1                               | No abnormalities. BI-RADS category: 1
Vergeleken met vorig onderzoek BI-RADS 4, nu BI-RADS 2.                 | Prior examination BI-RADS 4, now BI-RADS 2.
Conclusie: benigne                                                      | Conclusion: benign
Intraductaal papilloom retro-areolair. Conclusie: BI-RADS 3.            | Retroareolar intraductal papilloma. Impression: BI-RADS 3.
Beeld van een intraductaal papilloom. Conclusie: BI-RADS 3.             | Appearance of an intraductal papilloma. Impression: BI-RADS 3.
Geen papilloom zichtbaar. Conclusie: BI-RADS 1.                         | No papilloma seen. Impression: BI-RADS 1.
Bekende longmetastase. Onduidelijke laesie in de lever.                 | Known lung metastasis. Indeterminate lesion in the liver.
Bekende longmetastase. Geen onzekere laesies in de lever.               | Known lung metastasis. No indeterminate lesions in the liver.
Onzekere laesie in wervel Th8.                                          | Indeterminate lesion in vertebra T8.
Bekende longmetastase. Geen onzekere laesies in de wervelkolom.         | Known lung metastasis. No indeterminate lesions in the spine.
Onduidelijke botlaesie in het bekken.                                   | Indeterminate bone lesion in the pelvis.
Axillair recidief links. Geen afstandsmetastasen.                       | Left axillary recurrence. No distant metastases.
Lymfangio-invasie in de huid, passend bij inflammatoir mammacarcinoom   | Lymphovascular invasion in the skin, consistent with inflammatory breast cancer
De uitslag van een MRI lever heeft geen gevolgen voor de lokale behandeling.      | The result of an MRI of the liver has no consequences for local treatment.
De uitslag van een MRI lever heeft directe gevolgen voor de lokale behandeling.   | The result of an MRI of the liver will directly change local treatment.
Okselklierdissectie en bestraling                                       | Axillary dissection and radiotherapy
Pathologie leverbiopsie                                                 | Pathology of liver biopsy
Pathologie botbiopsie                                                   | Pathology of bone biopsy
Pathologie metastase                                                    | Pathology of metastasis
Histologie mammabiopt links                                             | Histology of biopsy of left breast
Histologie mammabiopt                                                   | Histology of breast biopsy
Pathologie huidbiopt mamma links                                        | Pathology of skin biopsy of left breast
Stadiëring                                                              | Staging
Stadiëring mammacarcinoom                                               | Staging of breast cancer
Stadiëring prostaatcarcinoom                                            | Staging of prostate cancer
Neurologische uitval                                                    | Neurological deficit
Verdenking myelumcompressie                                             | Suspected spinal cord compression
In studieverband                                                        | As part of a clinical trial
Routinecontrole                                                         | Routine follow-up
Mammacarcinoom                                                          | Breast cancer
Ductaal carcinoma in situ                                               | Ductal carcinoma in situ
Knobbel in de borst                                                     | Breast lump
Pijn in de linkerborst                                                  | Pain in the left breast
Hernia nuclei pulposi                                                   | Herniated disc
Verdenking hernia nuclei pulposi                                        | Suspected herniated disc
Koorts zonder focus                                                     | Fever without focus
Analyse uterus myomatosus                                               | Work-up of uterine fibroids
De uitslag heeft directe gevolgen voor de lokale behandeling            | The result will directly change local treatment
FDG-PET/CT niet conclusief; biopsie niet mogelijk; de uitslag bepaalt direct de behandelkeuze | FDG PET/CT inconclusive; biopsy not possible; the result directly determines the choice of treatment
FDG-PET/CT niet conclusief; de uitslag bepaalt direct de behandelkeuze  | FDG PET/CT inconclusive; the result directly determines the choice of treatment
FDG-PET/CT niet conclusief; biopsie goed mogelijk; de uitslag bepaalt direct de behandelkeuze | FDG PET/CT inconclusive; biopsy feasible; the result directly determines the choice of treatment
Reumatoïde artritis                                                     | Rheumatoid arthritis
Resectabel                                                              | Resectable
Niet resectabel                                                         | Not resectable
neoadjuvant                                                             | neoadjuvant
adjuvant                                                                | adjuvant
palliatief                                                              | palliative
Wenst een reconstructie met eigen weefsel                               | Wishes a reconstruction with her own tissue
Wenst geen reconstructie met eigen weefsel                              | Does not wish a reconstruction with her own tissue
Tracer: FES                                                             | Tracer: FES
Tracer: Fluciclovine                                                    | Tracer: fluciclovine
Benigne                                                                 | Benign
benigne                                                                 | benign
Maligne: invasief ductaal carcinoom                                     | Malignant: invasive ductal carcinoma
Intraductaal papilloom                                                  | Intraductal papilloma
""")
)


def sentence(words: str, language: str, seed: str) -> str | None:
    """The words in that language; None where they have no translation here. Dutch words stand as they are, but for a plain BI-RADS."""
    if plain := re.fullmatch(r"Conclusie: BI-RADS (\d)", words):
        return chosen(BIRADS[language], seed, "birads").format(plain[1])
    return words if language == "nl" else _SENTENCES.get(words)


def birads(category: str, language: str, seed: str) -> str:
    return chosen(BIRADS[language], seed, "birads").format(category)
