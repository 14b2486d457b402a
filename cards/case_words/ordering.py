"""What every order is written with: its urgency, its reason, and whether it is a draft."""

from collections.abc import Mapping
from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    OWN,
    SNOMED,
    body_site,
    choice,
    concept,
    dialect,
    listed,
    note,
    status_of,
    with_side,
)

REASONS = {  # for `reason_of`: code, text
    "staging": ((OWN, "staging", None), "Stadiëring"),
    "suspected_metastases": ((OWN, "suspected-metastases", None), "Verdenking metastasen"),
    "oligometastases": (
        (SNOMED, "1255358009", "Oligometastatic malignant neoplasm"),
        "Oligometastasen",
    ),
    "breast_cancer": ((SNOMED, "254837009", "Malignant neoplasm of breast"), "Mammacarcinoom"),
    "dcis": (
        (SNOMED, "109889007", "Intraductal carcinoma in situ of breast"),
        "Ductaal carcinoma in situ",
    ),
    "inflammatory": (
        (SNOMED, "254840009", "Inflammatory carcinoma of breast"),
        "Inflammatoir mammacarcinoom",
    ),
    "metastasis": (
        (SNOMED, "128462008", "Secondary malignant neoplastic disease"),
        "Gemetastaseerde ziekte",
    ),
    "bone_metastasis": (
        (SNOMED, "94222008", "Secondary malignant neoplasm of bone"),
        "Botmetastasen",
    ),
    "liver_metastasis": (
        (SNOMED, "94381002", "Secondary malignant neoplasm of liver"),
        "Levermetastasen",
    ),
    "regional_recurrence": ((OWN, "regional-recurrence", None), "Regionaal recidief"),
    "cord_compression": ((OWN, "spinal-cord-compression", None), "Verdenking myelumcompressie"),
    "neurological_deficit": ((OWN, "neurological-deficit", None), "Neurologische uitval"),
    "fracture_risk": ((OWN, "fracture-risk", None), "Dreigende pathologische fractuur"),
    "bone_pain": ((OWN, "bone-pain", None), "Botpijn"),
    "screening": ((OWN, "routine-follow-up", None), "Routinecontrole"),
    "lump": ((SNOMED, "89164003", "Breast lump"), "Knobbel in de borst"),
    "breast_pain": ((SNOMED, "53430007", "Pain of breast"), "Pijn in de borst"),
    "mastitis": ((SNOMED, "45198002", "Mastitis"), "Mastitis"),
    "study": ((OWN, "research", None), "In studieverband"),
}


def order(
    write: Writer,
    name: str,
    codes: tuple | Mapping | None,
    usual_text: str,
    /,
    *,
    side: str = "none",
    side_in: str | None = None,
    site: str | None = "breast",
    status: str | None = None,
    date: str | None = None,
    coded: object = None,
    text: str | None = None,
    without_code: bool = False,
    not_to_do: bool = False,
    id: str | int | None = None,
    detail: str | None = None,
    **course: Any,
) -> Resource:
    """An order. status: draft while drafting, else active; date: today while drafting, else -1 week; coded: none or no for words
    only; text: instead of the usual; without_code: yes -> no code at all; not_to_do: yes -> doNotPerform; id: instead of a made one;
    detail: orderDetail in words; priority, reason, reason_of, reason_code, reason_reference, remark: see `_course_of`."""
    code = dialect(coded, codes if isinstance(codes, Mapping) else {"snomed": codes})
    side_in = side_in or ("text" if coded == "none" else "bodySite")
    about: dict = {}
    if not without_code:
        about = {
            "code": concept(code, text=text or with_side(usual_text, side, side_in)),
            "bodySite": listed(body_site(side, side_in, site)),
        }
    written = write(
        "ServiceRequest",
        name,
        status=status_of("ServiceRequest", status, "draft" if write.drafting else "active"),
        intent="order",
        doNotPerform=not_to_do or None,
        **about,
        orderDetail=listed({"text": detail} if detail else None),
        authoredOn=write.date(date or ("today" if write.drafting else "-1 week")),
        **_course_of(write, **course),
    )
    return written if id is None else written | {"id": str(id)}


def medication_order(
    write: Writer,
    name: str,
    medication: dict,
    /,
    *,
    status: str | None = None,
    date: str | None = None,
    not_to_do: bool = False,
    id: str | int | None = None,
    **course: Any,
) -> Resource:
    """A MedicationRequest; `medication` holds its medication[x] and what else the word adds; the options as in `order`."""
    written = write(
        "MedicationRequest",
        name,
        status=status_of("MedicationRequest", status, "draft" if write.drafting else "active"),
        intent="order",
        doNotPerform=not_to_do or None,
        **medication,
        authoredOn=write.date(date or ("today" if write.drafting else "-1 week")),
        **_course_of(write, **course),
    )
    return written if id is None else written | {"id": str(id)}


def _course_of(
    write: Writer,
    *,
    priority: str | None = None,
    reason: str | None = None,
    reason_of: str | list | None = None,
    reason_code: Mapping | None = None,
    reason_reference: str | list | None = None,
    remark: str | None = None,
) -> dict:
    """priority: routine, urgent, asap or stat; reason: in words; reason_of: a name (or names) of REASONS, coded; reason_code:
    {system, code, display} as written; reason_reference: `Condition/metastasis-1` (or a list), a resource of this record by its
    type, word and number; remark: a note."""
    reasons = [concept(*choice("reason_of", name, REASONS)) for name in _listed(reason_of)]
    reasons += [{"coding": [dict(reason_code)]}] if reason_code else []
    if reason:
        reasons.append({"text": reason})
    references = [{"reference": in_record(write, named)} for named in _listed(reason_reference)]
    course = {
        "priority": priority
        and choice("priority", priority, ("routine", "urgent", "asap", "stat")),
        "reasonCode": reasons or None,
        "reasonReference": references or None,
        "note": note(remark),
    }
    return {element: value for element, value in course.items() if value is not None}


def in_record(write: Writer, named: str) -> str:
    """`Condition/metastasis-1` as a reference to that resource of this patient."""
    resource_type, _, short = named.partition("/")
    return f"{resource_type}/{short if short.startswith(write.patient_id) else f'{write.patient_id}-{short}'}"


def _listed(value: str | list | None) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]
