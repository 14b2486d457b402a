"""Cancer of the breast: the diagnosis, its stage, and complaints or a course that change its treatment."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.context import clauses, findings
from cds_service.facts.extraction import Reading, concept_of, facts_of, recognised
from cds_service.facts.matching import attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import as_list, extensions, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match, ValueSet

from .lesions import of_other_cancer
from .reports import asked_in_loinc, coded_in, spoken

# In situ before invasive: a carcinoma in situ must not set off what is meant for invasive cancer, and code lists often
# hold the general code beside the exact one.
_CODES_FIRST = ("history", "inflammatory", "in_situ", "invasive", "cancer")
# In words "DCIS and invasive carcinoma" is invasive.
_WORDS_FIRST = ("inflammatory", "invasive", "in_situ", "cancer")
_NUMBERS = ("valueInteger", "valueQuantity", "valueRange", "valueRatio")


@reader(value_sets=("breast_morphology", "breast_site", "cancer_of_any_site", "receptor_test"))
def cancer_diagnosis(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """A cancer of the breast by its code, made more exact by a histology or by words; in words alone where no code says it.

    What is told of the past is history and not current; a relative's cancer, fear of it and screening for it are none.
    """

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set, read.value_sets["cancer_of_any_site"]):
            return []
        return list(_diagnoses(read, resource, definition.value_set))

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        course = tuple(
            m
            for m in attribute_of(resource, definition.attributes["course"])
            if not m.negated and not m.past
        )
        for match in found:
            fact = read.fact(
                definition,
                resource,
                draft,
                match,
                read.side(resource, [match.side]),
                {"course": course} if course else {},
            )
            if fact is not None:
                yield (
                    replace(fact, current=Truth.NOT_MET)
                    if match.past or match.value == "history"
                    else fact
                )

    return recognised(read, definition, look, make)


def _diagnoses(read: Reading, resource: dict, value_set: ValueSet) -> Iterator[Match]:
    """The diagnosis of a resource; beside a certain one also a worse one that is suspected."""
    if asked_in_loinc(resource) and matches([resource["code"]], read.value_sets["receptor_test"]):
        return  # the name of a receptor test tells of its specimen
    nodes = [resource.get("code")] + (
        [resource.get("valueCodeableConcept")] if resource["resourceType"] == "Observation" else []
    )
    coded = [m for node in nodes for m in coded_in(node, value_set)]
    if not coded and resource["resourceType"] == "Condition":
        coded = _by_its_site(read, resource)
    if any(m.value == "none" for m in coded):
        return
    words = (
        [] if any(key in resource for key in _NUMBERS) else _in_words(spoken(resource), value_set)
    )
    if coded:
        histology = [
            m
            for e in extensions(resource)
            for m in coded_in(e.get("valueCodeableConcept"), read.value_sets["breast_morphology"])
        ]
        yield _coded(coded, histology, words)
        return
    certain = [m for m in words if not m.negated and not m.uncertain]
    for match in certain[:1]:
        yield match
    rank = (
        _WORDS_FIRST.index(certain[0].value)
        if certain and certain[0].value in _WORDS_FIRST
        else len(_WORDS_FIRST)
    )
    for match in [
        m for m in words if m.uncertain and not m.past and _WORDS_FIRST.index(m.value) < rank
    ][:1] or ([] if certain else words[:1]):
        yield match


def _by_its_site(read: Reading, resource: dict) -> list[Match]:
    """A cancer of which the body site alone says that it is of the breast, as mCODE may have it."""
    if not matches(
        [site for site in as_list(resource.get("bodySite")) if site], read.value_sets["breast_site"]
    ):
        return []
    return coded_in(resource.get("code"), read.value_sets["cancer_of_any_site"])


def _coded(coded: list[Match], histology: list[Match], words: list[Match]) -> Match:
    """The diagnosis that the codes give; words make a general code more exact and say whether it is past or suspected."""
    best = min(coded, key=lambda m: _CODES_FIRST.index(m.value))
    side = next((m.side for m in coded if m.side), "")
    said = [
        m
        for m in (*histology, *words)
        if not m.negated and not m.uncertain and m.value in _WORDS_FIRST
    ]
    for value in _WORDS_FIRST:
        # No code of ICD-10 says inflammatory, none of ICPC says in situ.
        may_be_told = best.value == "cancer" or best.value == "invasive" and value == "inflammatory"
        if (
            may_be_told
            and any(m.value == value for m in said)
            or best.value == "invasive"
            and value == "in_situ"
            and any(m.value == value for m in histology)
        ):
            best = replace(best, value=value)
            break
    doubted = bool(words) and all(m.uncertain for m in words)
    past = bool(words) and all(m.past or m.value == "history" for m in words)
    return replace(best, side=side, uncertain=doubted, past=past)


def _in_words(text: str, value_set: ValueSet) -> list[Match]:
    """What words say of cancer of the breast, the most telling first; past cancer as history."""
    found: list[Match] = []
    for clause in clauses(text):
        here = value_set.text(clause)
        if not any(m.value == "none" for m in here):
            found += [replace(m, value="history") if m.past and not m.negated else m for m in here]
    order = (*_WORDS_FIRST, "history")
    return sorted(found, key=lambda m: (m.negated, order.index(m.value)))


@reader(value_sets=("breast_cancer", "other_cancer", "stage_question"))
def tumour_stage(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """M and N as an answer to a question about the stage, as a finding, in the stage or in the words of a problem.

    The stage of another tumour is none of ours. Words such as "N1" count where a stage is asked for or written out whole.
    """

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set) or of_other_cancer(read, resource):
            return []
        found = matches(nodes_of(resource, definition), definition.value_set)
        if resource["resourceType"] == "Condition" or any(not m.from_text for m in found):
            return found
        asked = matches(
            [node for node in [resource.get("code")] if node], read.value_sets["stage_question"]
        )
        whole = {m.value[0] for m in found} == {"n", "m"}
        return found if asked or whole else []

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )


@reader()
def complication(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Complaints and a course in words; of a report its findings count, not its clinical data and its question."""

    def look(resource: dict) -> list[Match]:
        if resource["resourceType"] != "DiagnosticReport":
            return concept_of(read, definition, resource)
        if not read.mentions(resource, definition.value_set):
            return []
        return matches(
            [
                clause
                for text in nodes_of(resource, definition)
                for words in texts(text)
                for clause in findings(words)
            ],
            definition.value_set,
        )

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )
