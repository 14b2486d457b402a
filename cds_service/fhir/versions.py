"""One look at the version of FHIR that a resource is written in, by its shape: no resource says it of itself.

R4 and R4B are read as they are. What FHIR R5 says in another shape is put into that of R4, so that everything behind this
module knows one shape only. What is written as in STU3 or before is not read at all: there "status: completed" may stand beside
"notDone: true". Sources: the R4, R5 and STU3 definitions of the resources, "Differences to previous versions". Nothing is judged
here: a malformed element goes where its R4 namesake stands, and is told when it is read.
"""

from collections.abc import Callable

from cds_service.fhir.resource_types import RESOURCE_TYPES

OLDER_THAN_R4 = "FHIR STU3 or older is not read"

# Types that became another one in R4.
_RENAMED_TYPES = {
    "ProcedureRequest": "ServiceRequest",
    "ReferralRequest": "ServiceRequest",
    "DiagnosticRequest": "ServiceRequest",
    "DiagnosticOrder": "ServiceRequest",
    "MedicationOrder": "MedicationRequest",
}
# A Medication is read with what refers to it, and has no row of its own.
_MARKS = {kind: frozenset(row.of_r5) for kind, row in RESOURCE_TYPES.items() if row.of_r5}
_MARKS["Medication"] = frozenset(("ingredient",))
_CONTAINED = frozenset(("contained",))
# The elements by which a resource may be of another version, one way or the other: one look that nearly all of a record passes.
_TELLING = {
    kind: _CONTAINED.union(
        row.gone, row.was_text, [row.was_concept] if row.was_concept else [], row.of_r5
    )
    for kind, row in RESOURCE_TYPES.items()
} | {"Medication": _CONTAINED | _MARKS["Medication"]}
_OLDER = {kind: row for kind, row in RESOURCE_TYPES.items() if row.gone}


def is_plain(resource: dict) -> bool:
    """Whether a resource surely is written as in R4: no element of it tells of another version. One look that most of a record passes."""
    kind = resource["resourceType"]
    return kind not in _RENAMED_TYPES and _TELLING.get(kind, _CONTAINED).isdisjoint(resource)


def outdated(resource: dict) -> str:
    """The R4 type of a resource that is written as in STU3 or before; "" for what is newer, and for what looks the same in both."""
    kind = resource["resourceType"]
    if kind in _RENAMED_TYPES:
        return _RENAMED_TYPES[kind]
    row = _OLDER.get(kind)
    if row is None:
        return ""
    was_text = any(isinstance(resource.get(element), str) for element in row.was_text)
    was_concept = row.was_concept != "" and any(
        isinstance(node, dict) and ("coding" in node or "text" in node)
        for node in _list(resource.get(row.was_concept))
    )
    return kind if was_text or was_concept or any(e in resource for e in row.gone) else ""


def as_r4(resource: dict) -> dict:
    """The resource in the shape of R4: itself, unchanged, unless something in it has the shape of R5."""
    kind = resource["resourceType"]
    if "contained" in resource and isinstance(resource["contained"], list):
        inner = [
            as_r4(one)
            if isinstance(one, dict) and isinstance(one.get("resourceType"), str)
            else one
            for one in resource["contained"]
        ]
        if any(new is not old for new, old in zip(inner, resource["contained"], strict=True)):
            resource = {**resource, "contained": inner}
    marks = _MARKS.get(kind)
    if marks is None or marks.isdisjoint(resource):
        return resource
    told = dict(resource)
    for change in _CHANGES[kind]:
        change(told)
    return told if told != resource else resource


# --- the shapes of R5


def _list(node: object) -> list:
    return node if isinstance(node, list) else [] if node is None else [node]


def _parts(node: object) -> tuple[list, list]:
    """(concepts, references) of CodeableReferences, which may hold both. What has another shape counts as a concept."""
    concepts: list = []
    references: list = []
    for item in _list(node):
        reference = item.get("reference") if isinstance(item, dict) else None
        if isinstance(item, dict) and ("concept" in item or isinstance(reference, dict)):
            concepts += [item["concept"]] if "concept" in item else []
            references += [reference] if reference is not None else []
        elif isinstance(reference, str):
            references.append(item)  # a plain Reference
        else:
            concepts.append(item)
    return concepts, references


def _split(
    element: str, concepts_to: str, references_to: str, *, single: bool = False
) -> Callable[[dict], None]:
    """A CodeableReference of R5 into the pair that it was in R4 (reason -> reasonCode and reasonReference)."""

    def change(told: dict) -> None:
        node = told.pop(element, None)
        for target, found in zip((concepts_to, references_to), _parts(node), strict=True):
            if found:
                before = _list(told.get(target))
                told[target] = (before or found)[0] if single else before + found

    return change


def _renamed(stem: str, new: str) -> Callable[[dict], None]:
    """An element under its R4 name, with every suffix of a choice (occurrenceDateTime -> performedDateTime). R4's own comes first."""

    def change(told: dict) -> None:
        for key in [key for key in told if key.startswith(stem)]:
            value = told.pop(key)
            target = new + key[len(stem) :]
            if told.get(target) is None:
                told[target] = value

    return change


def _concept_only(element: str) -> Callable[[dict], None]:
    """CodeableReferences where R4 has concepts only; what is only referred to goes by its display."""

    def change(told: dict) -> None:
        node = told.get(element)
        if not any(
            isinstance(item, dict)
            and ("concept" in item or isinstance(item.get("reference"), dict))
            for item in _list(node)
        ):
            return
        concepts, references = _parts(node)
        named = (
            concepts
            or [
                {"text": r["display"]}
                for r in references
                if isinstance(r, dict) and r.get("display")
            ]
            or [{}]
        )
        told[element] = named if isinstance(node, list) else named[0]

    return change


