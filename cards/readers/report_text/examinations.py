"""Which examinations a text names: "MRI wervelkolom en CT thorax/abdomen" is three, "FES-PET wegens niet-conclusieve FDG-PET" is one.

An examination in words is a modality with what it was made of (a region) or with (a tracer). Regions are bound to the modality
beside them; what follows a reason ("i.v.m.", "bij", "na") names no examination of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cds_service.clinical_text.context import Temporality, findings, is_to_follow, said
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading
from cds_service.terminology.value_set import Match, ValueSet

from ...shared.examinations import TOGETHER

VALUE_SETS = ("pet_tracer", "scan", "scan_modality", "scan_region")  # looked up here

# (modality, region) -> the values of the fact `scan`; a pair that is not here is of no concern.
KINDS = {
    ("mri", "spine"): ("mri_spine",),
    ("mri", "pelvis"): ("mri_pelvis",),
    ("mri", "liver"): ("mri_liver",),
    ("mri", "abdomen"): ("mri_liver",),
    ("mri", "brain"): ("mri_brain",),
    ("mri", "breast"): ("mri_breast",),
    ("mri", "whole_body"): ("mri_whole_body",),
    ("ct", "chest"): ("ct_chest",),
    ("ct", "abdomen"): ("ct_abdomen",),
    ("ct", "liver"): ("ct_abdomen",),
    ("ct", "whole_body"): ("ct_chest", "ct_abdomen"),
    ("xray", "chest"): ("chest_xray",),
    ("ultrasound", "liver"): ("liver_ultrasound",),
    ("ultrasound", "abdomen"): ("liver_ultrasound",),
    ("nuclear", "bone"): ("bone_scan",),
}
_MODALITIES = {"pet", "mri", "ct", "xray", "ultrasound", "nuclear", "imaging"}
# A reason, a comparison or a time: what follows it is not what is done. "Na contrast" and "for localization" are part of the name.
_BECAUSE = (
    r"i\.?v\.?m\.?|in verband met|wegens|vanwege|n\.?a\.?v\.?|naar aanleiding van|omdat|t\.?o\.?v\.?|ten opzichte van|i\.?p\.?v\.?|in plaats van|"
    r"na(?! (?:de )?(?:toediening|injectie|contrast|i\.?v\.?|gd|gado))|because|due to|after|following|instead of"
)
_REASON = re.compile(
    rf"(?<![a-z])(?:{_BECAUSE}|gezien|bij|vraagstelling|vraag|indicatie|ind\.|reden|ter (?:uitsluiting|beoordeling|stadiering|evaluatie)|"
    r"volgens|conform|voor(?! en na)|versus|vs|compared|for(?! locali[sz]ation)|indien|mocht|if)(?![a-z])"
)
_REASON_AHEAD = re.compile(rf"(?<![a-z])(?:{_BECAUSE})(?![a-z])")
# What only uses an image, or only speaks of one, is no examination.
_NO_EXAMINATION = re.compile(
    r"geleid|(?<![a-z])(?:guided|planning\w*|simulati\w*|simulation|stereotact\w*|radiotherap\w*|bestral\w*|sbrt|mr[ -]?linac|besprek\w*|bespreek\w*|contra-?indicati\w*|"
    r"consult\w*|telefonisch\w*|poli\w*|belafspraak|uitslaggesprek|toon(?:t|de)|liet|laat|bleek|shows|showed|revealed)(?![a-z])"
)
# "I.v.m." ends no sentence.
_ABBREVIATION = re.compile(r"(?<![a-z])([a-z])\.([a-z])\.(?:([a-z])\.)?")
# Words that only say that something is asked for.
_ASKS = re.compile(
    r"(?<![a-z])(?:verwij\w+|aanmeld\w*|bespre\w+|inbreng\w*|aanvra\w+|verzoek\w*|order|"
    r"opdracht|opname|start\w*|gepland\w*|plan|afspraak|plaats\w*|op|de|een|wachtlijst|graag|spoed|cito|"
    r"consult|refer\w*|request\w*|admission|admit|please|the|a|an|to|booking|booked)(?![a-z])"
)
_GUIDANCE = re.compile(r"(?<![a-z])guidance(?![a-z])")
_IN_BRACKETS = re.compile(r"\(([^)]*)\)")


@dataclass(frozen=True)
class Scans:
    """What is known of the examinations that something names."""

    kinds: tuple[Match, ...] = ()  # values of `scan`
    general: tuple[Match, ...] = ()  # modalities of which the region or tracer is not said


def named_in(read: Reading, text: str) -> Scans:
    """The examinations that a text names; what is denied or told of the past is passed over."""
    kinds: dict[str, Match] = {}
    general: dict[str, Match] = {}
    for clause in parts(text):
        for match in _in_clause(read, clause):
            (general if match.value in _MODALITIES else kinds).setdefault(match.value, match)
    return Scans(tuple(kinds.values()), tuple(general.values()))


def parts(text: str) -> tuple[str, ...]:
    """The folded clauses of a text without its clinical data and question."""
    return findings(joined(text))


def joined(text: str) -> str:
    """A text, folded, whose abbreviations end no sentence ("i.v.m." becomes "ivm")."""
    return _ABBREVIATION.sub(lambda m: "".join(filter(None, m.groups())), fold(text))


def before_reason(part: str) -> str:
    """What a clause of an order asks for, without why: "MRI mamma bij chemotherapie" asks for no chemotherapy.

    A reason that stands first, or behind nothing but "verwijzing voor", is what is asked for.
    """
    for reason in _REASON.finditer(part):
        if _says_more(part[: reason.start()]):
            return part[: reason.start()]
    return part


def regions_in(read: Reading, text: str) -> tuple[str, ...]:
    """The regions that a text names beside an examination."""
    return tuple(
        dict.fromkeys(
            m.value
            for m in read.value_sets["scan_region"].text(text)
            if not m.negated and not m.past
        )
    )


def tracers_in(read: Reading, text: str) -> tuple[str, ...]:
    """The tracers that a text names, as the kinds of PET that they make."""
    return tuple(
        dict.fromkeys(
            m.value
            for m in read.value_sets["pet_tracer"].text(text)
            if not m.negated and not m.past
        )
    )


def _in_clause(read: Reading, clause: str) -> Iterator[Match]:
    sets = read.value_sets
    whole, modality = sets["scan"], sets["scan_modality"]
    if _NO_EXAMINATION.search(clause) or not any(
        s.any_term is not None and s.any_term.search(clause) for s in (whole, modality)
    ):
        return
    clause = _name_in(clause, whole, modality)
    for match in _said(whole, clause):
        yield from (
            Match(value, match.side, from_text=True, words=match.words)
            for value in TOGETHER.get(match.value, (match.value,))
        )
    for term, *_ in whole.terms_in(clause):
        clause = term.pattern.sub(lambda hit: " " * len(hit.group()), clause)
    yield from _modalities(read, clause)


def _modalities(read: Reading, clause: str) -> Iterator[Match]:
    """The modalities of a clause, each with the regions beside it."""
    modality, region = read.value_sets["scan_modality"], read.value_sets["scan_region"]
    kept = {m.value for m in _said(modality, clause)}
    hits = [hit for hit in _longest(_places(modality, clause)) if hit[2] in kept]
    beside = _bound(hits, _places(region, clause))
    for place, (start, end, value) in enumerate(hits):
        words = Match(value, from_text=True, words=clause[start:end])
        if value == "pet":
            yield from (
                Match(kind, from_text=True, words=words.words)
                for kind in tracers_in(read, clause) or ("pet",)
            )
            continue
        regions, name = beside.get(place, []), "mri" if value == "mr" else value
        if _GUIDANCE.search(clause) or value == "mr" and not regions:
            continue
        if not regions:
            yield Match(name, from_text=True, words=words.words)
        for kind in (kind for found in regions for kind in KINDS.get((name, found), ())):
            yield Match(kind, from_text=True, words=words.words)


def _said(value_set: ValueSet, clause: str) -> list[Match]:
    """The terms of a clause that are neither denied nor of before."""
    found = [
        Match(value, side, from_text=True, words=s.words)
        for term, value, side in value_set.terms_in(clause)
        for s in said(clause, term)
        if not s.negated and not s.past and s.temporality is not Temporality.PLANNED
    ]
    return [m for m in found if not only_to_follow(clause, m.words)]


def only_to_follow(clause: str, words: str) -> bool:
    """Whether a clause names an examination only as one that is still to come ("MRI mamma volgt") or was not made."""
    behind = clause.split(words)[1:]
    return bool(behind) and all(is_to_follow(rest) for rest in behind)


def _places(value_set: ValueSet, clause: str) -> list[tuple[int, int, str]]:
    """(start, end, value) of the terms in a clause, from left to right."""
    return sorted(
        (m.start(), m.end(), value)
        for term, value, _ in value_set.terms_in(clause)
        for m in term.pattern.finditer(clause)
    )


def _longest(hits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The longest hit where several overlap, those of one modality taken together: in "FDG-PET/CT" there is no CT of its own."""
    whole: list[tuple[int, int, str]] = []
    for start, end, value in sorted(hits, key=lambda hit: (hit[2], hit[0])):
        if whole and whole[-1][2] == value and start < whole[-1][1]:
            start, end = whole[-1][0], max(end, whole.pop()[1])
        whole.append((start, end, value))
    kept: list[tuple[int, int, str]] = []
    for hit in sorted(whole, key=lambda h: (h[0] - h[1], h[0])):
        if all(hit[1] <= other[0] or other[1] <= hit[0] for other in kept):
            kept.append(hit)
    return sorted(kept)


