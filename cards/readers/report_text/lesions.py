"""What the words of a report or a problem tell of lesions: site, place, how certain, denied, of the past.

A text is read clause by clause and part by part (between commas). A part with a site and a word for a lesion makes a
finding; a part without a site goes on about the finding before it ("laesie in L3, aspecifiek"). A lesion of the breast
itself is none, nor is one that is called benign without doubt.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cds_service.clinical_text.context import Presence, clauses, findings
from cds_service.clinical_text.laterality import sides
from cds_service.terminology.value_set import ValueSet

from .lesion_parts import START, Part, Told, starting
from .sites import (
    BESIDE_THE_BREAST,
    Hit,
    hits,
    is_part,
    places_of,
    site_hits,
    without_wholes,
)

VALUE_SETS = (
    "lesion_place",
    "lesion_quality",
    "lesion_word",
    "metastasis_site",
    "other_cancer",
    "regional_qualifier",
)  # looked up here

_ENUMERATION = re.compile(
    r"\b(?:en|of|in|de|het|een|and|or|the|links|rechts|linker|rechter|left|right|beiderzijds|t/m|van|onder andere|o\.?a\.?|met name|wel|os|corpus)\b|[^a-z]"
)
_COMMA = re.compile(r",(?!\d)")
# "Geen verdachte laesies" denies the lesions; the doubt in the adjective is no doubt about that.
_DENIED_DOUBT = re.compile(
    r"(?<![a-z])((?:geen|zonder|no|without|noch|nor|niet)(?:\s+(?!wel\b|met\b|with\b|behalve\b|except\b)[a-z()]+){0,4}?)"
    r"\s+(?:(?:duidelijke?|evident[e]?|overtuigend[e]?|andere|nieuwe)\s+)?"
    r"(?:verdachte|suspecte|suspicious|suspect|mogelijke|onduidelijke|twijfelachtige|waarschijnlijke)(?=\s)(?!\s(?:voor|van|for|of)\s)"
)

# A fracture alone explains a finding; one that is called pathological makes no metastasis harmless.
_CONCLUSION = re.compile(
    r"(?:eind)?(?:conclusie|beoordeling|samenvatting|antwoord|addendum|impression|conclusion|summary|opinion)(?![a-z])"
)
_EXCEPT = re.compile(
    r"(?<![a-z])(?:naast|buiten|behalve|behoudens|dan|uitgezonderd|apart from|other than|besides|except(?: for)?)\s(?:[\w\-]+\s){0,4}$"
)
_FRACTURE = re.compile(r"(?<![a-z])patholog\w*\s+(?:\w*fractuur|\w*fracturen|fractures?)(?![a-z])")


@dataclass
class _Reading:
    """One text being read."""

    sets: Mapping[str, ValueSet]
    default: tuple[
        tuple[str, str], ...
    ]  # the region of the examination, for lesions without a site
    found: list[Told | None] = field(default_factory=list)
    last: list[int] = field(default_factory=list)  # what the part before told of
    context: list[tuple[str, str]] = field(
        default_factory=list
    )  # sites named without a lesion: "Lever: ..."
    in_breast: bool = False
    # The text tells of the nodes of an operation: a metastasis without a site of its own is their N stage (R7).
    nodal: bool = False
    node: Part | None = (
        None  # a part of this clause that named nodes at a site, and not yet what they are like
    )

    def clause(self, clause: str) -> None:
        clause = _FRACTURE.sub(" ", _DENIED_DOUBT.sub(r"\1", clause))
        if any(not h.negated and not h.uncertain for h in hits(clause, self.sets["other_cancer"])):
            return  # what is told of another tumour is none of ours
        every_site = site_hits(clause, self.sets)
        every_word = hits(clause, self.sets["lesion_word"]) + hits(
            clause, self.sets["lesion_quality"]
        )
        if not every_word and not every_site:
            return
        own = hits(clause, self.sets["metastasis_site"])
        still = any(h.value == "still" for h in every_word)
        groups = [sorted(group, key=START) for group in (every_site, every_word, own)]
        begins, first, self.node = 0, True, None
        for end in [*(m.start() for m in _COMMA.finditer(clause)), len(clause)]:
            inside = [starting(group, begins, end) for group in groups]
            self.part(
                Part(clause[begins:end], begins, inside[0], inside[1], bool(inside[2]), still),
                first,
            )
            begins, first = end + 1, False

    def part(self, part: Part, first: bool) -> None:
        if any(h.value == "none" for h in part.words):
            return
        if (
            self.node
            and not part.sites
            and (part.nouns() or part.has("suspicious", "positive", "uncertain", "enlarged"))
        ):
            before = self.node  # "klier in de oksel links van 12 mm, verdacht"
            part = replace(
                part,
                text=f"{before.text},{part.text}",
                begins=before.begins,
                sites=before.sites,
                words=before.words + part.words,
            )
        nouns = part.nouns()
        self.node = (
            part
            if part.elsewhere
            and not nouns
            and any(h.value == "node" and not h.negated for h in part.words)
            else None
        )
        if part.elsewhere:
            self.with_site(part, nouns, first)
        elif nouns or part.of_breast:
            self.without_site(part, nouns)
        elif self.last and not _starts_afresh(part):
            self.go_on(part)

    def with_site(self, part: Part, nouns: list[Hit], first: bool) -> None:
        """A part that names a site: more of the finding before it, a finding, more of an enumeration, or a heading."""
        if (
            self.last
            and not _starts_afresh(part)
            and bool(nouns) is not part.has("benign")
            and self.only_wholes(part)
        ):
            self.go_on(part)  # "stapeling in de oksel, passend bij lymfekliermetastasen"
        elif nouns or part.named or part.has("suspicious", "uncertain") and not part.has("benign"):
            self.add(part, self.places(part), nouns)
        elif self.last and not first and not _rest(part, self.sets):
            before = self.found[self.last[-1]]
            self.enumerate(part, before)
        else:
            self.context, self.last, self.in_breast = self.places(part), [], False

    def without_site(self, part: Part, nouns: list[Hit]) -> None:
        """A part with a word for a lesion, or with a breast, and no other site."""
        spread = [h for h in nouns if h.value == "metastasis"]
        regional = [
            h
            for h in hits(part.text, self.sets["regional_qualifier"])
            if h.value == "regional" and not h.negated
        ]
        if regional:
            self.add(part, [("lymph_nodes", "regional")], nouns)
        elif part.of_breast and not spread:
            self.context, self.last, self.in_breast = [], [], True
        elif (
            self.last
            and not _starts_afresh(part)
            and (part.has("benign") or not all(h.negated for h in nouns))
        ):
            self.go_on(part)
        elif self.context and not part.of_breast:
            self.add(part, self.context, nouns)
        elif (
            self.default
            and not self.in_breast
            and not part.of_breast
            and not (spread and all(h.negated for h in spread))
        ):
            self.add(part, list(self.default), nouns)
        elif spread and not self.nodal:
            self.add(part, [("unspecified", "")], spread)

    def places(self, part: Part) -> list[tuple[str, str]]:
        """Every (site, place) that a part names."""
        named = [
            (hit.value, place)
            for hit in part.elsewhere
            if not _is_excepted(part, hit)
            for place in (
                [hit.place]
                if hit.place
                else places_of(hit.value, part.text, self.sets, beside_breast=part.of_breast)
            )
        ]
        kept = without_wholes(named)
        # The region of the examination says which nodes or vertebrae it is about.
        return [
            next(((site, place) for site, _ in self.default if is_part(site, own)), (own, place))
            for own, place in kept
        ]

    def add(self, part: Part, where: list[tuple[str, str]], nouns: list[Hit]) -> None:
        certainty, denied = _certainty(part, nouns), bool(nouns) and all(h.negated for h in nouns)
        if part.has("benign") and certainty != "confirmed":
            certainty = "uncertain" if _doubted(part) else "benign"
        weak = (
            not any(h.value in ("metastasis", "recurrence", "staged") for h in nouns)
            and not part.named
        )
        self.last, self.context = [], [] if part.elsewhere else self.context
        self.in_breast = False
        for site, place in where:
            if site == "other" and weak:
                continue  # another organ with a finding in it is no metastasis until somebody says so
            hit = next(
                (h for h in part.elsewhere if h.value == site and h.place in ("", place)), None
            )
            self.found.append(
                Told(
                    site,
                    place,
                    sides(part.text, denied_too=denied)
                    if site in BESIDE_THE_BREAST
                    else frozenset(),
                    certainty,
                    denied or hit is not None and hit.negated,
                    not part.still
                    and any(h.past for h in (*nouns, *([hit] if hit else [])))
                    or part.has("gone"),
                    any(h.value == "recurrence" and not h.negated for h in nouns),
                    part.has("multiple"),
                    part.text.strip(" :.-"),
                )
            )
            self.last.append(len(self.found) - 1)

    def only_wholes(self, part: Part) -> bool:
        """Whether a part names nothing but what the sites before it are parts of."""
        before = {finding.site for index in self.last if (finding := self.found[index])}
        return all(
            any(is_part(site, hit.value) for site in before) for hit in part.elsewhere
        ) and not all(h.negated for h in part.nouns() or part.words)

    def enumerate(self, part: Part, before: Told | None) -> None:
        """One more site of an enumeration: all that was said of the one before holds of it."""
        if before is None:
            return
        for site, place in self.places(part):
            denied = any(h.negated for h in part.elsewhere if h.value == site)
            named = sides(part.text) if site in BESIDE_THE_BREAST else frozenset()
            one = replace(
                before, site=site, place=place, sides=named, negated=before.negated or denied
            )
            if all(self.found[index] != one for index in self.last):  # said again it is no other
                self.found.append(one)
                self.last.append(len(self.found) - 1)

    def go_on(self, part: Part) -> None:
        """A part that says more of the findings before it."""
        nouns = part.nouns()
        said = _certainty(part, nouns)
        for index in self.last:
            finding = self.found[index]
            if finding is None or finding.negated:
                continue
            certainty = finding.certainty
            if part.has("benign") and certainty != "confirmed":
                certainty = "uncertain" if _doubted(part) else "benign"
            elif (  # noqa: SIM114 - two rules, though they do the same
                said
                and not (certainty == "uncertain" and said == "suspected")
                and certainty != "confirmed"
            ):
                certainty = said
            elif said == "uncertain":
                certainty = said
            gone = part.has("gone")
            self.found[index] = replace(
                finding,
                certainty=certainty,
                past=finding.past or gone,
                multiple=finding.multiple or part.has("multiple"),
            )


def _rest(part: Part, sets: Mapping[str, ValueSet]) -> str:
    """What a part says beside sites, places and the words between them."""
    letters = list(part.text)
    spans = [(h.start - part.begins, h.end - part.begins) for h in part.sites] + [
        (h.start, h.end) for h in hits(part.text, sets["lesion_place"])
    ]
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return _ENUMERATION.sub("", "".join(letters))


def _is_excepted(part: Part, hit: Hit) -> bool:
    """Whether a part excepts a site from what it denies: "geen metastasen anders dan L2", "naast de haard in Th5 geen metastasen"."""
    denied = bool(part.nouns()) and all(h.negated for h in part.nouns())
    return denied and _EXCEPT.search(part.text[: max(0, hit.start - part.begins)]) is not None


def _starts_afresh(part: Part) -> bool:
    return any(h.value == "fresh" for h in part.words)


def _doubted(part: Part) -> bool:
    return part.has("doubt", "uncertain") or any(h.uncertain for h in part.words)


def _certainty(part: Part, nouns: list[Hit]) -> str:
    """How certain a part is of its lesion: not what it is, suspected, a metastasis, or nothing said."""
    doubted = {h.presence for h in (*nouns, *part.elsewhere)}
    if part.says("uncertain", "doubt") or Presence.UNCERTAIN in doubted:
        return "uncertain"
    if part.says("suspicious") or any(h.uncertain for h in (*nouns, *part.elsewhere)):
        return "suspected"
    if (
        part.named
        or part.has("positive")
        or any(h.value in ("metastasis", "recurrence", "staged") and not h.negated for h in nouns)
    ):
        return "confirmed"
    return "suspected" if part.has("enlarged") else ""


def _outrank(found: list[Told | None], concluding: int) -> None:
    """What the conclusion says of a site goes before what the findings say of it."""
    concluded = {(f.site, f.place) for f in found[concluding:] if f is not None}
    sites = {site for site, _ in concluded}
    for index, finding in enumerate(found[:concluding]):
        if finding is not None and (
            (finding.site, finding.place) in concluded
            or (finding.site, "") in concluded
            or not finding.place
            and finding.site in sites
        ):
            found[index] = None


def told(
    text: str,
    sets: Mapping[str, ValueSet],
    *,
    report: bool,
    default: tuple[tuple[str, str], ...] = (),
    of_breast: bool = False,
) -> Iterator[Told]:
    """The lesions that a text tells of, denied ones too. Of a report, clinical data and the question are passed over.

    `default`: the region of the examination; `of_breast`: it was one of the breast, so that a lesion without a site is there.
    """
    reading = _Reading(sets, default, in_breast=of_breast)
    told_clauses = findings(text) if report else clauses(text)
    concluding = None
    reading.nodal = any(
        hit.value == "nodal" for clause in told_clauses for hit in hits(clause, sets["lesion_word"])
    )
    for clause in told_clauses:
        if concluding is None and _CONCLUSION.match(clause):
            concluding = len(reading.found)
        reading.clause(clause)
    if concluding is not None:
        _outrank(reading.found, concluding)
    seen: dict[tuple, Told] = {}
    for finding in reading.found:
        if finding is None or finding.certainty == "benign":
            continue
        key = (finding.site, finding.place, finding.sides)
        before = seen.get(key)
        if (
            before is None
            or before.negated
            and not finding.negated
            or before.negated is finding.negated
            and finding.certainty
        ):
            seen[key] = replace(
                finding, multiple=finding.multiple or before is not None and before.multiple
            )
    # "Metastases in the liver" says all that "metastatic" says; nodes beside the breast do not.
    distant = any(
        not one.negated and one.site not in (*BESIDE_THE_BREAST, "unspecified")
        for one in seen.values()
    )
    yield from (
        one for one in seen.values() if one.negated or not distant or one.site != "unspecified"
    )
