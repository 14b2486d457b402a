"""Orders of this request and on record: what is asked for, how urgently, and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.codes import is_outside
from cds_service.fhir.dates import Dates
from cds_service.fhir.elements import Unreadable, as_list, objects, string, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from ..shared.examinations import examination
from .breast_modalities import modalities_in
from .medication import UNNAMED, medication_matches, medication_nodes
from .order_reasons import priority_of, reasons_of
from .report_text.examinations import before_reason, parts
from .report_text.phrases import parts_of, without
from .scans import first_of_each, scan_kinds
from .surgery import SETS as SURGERY_SETS
from .surgery import surgery_matches
from .treatment import radiotherapy_fields

# The value sets that may name what is ordered, scans and medication apart.
_SETS = (
    "treatment_order",
    "breast_biopsy",
    "mdt",
    "radiotherapy",
    "systemic_treatment",
    "chemotherapy_regimen",
    *SURGERY_SETS,
)
_IMAGING_SETS = ("scan", "scan_modality", "breast_examination", "generic_modality")
BOOKED = ("proposed", "pending", "booked", "arrived", "checked-in")
# "Discuss the results of your MRI" books no MRI.
_ABOUT_A_RESULT = re.compile(
    r"(?<![a-z])(?:uitslag\w*|resulta\w+|results?|(?:na)?bespre\w+|discuss\w*)(?![a-z])"
)
# Operations that are a biopsy in words, so that "biopsy" adds nothing.
_BIOPSIES = {"skin_biopsy", "sentinel_node", "mari", "node_excision"}


@dataclass(frozen=True)
class Asked:
    """What an order asks for: kinds, each said once, and the fields of its radiotherapy."""

    kinds: tuple[Match, ...]
    fields: tuple[Match, ...] = ()


@reader(
    value_sets=(
        "breast_biopsy",
        "breast_examination",
        "breast_site",
        "cancer_as_reason",
        "cancer_surgery",
        "chemotherapy_regimen",
        "combined_surgery",
        "general_surgery",
        "generic_modality",
        "image_guidance",
        "lymph_node_words",
        "mdt",
        "node_marking",
        "order_priority",
        "other_body_part",
        "other_radiation",
        "other_region",
        "other_surgery",
        "other_systemic",
        "partial_mastectomy",
        "pet_tracer",
        "radiotherapy",
        "radiotherapy_field",
        "scan",
        "scan_modality",
        "scan_region",
        "seed_localisation",
        "systemic_treatment",
        "topical_form",
        "treatment_consequence",
        "treatment_order",
        "treatment_talk",
    )
)
def care_order(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Orders by kind, with urgency and reasons; an order for two examinations gives two facts. A Procedure is an order while it
    is being prepared or drafted; what was done is none."""
    return recognised(
        read,
        definition,
        lambda resource: _asked(read, definition, resource),
        lambda r, d, asked: _orders(read, definition, r, d, asked),
    )


def _asked(read: Reading, definition: FactDefinition, resource: dict) -> Asked | None:
    if resource["resourceType"] == "MedicationRequest":
        return _prescribed(read, resource)
    if resource["resourceType"] == "Appointment":
        return _booked(read, definition, resource)
    drafted = any(draft is resource for draft in read.record.drafts)
    if (
        resource["resourceType"] == "Procedure"
        and not drafted
        and resource.get("status") != "preparation"
    ):
        return None
    if not (
        read.mentions(resource, *(read.value_sets[name] for name in (*_SETS, *_IMAGING_SETS)))
        or resource.get("performer")
    ):
        return None
    nodes = [_asked_for(node) for node in nodes_of(resource, definition)]
    fields = [m for m in radiotherapy_fields(read, resource, nodes) if _counts(read, m, nodes)]
    kinds = [*_imaging(read, resource, nodes), *_treatment(read, resource, nodes)]
    kinds += [replace(fields[0], value="radiotherapy")] if fields else []
    found = first_of_each(kinds or _by_performer(read, resource))
    return Asked(tuple(found.values()), tuple(first_of_each(fields).values())) if found else None


