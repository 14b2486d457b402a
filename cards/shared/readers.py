"""Readers of facts that need more than one look at a resource: breast imaging with BI-RADS, tissue, orders."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cds_service.cards.shared.birads import asks_for_category, bare_category, categories
from cds_service.facts.extraction import Reading, concept_of, facts_of, recognised
from cds_service.facts.matching import attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition, Side
from cds_service.fhir.elements import Unreadable, as_list, objects, references, string, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology import Match
from cds_service.text import findings, fold
from cds_service.text import sides as sides_in_text

# How far a report's own words about sides go: "left" and "right" together mean both.
_SIDE = {frozenset(("left",)): Side.LEFT, frozenset(("right",)): Side.RIGHT, frozenset(("left", "right")): Side.BOTH}
_EXAMINATIONS = ("ImagingStudy", "Procedure", "DiagnosticReport")


@dataclass(frozen=True)
class Stated:
    """A BI-RADS category as one resource gives it."""

    match: Match
    sides: frozenset[str]  # named beside it in words
    words: str  # around it
    where: dict  # the resource
    holds: Truth = Truth.MET  # as far as a result of its own status goes


@reader
def breast_imaging(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each modality, side and BI-RADS category of a breast examination.

    The modality comes from the examination's own code, an ImagingStudy's series first; a general modality
    (ultrasound, MRI) needs a breast beside it. A category comes from conclusionCode, from the listed result
    Observations, from components, or from the words of the conclusion. An Observation with a category counts for the
    report, study or procedure that it belongs to, and by itself otherwise.
    """
    listed = _listed_results(read)

    def look(resource: dict) -> list[Match]:
        is_observation = resource["resourceType"] == "Observation"
        relevant = ("birads",) if is_observation else ("breast_examination", "generic_modality", "birads")
        if not read.mentions(resource, *(read.value_sets[name] for name in relevant)) and not _linked_to_study(resource):
            return []
        if not is_observation:
            return _modalities(read, resource, definition)
        return [] if id(resource) in listed else _modalities_of_category(read, resource, definition)

    return recognised(read, definition, look, lambda resource, _, found: _examinations(read, definition, resource, found))


def _linked_to_study(resource: dict) -> bool:
    """A report without a word of its own may still be known by the study that it lists."""
    return resource["resourceType"] == "DiagnosticReport" and bool(resource.get("imagingStudy") or resource.get("study") or resource.get("presentedForm"))


def _listed_results(read: Reading) -> set[int]:
    """The Observations that some report lists as its result: the report tells of them."""
    listed: set[int] = set()
    for report in read.record.of_type("DiagnosticReport"):
        try:
            listed |= {id(other) for other in _results(read, report)}
        except Unreadable as error:
            read.report(report, "unreadable", error.path)
    return listed


def _linked(read: Reading, resource: dict, keys: tuple[str, ...]) -> list[dict]:
    """The resources that some references of a resource lead to, as far as they were read."""
    found = (
        read.record.resolve(text, resource) for key in keys for text in references(resource.get(key), f"{resource['resourceType']}.{key}")
    )
    return [other for other in found if other is not None]


