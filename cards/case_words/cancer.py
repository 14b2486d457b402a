"""Words for the cancer itself: the diagnosis and its history."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    ICD10,
    ICD10CM,
    ICPC,
    MCODE,
    SNOMED,
    choice,
    concept,
    condition,
    dialect,
    refuse,
    where,
    with_side,
    without_subject,
)

_ICD10_BREAST = (ICD10, "C50.9", "Malignant neoplasm: Breast, unspecified")
_ICPC_BREAST = (ICPC, "X76", None)
KINDS = {  # text, codes; a code with the side is named snomed_left, icd10cm_right and so on
    "unspecified": (
        "Mammacarcinoom",
        {
            "snomed": (SNOMED, "254837009", "Malignant neoplasm of breast"),
            "snomed_left": (
                SNOMED,
                "353431000119107",
                "Primary malignant neoplasm of female left breast",
            ),
            "snomed_right": (
                SNOMED,
                "353511000119101",
                "Primary malignant neoplasm of female right breast",
            ),
            "snomed_both": (
                SNOMED,
                "15635801000119106",
                "Primary malignant neoplasm of bilateral female breasts",
            ),
            "icd10": _ICD10_BREAST,
            "icd10cm_right": (
                ICD10CM,
                "C50.911",
                "Malignant neoplasm of unspecified site of right female breast",
            ),
            "icd10cm_left": (
                ICD10CM,
                "C50.912",
                "Malignant neoplasm of unspecified site of left female breast",
            ),
            "icpc": _ICPC_BREAST,
        },
    ),
    "ductal": (
        "Invasief ductaal mammacarcinoom",
        {
            "snomed": (SNOMED, "408643008", "Infiltrating duct carcinoma of breast"),
            "icd10": _ICD10_BREAST,
            "icpc": _ICPC_BREAST,
        },
    ),
    "lobular": (
        "Lobulair mammacarcinoom",
        {
            "snomed": (SNOMED, "278054005", "Lobular carcinoma of breast"),
            "icd10": _ICD10_BREAST,
            "icpc": _ICPC_BREAST,
        },
    ),
    "dcis": (
        "Ductaal carcinoma in situ van de mamma (DCIS)",
        {
            "snomed": (SNOMED, "109889007", "Intraductal carcinoma in situ of breast"),
            "icd10": (ICD10, "D05.1", "Intraductal carcinoma in situ"),
            "icd10cm_right": (ICD10CM, "D05.11", "Intraductal carcinoma in situ of right breast"),
            "icd10cm_left": (ICD10CM, "D05.12", "Intraductal carcinoma in situ of left breast"),
        },
    ),
    "lcis": (
        "Lobulair carcinoma in situ van de mamma (LCIS)",
        {
            "snomed": (SNOMED, "109888004", "Lobular carcinoma in situ of breast"),
            "icd10": (ICD10, "D05.0", "Lobular carcinoma in situ"),
        },
    ),
    "inflammatory": (
        "Inflammatoir mammacarcinoom",
        {
            "snomed": (SNOMED, "254840009", "Inflammatory carcinoma of breast"),
            "icd10": _ICD10_BREAST,
            "icd10cm": (ICD10CM, "C50.A0", "Malignant inflammatory neoplasm of unspecified breast"),
            "icd10cm_right": (ICD10CM, "C50.A1", "Malignant inflammatory neoplasm of right breast"),
            "icd10cm_left": (ICD10CM, "C50.A2", "Malignant inflammatory neoplasm of left breast"),
            "icpc": _ICPC_BREAST,
        },
    ),
    "local_recurrence": (
        "Lokaal recidief mammacarcinoom",
        {
            "snomed": (SNOMED, "314955001", "Local recurrence of malignant tumor of breast"),
            "icd10": _ICD10_BREAST,
        },
    ),
    "recurrent": (
        "Recidief mammacarcinoom",
        {
            "snomed": (SNOMED, "1306515008", "Recurrent primary malignant neoplasm of breast"),
            "snomed_left": (
                SNOMED,
                "1081551000119106",
                "Recurrent primary malignant neoplasm of left female breast",
            ),
            "snomed_right": (
                SNOMED,
                "1081561000119108",
                "Recurrent primary malignant neoplasm of right female breast",
            ),
            "icd10": _ICD10_BREAST,
        },
    ),
    "triple_negative": (
        "Triple-negatief mammacarcinoom",
        {
            "snomed": (SNOMED, "706970001", "Triple negative malignant neoplasm of breast"),
            "icd10": _ICD10_BREAST,
        },
    ),
    "hormone_positive": (
        "Hormoonreceptorpositief mammacarcinoom",
        {
            "snomed": (
                SNOMED,
                "417181009",
                "Hormone receptor positive malignant neoplasm of breast",
            ),
            "icd10": _ICD10_BREAST,
        },
    ),
}
_MALE = {
    "snomed": (SNOMED, "372095001", "Malignant neoplasm of male breast"),
    "snomed_left": (SNOMED, "354491000119109", "Primary malignant neoplasm of left male breast"),
    "snomed_right": (SNOMED, "354591000119108", "Primary malignant neoplasm of right male breast"),
    "icd10": _ICD10_BREAST,
}


def breast_cancer(
    write: Writer,
    *,
    kind: str = "unspecified",
    side: str = "none",
    side_in: str | None = None,
    coded: str = "snomed",
    text: str | None = None,
    male: bool = False,
    stage: str | None = None,
    **course: Any,
) -> Resource:
    """Breast cancer. kind: unspecified, ductal, lobular, dcis, lcis, inflammatory, local_recurrence, recurrent, triple_negative or
    hormone_positive; coded: snomed, icd10, icd10cm (most kinds need a side), icpc (a woman's), mcode (snomed with profile and
    laterality) or none; side_in: also code (unspecified and recurrent in snomed); text; male: yes (kind unspecified); stage: IIIB, IV...
    in words; onset, recorded, abated, clinical, verification, remark: see `condition`."""
    usual, codes = choice("kind", kind, KINDS)
    codes = (
        _MALE
        if male and kind == "unspecified"
        else {key: code for key, code in codes.items() if not male or key != "icpc"}
    )
    extra: dict = {}
    if coded == "mcode":
        side_in = side_in or "mcode"
        extra = {"meta": {"profile": [f"{MCODE}primary-cancer-condition"]}}
    system = "snomed" if coded == "mcode" else coded
    with_the_side = f"{system}_{side}" in codes and (side_in == "code" or system == "icd10cm")
    if side_in == "code" and not with_the_side:
        raise ValueError(
            f"side_in: no {coded} code of {kind} names the side {side}; bodySite, zib, mcode or text"
        )
    code = dialect(f"{system}_{side}" if with_the_side else system, codes)
    side_in = where(side_in, code)
    if stage:
        extra["stage"] = [{"summary": {"text": f"Stadium {stage}"}}]
    return condition(
        write,
        "breast-cancer",
        concept(code, text=text or with_side(usual, side, side_in)),
        side,
        side_in,
        extra,
        **course,
    )


def history_of_breast_cancer(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "text",
    coded: str = "snomed",
    text: str | None = None,
    date: str | None = None,
    **course: Any,
) -> Resource:
    """Breast cancer in the past, as a situation. coded: snomed, icd10 or none; date: its onset; text and the rest as in `condition`."""
    codes = {
        "snomed": (SNOMED, "429087003", "History of malignant neoplasm of breast"),
        "icd10": (ICD10, "Z85.3", "Personal history of malignant neoplasm of breast"),
    }
    words = text or with_side("Mammacarcinoom in de voorgeschiedenis", side, side_in)
    return condition(
        write,
        "history",
        concept(dialect(coded, codes), text=words),
        side,
        side_in,
        **{"onset": date} | course,
    )


def family_history_of_breast_cancer(
    write: Writer,
    *,
    relation: str = "moeder",
    as_: str = "FamilyMemberHistory",
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """Breast cancer in the family. as: FamilyMemberHistory (relation: in words) or Condition (coded: icd10 or none; text)."""
    if as_ == "FamilyMemberHistory":
        refuse(course, as_)
        codes = {"snomed": (SNOMED, "254837009", "Malignant neoplasm of breast")}
        told = {
            "relationship": {"text": relation},
            "condition": [{"code": concept(dialect(coded, codes), text=text or "Mammacarcinoom")}],
        }
        written = write(as_, "family", status="completed", **told)
        return without_subject(written, patient=written["subject"])
    choice("as", as_, ("FamilyMemberHistory", "Condition"))
    code = dialect(
        coded, {"icd10": (ICD10, "Z80.3", "Family history of malignant neoplasm of breast")}
    )
    return condition(
        write,
        "family",
        concept(code, text=text or f"Mammacarcinoom in de familie ({relation})"),
        "none",
        "text",
        **course,
    )
