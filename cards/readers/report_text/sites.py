"""Where a lesion is: sites and places in words, and which site is part of which.

A place tells two lesions of one site apart: the level of a vertebra, the segment of the liver, the rib, the side.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds_service.clinical_text.context import Experiencer, Presence, every_mention, mention_at
from cds_service.clinical_text.laterality import sides
from cds_service.clinical_text.terms import Term
from cds_service.terminology.value_set import ValueSet

VALUE_SETS = ("lesion_place", "lesion_site", "metastasis_site")  # looked up here

# Which sites a site is part of: beside the part, the whole says nothing of its own.
WHOLE = {
    "cervical_spine": ("spine", "bone"),
    "thoracic_spine": ("spine", "bone"),
    "lumbar_spine": ("spine", "bone"),
    "spine": ("bone",),
    "sacrum": ("bone",),
    "pelvis": ("bone",),
    "brain": ("brain_or_meninges",),
    "meninges": ("brain_or_meninges",),
    "axillary_nodes": ("lymph_nodes",),
    "supraclavicular_nodes": ("lymph_nodes",),
    "infraclavicular_nodes": ("lymph_nodes",),
    "internal_mammary_nodes": ("lymph_nodes", "mediastinal_nodes"),
    "mediastinal_nodes": ("lymph_nodes",),
    "other_nodes": ("lymph_nodes",),
}
REGIONAL = (
    "axillary_nodes",
    "supraclavicular_nodes",
    "infraclavicular_nodes",
    "internal_mammary_nodes",
)
# The sites whose side is that of the breast; elsewhere a side is a place.
BESIDE_THE_BREAST = (*REGIONAL, "lymph_nodes", "skin", "chest_wall")
# Sites that may lie at the height of a vertebra without being in it.
_SOFT = (
    *BESIDE_THE_BREAST,
    "lung",
    "pleura",
    "mediastinal_nodes",
    "other_nodes",
    "other",
    "breast",
)
# Places by the site that they belong to; what is not listed is of any bone.
_PLACES = {
    "lung": ("upper lobe", "middle lobe", "lower lobe"),
    "liver": ("left lobe", "right lobe"),
    "pelvis": ("ilium", "acetabulum", "ischium", "pubis", "si joint"),
    "brain": ("cerebellum", "brain stem", "frontal", "parietal", "temporal", "occipital"),
    "other_nodes": ("neck", "inguinal", "para-aortic"),
    "other": ("kidney", "spleen", "thyroid", "pancreas", "orbit", "bone marrow"),
    "bone": ("rib", "sternum", "femur", "humerus", "scapula", "clavicle", "skull", "tibia"),
}
# Vertebrae: "L3", "Th8", "D8", "C2-C4", "L3/4", "Th8 t/m 10"; not PD-L1, a number of pathology (T12-34567), a score, the weighting of an
# MRI, nor a TNM category ("L1 V0": invasion of lymph vessels, none of veins).
_LEVEL = re.compile(
    r"(?<![a-z0-9])(?<!pd-)(?<!pd )(th|[ctdls])\s?-?(\d{1,2})"
    r"(?:\s?(-|/|t/m|tot en met|tm)\s?(th|[ctdls])?(\d{1,2}))?"
    r"(?![a-z0-9]|[.,]\d|-?\s?(?:gewogen|weighted|w\b|hyper|hypo|signaal|signal|opname|beeld|stir|flair|score|index|status|expressie|stadium|tumou?r)|-\d{3}|\s+(?:[cp]?n[0-3x]|[a-z]{0,10}(?:tumou?r|carcino))|,?\s*(?:v[0-2x]|pn[0-2x])(?![a-z0-9]))"
)
# "T2" and "D3" are as often a stage or a vitamin: they are vertebrae where bones are spoken of, T5 and D5 anywhere.
_MAY_BE_NONE = re.compile(r"[td]\s?-?[0-4](?!\d)")
_OF_BONES = re.compile(
    r"wervel|vertebra|spin(?:e|al)|corpus|corpora|\bw\.?k\b|\b[ctl]wk\b|\bbot|ossa|osse|skelet|bone|(?<![a-z])(?:th|l|c)\d|patholog\w* fract"
)
# "Subcutane nodus ter hoogte van C6": a level says where something else is.
_AT_LEVEL = re.compile(
    r"(?:ter hoogte van|thv|t\.h\.v\.?|op niveau(?: van)?|niveau(?: van)?|at the level of|at)\s+(?:de\s|the\s)?$"
)
_SPINE = {
    "c": ("cervical_spine", 7),
    "th": ("thoracic_spine", 12),
    "l": ("lumbar_spine", 6),
    "s": ("sacrum", 5),
}
_ORDER = [
    f"{letter}{number}"
    for letter in ("c", "th", "l", "s")
    for number in range(1, _SPINE[letter][1] + 1)
    if f"{letter}{number}" != "l6"
]
_SEGMENT = re.compile(
    r"(?<![a-z])(?:(?:lever)?segment(?:en)?|segm?\.?|sg)\s*(\d|[iv]+)\s?([ab])?(?![a-z0-9])|(?<![a-z0-9])s([1-8])([ab])?(?![a-z0-9])"
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}
_RIB = re.compile(
    r"(?<![a-z0-9])(?:rib(?:meta\w*)?|costa)\s*(?:nr\.?\s*)?(\d{1,2})(?![0-9])|(?<![a-z0-9])(\d{1,2})(?:e|de|ste|th|rd|nd|st)\s+rib(?![a-z])"
)


@dataclass(frozen=True)
class Hit:
    """A word of a value set in a clause, with what the clause does to it."""

    value: str
    start: int
    end: int
    negated: bool = False
    uncertain: bool = False
    past: bool = False
    place: str = ""
    presence: Presence = Presence.PRESENT


def hits(clause: str, value_set: ValueSet) -> list[Hit]:
    """Every word of a value set in a folded clause; what is told of a relative is passed over."""
    return [
        hit
        for term, value, _ in value_set.terms_in(clause)
        for hit in _hits_of(clause, term, value)
    ]


def _hits_of(clause: str, term: Term, value: str) -> list[Hit]:
    mentions = every_mention(clause, term)
    if any(m.experiencer is not Experiencer.PATIENT for m in mentions):
        return []
    return [
        Hit(value, m.start, m.end, m.negated, m.uncertain, m.past, "", m.presence) for m in mentions
    ]


def site_hits(clause: str, sets: Mapping[str, ValueSet]) -> list[Hit]:
    """The sites that a clause names, breasts too; of words that overlap the longest counts ("iliacale lymfeklier")."""
    found = hits(clause, sets["lesion_site"]) + hits(clause, sets["metastasis_site"])
    of_liver = any(hit.value == "liver" for hit in found) or "segment" in clause
    found += [
        Hit("liver", m.start(), m.end(), place=place) for m, place in _segments(clause, of_liver)
    ]
    if not of_liver or re.search(r"(?<![a-z0-9])(?:l|th|c|d)\d", clause):
        found += [
            hit
            for match in _LEVEL.finditer(clause)
            if _is_level(clause, match, found)
            for hit in _levels(clause, match)
            if not (of_liver and hit.place.startswith("s"))
        ]
    kept: list[Hit] = []
    held: dict[int, list[Hit]] = {}  # by the letters that they take
    for hit in sorted(found, key=lambda hit: hit.start - hit.end):
        letters = range(hit.start, hit.end)
        if not any(
            not (hit.place and longer.place)
            for letter in letters
            for longer in held.get(letter, ())
        ):
            kept.append(hit)
            for letter in letters:
                held.setdefault(letter, []).append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _segments(clause: str, of_liver: bool) -> Iterator[tuple[re.Match, str]]:
    """Segments of the liver, "segment VII" and "S7"; those of a lung are named beside a lobe and are passed over."""
    if (
        not of_liver
        or re.search(r"(?<![a-z0-9])(?:long|lung|[a-z\-]{0,40}kwab|lobe)", clause)
        and "lever" not in clause
        and "liver" not in clause
    ):
        return
    for match in _SEGMENT.finditer(clause):
        number = match[1] or match[3]
        number = number if number.isdigit() else str(_ROMAN.get(number, ""))
        if number in tuple("12345678"):
            yield match, f"segment {number}{match[2] or match[4] or ''}"


def _is_level(clause: str, match: re.Match, others: list[Hit]) -> bool:
    """Whether letters and a number name a vertebra, and not a stage, a vitamin, or only the height of something else."""
    if _MAY_BE_NONE.match(match.group()) and not _OF_BONES.search(
        clause[: match.start()] + clause[match.end() :]
    ):
        return False
    elsewhere = any(h.value in _SOFT for h in others)
    return not (elsewhere and _AT_LEVEL.search(clause[: match.start()]))


def _levels(clause: str, match: re.Match) -> list[Hit]:
    """The vertebrae that "L3", "Th8-Th10" (three) or "C5/Th8" (two) names."""
    first = _level(match[1], match[2])
    last = _level(match[4] or match[1], match[5]) if match[5] else first
    if first not in _ORDER or last not in _ORDER:
        return []
    stance = mention_at(clause, match.start(), match.end())
    if stance.experiencer is not Experiencer.PATIENT:
        return []
    begin, end = _ORDER.index(first), _ORDER.index(last)
    named = dict.fromkeys((first, last)) if match[3] == "/" else _ORDER[begin : end + 1]
    return [
        Hit(
            _SPINE[level.rstrip("0123456789")][0],
            match.start(),
            match.end(),
            stance.negated,
            stance.uncertain,
            stance.past,
            level,
            stance.presence,
        )
        for level in named
    ]


def _level(letters: str, number: str) -> str:
    return f"{'th' if letters in ('t', 'd', 'th') else letters}{int(number)}"


def without_wholes(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(site, place) without those whose part is named too, and without a site beside the same one with its place."""
    kept = list(dict.fromkeys(found))
    named = {site for site, _ in kept}
    wholes = {whole for site in named for whole in WHOLE.get(site, ())}
    placed = {site for site, place in kept if place}
    return [
        (site, place)
        for site, place in kept
        if site not in wholes and (place or site not in placed)
    ]