def _bound(
    hits: list[tuple[int, int, str]], regions: list[tuple[int, int, str]]
) -> dict[int, list[str]]:
    """Position of a modality -> its regions. "MRI lever, CT thorax": behind it; "thorax-CT en lever-MRI": before it."""
    bound: dict[int, list[str]] = {}
    ahead = bool(hits and regions) and regions[0][0] < hits[0][0]
    for start, _, value in regions if hits else ():
        before = [n for n, hit in enumerate(hits) if hit[0] <= start]
        behind = [n for n, hit in enumerate(hits) if hit[0] > start]
        inside = [n for n in before if start < hits[n][1]]
        place = inside or (behind[:1] if ahead else before[-1:]) or before[-1:] or behind[:1]
        bound.setdefault(place[0], []).append(value)
    return bound


def _name_in(clause: str, *value_sets: ValueSet) -> str:
    """The part of a clause that names what is done: without its reason, and without another examination between brackets."""
    terms = [s.any_term for s in value_sets if s.any_term is not None]

    def first(text: str) -> int:
        starts = [hit.start() for term in terms if (hit := term.search(text))]
        return min(starts, default=-1)

    bare = _IN_BRACKETS.sub(" ", clause)
    if first(bare) >= 0:
        clause = _IN_BRACKETS.sub(
            lambda inner: " " if first(inner.group(1)) >= 0 else f" {inner.group(1)} ", clause
        )
    start = first(clause)
    ahead = [
        hit
        for hit in _REASON_AHEAD.finditer(clause, 0, max(start, 0))
        if _says_more(clause[: hit.start()])
    ]
    if ahead and ":" not in clause[ahead[0].end() : start]:
        return ""  # "Controle na MRI" asks for no MRI; "stadiering na operatie: PET" asks for a PET
    reason = _REASON.search(clause, start) if start >= 0 else None
    return clause[: reason.start()] if reason else clause


def _says_more(ahead: str) -> bool:
    """Whether words say more than that something is asked for."""
    return bool(_ASKS.sub(" ", ahead).strip(" :-,"))
