"""One patient of a population: the lines of the record in, one row out. A pure function, for whichever engine spreads the work.

The same line is walked as for a hook: request, decision, cards, with the loaded content and the hospital's own file. What the
service would not ask for is not looked at (Observations of other categories and codes).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache

from cds_service.cds_hooks.hooks import PATIENT_VIEW
from cds_service.cds_hooks.request import HookRequest
from cds_service.decision.decide import Decision, decide, prefetch_templates
from cds_service.decision.ownership import patients_named
from cds_service.decision.prefetch_templates import BY_CODE, OBSERVATION_CATEGORIES
from cds_service.errors import RequestError
from cds_service.fhir.elements import reference, relative
from cds_service.fhir.resource_types import KEYS
from cds_service.guideline.evaluation import Assessment
from cds_service.guideline.library import Library
from cds_service.guideline.loading.loader import load_library
from cds_service.guideline.verdict import DECIDING_ROLES, Verdict
from cds_service.logic import Truth
from cds_service.population.export import SHARED
from cds_service.rendering.cards import render_cards
from cds_service.rendering.trace import EXTENSION
from cds_service.settings import Settings
from cds_service.strict import json as strict_json

HOOK = PATIENT_VIEW.id
_MISSED = (Verdict.INCOMPLETE, Verdict.AFTER_CHECK, Verdict.NOT_ASSESSED)


@dataclass(frozen=True)
class How:
    """On which day, with which settings, and which types the export does not hold; can be sent to another machine."""

    day: date
    unread: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)


def owners(line: str) -> list[str]:
    """The ids of the patients that a line is about, for engines that group by themselves; none where it names nobody or is no JSON."""
    resource = _resource(line)
    return patients_named(resource) if resource.get("resourceType") in KEYS else []


def name_of(line: str) -> str:
    """`Type/id` of the resource in a line, by which others refer to it; "" where it has none."""
    return reference(_resource(line))


def with_shared(lines: Iterable[str], shared: Mapping[str, str]) -> list[str]:
    """The lines of one patient with the Medications and Substances that they refer to; `shared`: all of those, by name.

    For engines that group by themselves; DuckDB joins them (grouping.py).
    """
    found = list(lines)
    asked = [
        name
        for line in found
        if _resource(line).get("resourceType") in _MEDICATED
        for name in _links(_resource(line))
    ]
    asked += [
        inner for name in asked if name in shared for inner in _links(_resource(shared[name]))
    ]
    return found + [shared[name] for name in dict.fromkeys(asked) if name in shared]


_MEDICATED = tuple(kind for kind in KEYS if kind.startswith("Medication"))


def _links(node: object) -> list[str]:
    """The Medications and Substances that a resource refers to, wherever in it."""
    if isinstance(node, dict):
        own = [relative(text)] if isinstance(text := node.get("reference"), str) else []
        return [name for name in own if name.startswith(tuple(f"{kind}/" for kind in SHARED))] + [
            name for inner in node.values() for name in _links(inner)
        ]
    return [name for inner in node for name in _links(inner)] if isinstance(node, list) else []


def _resource(line: str) -> dict:
    """The resource of a line; {} where it is none."""
    try:
        found = strict_json.loads(line.encode())
    except (strict_json.BadJson, UnicodeEncodeError):
        return {}
    return found if isinstance(found.get("resourceType"), str) else {}


def judge_lines(patient_id: str, lines: Iterable[str], how: How) -> dict:
    """What the service would answer for one patient, as a row that can be written as JSON. A record that fails is a row too; ContentError
    is raised, as it is nobody's record that is at fault.

    `lines`: the resources of the patient, one JSON text each, and the Medications and Substances that they refer to.
    The row: patient, status (answered; not-answerable: 412; failed), cards (guideline, key, indicator), verdicts by recommendation,
    the criteria whose answer is missing, the inputs that were not read, problems of the data by kind, resources (how many).
    """
    texts = list(lines)
    row: dict = {
        "patient": patient_id,
        "status": "failed",
        "resources": len(texts),
        "cards": [],
        "verdicts": {},
        "missing": {},
        "unread": {},
        "problems": {},
        "reason": None,
    }
    library, wanted = _content(how.settings)
    try:
        resources = [strict_json.loads(text.encode()) for text in texts]
        request = HookRequest(
            HOOK,
            "population",
            patient_id,
            "Practitioner/population",
            dict(_prefetch(resources, wanted, how.unread)),
        )
        decision = decide(
            request,
            library,
            wanted,
            datetime.combine(how.day, time(12), how.settings.timezone),
            None,
        )
        return row | _told(decision, library, how.settings)
    except strict_json.BadJson as error:
        return row | {"reason": f"not-json: {error}"}
    except RequestError as error:
        return row | {"reason": f"{error.code}: {error.message}"}
    except Exception as error:  # a record that breaks the program must not end the run, nor be lost; the message could hold data
        return row | {"reason": f"unexpected: {type(error).__name__}"}


@lru_cache(maxsize=4)
def _content(settings: Settings) -> tuple[Library, Mapping[str, str]]:
    """The content, once in every process."""
    library = load_library(site=settings.site_file, more=settings.content)
    return library, prefetch_templates(library, HOOK)


def _prefetch(
    resources: list[dict], wanted: Mapping[str, str], unread: Iterable[str]
) -> Iterator[tuple[str, object]]:
    """Prefetch as a client would send it: nothing at all under the keys of types that were not read."""
    by_type: dict[str, list[dict]] = {}
    for resource in resources:
        by_type.setdefault(str(resource.get("resourceType")), []).append(resource)
    for key, template in wanted.items():
        kind, _, query = template.partition("?")
        kind = kind.split("/")[0]
        if kind not in unread:
            found = by_type.get(kind, [])
            if kind == "Observation":
                found = [one for one in found if _is_asked(one, key, query)]
            yield key, _bundle(found)
    if beside := [one for kind in SHARED for one in by_type.get(kind, [])]:
        yield "medications", _bundle(beside)


def _bundle(resources: list[dict]) -> dict | None:
    return (
        {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
        if resources
        else None
    )


@lru_cache(maxsize=4)
def _asked_codes(query: str) -> frozenset[tuple[str, str]]:
    """(system, code) that a template asks for."""
    listed = next(
        (part.removeprefix("code=") for part in query.split("&") if part.startswith("code=")), ""
    )
    return frozenset(
        (system, code) for system, _, code in (token.partition("|") for token in listed.split(","))
    )


_CATEGORIES = frozenset(OBSERVATION_CATEGORIES.split(","))


def _is_asked(observation: dict, key: str, query: str) -> bool:
    """Whether the search of this template finds an Observation: by category, or by code."""
    if key == BY_CODE:
        wanted = _asked_codes(query)
        return any(
            (coding.get("system"), coding.get("code")) in wanted
            for coding in _codings(observation.get("code"))
        )
    return any(
        coding.get("code") in _CATEGORIES for coding in _codings(observation.get("category"))
    )


def _codings(node: object) -> Iterator[dict]:
    """Codings of a CodeableConcept, or of a list of them, whose system and code can be looked up; what is malformed is passed over."""
    for concept in node if isinstance(node, list) else [node]:
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings if isinstance(codings, list) else [codings]:
            if (
                isinstance(coding, dict)
                and isinstance(coding.get("code"), str)
                and isinstance(coding.get("system", ""), str)
            ):
                yield coding


def _told(decision: Decision, library: Library, settings: Settings) -> dict:
    told: dict = {"status": "answered" if decision.is_answerable else "not-answerable"}
    folders = {r.key: g.id for g in library.guidelines for r in g.recommendations}
    # 412 gives no cards, whatever could be said: as the service.
    cards = (
        render_cards(decision, library, settings, settings.language)
        if decision.is_answerable
        else []
    )
    told["cards"] = [
        {
            "guideline": folders[card["extension"][EXTENSION]["recommendation"]],
            "key": card["source"]["topic"]["code"],
            "indicator": card["indicator"],
        }
        for card in cards
    ]
    told["verdicts"] = {a.recommendation.key: a.verdict.value for a in decision.all_assessments}
    told["missing"] = {
        a.recommendation.key: found for a in decision.all_assessments if (found := _missing(a))
    }
    told["unread"] = {
        a.recommendation.key: sorted(a.unread) for a in decision.all_assessments if a.unread
    }
    kinds = [problem.kind for problem in decision.all_problems]
    told["problems"] = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    return told


def _missing(assessment: Assessment) -> list[str]:
    """Criteria whose answer is missing where that stands between us and an advice without reservation."""
    open_ = [
        j.id
        for e in assessment.evaluations
        if e.verdict in _MISSED
        for j in e.criteria
        if j.role in DECIDING_ROLES and j.answer.truth is Truth.UNKNOWN
    ]
    return sorted(set(open_))
