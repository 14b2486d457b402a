"""Lesions: metastases, and findings that may be one, from problems, observations, reports and studies.

Coded statements give the site; words may make it more exact (bone, "L3"), say how certain it is, or tell it all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import answer_of, attribute_of, matches
from cds_service.facts.model import Fact, FactDefinition, Laterality
from cds_service.facts.status import status_truth
from cds_service.fhir.elements import as_list, codings, extensions, objects, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth
from cds_service.terminology.value_set import Match, ValueSet

from .report_text.lesion_parts import Told
from .report_text.lesions import told
from .report_text.sites import (
    BESIDE_THE_BREAST,
    REGIONAL,
    is_of,
    is_part,
    site_hits,
    without_wholes,
)
from .reports import (
    SIDE_OF_WORDS,
    coded_in,
    examination_of,
    linked,
    listing,
    prose,
    spoken,
)
from .scans import scan_kinds

SECONDARY_PROFILE = "mcode-secondary-cancer-condition"
_ANSWERED_ELSEWHERE = ("stage_question", "tumour_stage", "receptor_test")


@dataclass(frozen=True)
class Lesion(Told):
    """A lesion as one resource gives it: in words, or coded and perhaps made more exact by words."""

    coded: bool = False
    answered: Truth = MET  # what the answer of an Observation says of its question


@reader(
    value_sets=(
        "breast_cancer",
        "breast_examination",
        "breast_site",
        "certainty",
        "clinical_course",
        "generic_modality",
        "image_guidance",
        "lesion_place",
        "lesion_quality",
        "lesion_site",
        "lesion_word",
        "metastasis_site",
        "other_cancer",
        "other_region",
        "pet_tracer",
        "receptor_test",
        "regional_qualifier",
        "scan",
        "scan_modality",
        "scan_region",
        "stage_question",
        "tumour_stage",
    )
)
def lesion(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each lesion that a resource tells of; suspected and uncertain ones hold, their `certainty` says so.

    An Observation is read by itself and not again in the report that lists it; the report says on which scan it was seen.
    """
    told_by = listing(read)
    ways = {"Condition": _of_condition, "Observation": _of_observation}

    def look(resource: dict) -> list[Lesion]:
        if not _worth_reading(read, resource):
            return []
        return ways.get(resource["resourceType"], _of_report)(read, resource, definition)

    def make(resource: dict, draft: int | None, found: list[Lesion]) -> Iterator[Fact]:
        seen_on = _seen_on(read, resource, told_by.get(id(resource), []))
        course = [
            m
            for m in attribute_of(resource, definition.attributes["course"])
            if not m.negated and not m.past
        ]
        for one in found:
            fact = _fact(read, definition, resource, draft, one, course)
            if fact is not None:
                yield replace(
                    fact,
                    attributes={**fact.attributes, **({"seen_on": seen_on} if seen_on else {})},
                )

    return recognised(read, definition, look, make)


def _worth_reading(read: Reading, resource: dict) -> bool:
    sets = read.value_sets
    if resource.get("presentedForm") or read.mentions(
        resource, sets["metastasis_site"], sets["lesion_word"], sets["regional_qualifier"]
    ):
        return True
    if resource["resourceType"] == "Condition" and (
        _is_secondary(resource) or not read.mentions(resource, sets["breast_cancer"])
    ):
        return _is_secondary(resource)
    return read.mentions(resource, sets["lesion_site"]) and (
        resource["resourceType"] == "Condition"
        or read.mentions(resource, sets["lesion_quality"], sets["certainty"])
    )


def _seen_on(read: Reading, resource: dict, reports: list[dict]) -> tuple[Match, ...]:
    """The kinds of scan whose report tells of a lesion."""
    sources = [resource] if resource["resourceType"] in ("DiagnosticReport", "ImagingStudy") else []
    if resource["resourceType"] == "Observation":
        sources += reports + examination_of(read, resource)
    kinds = {m.value: m for source in sources for m in scan_kinds(read, source)}
    return tuple(kinds.values())


# --- what a resource tells


def _is_secondary(resource: dict) -> bool:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return any(isinstance(p, str) and SECONDARY_PROFILE in p for p in as_list(profiles))


