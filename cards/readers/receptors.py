"""Hormone and HER2 receptors of a tumour, from tests, codes and the words of pathology, with the tissue they were told of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cds_service.clinical_text.context import clauses, findings
from cds_service.clinical_text.folding import fold, written
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import matches
from cds_service.facts.model import Fact, FactDefinition
from cds_service.facts.status import status_truth
from cds_service.fhir.elements import Unreadable, objects, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match, ValueSet

from ..shared.receptor_results import NEGATIVE, POSITIVE, RESULTS, value_of
from .reports import asked_in_loinc, coded_in, linked, listing, prose

_TISSUES = ("metastasis", "recurrence", "primary")
# Tests, and names in words, that are of another marker than they are called after.
_MARKER_ASKED = {"her2_fish": "her2", "fish": "her2", "hr": "er"}
# "ER" is a Dutch word too: in words of a report it is the receptor where it stands in capitals, or right before + or -.
_MARKER = (
    r"(?:(?P<er>\bER\b|\b[eE]r(?=\s?(?:\+|-(?![a-zA-Z])|-pos|-neg| pos\b| neg\b))|\b(?i:o?estrogee?n-?\s?receptor)\w*|\bER[aα]\b)"
    r"|(?P<pr>\bPR\b|\bPgR\b|\b[pP]r(?=\s?(?:\+|-(?![a-zA-Z])|-pos|-neg| pos\b| neg\b))|\b(?i:progesterone?-?\s?receptor)\w*)"
    r"|(?P<her2>\b[hH][eE][rR]-?\s?2(?:\s?[/-]?\s?neu)?\b|\b[hH][eE][rR]2neu\b)"
    r"|(?P<fish>\b(?:FISH|SISH|ISH|fish)\b)"
    r"|(?P<hr>\bHR\b|\b[hH]ormoonreceptor(?:en|status)?\b|\b[hH]ormone receptors?\b))"
)
_STATUS = (
    r"(?P<percent>\d{1,3})\s?%|(?P<score>[0-3])\s?\+(?!\+)|(?P<plus>\+{1,3})|(?P<yes>[pP]os(?:\.|itief|itieve|itive?)?(?![a-z])|[gG]eamplificeerd|amplified|POS\w*)"
    r"|(?P<no>[nN]eg(?:\.|atief|atieve|ative?)?(?![a-z])|niet geamplificeerd|not amplified|geen amplificatie|NEG\w*)|(?P<minus>[-−–](?=\s*(?:[,;/).]|$|\s(?:PR|PgR|HER|en\b|and\b)))|[-−–](?=\s?(?:PR|PgR|HER)))"
    r"|(?P<zero>0)(?![\d%]|[.,]\d)"
)
_WORD = re.compile(rf"{_MARKER}|{_STATUS}|(?P<gap>[A-Za-zÀ-ÿ]+)|(?P<stop>[;\n]|\.(?=\s|$))")
_ANY_MARKER = re.compile(_MARKER)
_COPIES = re.compile(r"copy number|copies|ratio(?![a-z])|kopie")
# Between a marker and its answer only these words stand.
_LINK = {
    "resectie",
    "biopt",
    "biopsie",
    "naaldbiopt",
    "excisie",
    "resection",
    "biopsy",
    "tumorcellen",
    "kernen",
    "primaire",
    "tumor",
    "en",
    "and",
    "receptor",
    "receptoren",
    "receptors",
    "status",
    "expressie",
    "expression",
    "score",
    "is",
    "zijn",
    "was",
    "are",
    "ihc",
    "immuno",
    "immunohistochemie",
    "sterk",
    "zwak",
    "strongly",
    "weakly",
    "vrijwel",
    "cellen",
    "van",
    "de",
    "niet",
    "type",
    "neu",
    "gen",
    "gene",
    "test",
}


@dataclass(frozen=True)
class _Result:
    """A receptor with its answer: positive, negative, or neither (None)."""

    marker: str  # er, pr, her2, or a value that says several at once ("triple_negative")
    positive: bool | None
    tissue: str = ""
    coded: bool = False


@reader(
    value_sets=(
        "breast_cancer",
        "lesion_word",
        "metastasis_site",
        "receptor",
        "receptor_test",
        "tissue_origin",
    )
)
def receptor(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each receptor that a resource gives a result of.

    Percentages: 0 is negative and 10 or more positive; between these no source of the project draws the line, so the fact
    is unknown (a project choice). HER2: 3+ is positive, 0 and 1+ negative, 2+ unknown unless amplification decides it.
    """
    reports = listing(read)

    def look(resource: dict) -> list[_Result]:
        if not resource.get("presentedForm") and not read.mentions(
            resource, definition.value_set, read.value_sets["receptor_test"]
        ):
            return []
        return _results(read, resource, definition)

    def make(resource: dict, draft: int | None, found: list[_Result]) -> Iterator[Fact]:
        general = _tissue(read, resource, definition, reports.get(id(resource), []))
        for one in found:
            value = (
                one.marker
                if one.marker in RESULTS
                else value_of(one.marker, NEGATIVE if one.positive is False else POSITIVE)
            )
            tissue = one.tissue or general
            told_of = (Match(tissue, from_text=True),)
            attributes: dict[str, tuple[Match, ...]] = {"tissue": told_of} if tissue else {}
            fact = read.fact(
                definition,
                resource,
                draft,
                Match(value, from_text=not one.coded),
                read.side(resource),
                attributes,
            )
            if fact is not None:
                yield replace(fact, asserted=_holds(resource, one, draft))

    return recognised(read, definition, look, make)