def is_of(site: str, whole: str) -> bool:
    """Whether a site is this one or a part of it: a cervical vertebra of the spine, an axillary node of the nodes."""
    return site == whole or whole in WHOLE.get(site, ())


def is_part(site: str, whole: str) -> bool:
    """Whether a site says the same as another, more exactly."""
    return whole == "unspecified" or whole in WHOLE.get(site, ())


def places_of(
    site: str, part: str, sets: Mapping[str, ValueSet], *, beside_breast: bool
) -> list[str]:
    """The places within a site that a part of a sentence names; one empty place where it names none."""
    sided = (
        site not in BESIDE_THE_BREAST
        and not beside_breast
        and not is_of(site, "spine")
        and not is_of(site, "lymph_nodes")
    )
    pieces = (
        [piece for piece in re.split(r"(?<![a-z])(?:en|and)(?![a-z])", part) if sides(piece)]
        if sided
        else []
    )
    # "Rib 5 links en femur rechts": each with its own side.
    apart = len(pieces) > 1 and all(_named(site, piece, sets) for piece in pieces)
    return [
        " ".join(words for words in (name, side) if words)
        for piece in (pieces if apart else [part])
        for name in _named(site, piece, sets) or [""]
        for side in (sorted(sides(piece)) if sided else []) or [""]
    ]


def _named(site: str, part: str, sets: Mapping[str, ValueSet]) -> list[str]:
    """The places of a site in words, in the order of the text; ribs with their number."""
    family = _PLACES.get(site, ())
    named = [
        hit.value
        for hit in sorted(hits(part, sets["lesion_place"]), key=lambda hit: hit.start)
        if hit.value in family
    ]
    numbers = [f"rib {int(m[1] or m[2])}" for m in _RIB.finditer(part)] if site == "bone" else []
    return list(dict.fromkeys([name for name in named if name != "rib" or not numbers] + numbers))
