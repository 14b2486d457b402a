"""Cases: patients in shorthand (cards/<guideline>/cases.yaml), rendered as FHIR R4. Tests, examples and documentation at once.

Dates are told from today (`-5 months`), so that no case grows stale; cds_service/shorthand.py reads them and the words. Nothing
here knows a guideline.
"""

import json
import re
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cds_service import strict_yaml
from cds_service.content import cards_folder
from cds_service.errors import ContentError
from cds_service.shorthand import Resource, Writer, relative_date, words_of, write

HOOKS = ("patient-view", "order-select", "order-sign")
ANCHOR = date(2026, 6, 15)  # the day on which the written examples play; rebase() moves them to another day
USER = "Practitioner/dr-jansen"

_PARTS = "case id why patient record orders select unread day_of_month expect verdicts example".split()
_GIVEN = {
    "female": "Anna Bianca Carla Daphne Elske Femke Gerda Hilde Ingrid Jolanda Karin Loes Marleen Nelleke Odette Petra Renske Sanne "
    "Tineke Ursula Vera Wietske Yvonne Zwaantje".split(),
    "male": "Arjen Bas Casper Dirk Egbert Floris Gijs Hendrik Igor Jurre Kees Lucas".split(),
}
_FAMILY = (
    "Aalbers Baanders Cuijpers Doornbos Elzinga Fokkema Geerdink Haverkort IJsselstein Jaspers Klaverweide Lommerse Muiderman Noordhoek "
    "Oldenkamp Poelstra Quist Roozeboom Schaapveld Terpstra Uilenberg Veldhuis Wagemaker Zandvliet"
).split()


@dataclass(frozen=True)
class Case:
    """One patient in shorthand with the cards that the source document makes us expect."""

    id: str
    title: str
    why: str
    guideline: str
    place: str  # the file and the title, for messages
    patient: Mapping
    record: list[tuple[str, object]]  # shorthand word, its options
    orders: list[tuple[str, object]]  # drafts, not on record
    select: list[str] | None  # words or ids of the selected orders; None: all
    expect: Mapping[str, list[str]]  # hook -> keys of the cards, in any order
    verdicts: Mapping[str, str]  # key -> verdict, on the first hook that `expect` names
    unread: list[str]  # resource types of which every read fails
    day_of_month: int | None  # a boundary that cannot stand on every day of the calendar stands on this one
    example: str | None  # its story in one line, if it is written out as an example

    def today(self, today: date) -> date:
        return today.replace(day=self.day_of_month) if self.day_of_month else today


@dataclass(frozen=True)
class PatientRecord:
    """A case on one day: what the record holds, what is being ordered. `today` is the day to judge it on."""

    patient_id: str
    today: date
    resources: list[Resource]
    draft_orders: list[Resource]
    selections: list[str]


# --- reading and rendering cases


def load_cases(folder: Path) -> list[Case]:
    """The cases of one guideline folder. Every fault is reported with its file and case."""
    path = folder / "cases.yaml"
    written = strict_yaml.load(path)
    if not isinstance(written, list) or not all(isinstance(entry, dict) and entry.get("case") for entry in written):
        raise ContentError([f"{path}: a list of entries that begin with 'case:' is expected"])
    cases, faults, seen = [], [], {}
    for entry in written:
        place = f"{path.name} of {folder.name}, case {entry['case']!r}"
        try:
            case = _case(entry, folder.name, place)
            if case.id in seen:
                raise ValueError(f"its id {case.id!r} is also that of {seen[case.id]!r}; give one of them an 'id:'")
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
        raise ValueError(f"{', '.join(sorted(map(str, unknown)))} is not a part of a case; the parts are {', '.join(_PARTS)}")
    expect = entry.get("expect") or {}
    if not expect or set(expect) - set(HOOKS):
        raise ValueError(f"'expect:' names one or more of {', '.join(HOOKS)}, each with the keys of its cards")
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


def render(case: Case, today: date) -> PatientRecord:
    """The case as FHIR R4 resources, as they stand on that day (`record.today`: a case may ask for a day of the month)."""
    today = case.today(today)
    writer, words = Writer(case.id, today), words_of(case.guideline)
    try:
        resources = [_patient(case, today)]
        for word, options in case.record:
            resources += write(word, options, words, writer)
        writer.drafting = True
        drafts, chosen = [], []
        for word, options in case.orders:
            order = write(word, options, words, writer)
            drafts += order
            chosen += [one for one in order if case.select is None or {word, one["id"]} & set(case.select)]
        if case.select and not chosen:
            raise ValueError(f"'select:' names none of the orders: {', '.join(case.select)}")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ContentError([f"{case.place}: {error}"]) from error
    selections = [f"{order['resourceType']}/{order['id']}" for order in chosen]
    return PatientRecord(case.id, today, resources, drafts, selections)


def _patient(case: Case, today: date) -> Resource:
    gender, age = case.patient.get("gender", "female"), case.patient.get("age", 52)
    given, _, family = case.patient.get("name", _invented_name(case.id, gender)).partition(" ")
    return {
        "resourceType": "Patient",
        "id": case.id,
        "name": [{"use": "official", "family": family, "given": [given]}],
        "gender": gender,
        # five months past the last birthday, so that an age in years lies clear of any boundary
        "birthDate": relative_date(f"-{age} years -5 months", today),
    }


