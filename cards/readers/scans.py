"""Imaging: which examination a resource is about, and the examinations that were done."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cds_service.clinical_text.context import findings
from cds_service.facts import status, timing
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import matches
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import (
    Unreadable,
    as_list,
    codings,
    objects,
    reference,
    references,
    relative,
    string,
    texts,
)
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from ..shared.examinations import TOGETHER, examination
from .breast_modalities import modalities_in
from .report_text.examinations import (
    KINDS,
    Scans,
    named_in,
    regions_in,
    tracers_in,
)
from .reports import linked, prose, results, was_not_made

# Where a resource names its examination, and what it leads to that may say more of the same examination.
_NAMES = {
    "DiagnosticReport": ("code",),
    "Procedure": ("code",),
    "ServiceRequest": ("code", "orderDetail"),
    "ImagingStudy": ("procedureCode", "description", "modality"),
}
_RELATED = {
    "DiagnosticReport": ("imagingStudy", "basedOn"),
    "Procedure": ("basedOn", "report", "partOf"),
    "ServiceRequest": (),
    "ImagingStudy": ("procedureReference", "basedOn"),
}

_TITLES = 10  # the clauses of a report in which its examination is looked for


@reader(
    value_sets=(
        "breast_examination",
        "breast_site",
        "generic_modality",
        "image_guidance",
        "other_region",
        "pet_tracer",
        "scan",
        "scan_modality",
        "scan_region",
    )
)
def scan(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each kind of imaging that a report, study or procedure tells was done; a draft tells of nothing done."""

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        attributes = (
            {"conclusive": said} if (said := _conclusive(read, resource, definition)) else {}
        )
        for match in found if draft is None else ():
            fact = read.fact(
                definition, resource, draft, match, read.side(resource, [match.side]), attributes
            )
            if fact is not None:
                yield fact

    return recognised(read, definition, lambda resource: scan_kinds(read, resource), make)


def scan_kinds(read: Reading, resource: dict) -> list[Match]:
    """What a DiagnosticReport, ImagingStudy, Procedure or ServiceRequest is of, as values of the fact `scan`; nothing for others.

    The region of an MRI and the tracer of a PET are taken from the resource, then from what belongs to it (study, order, report,
    radiopharmaceutical of that day). Where nothing says it: `mri`, `pet`. Raises Unreadable.
    """
    sets = read.value_sets
    if resource.get("resourceType") not in _NAMES or was_not_made(resource):
        return []
    if not read.mentions(
        resource, sets["scan"], sets["scan_modality"], sets["breast_examination"]
    ) and not _leads_to_study(resource):
        return []
    return list(_scans(read, resource, asked_by=()))


def _leads_to_study(resource: dict) -> bool:
    """A report without a word of its own may still be known by the study that it lists."""
    return resource["resourceType"] == "DiagnosticReport" and bool(resource.get("imagingStudy"))


def _scans(read: Reading, resource: dict, asked_by: tuple[int, ...]) -> Iterator[Match]:
    """The kinds of one resource. `asked_by`: the resources on whose behalf this one is looked at."""
    named = _named(read, resource)
    kinds = first_of_each(named.kinds)
    general = {
        value: m
        for value, m in first_of_each(named.general).items()
        if value not in {examination(kind).modality for kind in kinds}
    }
    if "pet" in general or any(examination(kind).modality == "pet" for kind in kinds):
        # The CT or MRI of a PET/CT is part of it.
        general = {name: m for name, m in general.items() if name == "pet" or m.from_text}
    related = (
        [] if len(asked_by) > 1 else [r for r in _related(read, resource) if id(r) not in asked_by]
    )
    if not kinds and not general:
        yield from _of_the_study(read, resource, related, asked_by)
    yield from kinds.values()
    for modality, match in general.items():
        yield from _detailed(read, resource, modality, match, related, asked_by)


def _of_the_study(
    read: Reading, resource: dict, related: list[dict], asked_by: tuple[int, ...]
) -> Iterator[Match]:
    """A report whose own code names no examination is of the study that it lists."""
    if resource["resourceType"] == "DiagnosticReport":
        found = [
            m
            for r in related
            if r["resourceType"] == "ImagingStudy"
            for m in _scans(read, r, (*asked_by, id(resource)))
        ]
        yield from first_of_each(found).values()


def first_of_each(found: Iterable[Match]) -> dict[str, Match]:
    """The first match of each value, in their order."""
    kept: dict[str, Match] = {}
    for match in found:
        kept.setdefault(match.value, match)
    return kept