def _holds(resource: dict, one: _Result, draft: int | None) -> Truth:
    held = status_truth(resource, drafted=draft is not None)
    return (
        Truth.UNKNOWN
        if held is None or one.positive is None or resource.get("dataAbsentReason")
        else held
    )


# --- what a resource tells


def _results(read: Reading, resource: dict, definition: FactDefinition) -> list[_Result]:
    found: list[_Result] = []
    nodes = [
        resource.get("code"),
        resource.get("valueCodeableConcept"),
        resource.get("conclusionCode"),
    ]
    coded = [m.value for node in nodes if node for m in coded_in(node, definition.value_set)]
    if resource["resourceType"] == "Observation":
        denied = resource.get("valueBoolean") is False
        found += [] if denied else [_of_value(value, coded=True) for value in coded]
        for asked in (resource, *objects(resource.get("component"), "component")):
            found += _answered(read, asked)
        found += _in_words(
            read,
            " ; ".join(t for t in texts(resource.get("valueString"), "valueString")),
            report=True,
        )
        if not asked_in_loinc(resource) and not found:
            found += _in_words(read, " / ".join(texts(resource.get("code"))), report=False)
    elif resource["resourceType"] == "Condition":
        found += [_of_value(value, coded=True) for value in coded] or _in_words(
            read, " / ".join(texts(resource.get("code"))), report=False
        )
    else:
        found += [_of_value(value, coded=True) for value in coded]
        for text in prose(resource):
            found += _in_words(read, text, report=True)
    kept: dict[tuple, _Result] = {}
    for one in found:
        before = kept.get((one.marker, one.tissue))
        # FISH after a score of 2+, and a code before words.
        if before is None or before.positive is None:
            kept[one.marker, one.tissue] = one
    return list(kept.values())


def _of_value(value: str, *, coded: bool, tissue: str = "") -> _Result:
    told = RESULTS[value]
    if len(told) > 1:
        return _Result(value, True, tissue, coded)
    return _Result(told[0].marker, told[0].result == POSITIVE, tissue, coded)


def _answered(read: Reading, asked: dict) -> list[_Result]:
    """The answer to a question for a receptor: an Observation or a component."""
    questions = [
        m
        for m in matches(
            [asked["code"]] if asked.get("code") else [], read.value_sets["receptor_test"]
        )
        if m.value not in RESULTS
    ]
    key = next((key for key in asked if key.startswith("value")), None)
    if not questions or key is None:
        return []
    marker = _MARKER_ASKED.get(questions[0].value, questions[0].value)
    value = asked[key]
    if marker == "her2" and (
        key == "valueRatio" or _COPIES.search(fold(" ".join(texts(asked["code"]))))
    ):
        # From which number of copies on a gene is amplified no source of the project says: the laboratory's own word counts.
        value = asked.get("interpretation") or "?"
        value = value[0] if isinstance(value, list) and value else value
    positive, known = _reading_of(
        value, marker, is_percentage="100 cells" in " ".join(texts(asked["code"]))
    )
    if not known:
        return []
    return [_Result(marker, positive, coded=not questions[0].from_text)]


def _reading_of(value: object, marker: str, *, is_percentage: bool) -> tuple[bool | None, bool]:
    """(positive, whether the value is an answer at all) of an answer in codes, words or numbers."""
    if isinstance(value, bool):
        return value, True
    if isinstance(value, int | float):
        value = {"value": value, "unit": "%" if is_percentage or marker != "her2" else ""}
    if isinstance(value, dict) and "value" in value:
        number = value["value"]
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise Unreadable("Observation.valueQuantity.value")
        return (_of_score(int(number)) if marker == "her2" else _of_percentage(number)), True
    if not isinstance(value, dict | str):
        return None, False
    for text in texts(value, "value"):
        for match in re.finditer(_STATUS, written(text).strip()):
            return _of_status(match, marker), True
        if re.search(
            r"^(?:niet aanwezig|afwezig|absent|not present|niet aangetoond|geen (?:expressie|overexpressie)|no (?:over)?expression)",
            fold(text),
        ):
            return False, True
        if re.search(
            r"onbekend|unknown|equivocal|niet bepaald|not done|indeterminate|borderline", fold(text)
        ):
            return None, True
    return None, not isinstance(value, str)


