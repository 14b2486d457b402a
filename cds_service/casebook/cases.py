"""Cases: patients in shorthand (cards/<guideline>/cases.yaml), rendered as FHIR R4. Tests, examples and documentation at once.

Dates are told from today (`-5 months`), so that no case grows stale; cds_service/casebook/vocabulary.py reads them and the words. Nothing
here knows a guideline.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from cds_service.casebook.model import ANCHOR, Case
from cds_service.casebook.render import render
from cds_service.cds_hooks.hooks import HOOKS
from cds_service.content import add, cards_folder
from cds_service.errors import ContentError
from cds_service.strict import yaml as strict_yaml

_PARTS = (
    "case id why patient record orders select unread day_of_month expect verdicts example".split()  # noqa: SIM905 - a line of words
)


# --- reading and rendering cases


def load_cases(folder: Path) -> list[Case]:
    """The cases of one guideline folder. Every fault is reported with its file and case."""
    path = folder / "cases.yaml"
    written = strict_yaml.load(path)
    if not isinstance(written, list) or not all(
        isinstance(entry, dict) and entry.get("case") for entry in written
    ):
        raise ContentError([f"{path}: a list of entries that begin with 'case:' is expected"])
    cases, faults = [], []
    seen: dict[str, str] = {}
    for entry in written:
        place = f"{path.name} of {folder.name}, case {entry['case']!r}"
        try:
            case = _case(entry, folder.name, place)
            if case.id in seen:
                raise ValueError(
                    f"its id {case.id!r} is also that of {seen[case.id]!r}; give one of them an 'id:'"
                )
            seen[case.id] = case.title
            render(case, ANCHOR)
            cases.append(case)
        except ContentError as error:
            faults += error.faults
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            faults.append(f"{place}: {error}")
    if faults:
        raise ContentError(faults)
    return cases


def _case(entry: dict, guideline: str, place: str) -> Case:
    if unknown := set(entry) - set(_PARTS):
        raise ValueError(
            f"{', '.join(sorted(map(str, unknown)))} is not a part of a case; the parts are {', '.join(_PARTS)}"
        )
    expect = entry.get("expect") or {}
    if not expect or set(expect) - set(HOOKS):
        raise ValueError(
            f"'expect:' names one or more of {', '.join(HOOKS)}, each with the keys of its cards"
        )
    if not entry.get("why"):
        raise ValueError("'why:' says which sentence or ruling decides it")
    title = entry["case"]
    return Case(
        id=entry.get("id") or _slug(title),
        title=title,
        why=entry["why"],
        guideline=guideline,
        place=place,
        patient=entry.get("patient") or {},
        record=[_line(line) for line in entry.get("record") or []],
        orders=[_line(line) for line in entry.get("orders") or []],
        select=None if entry.get("select") is None else [str(name) for name in entry["select"]],
        expect=expect,
        verdicts=entry.get("verdicts") or {},
        unread=entry.get("unread") or [],
        day_of_month=entry.get("day_of_month"),
        example=entry.get("example"),
    )


def _line(line: object) -> tuple[str, object]:
    if isinstance(line, str):
        return line, None
    if isinstance(line, dict) and len(line) == 1:
        return next(iter(line.items()))
    raise ValueError(f"a line of the record is one word with its options, not {line!r}")


def _slug(title: str) -> str:
    """At most 38 characters: with what is appended, an id stays within FHIR's 64."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return slug if len(slug) <= 38 else slug[:39].rpartition("-")[0]


# --- examples: files that a FHIR server can load


def all_cases(more: Iterable[Path] = ()) -> list[Case]:
    """The cases of every folder of cards/, and of guideline folders from elsewhere."""
    folders = sorted(path.parent for path in cards_folder().glob("*/cases.yaml"))
    add(more)
    folders += [folder for folder in more if (folder / "cases.yaml").exists()]
    return [case for folder in folders for case in load_cases(folder)]
