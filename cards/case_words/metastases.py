"""Words for where the cancer has gone: regional nodes and distant metastases."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    DUTCH_SIDE,
    ICD10,
    ICD10CM,
    MCODE,
    SNOMED,
    body_site,
    choice,
    coding,
    concept,
    condition,
    dialect,
    in_category,
    observation,
    where,
    with_side,
)

_NODES = {  # text, site, codes
    "axillary": (
        "Axillaire lymfekliermetastase",
        "axilla",
        (SNOMED, "94181007", "Secondary malignant neoplasm of axillary lymph nodes"),
        "C77.3",
    ),
    "supraclavicular": (
        "Supraclaviculaire lymfekliermetastase",
        "supraclavicular",
        (SNOMED, "94614009", "Secondary malignant neoplasm of supraclavicular lymph nodes"),
        "C77.0",
    ),
    "infraclavicular": (
        "Infraclaviculaire lymfekliermetastase",
        "infraclavicular",
        (SNOMED, "94338000", "Secondary malignant neoplasm of infraclavicular lymph nodes"),
        "C77.3",
    ),
    "internal_mammary": (
        "Parasternale lymfekliermetastase",
        "internal_mammary",
        (SNOMED, "94392001", "Secondary malignant neoplasm of lymph node"),
        "C77.1",
    ),
    "nodes": (
        "Lymfekliermetastase",
        "node",
        (SNOMED, "94392001", "Secondary malignant neoplasm of lymph node"),
        "C77.9",
    ),
}
_RECURRENCE = {
    "axillary": "Axillair recidief",
    "supraclavicular": "Supraclaviculair recidief",
    "infraclavicular": "Infraclaviculair recidief",
    "internal_mammary": "Parasternaal recidief",
    "nodes": "Regionaal recidief",
}


def nodal_disease(
    write: Writer,
    *,
    station: str = "axillary",
    side: str = "none",
    side_in: str | None = None,
    coded: str = "snomed",
    text: str | None = None,
    date: str | None = None,
    recurrence: bool = False,
    resectable: bool | None = None,
    **course: Any,
) -> Resource:
    """Disease of regional nodes. station: axillary, supraclavicular, infraclavicular, internal_mammary or nodes; coded: snomed, icd10,
    site (secondary cancer of lymph nodes + the station as bodySite), breast_cancer (breast cancer + the station as bodySite) or none;
    side_in: zib (default with a code), bodySite (in its words), mcode or text; date: the onset; recurrence: yes -> "Axillair
    recidief"; resectable: yes or no, in a note; text, clinical, verification, recorded and the rest as in `condition`."""
    usual, site, specific, icd10 = choice("station", station, _NODES)
    nodes = (SNOMED, "94392001", "Secondary malignant neoplasm of lymph node")
    codes = {
        "snomed": specific,
        "icd10": (ICD10, icd10, None),
        "site": nodes,
        "breast_cancer": (SNOMED, "254837009", "Malignant neoplasm of breast"),
    }
    code = dialect(coded, codes)
    side_in = side_in or ("text" if code is None else "zib")
    words = text or with_side(_RECURRENCE[station] if recurrence else usual, side, side_in)
    in_site = code is not None and (
        side != "none" or coded in ("site", "breast_cancer") or station == "internal_mammary"
    )
    if resectable is not None:
        course = {"remark": "Resectabel" if resectable else "Niet resectabel"} | course
    return condition(
        write,
        "nodal",
        concept(code, text=words),
        side,
        side_in,
        site=site if in_site else None,
        **{"onset": date} | course,
    )


_METASTASES = {  # text, snomed, ICD-10, ICD-10-CM where it says more
    "bone": ("Botmetastase", "94222008", "C79.5", "C79.51"),
    "spine": ("Wervelmetastase", "94602001", "C79.5", "C79.51"),
    "cervical_spine": ("Cervicale wervelmetastase", "94250008", "C79.5", "C79.51"),
    "thoracic_spine": ("Thoracale wervelmetastase", "94274006", "C79.5", "C79.51"),
    "lumbar_spine": ("Lumbale wervelmetastase", "94389000", "C79.5", "C79.51"),
    "sacrum": ("Metastase sacrum", "94527001", "C79.5", "C79.51"),
    "pelvis": ("Metastase bekken", "94480000", "C79.8", None),
    "pelvic_bone": ("Botmetastase bekken", "94478006", "C79.5", "C79.51"),
    "liver": ("Levermetastase", "94381002", "C78.7", None),
    "lung": ("Longmetastase", "94391008", "C78.0", "C78.00"),
    "brain": ("Hersenmetastase", "94225005", "C79.3", "C79.31"),
    "pleura": ("Pleuritis carcinomatosa", "94493005", "C78.2", None),
    "peritoneum": ("Peritonitis carcinomatosa", "94627008", "C78.6", None),
    "meninges": ("Meningeale metastasering", "722671009", "C79.3", "C79.32"),
    "leptomeninges": ("Leptomeningeale metastasering", "1155991005", "C79.3", "C79.32"),
    "skin": ("Huidmetastase", "94579000", "C79.2", None),
    "chest_wall": ("Thoraxwandmetastase", "94253005", "C79.8", None),
    "ovary": ("Ovariummetastase", None, "C79.8", None),
    "adrenal": ("Bijniermetastase", None, "C79.7", None),
    "mediastinal_nodes": ("Mediastinale lymfekliermetastase", "94408005", "C77.1", None),
    "unspecified": ("Metastase", "128462008", "C79.9", None),
}
_CERTAINTY = {  # verificationStatus, its coding in a zib, the words
    "confirmed": ("confirmed", None, "{}"),
    "suspected": ("provisional", None, "Verdenking {}"),
    "suspected_zib": ("provisional", (SNOMED, "415684004", "Suspected"), "Verdenking {}"),
    "unconfirmed": ("unconfirmed", None, "Verdenking {}"),
    "possible": ("unconfirmed", (SNOMED, "410590009", "Known possible"), "Mogelijk {}"),
    "differential": ("differential", None, "DD {}"),
    "refuted": ("refuted", None, "{}"),
    "entered-in-error": ("entered-in-error", None, "{}"),
    "none": (None, None, "{}"),
}


