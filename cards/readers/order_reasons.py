"""Why something is ordered, how urgently, and whether words say that a result changes the treatment."""

import re
from collections.abc import Iterable
from dataclasses import replace

from cds_service.clinical_text.context import clauses
from cds_service.facts.extraction import Reading
from cds_service.facts.matching import matches
from cds_service.facts.model import FactDefinition
from cds_service.facts.status import named
from cds_service.fhir.elements import as_list, objects, string, texts
from cds_service.terminology.value_set import Match, ValueSet

from .report_text.examinations import joined
from .reports import linked

VALUE_SETS = ("order_priority", "treatment_consequence")  # looked up here

PRIORITIES = ("routine", "urgent", "asap", "stat")
# How interfaces write them besides (S, A, R: HL7 v2 table 0485; EM, UR: HL7 v3 ActPriority), and as words in Dutch and English.
SPELLINGS = {
    "s": "stat",
    "a": "asap",
    "r": "routine",
    "em": "urgent",
    "ur": "urgent",
    "emergency": "urgent",
    "emergent": "urgent",
    "spoed": "urgent",
    "cito": "urgent",
    "dringend": "urgent",
    "acuut": "urgent",
    "zsm": "asap",
}
UNREADABLE_PRIORITY = "unreadable"
# A reason of this kind counts only as what is so now; a question about it is the reason all the same.
_OF_NOW = ("cord_compression", "neurological", "complaint")
_CONSEQUENCES = ("consequence", "no_consequence")
# A reason of this kind, doubted or asked, is a question of its own.
_ASKED = {
    "cancer": "suspected_recurrence",
    "recurrence": "suspected_recurrence",
    "metastases": "suspected_metastases",
}
# Words that put a question; a part of a reason that holds one and nothing known asks for something else than staging.
_SUSPECTS = re.compile(
    r"(?<![a-z])(?:verdenking|verdacht\w*|dd|d\.d\.?|differentiaal\w*|uit te sluiten|uitsluit\w*|cave|suspected|suspicion|suspicious|rule out|r/o|query)(?![a-z])|\w\s*\?"
)
_DENIED = re.compile(r"(?<![a-z])(?:geen|zonder|niet|no|not|without)(?![a-z])(?! uit te sluiten)")
# What a staging examination may look for without a name: a lesion of which nobody says what it is.
_LESIONS = re.compile(
    r"laesie|lesie|lesion|haard|afwijking|focus|stapeling|uptake|nodus|nodul|onduidelijk"
)
# What would be the case is no reason now.
_CONDITION = re.compile(r"(?<![a-z])(?:indien|mocht|if)(?![a-z])[^.;\n]*")


def priority_of(read: Reading, resource: dict) -> tuple[Match, ...]:
    """The urgency of an order: its priority; "spoed" or "cito" in its words counts beside one that is not urgent. A priority that nobody
    here knows is `unreadable`: it may be an urgent one, and of an order of this request it is told."""
    # The priority of an Appointment is a number of its calendar.
    coded = (
        string(resource.get("priority"), f"{resource['resourceType']}.priority")
        if resource["resourceType"] != "Appointment"
        else ""
    )
    value = (
        coded
        if coded in PRIORITIES
        else SPELLINGS.get(coded.lower(), UNREADABLE_PRIORITY if coded else "")
    )
    if value == UNREADABLE_PRIORITY and any(draft is resource for draft in read.record.drafts):
        read.report(resource, "unreadable", named(f"{resource['resourceType']}.priority", coded))
    found = [Match(value, words=coded)] if value else []
    if value in ("", "routine", UNREADABLE_PRIORITY):
        words = [text for node in _beside(resource) for text in texts(node)]
        found += [
            m
            for text in words
            for m in read.value_sets["order_priority"].text(text)
            if not m.negated and not m.past
        ][:1]
    return tuple(found)


