"""docs/data.md, made from the content: for every fact what is read, where, in which order and with which codes. For integrators.

`cds-service guide` writes it and a test fails when it is stale.
"""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from cds_service.content import cards_folder
from cds_service.facts.model import FactDefinition
from cds_service.fhir.resource_types import CLINICAL, EVENT_TIMES, KEYS, STANDING, VERIFICATION
from cds_service.guideline.library import Library
from cds_service.logic import Truth
from cds_service.terminology.systems import SAME_SYSTEM, SYSTEM_NAMES
from cds_service.terminology.value_set import ValueSet

_HEAD = """# What is read

Made from the content with `cds-service guide`: for integrators who want to know what the service looks at, and why it did not see something.
What it asks a client to prefetch is in `GET /cds-services`; resources are recognised by what they are, under any prefetch key.

## How every resource is read

What a key holds: `null` and an empty searchset are "nothing found". Bundles and Parameters inside are opened, with the status of each entry of a batch. An
OperationOutcome beside the matches takes nothing away when it informs, or warns with `processing`, `informational`, `not-found` or `not-supported` while the self
link still asks what the template asks; any other leaves the key read in part. Alone, in place of a searchset, it is "nothing found" only when all it says are such
notes and one of them is `not-found` (or Epic's 4101); else the query failed. What holds nothing that is read here (a Binary, a List), and a document or a packed
answer without the type that was asked for, is read in part; one plain Bundle may be a whole record, sent under every key. Of two versions of one resource the newest `meta.lastUpdated` holds, or else the higher number in `meta.versionId`, under whatever key it
came; where nothing tells which is newer (two servers' clocks tell nothing either), none is used, both are named, and its type counts as read in part.

1. **Whose it is**: `subject`, `patient` or the like must be the patient of the request. Another patient's: the request is refused (400). Nobody's: it is not
   used, and the input counts as read in part.
2. **Whether it counts**: an unknown `modifierExtension` or `implicitRules` sets it aside, visibly. Then its status:

{status_truth}

   Codes are read without regard to case, blanks, hyphens and underscores (`FINAL`, `IN_PROGRESS`). A status that is not listed is unknown; one that is in no
   value set of FHIR is named, and what the resource could say counts as not read. A Condition has `verificationStatus` ({verification}; missing is confirmed)
   and `clinicalStatus` ({clinical}; missing is active unless it has ended); where no code says it, a word does (`actief`, `niet actueel`, `bevestigd`,
   `uitgesloten`). A `priority` may be S, A or R of HL7 v2 or a word such as `spoed`; an order with another one is not told that it can wait.
3. **What it says**: the elements of the fact below, in the order given. A **code** comes first; codes are looked up under the systems of the value set
   ({aliases}). **Words** (`text`, `display`, a conclusion) are read where no code says it, with negation, doubt, history and side of the clause, and are
   marked "read from text" on the card. Two statements that contradict each other make the answer unknown, and both are shown.
4. **Which side**: the side of the code, the laterality extension or qualifier of `bodySite`, the code of `bodySite`, the words. Left beside right is a
   conflict.
5. **When**: {times}; Condition: `onset[x]`, and `recordedDate` for when it was recorded. A date more than five minutes ahead is a data problem: the resource
   is named and not used. A month or a year is an interval; what it leaves open stays unknown.

Facts with a *reader* have rules of their own beside these, told in the docstrings of the Python function that is named.
"""


def data_guide(library: Library) -> str:
    """The whole page."""
    facts = {
        f"{fact.folder}.{fact.name}": fact
        for guideline in library.guidelines
        for fact in guideline.facts.values()
    }
    users: dict[str, list[str]] = defaultdict(list)
    for guideline in library.guidelines:
        for fact in guideline.facts.values():
            users[f"{fact.folder}.{fact.name}"].append(guideline.title["en"])
    sets: dict[str, ValueSet] = {}
    lines = [
        _HEAD.format(
            status_truth=_standing(),
            verification=_truths(VERIFICATION),
            clinical=_truths(CLINICAL),
            aliases=_aliases(),
            times=_times(),
        ),
        "## Facts",
    ]
    for key in sorted(facts, key=lambda key: (facts[key].folder != "shared", key)):
        fact = facts[key]
        lines += [
            "",
            f"### `{fact.name}`: {fact.label['en']}",
            "",
            *_fact(library, fact, users[key]),
        ]
        for value_set in fact.value_sets:
            sets[_place(value_set, fact.folder)] = value_set
    lines += [
        "",
        "## Value sets",
        "",
        "Codes as they stand in the CSV files, where each has its display and the source of its verification; the words stand there too.",
    ]
    for place in sorted(sets):
        lines += ["", f"### [{sets[place].name}](../{place})", "", *_codes(sets[place])]
    return "\n".join(lines) + "\n"