def _of_percentage(number: float) -> bool | None:
    return False if number == 0 else True if number >= 10 else None


def _of_score(score: int) -> bool | None:
    return {0: False, 1: False, 3: True}.get(score)


def _of_status(match: re.Match, marker: str) -> bool | None:
    """Whether an answer in words is positive; 2+ of HER2 is neither."""
    if match["percent"]:
        return _of_percentage(int(match["percent"])) if marker != "her2" else None
    if match["score"] or match["zero"]:
        score = int(match["score"] or 0)
        return _of_score(score) if marker == "her2" else score > 0
    if match["plus"] and marker == "her2":
        return {1: True, 2: None, 3: True}[len(match["plus"])]
    return bool(match["plus"] or match["yes"])


def _in_words(read: Reading, text: str, *, report: bool) -> list[_Result]:
    """ "ER+, PR-, HER2 negatief": every marker takes the answer that follows it; "ER en PR positief" share one."""
    if not text:
        return []
    text = written(text)
    named = [m for m in read.value_sets["receptor"].text(text) if not m.negated and not m.uncertain]
    found = [_of_value(m.value, coded=False) for m in named]
    if _ANY_MARKER.search(text) is None:
        return found
    tissue = ""
    waiting: list[str] = []
    for clause in (piece for line in text.split("\n") for piece in re.split(r"(?<=[.;])\s", line)):
        if report and not findings(clause):
            continue
        begins, waiting = 0, []
        for word in _WORD.finditer(clause):
            marker = next((name for name in ("er", "pr", "her2", "fish", "hr") if word[name]), "")
            if marker:
                tissue = _tissue_of(clause[begins : word.start()], read) or tissue
                begins = word.end()
                waiting.append(_MARKER_ASKED.get(marker, marker))
            elif word["gap"]:
                waiting = waiting if word["gap"].lower() in _LINK else []
            elif word["stop"]:
                waiting = []
            elif waiting:
                found += [_Result(one, _of_status(word, one), tissue) for one in waiting]
                waiting = []
        # The specimen is named before its receptors: "Mamma links, NST. Oestrogeenreceptor: negatief."
        tissue = _tissue_of(clause[begins:], read) or tissue
    return found


# --- of which tissue


def _tissue_of(text: str, read: Reading) -> str:
    """The tissue that some words name. A metastasis in a lymph node of the operation is N stage, and no tissue of its own (R7)."""
    origin, of_nodes = read.value_sets["tissue_origin"], read.value_sets["lesion_word"]
    named = {
        m.value
        for clause in clauses(text)
        for m in origin.text(clause)
        if not m.negated
        and not (m.value == "metastasis" and m.from_text and _names_nodes(clause, of_nodes))
    }
    return next((tissue for tissue in _TISSUES if tissue in named), "")


def _names_nodes(clause: str, of_nodes: ValueSet) -> bool:
    return any(value in ("nodal", "node") for _, value, _ in of_nodes.terms_in(clause))


def _tissue(read: Reading, resource: dict, definition: FactDefinition, reports: list[dict]) -> str:
    """Where the tissue came from: the site and specimen first, then the name, notes, the words; then the report that lists it."""
    origin = definition.attributes["tissue"].value_set
    for one in (resource, *reports):
        specimens = linked(read, one, ("specimen",))
        sites = [
            one.get("bodySite"),
            *(
                c.get("bodySite")
                for s in specimens
                for c in objects(s.get("collection"), "collection")
            ),
        ]
        coded = [m.value for site in sites for m in coded_in(site, origin)]
        words = [t for site in sites for t in texts(site, "bodySite")] + [
            t for s in specimens for t in texts(s.get("type"), "type")
        ]
        words += [t for s in objects(one.get("specimen"), "specimen") for t in texts(s)]
        notes = [
            t for n in objects(one.get("note"), "note") for t in texts(n.get("text"), "note.text")
        ]
        asked = list(texts(one.get("code")))
        if asked_in_loinc(one):  # LOINC's own names say "breast cancer specimen" of any tissue
            asked = [
                text for text in asked if _tissue_of(text, read) in ("metastasis", "recurrence")
            ]
        for part in (words, asked, notes, list(texts(one.get("conclusion"), "conclusion"))):
            if coded:
                return coded[0]
            if tissue := _tissue_of(". ".join(part), read):
                return tissue
    return "primary" if _names_the_cancer(read, resource) else ""


def _names_the_cancer(read: Reading, resource: dict) -> bool:
    """ "Triple-negatief mammacarcinoom" as a problem is said of the tumour of the breast."""
    names = (
        [resource["code"]]
        if resource["resourceType"] == "Condition" and resource.get("code")
        else []
    )
    return bool(matches(names, read.value_sets["breast_cancer"])) and not matches(
        names, read.value_sets["metastasis_site"]
    )