def of_other_cancer(read: Reading, resource: dict) -> bool:
    """Whether a problem is, or comes of, a tumour of another organ, by its words or by the primary that it names."""

    def named(one: dict) -> bool:
        return any(
            not m.negated
            for m in matches(list(texts(one.get("code"))), read.value_sets["other_cancer"])
        )

    primaries = [
        e.get("valueReference")
        for e in extensions(resource)
        if isinstance(e.get("valueReference"), dict)
    ]
    primaries += as_list(resource.get("focus"))
    others = linked(
        read, {**resource, "primary": [p for p in primaries if isinstance(p, dict)]}, ("primary",)
    )
    conditions = [other for other in others if other.get("resourceType") == "Condition"]
    return named(resource) or any(
        named(other) and not coded_in(other.get("code"), read.value_sets["breast_cancer"])
        for other in conditions
    )


def _of_condition(read: Reading, resource: dict, definition: FactDefinition) -> list[Lesion]:
    """The lesions of a problem: of its code, of its place beside a code that names none, or of its words."""
    if of_other_cancer(read, resource):
        return []
    sets = read.value_sets
    coded = [m.value for m in coded_in(resource.get("code"), sets["metastasis_site"])] or (
        ["unspecified"] if _is_secondary(resource) else []
    )
    words = _told(resource, coded, sets)
    regions = _regions(read, resource)
    returned = bool(
        coded_in(resource.get("clinicalStatus"), sets["clinical_course"])
        or coded_in(resource.get("code"), sets["clinical_course"])
    )
    if (
        not coded
        and returned
        and matches([resource["code"]] if resource.get("code") else [], sets["breast_cancer"])
    ):
        # A breast cancer that came back, with nodes as its place.
        coded = [site for site, _ in regions if site in REGIONAL or site == "lymph_nodes"]
        if not coded and not words and _is_regional(resource, sets):
            return [
                Lesion(
                    "lymph_nodes", "regional", certainty="confirmed", recurrence=True, coded=True
                )
            ]
    found = _exact(coded, regions, words) if coded else [Lesion(**vars(w)) for w in words]
    return [_as_verified(resource, one) for one in found]


def _told(
    resource: dict,
    coded: list[str],
    sets: Mapping[str, ValueSet],
    default: tuple[tuple[str, str], ...] = (),
) -> list[Told]:
    """What the words of a problem or an Observation tell; beside a coded metastasis a site alone is enough."""
    return list(
        told(
            f"{'metastase: ' if coded else ''}{spoken(resource)}",
            sets,
            report=False,
            default=default,
        )
    )


def _is_regional(resource: dict, sets: Mapping[str, ValueSet]) -> bool:
    return any(
        m.value == "regional"
        for e in extensions(resource)
        for m in coded_in(e.get("valueCodeableConcept"), sets["regional_qualifier"])
    )


def _as_verified(resource: dict, one: Lesion) -> Lesion:
    """A problem that is not verified is suspected, as far as its words do not call it uncertain."""
    if status_truth(resource) is UNKNOWN and one.certainty != "uncertain":
        return replace(one, certainty="suspected")
    return one


def _regions(read: Reading, resource: dict) -> list[tuple[str, str]]:
    """(site, place) that the coded body sites of a resource name; a place that no value set knows tells lesions apart."""
    known = read.value_sets["lesion_site"]
    nodes = [resource.get("bodySite")]
    if resource["resourceType"] == "Observation":
        nodes += [
            resource.get("valueCodeableConcept"),
            *(
                c.get("valueCodeableConcept")
                for c in objects(resource.get("component"), "component")
            ),
        ]
    return [(m.value, "") for node in nodes for m in coded_in(node, known) if m.value != "breast"]


def _unknown_place(read: Reading, resource: dict) -> str:
    """A body site that no value set knows, as the name of a place."""
    known = read.value_sets["lesion_site"]
    for node in as_list(resource.get("bodySite")):
        if not coded_in(node, known) and not any(
            site_hits(fold(text), read.value_sets) for text in texts(node, "bodySite")
        ):
            return fold(
                next(iter(texts(node, "bodySite")), "")
                or next((c.code for c in codings(node, "bodySite")), "")
            )
    return ""


def _side_as_place(read: Reading, resource: dict, site: str) -> str:
    """The left and the right lung are two places, where the laterality of the body site (zib, mCODE) or code (ICD-10-GM) tells them apart."""
    if site in BESIDE_THE_BREAST or is_of(site, "spine") or is_of(site, "lymph_nodes"):
        return ""
    laterality = read.value_sets["laterality"]
    bearers = objects(resource.get("bodySite"), "bodySite") + [
        c
        for code in objects(resource.get("code"), "code")
        for c in objects(code.get("coding"), "coding")
    ]
    sides = [
        e.get("valueCodeableConcept") or e.get("valueCoding")
        for bearer in bearers
        for e in extensions(bearer)
    ]
    named = {m.side for m in coded_in(sides, laterality)}
    return named.pop() if len(named) == 1 and "both" not in named else ""


