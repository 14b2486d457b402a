"""A labelled phrase, put where it stands in FHIR, read by the whole reading, and held against its label.

Columns of phrases.tsv: id, kind (1 to 17: the kinds of text that went wrong; `plain`: ordinary; `reach`: other traps), place, language,
text ("\\\\n" is a line break), labels, harm (what would be dangerous to conclude), why, heldout (1: a third that was not looked at while the
rules were written). Labels are separated by ";":

    birads CATEGORY SIDE EXAM       EXAM: mg, us, mri, any; SIDE: L, R, B (both), - (not said)
    exam EXAM SIDE done|planned     also pet, bone (scintigraphy), mrispine, mriliver, us-axilla
    met SITE STATUS                 distant metastasis; SITE: spine pelvis bone liver lung brain adrenal visceral any
    node STATION SIDE STATUS        axilla supra infra paraster
    cancer SIDE KIND STATUS         inv dcis ibc paget any
    rec er|pr|her2 pos|neg|equiv [met]
    sym COMPLAINT SIDE STATUS ...   present absent hist unc
    proc ACT SIDE done|planned
    none, unread                    nothing may be concluded; the text cannot be understood safely
    STATUS: conf susp unc hist out

What no fact of the service holds (a recurrence in words, a carcinomatosis, the reason of an order) is not scored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cds_service.facts.model import Fact, Laterality
from cds_service.logic import MET, NOT_MET
from tests.spec.clinical_text.test_text_held_out import content, read_of

DAY = "2026-06-01"
SNOMED = "http://snomed.info/sct"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
ACTIVE = "http://terminology.hl7.org/CodeSystem/condition-clinical"


@dataclass(frozen=True)
class Phrase:
    """One row of the table."""

    id: str
    kind: str
    place: str
    language: str
    text: str
    labels: tuple[str, ...]
    harm: tuple[str, ...]
    held_out: bool


def phrases() -> tuple[Phrase, ...]:
    """All rows, in the order of the file."""
    lines = (Path(__file__).parent / "phrases.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:] if line]
    return tuple(
        Phrase(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4].replace("\\n", "\n"),
            _listed(row[5]),
            _listed(row[6]),
            row[8] == "1",
        )
        for row in rows
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


# --- where a phrase stands

REPORTS = {
    "DRmg": {"coding": [{"system": SNOMED, "code": "71651007"}]},
    "DRus": {"coding": [{"system": SNOMED, "code": "47079000"}]},
    "DRmri": {"coding": [{"system": SNOMED, "code": "241615005"}]},
    "DRpet": {"coding": [{"system": SNOMED, "code": "443271005"}]},
    "DRct": {"text": "CT thorax-abdomen"},
    "DRbone": {"text": "Botscintigrafie"},
    "DRmrispine": {"text": "MRI wervelkolom"},
    "DRmriliver": {"text": "MRI lever"},
    "DRpa": {"coding": [{"system": "http://loinc.org", "code": "60567-5"}]},
}


def resource_of(place: str, text: str) -> dict:
    """The resource in which a phrase stands; see the head of the table for the places."""
    kind, _, named = place.partition(":")
    report = {"resourceType": "DiagnosticReport", "id": "x", "status": "final"}
    told = {"id": "x", "status": "final", "effectiveDateTime": DAY, "resourceType": "Observation"}
    if kind == "DRmgcode":
        return report | {
            "code": REPORTS["DRmg"],
            "effectiveDateTime": DAY,
            "conclusionCode": [{"text": text}],
        }
    if kind in REPORTS:
        code = {"text": named} if named else REPORTS[kind]
        return report | {"code": code, "effectiveDateTime": DAY, "conclusion": text}
    procedure = {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "performedDateTime": DAY,
    }
    return {
        "OBS": told | {"code": {"text": named}, "valueString": text},
        "OBSNOTE": told | {"code": {"text": named}, "note": [{"text": text}]},
        "COMP": told
        | {
            "code": {"text": "Lichamelijk onderzoek mamma"},
            "component": [{"code": {"text": named}, "valueString": text}],
        },
        "COND": {
            "resourceType": "Condition",
            "id": "x",
            "clinicalStatus": {"coding": [{"system": ACTIVE, "code": "active"}]},
            "code": {"text": text},
            "recordedDate": DAY,
        },
        "PROC": procedure | {"code": {"text": text}},
        "PROCNOTE": procedure | {"code": {"text": named}, "note": [{"text": text}]},
        "IS": {
            "resourceType": "ImagingStudy",
            "id": "x",
            "status": "available",
            "started": DAY,
            "modality": [{"system": DCM, "code": named}],
            "description": text,
        },
        "SR": {
            "resourceType": "ServiceRequest",
            "id": "x",
            "status": "active",
            "intent": "order",
            "authoredOn": DAY,
            "code": {"text": named},
            "reasonCode": [{"text": text}],
        },
        "MED": {
            "resourceType": "MedicationRequest",
            "id": "x",
            "status": "active",
            "intent": "order",
            "authoredOn": DAY,
            "medicationCodeableConcept": {"text": text},
        },
    }[kind]


# --- what was read

NAMES = (
    "breast_imaging",
    "scan",
    "lesion",
    "cancer_diagnosis",
    "receptor",
    "nipple_discharge",
    "nipple_retraction",
    "breast_complaint_now",
    "breast_inflammation",
    "fever",
    "tissue_diagnosis",
    "ductoscopy",
    "cancer_surgery",
    "radiotherapy",
    "systemic_treatment",
)


@cache
def facts_of(place: str, text: str) -> tuple[dict[str, tuple[Fact, ...]], frozenset[str]]:
    """(facts by name, names of facts that were not wholly read) of a phrase in its place."""
    reading = read_of(resource_of(place, text))
    definitions = content()[1]
    sets = {name: reading.facts(definitions[name]) for name in NAMES}
    return (
        {name: found.facts for name, found in sets.items()},
        frozenset(name for name, found in sets.items() if found.unread),
    )


# --- what a label says of it

SIDES = {
    "L": (Laterality.LEFT, Laterality.BOTH),
    "R": (Laterality.RIGHT, Laterality.BOTH),
    "B": (Laterality.BOTH,),
    "-": tuple(Laterality),
}
EXAMINATIONS = {"mg": ("mammography",), "us": ("ultrasound",), "mri": ("mri",)}
SCANS = {
    "pet": ("fdg_pet",),
    "bone": ("bone_scan",),
    "mrispine": ("mri_spine",),
    "mriliver": ("mri_liver",),
}
SITES = {
    "spine": ("spine", "cervical_spine", "thoracic_spine", "lumbar_spine"),
    "pelvis": ("pelvis", "sacrum"),
    "liver": ("liver",),
    "lung": ("lung",),
    "brain": ("brain", "brain_or_meninges"),
    "adrenal": ("adrenal",),
}
SITES["bone"] = ("bone", *SITES["spine"], *SITES["pelvis"])
NODES = {
    "axilla": "axillary_nodes",
    "supra": "supraclavicular_nodes",
    "infra": "infraclavicular_nodes",
    "paraster": "internal_mammary_nodes",
}
REGIONAL = (*NODES.values(), "lymph_nodes", "skin", "chest_wall")
KINDS = {
    "inv": ("invasive", "cancer"),
    "dcis": ("in_situ",),
    "ibc": ("inflammatory",),
    "any": ("invasive", "cancer", "in_situ", "inflammatory", "history"),
}
COMPLAINTS = {
    "discharge": ("nipple_discharge", None),
    "retraction": ("nipple_retraction", None),
    "lump": ("breast_complaint_now", ("lump",)),
    "mastitis": ("breast_inflammation", ("mastitis", "lactational_mastitis")),
    "erythema": ("breast_inflammation", ("erythema",)),
    "oedema": ("breast_inflammation", ("oedema",)),
    "peau": ("breast_inflammation", ("peau_dorange",)),
    "fever": ("fever", None),
}
ACTS = {
    "ductoscopy": ("ductoscopy", None),
    "mastectomy": ("cancer_surgery", ("mastectomy",)),
    "bcs": ("cancer_surgery", ("breast_conserving",)),
    "snb": ("cancer_surgery", ("sentinel_node",)),
    "chemo": ("systemic_treatment", ("chemotherapy",)),
    "rt": ("radiotherapy", None),
}


def says(place: str, text: str, label: str, *, surely: bool = False) -> bool | None:
    """Whether what was read says what a label says; None for a label that no fact of the service holds.

    `surely`: for a harm: only what is there, and not what is merely missing, counts as said.
    """
    found, unread = facts_of(place, text)
    what, *rest = label.split()
    if surely and rest and rest[-1] == "planned":
        return None
    if what == "unread":
        return bool(unread) or not any(_positive(facts) for facts in found.values())
    if what == "none":
        return not any(_positive(facts) for name, facts in found.items() if name != "scan")
    if what == "birads" and len(rest) >= 2:
        return _category(found["breast_imaging"], *rest)
    if what == "exam":
        return _examination(found, *rest)
    if what == "met":
        sites = SITES.get(rest[0])
        if rest[0] == "visceral":
            return None
        facts = [
            f
            for f in found["lesion"]
            if f.value not in REGIONAL
            and (sites is None or f.value in sites or f.value == "unspecified")
        ]
        return _status(facts, rest[1], surely)
    if what == "node":
        facts = [
            f
            for f in found["lesion"]
            if f.value in (NODES[rest[0]], "lymph_nodes")
            and (f.side in SIDES[rest[1]] or f.side is Laterality.UNKNOWN and not surely)
        ]
        return _status(facts, rest[2], surely)
    if what == "cancer" and rest[1] in KINDS and not place.startswith("DR"):
        facts = [
            f
            for f in found["cancer_diagnosis"]
            if f.value in KINDS[rest[1]] and f.side in (*SIDES[rest[0]], Laterality.UNKNOWN)
        ]
        return _diagnosis(facts, rest[2], surely)
    if what == "rec":
        return _receptor(found["receptor"], rest)
    if what == "sym" and rest[0] in COMPLAINTS:
        return _complaint(found, rest, surely)
    if what == "proc" and rest[0] in ACTS:
        name, values = ACTS[rest[0]]
        done = _any(found[name], values, rest[1])
        if rest[2] == "planned":
            return None if surely else not done
        return done
    if what == "proc" and rest[0] == "biopsy_benign":
        return _any(found["tissue_diagnosis"], ("benign",), rest[1])
    return None


def _positive(facts: Iterable[Fact]) -> bool:
    return any(f.asserted is MET and f.current is not NOT_MET for f in facts)


def _category(facts: Iterable[Fact], category: str, side: str, exam: str = "any") -> bool:
    return any(
        f.side in SIDES[side]
        and f.asserted is not NOT_MET
        and (exam == "any" or f.value in EXAMINATIONS.get(exam, ()))
        and [m.value for m in f.attributes.get("birads", ())] == [category]
        for f in facts
    )


def _examination(found: dict, exam: str, side: str, state: str = "done") -> bool | None:
    if exam in SCANS:
        done = any(f.value in SCANS[exam] and f.asserted is MET for f in found["scan"])
    elif exam in EXAMINATIONS:
        done = any(
            f.value in EXAMINATIONS[exam]
            and f.asserted is not NOT_MET
            and f.side in (*SIDES[side], Laterality.UNKNOWN)
            for f in found["breast_imaging"]
        )
    else:
        return None
    return done if state == "done" else not done


def _status(facts: list[Fact], status: str, surely: bool) -> bool:
    there = [f for f in facts if f.asserted is not NOT_MET and f.current is not NOT_MET]
    called = {_certainty(f) for f in there}
    if status == "out":
        return bool(facts) and not there if surely else not there
    if status == "hist":
        return not there
    wanted = {"conf": {"confirmed"}, "susp": {"suspected"}, "unc": {"uncertain", ""}}[status]
    return bool(called & wanted)


def _certainty(fact: Fact) -> str:
    said = {m.value for m in fact.attributes.get("certainty", ())}
    return next((word for word in ("uncertain", "suspected", "confirmed") if word in said), "")


def _diagnosis(facts: list[Fact], status: str, surely: bool) -> bool:
    sure = [f for f in facts if f.asserted is MET and f.current is MET and f.value != "history"]
    open_ = [f for f in facts if f.asserted not in (MET, NOT_MET)]
    past = [
        f
        for f in facts
        if f.asserted is not NOT_MET and (f.value == "history" or f.current is NOT_MET)
    ]
    return {
        "conf": bool(sure),
        "susp": bool(open_) or not sure and not surely,
        "unc": bool(open_) or not sure and not surely,
        "hist": bool(past) or not sure and not surely,
        "out": any(f.asserted is NOT_MET for f in facts) if surely else not sure,
    }[status]


def _receptor(facts: Iterable[Fact], rest: list[str]) -> bool:
    marker, result, *of = rest
    of_metastasis = bool(of)
    for fact in facts:
        if not fact.value.startswith(marker) and not fact.value.startswith("triple"):
            continue
        tissue = {m.value for m in fact.attributes.get("tissue", ())}
        if of_metastasis is not ("metastasis" in tissue):
            continue
        if result == "equiv" and fact.asserted not in (MET, NOT_MET):
            return True
        if fact.asserted is MET and fact.value.endswith(
            {"pos": "positive", "neg": "negative"}.get(result, "?")
        ):
            return True
    return False


def _complaint(found: dict, rest: list[str], surely: bool) -> bool:
    name, values = COMPLAINTS[rest[0]]
    facts = [
        f
        for f in found[name]
        if (values is None or f.value in values) and f.side in (*SIDES[rest[1]], Laterality.UNKNOWN)
    ]
    present = [f for f in facts if f.asserted is MET and f.current is MET]
    if rest[2] == "absent":
        return bool(facts) and not present if surely else not present
    if rest[2] in ("hist", "unc"):
        return not present
    return bool(present)


def _any(facts: Iterable[Fact], values: tuple[str, ...] | None, side: str) -> bool:
    return any(
        f.asserted is MET
        and (values is None or f.value in values)
        and f.side in (*SIDES[side], Laterality.UNKNOWN)
        for f in facts
    )


def verdict(phrase: Phrase) -> str:
    """right, question (something is missing, nothing dangerous is said) or harm."""
    if any(says(phrase.place, phrase.text, harm, surely=True) for harm in phrase.harm):
        return "harm"
    told = [says(phrase.place, phrase.text, label) for label in phrase.labels]
    return "question" if any(answer is False for answer in told) else "right"