def reasons_of(read: Reading, resource: dict, definition: FactDefinition) -> tuple[Match, ...]:
    """The reasons of an order. Given as such (codes, words, a Condition that it refers to) each one counts, as `other` where
    nobody here knows it; in the order's own name and in remarks only those that are known."""
    found: dict[str, Match] = {}
    for node in [*_given(read, resource), *_named_problems(read, resource)]:
        said = _reasons(read, node, definition)
        if said is None:
            found.setdefault(
                "other",
                Match(
                    "other",
                    from_text=True,
                    words=next(texts(node), "") if isinstance(node, dict | str) else "",
                ),
            )
        for match in said or ():
            found.setdefault(match.value, match)
    remarks = [note.get("text") for note in objects(resource.get("note"), "note")]
    for node in [*_beside(resource), *(remark for remark in remarks if remark)]:
        for match in _reasons(read, node, definition) or ():
            found.setdefault(match.value, match)
    return tuple(found.values())


def consequences(read: Reading, words: Iterable[str]) -> tuple[Match, ...]:
    """What texts say of whether a result changes the treatment: `consequence`, or `no_consequence` where that is denied. A
    question or a doubt says neither."""
    found: dict[str, Match] = {}
    for text in words:
        said = [
            m for m in read.value_sets["treatment_consequence"].text(joined(text)) if not m.past
        ]
        denied = [
            m for m in said if m.value == "no_consequence" or m.negated and m.value == "consequence"
        ]
        chosen = [
            replace(m, value="no_consequence", negated=False, uncertain=False) for m in denied
        ] or [m for m in said if not m.uncertain]
        for match in chosen:
            found.setdefault(match.value, match)
    return tuple(found.values())


def _given(read: Reading, resource: dict) -> list[object]:
    """Reasons that stand in the order itself."""
    return [node for node in as_list(resource.get("reasonCode")) if node]


def _named_problems(read: Reading, resource: dict) -> list[object]:
    """What an order refers to as its reason: the code of a Condition or Observation; what was not read goes by its display."""
    nodes: list[object] = []
    for link in objects(resource.get("reasonReference"), "reasonReference"):
        other = next(
            iter(linked(read, {**resource, "reasonReference": link}, ("reasonReference",))), None
        )
        nodes.append(
            (other or {}).get("code")
            or string(link.get("display"), "reasonReference.display")
            or {}
        )
    return nodes


def _beside(resource: dict) -> list[object]:
    """The name of an order with its details: what stands there may tell why ("Controle mammografie")."""
    return [
        node
        for node in [resource.get("code"), *as_list(resource.get("orderDetail"))]
        if isinstance(node, dict | str)
    ]


def _reasons(read: Reading, node: object, definition: FactDefinition) -> list[Match] | None:
    """The reasons that one node tells; None where it tells nothing known, an empty list where all it tells is denied or doubted."""
    wanted = definition.attributes["reason"].value_set
    words = [_CONDITION.sub(" ", joined(text)) for text in texts(node)]
    coded = (
        [m for m in matches([node], wanted) if not m.from_text] if isinstance(node, dict) else []
    )
    said = [m for text in words for m in wanted.text(text)]
    # Beside a code, words count where they ask: "C50" with the words "verdenking recidief".
    worded = [m for m in said if m.uncertain and m.value in _ASKED] if coded else said
    changes = [m for text in words for m in read.value_sets["treatment_consequence"].text(text)]
    if not coded and not worded and not changes:
        return None
    kept = [
        replace(m, value=_ASKED.get(m.value, m.value) if m.uncertain else m.value)
        for m in coded + worded
        if not m.negated and not (m.past and m.value in _OF_NOW)
    ]
    told = [replace(m, uncertain=False) for m in kept if m.value not in _CONSEQUENCES]
    changing = consequences(read, words)
    told += [
        replace(m, value="consequence_asked", uncertain=False)
        for m in changes[:1]
        if m.uncertain and not changing
    ]
    told += [
        Match("suspicion", from_text=True, words=part)
        for text in words
        for part in _asked_besides(read, text, wanted)
    ]
    return told + list(changing)


def _asked_besides(read: Reading, text: str, wanted: ValueSet) -> list[str]:
    """The parts of a reason that put a question about nothing known here: "jaarlijkse controle, dd ontsteking"."""
    known = (wanted, read.value_sets["treatment_consequence"])
    parts = [part.strip() for clause in clauses(text) for part in clause.split(",")]
    asking = [
        p for p in parts if _SUSPECTS.search(p) and not _DENIED.search(p) and not _LESIONS.search(p)
    ]
    return [p for p in asking if not any(s.stands_in(p) for s in known)]