def metastasis(write: Writer, *, times: int = 1, **options: Any) -> list[Resource]:
    """A distant metastasis; times: as many resources, each a lesion of its own. Other options as in `_metastasis`: site: bone, spine,
    cervical_spine, thoracic_spine, lumbar_spine, sacrum, pelvis, pelvic_bone, liver, lung, brain, pleura, peritoneum, meninges,
    leptomeninges, skin, chest_wall, ovary, adrenal, mediastinal_nodes or unspecified; level: L3, Th8...; certainty: confirmed, suspected,
    suspected_zib, unconfirmed, possible, differential, refuted, entered-in-error or none; certainty_in: both, status or text; coded:
    snomed, icd10, icd10cm (bone, lung, brain, meninges), site (the generic code + bodySite), mcode, of_breast (metastasis from breast cancer, + bodySite) or none;
    side, side_in (bodySite in words, zib, mcode, text); lesions: their number, in words; date: the onset; recorded, clinical, abated,
    remark as in `condition`; as: Condition, or Observation (status)."""
    return [_metastasis(write, **options) for _ in range(times)]


def _metastasis(
    write: Writer,
    *,
    site: str = "unspecified",
    level: str | None = None,
    certainty: str = "confirmed",
    certainty_in: str = "both",
    side: str = "none",
    side_in: str | None = None,
    coded: str = "snomed",
    text: str | None = None,
    lesions: int | None = None,
    date: str | None = None,
    status: str | None = None,
    as_: str = "Condition",
    **course: Any,
) -> Resource:
    usual, snomed, icd10, icd10cm = choice("site", site, _METASTASES)
    verification, zib, phrase = choice("certainty", certainty, _CERTAINTY)
    choice("certainty_in", certainty_in, ("both", "status", "text"))
    code = dialect(coded, _codes(site, snomed, icd10, icd10cm))
    words = f"{'Botmetastase' if level and 'spine' in site else usual} {level}" if level else usual
    side_in = where(side_in, code)
    words = with_side(words, side, side_in) + (f", {lesions} laesies" if lesions else "")
    if certainty_in == "text" and certainty == "refuted":
        phrase = "Geen {}"
    if certainty_in != "status" and phrase != "{}":
        words = phrase.format(words[0].lower() + words[1:])
    placed = (
        site
        if coded in ("site", "of_breast") or (side in DUTCH_SIDE and code is not None)
        else None
    )
    about = concept(code, text=text or words)
    if as_ == "Observation":
        answer = {
            "confirmed": {"valueBoolean": True},
            "refuted": {"valueBoolean": False},
            "none": {},
            "entered-in-error": {},
        }
        told = answer.get(
            certainty,
            {"valueCodeableConcept": concept((SNOMED, "415684004", "Suspected"), text="verdacht")},
        )
        status = status or ("entered-in-error" if certainty == "entered-in-error" else None)
        return observation(
            write,
            "metastasis",
            about,
            in_category("exam") | {"bodySite": body_site(side, side_in, placed)} | told,
            date=date,
            status=status,
            **course,
        )
    choice("as", as_, ("Condition", "Observation"))
    extra = (
        {"meta": {"profile": [f"{MCODE}secondary-cancer-condition"]}} if coded == "mcode" else {}
    )
    status_truth = {
        "verification": None if certainty_in == "text" else verification,
        "onset": date,
    } | course
    written = condition(
        write, "metastasis", about, side, side_in, extra, site=placed, **status_truth
    )
    if zib and certainty_in != "text":
        written["verificationStatus"]["coding"].append(coding(zib))
    return written


def _codes(site: str, snomed: str | None, icd10: str, icd10cm: str | None) -> dict:
    any_site = (SNOMED, "128462008", "Secondary malignant neoplastic disease")
    specific = (SNOMED, snomed, None) if snomed else any_site
    return {
        "snomed": specific,
        "icd10": (ICD10, icd10, None),
        **({"icd10cm": (ICD10CM, icd10cm, None)} if icd10cm else {}),
        "site": any_site,
        "mcode": specific,
        "of_breast": (SNOMED, "315004001", "Metastasis from malignant tumor of breast"),
    }