def _coding(node: object) -> object:
    """A concept as the Coding that R4 has in its place, where that loses nothing."""
    if isinstance(node, dict) and "concept" in node and "reference" not in node:
        node = node["concept"]
    if not isinstance(node, dict) or "coding" not in node and "text" not in node:
        return node
    inside = node.get("coding") or []
    if node.keys() == {"text"}:
        return {"display": node["text"]}
    return (
        inside[0]
        if node.keys() == {"coding"} and isinstance(inside, list) and len(inside) == 1
        else node
    )


def _codings_of_study(told: dict) -> None:
    if "modality" in told:
        told["modality"] = (
            [_coding(node) for node in told["modality"]]
            if isinstance(told["modality"], list)
            else told["modality"]
        )
    if isinstance(told.get("series"), list):
        places = ("modality", "bodySite", "laterality")
        told["series"] = [
            {k: _coding(v) if k in places else v for k, v in one.items()}
            if isinstance(one, dict)
            else one
            for one in told["series"]
        ]


def _evidence(told: dict) -> None:
    """Condition.evidence: a list of CodeableReferences in R5, of objects with codes and details in R4."""
    if isinstance(told.get("evidence"), list):
        told["evidence"] = [_as_evidence(item) for item in told["evidence"]]


def _as_evidence(item: object) -> object:
    if not isinstance(item, dict) or not (
        "concept" in item or isinstance(item.get("reference"), dict)
    ):
        return item
    concepts, references = _parts(item)
    return {name: found for name, found in (("code", concepts), ("detail", references)) if found}


def _order_details(told: dict) -> None:
    """ServiceRequest.orderDetail: parameters with values in R5, concepts in R4."""
    if not any(
        isinstance(item, dict) and "parameter" in item for item in _list(told.get("orderDetail"))
    ):
        return
    found: list = []
    for item in _list(told["orderDetail"]):
        if not isinstance(item, dict) or "parameter" not in item:
            found.append(item)
            continue
        for parameter in _list(item["parameter"]):
            value = (
                parameter.get("valueCodeableConcept") if isinstance(parameter, dict) else parameter
            )
            words = parameter.get("valueString") if isinstance(parameter, dict) else None
            found += (
                [value] if value is not None else [{"text": words}] if words is not None else []
            )
    told["orderDetail"] = found


def _encounter_reason(told: dict) -> None:
    """Encounter.reason: uses with values in R5, reasonCode and reasonReference in R4."""
    told["reason"] = [
        value
        for item in _list(told.get("reason"))
        for value in (_list(item.get("value")) if isinstance(item, dict) else [item])
    ]
    _split("reason", "reasonCode", "reasonReference")(told)


# MedicationStatement.adherence (http://hl7.org/fhir/CodeSystem/medication-statement-adherence) -> the status that said it in R4.
_ADHERENCE = {
    "taking": "active",
    "not-taking": "not-taken",
    "on-hold": "on-hold",
    "stopped": "stopped",
    "unknown": "unknown",
}


def _adherence(told: dict) -> None:
    """In R5 the status is that of the record, and "not taken" stands apart from it."""
    if told.get("status") != "recorded" or not isinstance(told.get("adherence"), dict):
        return
    code = told["adherence"].get("code")
    codes = (
        [c.get("code") for c in _list(code.get("coding")) if isinstance(c, dict)]
        if isinstance(code, dict)
        else []
    )
    said = [
        _ADHERENCE[stem]
        for one in codes
        if isinstance(one, str)
        for stem in _ADHERENCE
        if one == stem or one.startswith(f"{stem}-")
    ]
    told["status"] = said[0] if said else "unknown"
    del told["adherence"]


def _ingredients(told: dict) -> None:
    """Medication.ingredient.item[x]: one CodeableReference in R5."""
    if isinstance(told.get("ingredient"), list):
        split = _split("item", "itemCodeableConcept", "itemReference", single=True)
        told["ingredient"] = [
            dict(one) if isinstance(one, dict) else one for one in told["ingredient"]
        ]
        for one in told["ingredient"]:
            if isinstance(one, dict) and "item" in one:
                split(one)


_REASON = _split("reason", "reasonCode", "reasonReference")
_MEDICATION = _split("medication", "medicationCodeableConcept", "medicationReference", single=True)
_CHANGES: dict[str, tuple[Callable[[dict], None], ...]] = {
    "Condition": (_evidence,),
    "ImagingStudy": (
        _codings_of_study,
        _split("procedure", "procedureCode", "procedureReference"),
        _REASON,
    ),
    "DiagnosticReport": (_renamed("study", "imagingStudy"),),
    "Procedure": (
        _renamed("occurrence", "performed"),
        _REASON,
        _split("used", "usedCode", "usedReference"),
    ),
    "ServiceRequest": (_concept_only("code"), _order_details, _REASON),
    "MedicationRequest": (_MEDICATION, _REASON),
    "MedicationAdministration": (
        _MEDICATION,
        _renamed("occurence", "effective"),
        _renamed("occurrence", "effective"),
        _REASON,
    ),
    "MedicationStatement": (_MEDICATION, _REASON, _adherence),
    "Medication": (_ingredients,),
    "Encounter": (
        _renamed("actualPeriod", "period"),
        _concept_only("serviceType"),
        _encounter_reason,
    ),
    "Appointment": (_concept_only("serviceType"), _REASON),
}
