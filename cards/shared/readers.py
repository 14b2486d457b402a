"""Readers of facts that need more than one look at a resource: breast imaging with BI-RADS, tissue, orders."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cds_service.cards.shared.birads import categories
from cds_service.facts.extraction import Reading, attribute_of, matches
from cds_service.facts.model import Fact, FactDefinition, Side
from cds_service.fhir.elements import Unreadable, as_list, objects, references, string, texts
from cds_service.guideline.criterion import reader
from cds_service.terminology import Match, ValueSet

_COMBINED = frozenset(("left", "right"))
# How far a report's own words about sides go: "left" and "right" together mean both.
_SIDE = {frozenset(("left",)): Side.LEFT, frozenset(("right",)): Side.RIGHT, _COMBINED: Side.BOTH}


@reader
def breast_imaging(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each modality, side and BI-RADS category of a breast examination.

    The modality comes from the examination's own code, an ImagingStudy's series first; a general modality
    (ultrasound, MRI) needs a breast beside it. A category comes from conclusionCode, from the listed result
    Observations, from components, or from the words of the conclusion; an Observation with a category counts for the
    report, study or procedure that it belongs to, and by itself otherwise.
    """
    owners = _owners_of_results(read)
    for resource, draft in read.resources(definition):
        try:
            found = _modalities(read, resource, definition)
            if resource["resourceType"] == "Observation":
                found = _modalities_of_category(read, resource, definition, owners, found)
        except Unreadable as error:
            read.report(resource, "unreadable", error.path)
            continue
        if found:
            yield from read.guarded(resource, definition, lambda r=resource, f=found: _examinations(read, definition, r, f, owners))


def _modalities(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """The breast modalities of a resource: specific codes or words, or a general modality beside a breast.

    A report whose code names neither (the coarse types of nl-core) is read by its study, then by its words.
    """
    nodes = [node for path in definition.paths[resource["resourceType"]] for node in path.find(resource)]
    found = _modalities_in(read, resource, nodes)
    if not found and resource["resourceType"] == "DiagnosticReport":
        studies = [other for other in _linked(read, resource) if other.get("resourceType") == "ImagingStudy"]
        found = [m for study in studies for m in _modalities(read, study, definition)]
        found = found or _modalities_in(read, resource, [words for _, _, words in _categories(read, resource, definition) if words])
    return found


def _modalities_in(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    found = [m for m in matches(nodes, read.value_sets["breast_examination"]) if not m.negated]
    named = {m.value for m in found}
    general = [m for m in matches(nodes, read.value_sets["generic_modality"]) if not m.negated and m.value not in named]
    if general and _is_of_the_breast(read, resource, nodes):
        found += general
    return list({m.value: m for m in reversed(found)}.values())


def _is_of_the_breast(read: Reading, resource: dict, nodes: Iterable[object]) -> bool:
    sites = [resource.get("bodySite"), resource.get("description"), resource.get("conclusion"), *nodes]
    for series in objects(resource.get("series"), "series"):
        sites += [series.get("bodySite"), series.get("description")]
    return bool(matches([s for s in sites if s], read.value_sets["breast_site"]))


def _owners_of_results(read: Reading) -> dict[str, list[dict]]:
    """Which reports list an Observation as result, by the Observation's reference."""
    owners: dict[str, list[dict]] = {}
    for report in read.record.of_type("DiagnosticReport"):
        try:
            for text in references(report.get("result"), "DiagnosticReport.result"):
                found = read.record.resolve(text, report)
                if found is not None:
                    owners.setdefault(f"{id(found)}", []).append(report)
        except Unreadable as error:
            read.report(report, "unreadable", error.path)
    return owners


def _modalities_of_category(read: Reading, resource: dict, definition: FactDefinition, owners: dict, found: list[Match]) -> list[Match]:
    """The modality of an Observation that carries a category; of other Observations nothing (they are no examination)."""
    if not _categories(read, resource, definition):
        return []
    if owners.get(f"{id(resource)}"):
        return []  # told by the report that lists it
    if found:
        return found
    for key in ("partOf", "derivedFrom", "focus", "basedOn"):
        for text in references(resource.get(key), f"Observation.{key}"):
            other = read.record.resolve(text, resource)
            if other is not None and other.get("resourceType") in ("ImagingStudy", "Procedure", "DiagnosticReport"):
                return _modalities(read, other, definition)
    # The SNOMED categories say "mammography assessment"; without any other modality they mean just that.
    coded = [m for m in attribute_of(resource, definition.attributes["birads"]) if m.words.startswith("Mammography assessment")]
    return [replace(coded[0], value="mammography")] if coded else []


def _categories(read: Reading, resource: dict, definition: FactDefinition) -> list[tuple[Match, frozenset[str], str]]:
    """(category, sides named beside it, words around it) as one resource gives them; coded ones win over words."""
    coded = attribute_of(resource, definition.attributes["birads"])
    if coded:
        return [(m, frozenset(), "") for m in coded if not m.negated]
    said = []
    for text in _report_texts(resource):
        for category in categories(text):
            said.append((Match(category.value, from_text=True, words=f"BI-RADS {category.value}"), category.sides, category.part))
    return said


def _report_texts(resource: dict) -> Iterator[str]:
    """Where a category may be written out."""
    for key in ("conclusion", "description", "valueString"):
        if resource.get(key) is not None:
            yield string(resource[key], key)
    for key in ("conclusionCode", "valueCodeableConcept", "outcome"):
        for node in as_list(resource.get(key)):
            yield from texts(node, key)
    for note in objects(resource.get("note"), "note"):
        yield string(note.get("text"), "note.text")
    for component in objects(resource.get("component"), "component"):
        value = component.get("valueString") or component.get("valueCodeableConcept") or component.get("valueInteger")
        for label in texts(component.get("code"), "component.code"):
            for word in [str(value)] if isinstance(value, int) else texts(value, "component.value"):
                yield f"{label} {word}"
    if resource.get("resourceType") == "Observation":
        value = resource.get("valueInteger")
        words = [str(value)] if isinstance(value, int) and not isinstance(value, bool) else list(texts(resource.get("valueString"), "valueString"))
        words += list(texts(resource.get("valueCodeableConcept"), "valueCodeableConcept"))
        for label in texts(resource.get("code"), "code"):
            for word in words:
                yield f"{label} {word}"


def _examinations(read: Reading, definition: FactDefinition, resource: dict, found: list[Match], owners: dict) -> Iterator[Fact]:
    """The facts of one examination: a category for every side it is given for, or the bare examination."""
    linked = _linked(read, resource)
    own_side = read.side(resource, [m.side for m in found], tuple(_side_nodes(linked)))
    stated = [(m, sides, words, resource) for m, sides, words in _categories(read, resource, definition)]
    for other in linked:
        if other.get("resourceType") == "Observation" and read.standing(other, None) is not None:
            stated += [(m, sides, words, other) for m, sides, words in _categories(read, other, definition)]
    for modality in found:
        bare = read.fact(definition, resource, None, replace(modality, side=""), own_side, {})
        if bare is None:
            return
        mine = [entry for entry in stated if _speaks_of(read, entry[2], entry[3], modality, found)]
        if any(not m.from_text for m, *_ in mine):
            mine = [entry for entry in mine if not entry[0].from_text]
        for category, sides, _, where in mine:
            side = _SIDE.get(sides) or own_side
            if where is not resource:
                other_side = read.side(where)
                side = other_side if other_side is not Side.UNKNOWN else side
            yield replace(bare, side=side, attributes={"birads": (category,)}, from_text=bare.from_text or category.from_text)
        if not mine:
            yield bare


def _linked(read: Reading, resource: dict) -> list[dict]:
    """What belongs to an examination: a report's results and studies."""
    found = []
    if resource.get("resourceType") == "DiagnosticReport":
        for key in ("result", "imagingStudy", "study"):
            for text in references(resource.get(key), f"DiagnosticReport.{key}"):
                if (other := read.record.resolve(text, resource)) is not None:
                    found.append(other)
    return found


def _side_nodes(linked: list[dict]) -> Iterator[object]:
    """Where the studies and results of a report name their side."""
    for other in linked:
        yield [s.get(key) for s in objects(other.get("series"), "series") for key in ("laterality", "bodySite")]
        if other.get("resourceType") == "ImagingStudy":
            yield other.get("procedureCode")


def _speaks_of(read: Reading, words: str, where: dict, modality: Match, all_found: list[Match]) -> bool:
    """Whether a category belongs to a modality, when one report tells of several ("Mammografie BI-RADS 2, echo BI-RADS 1")."""
    if len(all_found) == 1:
        return True
    nodes: list[object] = [words] if words else []
    if where.get("resourceType") == "Observation":
        nodes += [where.get("code"), where.get("method")]
    nodes = [n for n in nodes if n]
    named = {m.value for name in ("breast_examination", "generic_modality") for m in matches(nodes, read.value_sets[name])}
    named &= {m.value for m in all_found}
    return not named or modality.value in named


@reader
def breast_tissue(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Benign or malignant, from pathology of the breast: a report or biopsy whose code speaks of tissue and of the breast.

    "Geen maligniteit" is benign; a report that says both is malignant.
    """
    biopsies = read.value_sets["breast_biopsy"]
    for resource, draft in read.resources(definition):
        try:
            nodes = [node for path in definition.paths[resource["resourceType"]] for node in path.find(resource)]
            of_breast = matches(nodes, biopsies)
            tissue = of_breast or matches(nodes, definition.value_set)
            sites = [*nodes, *(n for n in (resource.get("bodySite"), resource.get("conclusion"), resource.get("valueString")) if n)]
            about_breast = bool(of_breast) or any(m.words == "tissue diagnosis of the breast (question)" for m in tissue)
            about_breast = about_breast or bool(matches(sites, read.value_sets["breast_site"]))
            diagnoses = attribute_of(resource, definition.attributes["diagnosis"]) if tissue and about_breast else ()
        except Unreadable as error:
            read.report(resource, "unreadable", error.path)
            continue
        if diagnoses:
            yield from read.guarded(resource, definition, lambda r=resource, t=tissue, d=diagnoses: _diagnosis(read, definition, r, t[0], d))


def _diagnosis(read: Reading, definition: FactDefinition, resource: dict, tissue: Match, diagnoses: tuple[Match, ...]) -> Iterator[Fact]:
    malignant = [d for d in diagnoses if d.value == "malignant" and not d.negated]
    benign = [d for d in diagnoses if (d.value == "malignant") is d.negated]
    deciding = (malignant or benign or [diagnoses[0]])[0]
    match = replace(deciding, value="malignant" if malignant else "benign" if benign else "possible", negated=False, side=tissue.side)
    fact = read.fact(definition, resource, None, match, read.side(resource, [tissue.side], (resource.get("conclusion"),)), {})
    if fact is not None:
        yield fact


@reader
def breast_order(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Orders by kind: breast examinations (with their modality), ductoscopy, duct surgery, breast clinic.

    An order for two examinations gives two facts.
    """
    for resource, draft in read.resources(definition):
        try:
            nodes = [node for path in definition.paths[resource["resourceType"]] for node in path.find(resource)]
            nodes = [node.get("concept", node) if isinstance(node, dict) else node for node in nodes]
            found = [*matches(nodes, definition.value_set), *_modalities_in(read, resource, nodes)]
        except Unreadable as error:
            read.report(resource, "unreadable", error.path)
            continue
        kinds = {m.value: m for m in reversed(found) if not m.negated}
        if kinds:
            yield from read.guarded(resource, definition, lambda r=resource, d=draft, k=kinds: _orders(read, definition, r, d, k))


def _orders(read: Reading, definition: FactDefinition, resource: dict, draft: int | None, kinds: dict[str, Match]) -> Iterator[Fact]:
    side = read.side(resource, [m.side for m in kinds.values()])
    for match in kinds.values():
        fact = read.fact(definition, resource, draft, match, side, {})
        if fact is not None:
            yield fact
