"""Biopsies and results of pathology, of any site, with what was found."""

from collections.abc import Iterator

from cds_service.clinical_text.context import findings
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import attribute_of, matches
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import objects, texts
from cds_service.guideline.criterion import reader
from cds_service.terminology.value_set import Match

from .report_text.sites import Hit, hits, is_of, site_hits
from .reports import coded_in, linked, listed_results, prose, results

# From the sites of lesions to those of samples; what is not listed and no node is another organ.
_SAMPLED = {
    "bone": "bone",
    "cervical_spine": "bone",
    "thoracic_spine": "bone",
    "lumbar_spine": "bone",
    "spine": "bone",
    "sacrum": "bone",
    "pelvis": "bone",
    "liver": "liver",
    "lung": "lung",
    "skin": "skin",
    "breast": "breast",
    "unspecified": "metastasis",
}


@reader(
    value_sets=(
        "lesion_site",
        "lesion_word",
        "metastasis_site",
        "receptor_test",
        "stage_question",
        "tissue_sample",
        "tissue_without_result",
        "tumour_stage",
    )
)
def tissue_sample(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each biopsy or pathology result, its site by code, body site, specimen or words, and malignant or benign.

    A sample whose site nobody names is `metastasis` where its words speak of one. An Observation that a report lists tells
    its finding to the report.
    """
    listed = listed_results(read)

    def look(resource: dict) -> list[Match]:
        if id(resource) in listed or not read.mentions(resource, definition.value_set):
            return []
        if any(
            coded_in(resource.get("code"), read.value_sets[name])
            for name in ("stage_question", "tumour_stage", "receptor_test")
        ):
            return []  # a stage or a receptor is told of a tumour, often one that was sampled long before
        return _sampled(read, resource, definition)

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        finding = _finding(read, resource, definition)
        side = read.side(resource, [m.side for m in found])
        for match in found[:1]:
            fact = read.fact(
                definition, resource, draft, match, side, {"finding": (finding,)} if finding else {}
            )
            if fact is not None:
                yield fact

    return recognised(read, definition, look, make)


def _sampled(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """The site of a sample; nothing where the resource is no sample."""
    code = [resource["code"]] if resource.get("code") else []
    named = [m for m in matches(code, definition.value_set) if not m.past]
    if not named or all(m.negated for m in named):
        return []
    exact = [m for m in named if m.value != "unspecified_site" and not m.from_text]
    site = exact[0].value if exact else _site(read, resource, named)
    coded = [m for m in named if not m.from_text]
    return [Match(site, "", False, named[0].uncertain, not coded, named[0].words)]


def _site(read: Reading, resource: dict, named: list[Match]) -> str:
    """From the most exact place on: coded body sites, the name, the specimen, and the words around a biopsy in the report."""
    specimens = linked(read, resource, ("specimen",))
    places = [
        resource.get("bodySite"),
        *(c.get("bodySite") for s in specimens for c in objects(s.get("collection"), "collection")),
    ]
    coded = [
        _SAMPLED.get(m.value, _other(m.value))
        for place in places
        for m in coded_in(place, read.value_sets["lesion_site"])
    ]
    if coded:
        return coded[0]
    titles = [
        *texts(resource.get("code")),
        *(t for place in places for t in texts(place, "bodySite")),
    ]
    titles += [t for s in objects(resource.get("specimen"), "specimen") for t in texts(s)] + [
        t for s in specimens for t in texts(s.get("type"), "type")
    ]
    if site := _in_words(read, titles):
        return site
    exact = [m.value for m in named if m.value != "unspecified_site"]
    if exact:
        return exact[0]
    if resource["resourceType"] == "Procedure":
        return "unspecified_site"
    told = [
        clause
        for one in (resource, *results(read, resource))
        for text in prose(one)
        for clause in findings(text)
    ]
    about = [clause for clause in told if hits(clause, read.value_sets["tissue_sample"])]
    return _in_words(read, about) or _in_words(read, told) or "unspecified_site"


def _other(site: str) -> str:
    return "node" if is_of(site, "lymph_nodes") else "other"


def _in_words(read: Reading, said: list[str]) -> str:
    """The site that words name; a breast counts where nothing else is named ("okselklierbiopt bij mammacarcinoom")."""
    for text in said:
        clause = fold(text)
        found: list[Hit] = [hit for hit in site_hits(clause, read.value_sets) if not hit.negated]
        exact = [
            hit.value
            for hit in hits(clause, read.value_sets["tissue_sample"])
            if hit.value != "unspecified_site" and not hit.negated
        ]
        sites = exact or [_SAMPLED.get(hit.value, _other(hit.value)) for hit in found]
        chosen = [site for site in sites if site not in ("breast", "metastasis")] or sites
        if chosen:
            return chosen[0]
    spread = any(
        hit.value == "metastasis" and not hit.negated
        for text in said
        for hit in hits(fold(text), read.value_sets["lesion_word"])
    )
    return "metastasis" if spread else ""


def _finding(read: Reading, resource: dict, definition: FactDefinition) -> Match | None:
    """Malignant before benign; "geen maligniteit" is benign; no result where the words say that there is none."""
    wanted = definition.attributes["finding"]
    everything = [resource, *results(read, resource)]
    coded = [m for one in everything for m in attribute_of(one, wanted) if not m.from_text]
    told = [clause for one in everything for text in prose(one) for clause in findings(text)]
    stated = coded or [m for clause in told for m in wanted.value_set.text(clause) if not m.past]
    stated += (
        []
        if coded
        else [
            Match("malignant", from_text=True, words=h.value)
            for clause in told
            for h in _spread(read, clause)
        ]
    )
    malignant = [m for m in stated if m.value == "malignant" and not m.negated and not m.uncertain]
    if malignant:
        return malignant[0]
    if any(matches([clause], read.value_sets["tissue_without_result"]) for clause in told):
        return Match("no_result", from_text=True)
    benign = [m for m in stated if (m.value == "malignant") is m.negated and not m.uncertain]
    return Match("benign", from_text=benign[0].from_text, words=benign[0].words) if benign else None


def _spread(read: Reading, clause: str) -> list[Hit]:
    return [
        hit
        for hit in hits(clause, read.value_sets["lesion_word"])
        if hit.value == "metastasis" and not hit.negated and not hit.uncertain
    ]