def _booked(read: Reading, definition: FactDefinition, resource: dict) -> Asked | None:
    """What an appointment that is still to come is for, read like an order in its words; one that took place is no order. One with a
    status that nobody knows may be either."""
    may_be_booked = resource.get("status") in BOOKED or is_outside(resource, "status")
    if not may_be_booked or not read.mentions(
        resource, *(read.value_sets[name] for name in (*_SETS, *_IMAGING_SETS))
    ):
        return None
    found = []
    for node in nodes_of(resource, definition):
        if any(_ABOUT_A_RESULT.search(part) for part in parts_of([node])):
            continue
        order = {
            "resourceType": "ServiceRequest",
            "code": {"text": node} if isinstance(node, str) else node,
        }
        nodes = [_asked_for(order["code"])]
        fields = [m for m in radiotherapy_fields(read, order, nodes) if _counts(read, m, nodes)]
        found += [
            *_imaging(read, order, nodes),
            *_treatment(read, order, nodes),
            *(replace(m, value="radiotherapy") for m in fields[:1]),
        ]
    return Asked(tuple(first_of_each(found).values())) if found else None


def _asked_for(node: object) -> object:
    """A node with its words up to their reason."""
    if isinstance(node, str):
        return "; ".join(before_reason(part) for part in parts(node))
    if isinstance(node, dict):
        worded = {
            key: _asked_for(node[key])
            for key in ("text", "display")
            if isinstance(node.get(key), str)
        }
        coding = (
            {"coding": [_asked_for(c) for c in node["coding"]]}
            if isinstance(node.get("coding"), list)
            else {}
        )
        return {**node, **worded, **coding}
    return node


def _counts(read: Reading, match: Match, nodes: list[object]) -> bool:
    """Whether a match is asked for: not denied, not of before, and not only talked about ("consult", "voorlichting")."""
    if match.negated or match.past:
        return False
    naming = [part for part in parts_of(nodes) if match.from_text and match.words in part]
    about = [
        [
            m
            for m in read.value_sets["treatment_talk"].text(part)
            if m.value == "about" and not m.words.startswith(("verwijz", "referral"))
        ]
        for part in naming
    ]
    return not (naming and all(about))


def _imaging(read: Reading, resource: dict, nodes: list[object]) -> Iterator[Match]:
    """Scans, and the breast examinations of surveillance."""
    scans = (
        scan_kinds(read, resource)
        if resource["resourceType"] in ("ServiceRequest", "Procedure")
        else []
    )
    breast = modalities_in(read, resource, nodes)
    named = {m.value for m in matches(nodes, read.value_sets["breast_examination"])}
    other_mri = any(m.value != "mri" and examination(m.value).modality == "mri" for m in scans)
    of_breast = [m for m in breast if m.value == "mri" and not other_mri]
    yield from (m for m in scans if not (of_breast and m.value == "mri"))
    yield from (replace(m, value="mri_breast") for m in of_breast)
    for match in breast:
        beside_liver = (
            match.value == "ultrasound"
            and "ultrasound" not in named
            and any(m.value == "liver_ultrasound" for m in scans)
        )
        if match.value in ("mammography", "ultrasound") and not beside_liver:
            yield match


def _treatment(read: Reading, resource: dict, nodes: list[object]) -> Iterator[Match]:
    """Surgery, systemic treatment in words or as a procedure, meetings, referrals and biopsies."""
    found = surgery_matches(read, resource, nodes)
    clean = [without(node, read.value_sets["other_systemic"]) for node in nodes]
    systemic = matches(clean, read.value_sets["systemic_treatment"])
    regimens = (
        matches(clean, read.value_sets["chemotherapy_regimen"])
        if systemic or _starts_treatment(nodes)
        else []
    )
    systemic += [m for m in regimens if m.value not in {s.value for s in systemic}]
    found += [m for m in systemic if m.value != "systemic"] or systemic
    for node in nodes:
        found += [
            m
            for name in ("treatment_order", "breast_biopsy", "mdt")
            for m in _as_order(name, matches([node], read.value_sets[name]))
        ]
    found = [
        m
        for m in found
        if _counts(read, m, nodes) or m.value in ("mdt", "breast_clinic") and not m.negated
    ]
    has_biopsy = {m.value for m in found} & _BIOPSIES
    yield from (m for m in found if not (m.value == "biopsy" and has_biopsy))


def _starts_treatment(nodes: list[object]) -> bool:
    """ "Start AC" and "kuur 1 TC" name a regimen by nothing but its letters."""
    return any(
        word in part.split()
        for part in parts_of(nodes)
        for word in (
            "start",
            "kuur",
            "kuren",
            "schema",
            "neoadjuvant",
            "neoadjuvante",
            "adjuvante",
            "cyclus",
            "cycle",
        )
    )


def _as_order(name: str, found: list[Match]) -> list[Match]:
    return [replace(m, value="biopsy") for m in found] if name == "breast_biopsy" else found


def _by_performer(read: Reading, resource: dict) -> list[Match]:
    """A referral that names no more than whom it is sent to: "Verwijzing", to the breast clinic."""
    to = [
        *as_list(resource.get("performerType")),
        *(
            p["display"]
            for p in objects(resource.get("performer"), "performer")
            if p.get("display")
        ),
    ]
    found = [
        m
        for name in ("treatment_order", "mdt")
        for node in to
        if node
        for m in matches([node], read.value_sets[name])
    ]
    return [m for m in found if m.value in ("breast_clinic", "mdt") and not m.negated]


def _prescribed(read: Reading, resource: dict) -> Asked | None:
    """The systemic treatment that a prescription is for. A draft that refers to a Medication which nobody read may be any."""
    found = medication_matches(
        read,
        resource,
        read.value_sets["systemic_treatment"],
        read.value_sets["chemotherapy_regimen"],
    )
    if found == [UNNAMED]:
        if any(draft is resource for draft in read.record.drafts):
            return Asked((UNNAMED,))
        read.report(resource, "unreadable", "MedicationRequest.medicationReference")
        return None
    kinds = first_of_each(m for m in found if not m.negated and not m.past)
    specific = {value: m for value, m in kinds.items() if value != "systemic"}
    return Asked(tuple((specific or kinds).values())) if kinds else None


def _orders(
    read: Reading, definition: FactDefinition, resource: dict, draft: int | None, asked: Asked
) -> Iterator[Fact]:
    if asked.kinds == (UNNAMED,):
        raise Unreadable("MedicationRequest.medicationReference")
    reason = reasons_of(read, resource, definition)
    attributes = {
        "priority": priority_of(read, resource),
        "reason": reason,
        "state": attribute_of(resource, definition.attributes["state"]),
    }
    attributes["course"] = attribute_of(resource, definition.attributes["course"])
    side = read.side(resource, [m.side for m in (*asked.kinds, *asked.fields)])
    for match in asked.kinds:
        own = {**attributes, "field": asked.fields} if match.value == "radiotherapy" else attributes
        fact = read.fact(
            definition,
            resource,
            draft,
            match,
            side,
            {name: said for name, said in own.items() if said},
        )
        if fact is not None:
            yield replace(
                _as_planned(read, resource, fact), words=_words(read, resource) or fact.words
            )


def _as_planned(read: Reading, resource: dict, fact: Fact) -> Fact:
    """A Procedure that is being prepared is ordered; a date ahead is when it will be, not when it was asked for."""
    if resource["resourceType"] not in ("Procedure", "Appointment"):
        return fact
    if resource["resourceType"] == "Appointment":
        return replace(fact, when=Dates(), recorded=Dates())
    ahead = fact.when.is_future(read.now)
    prepared = (
        string(resource.get("status"), "Procedure.status") in ("preparation", "")
        or fact.draft is not None
    )
    return replace(
        fact,
        asserted=Truth.MET if prepared and fact.asserted is Truth.NOT_MET else fact.asserted,
        when=Dates() if ahead else fact.when,
        recorded=Dates() if ahead else fact.recorded,
    )


def _words(read: Reading, resource: dict) -> str:
    """How the record names a prescription."""
    if resource["resourceType"] != "MedicationRequest":
        return ""
    return next((text for node in medication_nodes(read, resource) for text in texts(node)), "")
