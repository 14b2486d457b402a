"""Words for medicines: systemic therapy, bone agents, antibiotics."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    ATC,
    MCODE,
    OWN,
    SNOMED,
    choice,
    concept,
    dialect,
    note,
    period,
    procedure,
    refuse,
    status_of,
    without_subject,
)
from .ordering import medication_order

DRUGS = {  # kind, name, ATC, SNOMED substance
    "doxorubicin": (
        "chemotherapy",
        "Doxorubicine",
        "L01DB01",
        (SNOMED, "372817009", "Doxorubicin"),
    ),
    "epirubicin": ("chemotherapy", "Epirubicine", "L01DB03", None),
    "cyclophosphamide": (
        "chemotherapy",
        "Cyclofosfamide",
        "L01AA01",
        (SNOMED, "387420009", "Cyclophosphamide"),
    ),
    "paclitaxel": ("chemotherapy", "Paclitaxel", "L01CD01", None),
    "docetaxel": ("chemotherapy", "Docetaxel", "L01CD02", (SNOMED, "386918005", "Docetaxel")),
    "capecitabine": (
        "chemotherapy",
        "Capecitabine",
        "L01BC06",
        (SNOMED, "386906001", "Capecitabine"),
    ),
    "carboplatin": (
        "chemotherapy",
        "Carboplatine",
        "L01XA02",
        (SNOMED, "386905002", "Carboplatin"),
    ),
    "trastuzumab": ("anti_her2", "Trastuzumab", "L01FD01", (SNOMED, "387003001", "Trastuzumab")),
    "trastuzumab_old_atc": (
        "anti_her2",
        "Trastuzumab",
        "L01XC03",
        (SNOMED, "387003001", "Trastuzumab"),
    ),
    "pertuzumab": ("anti_her2", "Pertuzumab", "L01FD02", (SNOMED, "704226002", "Pertuzumab")),
    "tamoxifen": ("endocrine", "Tamoxifen", "L02BA01", (SNOMED, "373345002", "Tamoxifen")),
    "letrozole": ("endocrine", "Letrozol", "L02BG04", (SNOMED, "386911004", "Letrozole")),
    "anastrozole": ("endocrine", "Anastrozol", "L02BG03", (SNOMED, "386910003", "Anastrozole")),
    "exemestane": ("endocrine", "Exemestaan", "L02BG06", (SNOMED, "387017005", "Exemestane")),
    "fulvestrant": ("endocrine", "Fulvestrant", "L02BA03", (SNOMED, "385519002", "Fulvestrant")),
    "goserelin": ("endocrine", "Gosereline", "L02AE03", (SNOMED, "108771008", "Goserelin")),
    "palbociclib": ("cdk46", "Palbociclib", "L01EF01", (SNOMED, "715958001", "Palbociclib")),
    "ribociclib": ("cdk46", "Ribociclib", "L01EF02", (SNOMED, "732257004", "Ribociclib")),
    "abemaciclib": ("cdk46", "Abemaciclib", "L01EF03", (SNOMED, "761851004", "Abemaciclib")),
    "zoledronic_acid": ("bone_agent", "Zoledroninezuur", "M05BA08", None),
    "denosumab": ("bone_agent", "Denosumab", "M05BX04", None),
    "flucloxacillin": (
        "antibiotic",
        "Flucloxacilline",
        "J01CF05",
        (SNOMED, "96067005", "Flucloxacillin-containing product"),
    ),
    "amoxicillin_clavulanate": ("antibiotic", "Amoxicilline/clavulaanzuur", "J01CR02", None),
    "cream": ("antibiotic", "Fusidinezuurcrème", "D06AX01", None),
}
KINDS = {  # text, code
    "chemotherapy": ("Chemotherapie", (SNOMED, "367336001", "Chemotherapy")),
    "endocrine": ("Endocriene therapie", (SNOMED, "169413002", "Hormone therapy")),
    "anti_her2": ("Anti-HER2-therapie", (OWN, "anti-her2-therapy", None)),
    "cdk46": ("CDK4/6-remmer", (OWN, "cdk46-inhibitor", None)),
    "immunotherapy": ("Immunotherapie", (OWN, "immunotherapy", None)),
    "targeted": ("Doelgerichte therapie", (OWN, "targeted-therapy", None)),
    "systemic": ("Systemische therapie", (OWN, "systemic-therapy", None)),
    "bone_agent": ("Botversterkend middel", (OWN, "bone-agent", None)),
    "antibiotic": ("Antibiotica", (SNOMED, "281789004", "Antibiotic therapy")),
}
_INTENT = {  # Dutch, code
    "neoadjuvant": ("neoadjuvant", (SNOMED, "373847000", "Neo-adjuvant intent")),
    "adjuvant": ("adjuvant", (SNOMED, "373846009", "Adjuvant intent")),
    "palliative": ("palliatief", (SNOMED, "363676003", "Palliative intent")),
    "curative": ("curatief", (SNOMED, "373808002", "Curative intent")),
    "none": (None, None),
}
_AS = ("MedicationRequest", "MedicationAdministration", "MedicationStatement", "Procedure")


def systemic_therapy(write: Writer, **options: Any) -> list[Resource]:
    """Systemic therapy. kind: chemotherapy, endocrine, anti_her2, cdk46, immunotherapy, targeted or systemic, or drug: a name of DRUGS
    (doxorubicin, epirubicin, cyclophosphamide, paclitaxel, docetaxel, capecitabine, carboplatin, trastuzumab, trastuzumab_old_atc,
    pertuzumab, tamoxifen, letrozole, anastrozole, exemestane, fulvestrant, goserelin, palbociclib, ribociclib, abemaciclib); as:
    MedicationRequest (default of a drug), MedicationAdministration, MedicationStatement, Procedure (default of a kind); date, until, status
    (active, planned, done, stopped, cancelled...); coded: atc, snomed or none; medication_in: codeable_concept, contained or reference;
    intent: neoadjuvant, adjuvant, palliative, curative or none; intent_in: text (a note, or the name of a Procedure) or extension
    (mCODE); text; remark; of a MedicationRequest also priority, reason... as in `order`."""
    return medicine(
        write,
        "systemic",
        **({"kind": "systemic"} if not {"kind", "drug"} & set(options) else {}),
        **options,
    )


def bone_agent(
    write: Writer, *, drug: str | None = "zoledronic_acid", **options: Any
) -> list[Resource]:
    """A bone agent. drug: zoledronic_acid or denosumab; the rest as in `systemic_therapy`."""
    return medicine(write, "bone-agent", drug=choice("drug", drug, _drugs("bone_agent")), **options)


def antibiotic(write: Writer, *, drug: str = "flucloxacillin", **options: Any) -> list[Resource]:
    """drug: flucloxacillin, amoxicillin_clavulanate, cream (on the skin) or unspecified; the rest as in `systemic_therapy`."""
    told = (
        {"kind": "antibiotic"}
        if drug == "unspecified"
        else {"drug": choice("drug", drug, [*_drugs("antibiotic"), "unspecified"])}
    )
    return medicine(write, "antibiotic", **told, **options)


def _drugs(kind: str) -> list[str]:
    return [drug for drug, about in DRUGS.items() if about[0] == kind]


def medicine(
    write: Writer,
    name: str,
    /,
    *,
    kind: str | None = None,
    drug: str | None = None,
    as_: str | None = None,
    coded: str | None = None,
    medication_in: str = "codeable_concept",
    intent: str = "none",
    intent_in: str = "text",
    text: str | None = None,
    **course: Any,
) -> list[Resource]:
    """A medicine on request, given, used or as a procedure; the options as in `systemic_therapy`."""
    as_ = choice("as", as_ or ("Procedure" if drug is None else "MedicationRequest"), _AS)
    of_drug = choice("drug", drug, DRUGS) if drug else None
    kind = choice("kind", kind or (of_drug[0] if of_drug else "systemic"), KINDS)
    purpose, purpose_code = choice("intent", intent, _INTENT)
    extension = {"url": f"{MCODE}procedure-intent", "valueCodeableConcept": concept(purpose_code)}
    in_text = choice("intent_in", intent_in, ("text", "extension")) == "text"
    aside: dict = {"extension": [extension]} if purpose and not in_text else {}
    if as_ == "Procedure":
        words = text or (of_drug[1] if of_drug else kind[0])
        if purpose and in_text and not text:
            words = f"{words} ({purpose})"
        return [procedure(write, name, {"snomed": kind[1]}, words, aside, coded=coded, **course)]
    codes = {"kind": None}
    if of_drug:
        codes = {"atc": (ATC, of_drug[2], None)} | ({"snomed": of_drug[3]} if of_drug[3] else {})
    about = concept(dialect(coded, codes), text=text or (of_drug[1] if of_drug else kind[0]))
    medication, beside = _medication(write, about, medication_in)
    remark = course.pop("remark", None)
    said = ", ".join(filter(None, [purpose if in_text else None, remark])) or None
    return [_on_record(write, name, as_, medication | aside, said, **course), *beside]


def _medication(write: Writer, about: dict, medication_in: str) -> tuple[dict, list[Resource]]:
    choice("medication_in", medication_in, ("codeable_concept", "contained", "reference"))
    if medication_in == "codeable_concept":
        return {"medicationCodeableConcept": about}, []
    if medication_in == "contained":
        inside = {"resourceType": "Medication", "id": "medication", "code": about}
        return {"contained": [inside], "medicationReference": {"reference": "#medication"}}, []
    beside = without_subject(write("Medication", "medication", code=about))
    return {"medicationReference": {"reference": f"Medication/{beside['id']}"}}, [beside]


def _on_record(
    write: Writer,
    name: str,
    as_: str,
    medication: dict,
    said: str | None,
    /,
    *,
    date: str | None = None,
    until: str | None = None,
    status: str | None = None,
    **course: Any,
) -> Resource:
    if as_ == "MedicationRequest":
        written = medication_order(
            write, name, medication, date=date, status=status, remark=said, **course
        )
        if until:
            written["dispenseRequest"] = {
                "validityPeriod": period(write, date, until, "validity")["validityPeriod"]
            }
        return written
    refuse(course, as_)
    usual = "active" if as_ == "MedicationStatement" else "completed"
    day = period(
        write,
        date or ("-1 week" if as_ == "MedicationAdministration" and until is None else None),
        until,
        "effective",
    )
    return write(
        as_, name, status=status_of(as_, status, usual), **medication, **day, note=note(said)
    )