def _exact(coded: list[str], regions: list[tuple[str, str]], words: Sequence[Told]) -> list[Lesion]:
    """Coded sites, made more exact by body sites and words that name a part of them."""
    told_here = [w for w in words if not w.negated]
    found = []
    for site in dict.fromkeys(coded):
        exact = [
            (s, p)
            for s, p in [*((w.site, w.place) for w in told_here), *regions]
            if s == site or is_part(s, site)
        ]
        exact = [e for e in exact if e[0] != "unspecified"] or exact
        for one_site, place in without_wholes([*exact, *([] if exact else [(site, "")])]):
            same = (
                [w for w in told_here if (w.site, w.place) == (one_site, place)]
                or [w for w in told_here if w.site == site]
                or told_here
            )
            doubt = next(
                (w.certainty for w in same if w.certainty in ("uncertain", "suspected")),
                "confirmed",
            )
            sides = frozenset(s for w in same for s in w.sides)
            found.append(
                Lesion(
                    one_site,
                    place,
                    sides,
                    doubt,
                    past=any(w.past for w in same),
                    multiple=any(w.multiple for w in same),
                    coded=True,
                )
            )
    sites = without_wholes([(one.site, one.place) for one in found])
    return [one for one in found if (one.site, one.place) in sites]


def _of_observation(read: Reading, resource: dict, definition: FactDefinition) -> list[Lesion]:
    """The lesions of an Observation: question and answer together, with the body site and the interpretation beside them."""
    sets = read.value_sets
    code = resource.get("code")
    if any(
        key in resource for key in ("valueInteger", "valueQuantity", "valueRange", "valueRatio")
    ):
        return []  # a number of lesions or a size is no lesion
    if any(coded_in(code, sets[name]) for name in _ANSWERED_ELSEWHERE) or of_other_cancer(
        read, resource
    ):
        return []
    regions = _regions(read, resource)
    coded = [
        m.value
        for node in (code, resource.get("valueCodeableConcept"))
        for m in coded_in(node, sets["metastasis_site"])
    ]
    words = _told(resource, coded, sets, tuple(regions))
    beside = [
        resource.get("interpretation"),
        resource.get("valueCodeableConcept"),
        *(c.get("valueCodeableConcept") for c in objects(resource.get("component"), "component")),
    ]
    doubt = next((m.value for node in beside for m in coded_in(node, sets["certainty"])), "")
    found = _exact(coded, regions, words) if coded else [Lesion(**vars(w)) for w in words]
    if not found and doubt:
        found = [
            Lesion(site, place, certainty=doubt, coded=True)
            for site, place in without_wholes(regions)
        ]
    answered = _answer(read, resource, definition)
    found = [replace(one, certainty=doubt or one.certainty) for one in found]
    # "Mogelijk" as the answer is a suspicion, and was read as one.
    return [
        replace(
            one,
            answered=MET
            if answered is UNKNOWN and one.certainty in ("suspected", "uncertain")
            else answered,
        )
        for one in found
    ]


def _answer(read: Reading, resource: dict, definition: FactDefinition) -> Truth:
    """Whether the answer of an Observation denies its question; an answer that tells of lesions itself was read with it."""
    value = {
        "resourceType": "Observation",
        **{key: part for key, part in resource.items() if key.startswith("value")},
    }
    if any(True for _ in told(spoken(value), read.value_sets, report=False)) or _regions(
        read, value
    ):
        return MET
    return answer_of(resource, definition)