def _standing() -> str:
    rows = [
        "   | Resource | holds | unknown | does not hold | never evidence |",
        "   | --- | --- | --- | --- | --- |",
    ]
    for kind, statuses in STANDING.items():
        cells = [
            ", ".join(f"`{code}`" for code, held in statuses.items() if held is truth)
            for truth in (Truth.MET, Truth.UNKNOWN, Truth.NOT_MET, None)
        ]
        rows.append(f"   | {kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _truths(table: Mapping[str, Truth | None]) -> str:
    words = {
        Truth.MET: "holds",
        Truth.UNKNOWN: "unknown",
        Truth.NOT_MET: "does not hold",
        None: "never evidence",
    }
    return "; ".join(
        f"{word}: {', '.join(f'`{code}`' for code, held in table.items() if held is truth)}"
        for truth, word in words.items()
        if truth in table.values()
    )


def _aliases() -> str:
    return "; ".join(
        f"`{alias}` as {SYSTEM_NAMES.get(system, system)}" for alias, system in SAME_SYSTEM.items()
    )


def _times() -> str:
    return "; ".join(
        f"{kind}: {', '.join(f'`{element}`' for element in elements)}"
        for kind, elements in EVENT_TIMES.items()
    )


def _fact(library: Library, fact: FactDefinition, users: Iterable[str]) -> Iterable[str]:
    if fact.meaning:
        yield f"{fact.meaning}\n"
    yield (
        f"Asked by: {', '.join(sorted(set(users)))}."
        + (f" {_reader(library, fact)}" if fact.reader else "")
        + "\n"
    )
    yield "| Resource | prefetch key | elements, first to last |"
    yield "| --- | --- | --- |"
    for kind, paths in fact.paths.items():
        yield f"| {kind} | `{KEYS[kind]}` | {', '.join(f'`{path.expression}`' for path in paths)} |"
    yield ""
    yield f"Codes and words: {_link(fact.value_set, fact.folder)}."
    for name, attribute in fact.attributes.items():
        where = ", ".join(f"`{path.expression}`" for path in attribute.paths)
        yield (
            f"Attribute `{name}`: {_link(attribute.value_set, fact.folder)}"
            + (f" in {where}" if where else "")
            + "."
        )


def _reader(library: Library, fact: FactDefinition) -> str:
    function = library.readers[fact.reader]
    module = function.__module__.removeprefix("cds_service.").replace(".", "/")
    told = (inspect.getdoc(function) or "").split("\n\n")[0]
    return f"Reader [`{fact.reader}`](../{module}.py): {' '.join(told.split())}"


def _place(value_set: ValueSet, folder: str) -> str:
    own = Path("cards") / folder / "value_sets" / f"{value_set.name}.csv"
    return str(
        own
        if (cards_folder().parent / own).exists()
        else Path("cards/shared/value_sets") / f"{value_set.name}.csv"
    )


def _link(value_set: ValueSet, folder: str) -> str:
    return f"[{value_set.name}](../{_place(value_set, folder)}) ({len(value_set.codes)} codes, {len(value_set.terms)} words)"


def _codes(value_set: ValueSet) -> Iterable[str]:
    by_meaning: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (system, code), (value, side, _) in value_set.codes.items():
        by_meaning[value, side, SYSTEM_NAMES.get(system, system)].append(code)
    if not by_meaning:
        yield "Words only."
        return
    yield "| value | side | system | codes |"
    yield "| --- | --- | --- | --- |"
    for (value, side, system), codes in by_meaning.items():
        yield f"| {value} | {side} | {system} | {', '.join(codes)} |"