def _modalities(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """The breast modalities of a resource: specific codes or words, or a general modality beside a breast.

    A report whose code names neither (the coarse types of nl-core) is read by its study; by its words only when it
    gives a category, so that a letter that mentions a mammogram is no mammogram.
    """
    nodes = nodes_of(resource, definition)
    found = _modalities_in(read, resource, nodes)
    if not found and resource["resourceType"] == "DiagnosticReport":
        studies = [other for other in _linked(read, resource, ("imagingStudy", "study")) if other.get("resourceType") == "ImagingStudy"]
        found = [m for study in studies for m in _modalities(read, study, definition)]
        stated = [s for s in _categories(resource, definition) if s.words] if not found else []
        if stated:
            found = _modalities_in(read, resource, [s.words for s in stated]) or _modalities_in(read, resource, [*_prose(resource)])
    return found


def _results(read: Reading, report: dict) -> list[dict]:
    """The Observations that a report lists, and the members of the panels among them."""
    found = [other for other in _linked(read, report, ("result",)) if other.get("resourceType") == "Observation"]
    return found + [member for panel in found for member in _linked(read, panel, ("hasMember",)) if member.get("resourceType") == "Observation"]


def _modalities_in(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    found = [m for m in matches(nodes, read.value_sets["breast_examination"]) if not m.negated and not m.past]
    named = {m.value for m in found}
    general = [m for m in matches(nodes, read.value_sets["generic_modality"]) if not m.negated and not m.past and m.value not in named]
    # "Mammografie en echografie rechts": beside a mammogram an ultrasound is of the breast too, unless it names another region.
    beside = bool(found) and not matches(nodes, read.value_sets["other_region"])
    if general and (beside or _is_of_the_breast(read, resource, nodes)):
        found += general
    return list({m.value: m for m in reversed(found)}.values())


def _is_of_the_breast(read: Reading, resource: dict, nodes: Iterable[object]) -> bool:
    """Whether a general modality was of the breast: its own words and sites say so, a report's text only beside a category.

    "Echo oksel bij mammacarcinoom" is of the armpit, "pijn op de borst" of the chest.
    """
    sites = [resource.get("bodySite"), resource.get("description"), *nodes]
    for series in objects(resource.get("series"), "series"):
        sites += [series.get("bodySite"), series.get("description")]
    if any(categories(text) for text in _prose(resource)):
        sites.append(resource.get("conclusion"))
    sites = [site for site in sites if site]
    if not matches(sites, read.value_sets["breast_site"]):
        return False
    elsewhere = matches(sites, read.value_sets["other_region"])
    return not any(m.value == "chest" or m.value == "axilla" and not m.from_text for m in elsewhere) and not _names_axilla_first(read, sites)


def _names_axilla_first(read: Reading, sites: list[object]) -> bool:
    words = fold(" ".join(text for site in sites for text in texts(site, "bodySite")))
    breast, axilla = read.value_sets["breast_site"].any_term, read.value_sets["other_region"].any_term
    first_breast, first_axilla = breast.search(words), axilla.search(words)
    return first_axilla is not None and (first_breast is None or first_axilla.start() < first_breast.start())


def _modalities_of_category(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """The modality of an Observation that carries a category; of other Observations nothing (they are no examination)."""
    if not _categories(resource, definition):
        return []
    found = _modalities_in(read, resource, nodes_of(resource, definition))
    if found:
        return found
    for examination in _examination_of(read, resource):
        if found := _modalities(read, examination, definition):
            return found
    # The SNOMED categories say "mammography assessment"; without any other modality they mean just that.
    coded = [m for m in attribute_of(resource, definition.attributes["birads"]) if m.words.startswith("Mammography assessment")]
    return [replace(coded[0], value="mammography", side="")] if coded else []


def _examination_of(read: Reading, observation: dict) -> list[dict]:
    """The study, procedure or report that an Observation belongs to."""
    linked = _linked(read, observation, ("partOf", "derivedFrom", "focus", "basedOn"))
    return [other for other in linked if other.get("resourceType") in _EXAMINATIONS]


def _categories(resource: dict, definition: FactDefinition) -> list[Stated]:
    """The categories that one resource gives; coded ones win over words."""
    coded = attribute_of(resource, definition.attributes["birads"])
    if coded:
        return [Stated(m, frozenset(), "", resource) for m in coded if not m.negated]
    answered = [Stated(_category(value), frozenset(), words, resource) for words, value in _answered(resource)]
    return answered or [Stated(_category(c.value), c.sides, c.part, resource) for text in _prose(resource) for c in categories(text, _year_of(resource))]


def _year_of(resource: dict) -> int | None:
    """The year of an examination, as far as its text needs it."""
    period = resource.get("effectivePeriod")
    dates = [resource.get(key) for key in ("effectiveDateTime", "issued", "started", "performedDateTime")]
    dates += [period.get("start")] if isinstance(period, dict) else []
    written = next((d for d in dates if isinstance(d, str) and d[:4].isdecimal()), "")
    return int(written[:4]) if written else None


def _category(value: str) -> Match:
    return Match(value, from_text=True, words=f"BI-RADS {value}")


def _answered(resource: dict) -> Iterator[tuple[str, str]]:
    """(question, category) of an Observation or component that asks for a category and answers with one."""
    parts = [(resource, "Observation")] if resource.get("resourceType") == "Observation" else []
    parts += [(component, "component") for component in objects(resource.get("component"), "component")]
    for part, path in parts:
        questions = [text for text in texts(part.get("code"), path) if asks_for_category(text)]
        number = part.get("valueInteger")
        if isinstance(quantity := part.get("valueQuantity"), dict) and quantity.get("value") in range(7):
            number = int(quantity["value"])
        answers = [str(number)] if isinstance(number, int) and not isinstance(number, bool) else []
        for key in ("valueString", "valueCodeableConcept"):
            answers += texts(part.get(key), path)
        if questions and (found := next((value for answer in answers if (value := bare_category(answer))), "")):
            yield questions[0], found


def _prose(resource: dict) -> Iterator[str]:
    """Where a report is written out: conclusion, description, notes, a plain text attachment."""
    for key in ("conclusion", "description", "valueString"):
        if resource.get(key) is not None:
            yield string(resource[key], key)
    for key in ("conclusionCode", "valueCodeableConcept", "outcome"):
        for node in as_list(resource.get(key)):
            yield from texts(node, key)
    for note in objects(resource.get("note"), "note"):
        yield string(note.get("text"), "note.text")
    for component in objects(resource.get("component"), "component"):
        yield from texts(component.get("valueString"), "component.valueString")
    for form in objects(resource.get("presentedForm"), "presentedForm"):
        if string(form.get("contentType"), "presentedForm.contentType").split(";")[0] == "text/plain" and form.get("data"):
            try:
                yield base64.b64decode(string(form["data"], "presentedForm.data"), validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError) as error:
                raise Unreadable("presentedForm.data") from error


def _examinations(read: Reading, definition: FactDefinition, resource: dict, found: list[Match]) -> Iterator[Fact]:
    """The facts of one examination: a category for every side it is given for, or the bare examination."""
    results = _results(read, resource)
    own_side = _side(read, resource, found)
    stated = _categories(resource, definition)
    for result in results:
        if (holds := read.standing(result, None)) is not None:
            stated += [replace(category, holds=holds) for category in _categories(result, definition)]
    for modality in found:
        bare = read.fact(definition, resource, None, replace(modality, side=""), own_side, {})
        if bare is None:
            return
        mine = [s for s in stated if _speaks_of(read, s, modality, found)]
        if any(not s.match.from_text for s in mine):
            mine = [s for s in mine if not s.match.from_text]
        for category in mine:
            other_side = read.side(category.where) if category.where is not resource else Side.UNKNOWN
            side = _SIDE.get(category.sides) or (other_side if other_side is not Side.UNKNOWN else own_side)
            yield replace(bare, side=side, holds=bare.holds & category.holds, attributes={"birads": (category.match,)}, from_text=bare.from_text or category.match.from_text)
        if not mine:
            yield bare


def _side(read: Reading, resource: dict, found: list[Match]) -> Side:
    """The side of an examination: its own, that of the studies and results it lists or belongs to, that of its words."""
    own = read.side(resource, [m.side for m in found])
    if own is not Side.UNKNOWN:
        return own
    linked = _results(read, resource) + _linked(read, resource, ("imagingStudy", "study")) + _examination_of(read, resource)
    sides = {side for other in linked if (side := read.side(other)) is not Side.UNKNOWN}
    if sides:
        return sides.pop() if len(sides) == 1 else Side.BOTH if sides <= {Side.LEFT, Side.RIGHT, Side.BOTH} else Side.CONFLICT
    named = frozenset()
    if resource["resourceType"] == "DiagnosticReport":
        for clause in (clause for text in _prose(resource) for clause in findings(text)):
            # "Echo mamma links: geen afwijkingen" is of the left breast.
            named |= sides_in_text(clause) | sides_in_text(clause.partition(":")[0], denied_too=True)
    return _SIDE.get(named, Side.UNKNOWN)


def _speaks_of(read: Reading, stated: Stated, modality: Match, all_found: list[Match]) -> bool:
    """Whether a category belongs to a modality, when one report tells of several ("Mammografie BI-RADS 2, echo BI-RADS 1")."""
    if len(all_found) == 1:
        return True
    nodes: list[object] = [stated.words] if stated.words else []
    if stated.where.get("resourceType") == "Observation":
        nodes += [stated.where.get("code"), stated.where.get("method")]
    nodes = [n for n in nodes if n]
    named = {m.value for name in ("breast_examination", "generic_modality") for m in matches(nodes, read.value_sets[name])}
    named &= {m.value for m in all_found}
    return not named or modality.value in named


@reader
def breast_tissue(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Benign or malignant, from pathology of the breast: a report or biopsy whose code speaks of tissue and of the breast.

    The diagnosis may stand in the results that a report lists. In words it counts for the side that its own part of the
    report names. "Geen maligniteit" is benign; both together are malignant; a benign lymph node clears no breast.
    """
    return recognised(
        read,
        definition,
        lambda resource: _tissue(read, resource, definition),
        lambda resource, _, found: _tissue_facts(read, definition, resource, *found),
    )


def _tissue(read: Reading, resource: dict, definition: FactDefinition) -> tuple[Match, list] | None:
    """What says that a resource is about tissue of the breast, and the diagnoses that it states."""
    if not read.mentions(resource, definition.value_set, read.value_sets["breast_biopsy"]):
        return None
    nodes, site = nodes_of(resource, definition), [resource["bodySite"]] if resource.get("bodySite") else []
    of_breast = matches(nodes, read.value_sets["breast_biopsy"])
    tissue = of_breast or matches(nodes, definition.value_set)
    sites = [*nodes, *site, *(n for n in (resource.get("conclusion"), resource.get("valueString")) if n)]
    sites += [s for other in _results(read, resource) if (s := other.get("bodySite"))]
    about_breast = of_breast or any(m.value == "breast" for m in tissue) or matches(sites, read.value_sets["breast_site"])
    stated = _diagnoses(read, resource, definition) if tissue and about_breast else []
    if matches(nodes + site, read.value_sets["other_region"]):
        stated = [(m, sides) for m, sides in stated if m.value == "malignant" and not m.negated]
    return (tissue[0], stated) if stated else None


def _diagnoses(read: Reading, resource: dict, definition: FactDefinition) -> list[tuple[Match, frozenset[str]]]:
    """(benign or malignant, sides named beside it) of a report with its results; codes win over words."""
    wanted = definition.attributes["diagnosis"]
    coded = [m for one in (resource, *_results(read, resource)) for m in attribute_of(one, wanted) if not m.from_text]
    if coded:
        return [(m, frozenset()) for m in coded]
    found = []
    for one in (resource, *_results(read, resource)):
        heading: frozenset[str] = frozenset()
        for clause in (clause for text in _prose(one) for clause in findings(text)):
            for part in clause.split(","):
                # "Rechts: benigne, links: atypie": a side holds until another is named.
                heading = sides_in_text(part, denied_too=True) or heading
                if not any(m.value == "axilla" for m in read.value_sets["other_region"].text(part)):
                    found += [(m, heading) for m in wanted.value_set.text(part) if not m.past]
    return found


def _tissue_facts(read: Reading, definition: FactDefinition, resource: dict, tissue: Match, stated: list) -> Iterator[Fact]:
    own = read.side(resource, [tissue.side])
    if own is Side.UNKNOWN:
        linked = {side for other in _results(read, resource) if (side := read.side(other)) is not Side.UNKNOWN}
        own = linked.pop() if len(linked) == 1 else Side.UNKNOWN
    by_side: dict[Side, list[Match]] = {}
    for match, sides in stated:
        by_side.setdefault(_SIDE.get(sides, own), []).append(match)
    for side, diagnoses in by_side.items():
        malignant = [d for d in diagnoses if d.value == "malignant" and not d.negated]
        benign = [d for d in diagnoses if (d.value == "malignant") is d.negated and not d.uncertain]
        value = "malignant" if malignant else "benign" if benign else "possible"
        match = replace((malignant or benign or diagnoses)[0], value=value, negated=False, side="")
        fact = read.fact(definition, resource, None, match, side, {})
        if fact is not None:
            yield fact


@reader
def breast_order(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Orders by kind: breast examinations (with their modality), ductoscopy, duct surgery, breast clinic.

    An order for two examinations gives two facts; what stands in the detail of an order counts beside its code.
    """

    def look(resource: dict) -> dict[str, Match]:
        nodes = [node.get("concept", node) if isinstance(node, dict) else node for node in nodes_of(resource, definition)]
        found = [m for node in nodes for m in matches([node], definition.value_set)] + _modalities_in(read, resource, nodes)
        return {m.value: m for m in reversed(found) if not m.negated}

    return recognised(read, definition, look, lambda resource, draft, kinds: _orders(read, definition, resource, draft, kinds))


def _orders(read: Reading, definition: FactDefinition, resource: dict, draft: int | None, kinds: dict[str, Match]) -> Iterator[Fact]:
    side = read.side(resource, [m.side for m in kinds.values()])
    for match in kinds.values():
        fact = read.fact(definition, resource, draft, match, side, {})
        if fact is not None:
            yield fact


@reader
def breast_complaint(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """A lump, skin change or retraction of the breast. In words only, a lump is one of the breast where a breast is named."""

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        for fact in facts_of(read, definition, resource, draft, found):
            yield _of_the_breast(read, fact, resource) if fact.from_text else fact

    return recognised(read, definition, lambda resource: concept_of(read, definition, resource), make)


def _of_the_breast(read: Reading, fact: Fact, resource: dict) -> Fact:
    said = [resource[key] for key in ("code", "bodySite", "valueString", "valueCodeableConcept") if resource.get(key)]
    return fact if matches(said, read.value_sets["breast_site"]) else replace(fact, holds=fact.holds & Truth.UNKNOWN)