def _of_report(read: Reading, resource: dict, definition: FactDefinition) -> list[Lesion]:
    """The lesions that a report or a study tells of, in codes and in words; the words of a conclusion come first."""
    sets = read.value_sets
    title = (
        " / ".join(texts(resource.get("code")))
        if resource["resourceType"] == "DiagnosticReport"
        else ""
    )
    of_breast = bool(matches([title], sets["breast_examination"])) if title else False
    default = (
        ()
        if of_breast
        else tuple(
            without_wholes(
                (h.value, h.place)
                for h in site_hits(fold(title), sets)
                if h.value not in ("breast", "other")
            )
        )
    )
    found: dict[tuple, Lesion] = {}
    for text in prose(resource):
        for one in told(text, sets, report=True, default=default, of_breast=of_breast):
            found.setdefault((one.site, one.place, one.sides), Lesion(**vars(one)))
    words = list(found.values())
    coded = [m.value for m in coded_in(resource.get("conclusionCode"), sets["metastasis_site"])]
    exact = _exact(coded, [], words) if coded else []
    sites = {one.site for one in exact} | set(coded)
    kept = exact + [one for one in words if one.site not in sites]
    # "Equivocal" among the codes of the conclusion is said of what the words leave open.
    doubt = next((m.value for m in coded_in(resource.get("conclusionCode"), sets["certainty"])), "")
    kept = [
        replace(one, certainty=doubt) if doubt and not one.certainty and not one.negated else one
        for one in kept
    ]
    held = set(without_wholes((one.site, one.place) for one in kept if not one.negated))
    held |= {(one.site, one.place) for one in kept if _is_surer_than_its_parts(one, kept)}
    left = [one for one in kept if one.negated or one.multiple or (one.site, one.place) in held]
    return [_as_its_whole(one, [whole for whole in kept if whole not in left]) for one in left]


def _is_surer_than_its_parts(one: Lesion, others: list[Lesion]) -> bool:
    """Whether a whole is called suspected or confirmed, and every part of it only uncertain: "hotspots in de ribben, verdacht voor
    botmetastasen; onduidelijke haard sacrum"."""
    if one.negated or one.certainty not in ("suspected", "confirmed"):
        return False
    parts = [
        o for o in others if not o.negated and o.site != one.site and is_part(o.site, one.site)
    ]
    return bool(parts) and all(o.certainty == "uncertain" for o in parts)


def _as_its_whole(one: Lesion, wholes: list[Lesion]) -> Lesion:
    """A lesion of which nothing is said is what its whole is called: "haard Th7, onduidelijk: botmetastase of enostose?"."""
    of_it = [w for w in wholes if is_part(one.site, w.site) or one.site == w.site and not w.place]
    said = next((whole.certainty for whole in of_it if whole.certainty), "")
    return replace(one, certainty=said) if said and not one.certainty else one


# --- from lesion to fact


def _fact(
    read: Reading,
    definition: FactDefinition,
    resource: dict,
    draft: int | None,
    one: Lesion,
    course: list[Match],
) -> Fact | None:
    match = Match(one.site, "", one.negated, False, not one.coded, one.words, one.past)
    place = one.place
    if not place and one.coded and resource["resourceType"] != "DiagnosticReport":
        place = _unknown_place(read, resource) or _side_as_place(read, resource, one.site)
    attributes = {
        "certainty": (Match(one.certainty, from_text=not one.coded),) if one.certainty else (),
        "place": (Match(place, from_text=not one.coded),) if place else (),
        "extent": (Match("multiple", from_text=True),) if one.multiple else (),
        "course": tuple(course)
        or ((Match("recurrence", from_text=True),) if one.recurrence else ()),
    }
    fact = read.fact(
        definition,
        resource,
        draft,
        match,
        _side(read, resource, one),
        {k: v for k, v in attributes.items() if v},
    )
    if fact is None:
        return None
    # A suspicion is a finding that holds; its certainty says how sure it is.
    held = status_truth(resource, drafted=draft is not None)
    if one.negated or held is NOT_MET:
        asserted = NOT_MET
    elif resource["resourceType"] == "Condition":
        asserted = MET
    else:
        asserted = (
            UNKNOWN if held is None or resource.get("dataAbsentReason") else held
        ) & one.answered
    kept = {
        name: found
        for name, found in fact.attributes.items()
        if name != "certainty" or asserted is not NOT_MET
    }
    told_by_words = one.words and resource["resourceType"] != "Condition"
    current = NOT_MET if one.past else fact.current
    return replace(
        fact,
        asserted=asserted,
        current=current,
        attributes=kept,
        words=one.words if told_by_words else fact.words,
    )


def _side(read: Reading, resource: dict, one: Lesion) -> Laterality:
    """The side of nodes, skin and chest wall, beside which breast they are; elsewhere a side is a place."""
    if one.site not in BESIDE_THE_BREAST:
        return Laterality.UNKNOWN
    return SIDE_OF_WORDS.get(one.sides) or read.side(resource)