def _invented_name(case_id: str, gender: str) -> str:
    """The same for a case each time."""
    given = _GIVEN.get(gender, _GIVEN["female"])
    number = zlib.crc32(case_id.encode())
    return f"{given[number % len(given)]} {_FAMILY[number // len(given) % len(_FAMILY)]}"


def hook_request(case: Case, record: PatientRecord, hook: str, *, prefetch_keys: Mapping[str, str]) -> dict:
    """A complete CDS Hooks request; `prefetch_keys`: prefetch key -> template."""
    context: dict = {"userId": USER, "patientId": record.patient_id}
    if hook == "order-select":
        context["selections"] = record.selections
    if hook != "patient-view":
        drafts = [{"resource": order} for order in record.draft_orders]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": drafts}
    prefetch = {key: _prefetched(template, case, record) for key, template in prefetch_keys.items()}
    return {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": prefetch}


def _prefetched(template: str, case: Case, record: PatientRecord) -> Resource | None:
    resource_type = re.split(r"[/?]", template)[0]
    if resource_type in case.unread:
        issue = {"severity": "error", "code": "timeout", "diagnostics": f"{resource_type} could not be read"}
        return {"resourceType": "OperationOutcome", "issue": [issue]}
    found = [resource for resource in record.resources if resource["resourceType"] == resource_type]
    if not found:
        return None
    if resource_type == "Patient":
        return found[0]
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in found]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


# --- examples: files that a FHIR server can load


def all_cases() -> list[Case]:
    """The cases of every guideline folder."""
    folders = sorted(path.parent for path in cards_folder().glob("*/cases.yaml"))
    return [case for folder in folders for case in load_cases(folder)]


def example_bundles(cases: list[Case], anchor: date) -> dict[str, Resource]:
    """File name -> transaction Bundle with the record (not the draft orders) of each case that has a story."""
    bundles = {}
    for case in cases:
        if case.example:
            resources = render(case, anchor).resources
            entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in resources]
            head = {"resourceType": "Bundle", "type": "transaction", "timestamp": f"{anchor}T12:00:00Z"}
            bundles[f"{case.id}.json"] = head | {"entry": entries}
    return bundles


_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\S+)?)?)?")
_DATE_ELEMENT = re.compile(r".*(Date|DateTime|Instant)|date|start|end|issued|started|authoredOn|recorded|lastUpdated|timestamp")


def rebase(bundle: Resource, today: date) -> Resource:
    """The bundle with every date moved by as much as lies between its timestamp and today."""
    return _shift(bundle, "", today - date.fromisoformat(bundle["timestamp"][:10]))


def _shift(value: object, element: str, by: timedelta) -> object:
    if isinstance(value, dict):
        return {key: _shift(member, key, by) for key, member in value.items()}
    if isinstance(value, list):
        return [_shift(member, element, by) for member in value]
    if isinstance(value, str) and _DATE.fullmatch(value) and _DATE_ELEMENT.fullmatch(element):
        day, clock = value[:10], value[10:]
        middle = day + {4: "-07-02", 7: "-16", 10: ""}[len(day)]
        return (date.fromisoformat(middle) + by).isoformat()[: len(day)] + clock
    return value


def write_examples(folder: Path) -> list[Path]:
    """Write one Bundle per example and a README; Bundles of cases that are gone are removed."""
    cases = all_cases()
    bundles = example_bundles(cases, ANCHOR)
    files = {name: json.dumps(bundle, indent=2, sort_keys=True, ensure_ascii=False) + "\n" for name, bundle in bundles.items()}
    files["README.md"] = _readme([case for case in cases if case.example])
    folder.mkdir(parents=True, exist_ok=True)
    for stale in set(folder.glob("*.json")) - {folder / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(folder / name for name in files)


def _readme(cases: list[Case]) -> str:
    rows = ["| patient | file | story | hook -> cards |", "| --- | --- | --- | --- |"]
    for case in sorted(cases, key=lambda case: (case.guideline, case.id)):
        record = render(case, ANCHOR)
        name = record.resources[0]["name"][0]
        expected = "<br>".join(f"{hook}: {', '.join(keys) or 'no card'}" for hook, keys in case.expect.items())
        drafts = [order["code"]["text"] for order in record.draft_orders if "text" in order.get("code", {})]
        story = case.example + "".join(f" Conceptaanvraag: {draft}." for draft in drafts)
        rows.append(f"| {name['given'][0]} {name['family']} | [{case.id}.json]({case.id}.json) | {story} | {expected} |")
    return "\n".join(
        [
            "# Example patients",
            "",
            "Generated by `cds-service examples` from `cards/*/cases.yaml`; do not edit. The patients are invented. Each file is a",
            f"transaction Bundle as of {ANCHOR}; loaded into the sandbox, its dates move along with today. Draft orders are not in the files:",
            "where a story names one, order it to see the cards. What stands in `awkward/` is written by hand.",
            "",
            *rows,
            "",
        ]
    )