def _named(read: Reading, resource: dict) -> Scans:
    """What a resource says of itself, node by node: a code that says it all, a general code with words beside it, or words."""
    kinds: list[Match] = []
    general: list[Match] = []
    for node in _name_nodes(resource):
        coded = _coded(read, node)
        specific = [m for m in coded if m.value in _specific_values(coded)]
        kinds += specific
        if not specific:
            general += coded
            for text in texts(node, "code"):
                words = named_in(read, text)
                kinds += words.kinds
                general += words.general
    return Scans(tuple(kinds), tuple(general))


def _specific_values(found: list[Match]) -> set[str]:
    return {m.value for m in found} - {modality for modality, _ in KINDS} - {"pet"}


def _name_nodes(resource: dict) -> Iterator[object]:
    for key in _NAMES[resource["resourceType"]]:
        yield from (node for node in as_list(resource.get(key)) if node is not None)
    for series in objects(resource.get("series"), "series"):
        yield from (
            series[key] for key in ("modality", "description") if series.get(key) is not None
        )
    if resource["resourceType"] == "DiagnosticReport":
        yield from as_list(resource.get("category"))


def _coded(read: Reading, node: object) -> list[Match]:
    """The codes of a name: kinds of examination, modalities, and MRI of the breast."""
    found: list[Match] = []
    if isinstance(node, str):
        return found
    for coding in codings(node, "code"):
        if match := read.value_sets["scan"].coding(coding.system, coding.code):
            found += [
                replace(match, value=kind) for kind in TOGETHER.get(match.value, (match.value,))
            ]
        elif match := read.value_sets["scan_modality"].coding(coding.system, coding.code):
            found.append(match)
        elif (
            match := read.value_sets["breast_examination"].coding(coding.system, coding.code)
        ) and match.value == "mri":
            found.append(replace(match, value="mri_breast"))
    return found


def _related(read: Reading, resource: dict) -> list[dict]:
    """The resources of the same examination, as far as they were read."""
    found = linked(read, resource, _RELATED[resource["resourceType"]])
    mine = reference(resource)
    if resource["resourceType"] == "ImagingStudy" and mine:
        for report in (r for r in read.record.of_type("DiagnosticReport") if r.get("imagingStudy")):
            found += (
                [report]
                if mine in map(relative, references(report["imagingStudy"], "imagingStudy"))
                else []
            )
    return [other for other in found if other.get("resourceType") in _NAMES]


def _detailed(
    read: Reading,
    resource: dict,
    modality: str,
    match: Match,
    related: list[dict],
    asked_by: tuple[int, ...],
) -> Iterator[Match]:
    """The kinds that a general modality turns out to be: by its own words and sites, by what belongs to it, by its report's words."""
    own = _tracers(read, resource) if modality == "pet" else _regions(read, resource)
    if own:
        for found in own:
            values = (found.value,) if modality == "pet" else KINDS.get((modality, found.value), ())
            yield from (replace(match, value=value, side=found.side) for value in values)
        return
    mine = (*asked_by, id(resource))
    told = [
        m
        for other in related
        for m in _scans(read, other, mine)
        if examination(m.value).modality == modality and m.value != modality
    ]
    if (
        modality == "mri"
        and not told
        and any(
            m.value == "mri" for m in modalities_in(read, resource, list(_name_nodes(resource)))
        )
    ):
        told = [replace(match, value="mri_breast")]  # "Mammografie, echo en MRI"
    told = told or list(_in_prose(read, resource, modality))
    told = told or (list(_given(read, resource)) if modality == "pet" and not asked_by else [])
    if told:
        yield from first_of_each(
            replace(m, from_text=m.from_text or match.from_text) for m in told
        ).values()
    elif modality in ("pet", "mri"):
        yield match


def _regions(read: Reading, resource: dict) -> list[Match]:
    """The regions of an examination: its sites, or words that name no other examination."""
    sites = [resource.get("bodySite")] + [
        series.get("bodySite") for series in objects(resource.get("series"), "series")
    ]
    found = matches([site for site in sites if site], read.value_sets["scan_region"])
    if not found:
        plain = [text for node in _name_nodes(resource) for text in texts(node, "code")]
        bare = [
            text
            for text in plain
            if not named_in(read, text).kinds and not named_in(read, text).general
        ]
        found = [
            Match(region, from_text=True, words=text)
            for text in bare
            for region in regions_in(read, text)
        ]
    return list(first_of_each(m for m in found if not m.negated).values())


def _tracers(read: Reading, resource: dict) -> list[Match]:
    """The tracers that a resource gives itself: what it used, or words beside its name."""
    used = [*as_list(resource.get("usedCode"))]
    for other in linked(read, resource, ("usedReference",)):
        used += _substances(read, other)
    found = matches([node for node in used if node], read.value_sets["pet_tracer"])
    if not found:
        plain = [text for node in _name_nodes(resource) for text in texts(node, "code")]
        found = [
            Match(tracer, from_text=True, words=text)
            for text in plain
            for tracer in tracers_in(read, text)
        ]
    return list(first_of_each(m for m in found if not m.negated).values())


def _substances(read: Reading, resource: dict) -> list[object]:
    """What a medication, its administration or a substance consists of."""
    found = [resource.get(key) for key in ("code", "medicationCodeableConcept")]
    found += [other.get("code") for other in linked(read, resource, ("medicationReference",))]
    return [node for node in found if isinstance(node, dict)]


def _in_prose(read: Reading, resource: dict, modality: str) -> Iterator[Match]:
    """What the words of a report say of its own examination: the first clause that names it; for a PET a tracer anywhere in it."""
    if resource["resourceType"] != "DiagnosticReport":
        return
    told = list(dict.fromkeys(clause for text in prose(resource) for clause in findings(text)))
    for clause in told[:_TITLES]:
        scans = named_in(read, clause)
        kinds = [
            m
            for m in scans.kinds
            if modality in (examination(m.value).modality, "imaging") and m.value != "pet"
        ]
        if kinds:
            yield from kinds
            return
        if modality == "imaging" and any(m.value in ("pet", "mri") for m in scans.general):
            yield from (m for m in scans.general if m.value in ("pet", "mri"))
            return
    named = (
        {tracer for clause in told for tracer in tracers_in(read, clause)}
        if modality == "pet"
        else set()
    )
    yield from (Match(tracer, from_text=True, words=tracer) for tracer in named if len(named) == 1)


def _given(read: Reading, resource: dict) -> Iterator[Match]:
    """The tracer that was given for an examination: by an administration that names it, or the only one of that day."""
    if resource["resourceType"] == "ServiceRequest":
        return
    day, mine = timing.event_time(resource, read.zone, read.birth), reference(resource)
    named: dict[str, Match] = {}
    same_day: dict[str, Match] = {}
    for administration in read.record.of_type("MedicationAdministration"):
        try:
            tracers = (
                matches(_substances(read, administration), read.value_sets["pet_tracer"])
                if _may_be_tracer(read, administration)
                else []
            )
            if not tracers or status.status_truth(administration) is not Truth.MET:
                continue
            when = timing.event_time(administration, read.zone, read.birth)
        except Unreadable as error:
            read.report(administration, "unreadable", error.path)
            continue
        links = [
            relative(text)
            for key in ("partOf", "supportingInformation", "eventHistory", "request")
            for text in references(administration.get(key), key)
        ]
        if mine and mine in links:
            named |= {m.value: m for m in tracers}
        elif day.earliest is not None and day.earliest == day.latest == when.earliest:
            same_day |= {m.value: m for m in tracers}
    found = named or same_day
    yield from found.values() if len(found) == 1 else ()


def _may_be_tracer(read: Reading, administration: dict) -> bool:
    return bool(
        administration.get("medicationReference") or administration.get("medication")
    ) or read.mentions(administration, read.value_sets["pet_tracer"])


def _conclusive(read: Reading, resource: dict, definition: FactDefinition) -> tuple[Match, ...]:
    """`no` where a report calls itself inconclusive, `told` where it concludes anything."""
    wanted = definition.attributes["conclusive"].value_set
    listed = results(read, resource) if resource["resourceType"] == "DiagnosticReport" else []
    parts = [
        resource,
        *(one for one in listed if status.status_truth(one) in (Truth.MET, Truth.UNKNOWN)),
    ]
    said = [
        m
        for part in parts
        for m in matches([n for n in as_list(part.get("conclusionCode")) if n], wanted)
    ]
    told = [text for part in parts for text in prose(part)]
    said += [m for text in told for clause in findings(text) for m in wanted.text(clause)]
    no = next((m for m in said if not m.negated and not m.past), None)
    if no is not None:
        return (no,)
    concludes = resource["resourceType"] == "DiagnosticReport" and (
        resource.get("conclusionCode") or any(string(text, "conclusion") for text in told)
    )
    return (Match("told"),) if concludes else ()
