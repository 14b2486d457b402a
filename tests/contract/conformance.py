"""Which test proves which requirement of the standard: the marker, the table of requirements, and the page docs/conformance.md.

`@pytest.mark.requirement("B4", "B7")` on a test names rows of requirements.yaml. Every collection notes which test names which row (that is all it
costs); `make conformance` runs the marked tests, and only them, and writes the page with what came out. tests/house/test_conformance.py keeps all three
in step. A pytest plugin; under xdist the outcomes come home with the reports.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cds_service.strict import yaml as strict_yaml

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("requirements.yaml")
PAGE = ROOT / "docs" / "conformance.md"
PASSED, FAILED, NOT_RUN, DOCUMENT = "passed", "**failed**", "not run", "document"
PROVES = pytest.StashKey[
    "dict[str, set[Test]]"
]()  # row -> the tests that name it; "" -> every test that was collected
Test = tuple[str, str]  # file from the root of the checkout, name of the function


@dataclass(frozen=True)
class Requirement:
    """One row: a sentence of the standard, our own rule where it leaves one to us, or both."""

    id: str
    level: str
    clause: str
    quote: str = ""
    rule: str = ""
    tested_by: str = ""  # "document": no test can show it ...
    place: str = ""  # ... and this is where it is told


@dataclass(frozen=True)
class Section:
    """The requirements under one letter."""

    title: str
    rows: tuple[Requirement, ...]


def sections() -> list[Section]:
    """The table, as it is written. Raises on a member that is unknown or missing."""
    return [
        Section(title, tuple(Requirement(**row) for row in rows))
        for title, rows in strict_yaml.load(TABLE).items()
    ]


def marks(clause: str) -> list:
    """The marker for the rows that a clause names in its words, as in "label is a text (G1)"; none where it names none."""
    ids = re.findall(r"\b[A-P]\d{1,2}\b", clause)
    return [pytest.mark.requirement(*ids)] if ids else []


def clauses(rules: Mapping[str, object]) -> list:
    """One parameter for each rule of a table, marked with the rows that its name names."""
    return [pytest.param(clause, marks=marks(clause)) for clause in rules]


# ---------------------------------------------------------------------------------------------------- the plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--conformance",
        action="store_true",
        help="write docs/conformance.md from the outcomes of this run (run it with -m requirement)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("conformance") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Writer())


@pytest.hookimpl(tryfirst=True)  # before -k and -m take any away
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    proves = config.stash.setdefault(PROVES, defaultdict(set))
    for item in items:
        proves[""].add(
            test_of(item.nodeid)
        )  # every test, so that one can tell how much was collected
        for row in dict.fromkeys(
            row for mark in item.iter_markers("requirement") for row in mark.args
        ):
            proves[row].add(test_of(item.nodeid))
            item.user_properties.append(("requirement", row))


def test_of(nodeid: str) -> Test:
    """File and function of a test's id, without its parameters."""
    path, _, rest = nodeid.partition("::")
    return path.replace(os.sep, "/"), rest.partition("[")[0]


test_of.__test__ = False  # a helper, whatever its name says


class _Writer:
    """Notes what came out of every marked test, and writes the page at the end."""

    def __init__(self) -> None:
        self.outcomes: dict[str, dict[Test, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.is_whole = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.is_whole = self.is_whole and not report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            for name, row in report.user_properties:
                if name == "requirement":
                    self.outcomes[row][test_of(report.nodeid)].add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        if (
            self.is_whole
        ):  # else a file could not be read, and nothing can be said of what it proves
            verdicts = {
                row: _verdict(set().union(*found.values())) for row, found in self.outcomes.items()
            }
            PAGE.write_text(
                page(
                    sections(), {row: set(found) for row, found in self.outcomes.items()}, verdicts
                ),
                encoding="utf-8",
            )


def _verdict(outcomes: set[str]) -> str:
    return FAILED if "failed" in outcomes else PASSED if "passed" in outcomes else NOT_RUN


# ---------------------------------------------------------------------------------------------------- the page

INTRO = """# Conformance to CDS Hooks

Generated by `make conformance`, which runs every test that is named here and writes down what came out; do not edit by hand.

Claimed: [CDS Hooks 2.0.1](https://cds-hooks.hl7.org/STU2/) in full, ready for 3.0. Every requirement that binds a CDS Service has a row, with the test
that proves it. Requirements that bind the CDS Client have one where the service must cope with what they allow (*client*; those that leave the service nothing
to do are left out), and so have rules of our own where the standard is silent (*ours*) or where its
[best practices](https://github.com/cds-hooks/docs/blob/main/docs/best-practices.md) give one (*BP*). Quoted is the text of
[HL7/cds-hooks](https://github.com/HL7/cds-hooks/blob/fb10ca773a846b36457137e57e137c693a99e48c/input/pagecontent/index.md) (the 3.0 text, CC-BY-4.0, which
writes SHALL where 2.0.1 has MUST) and of the hooks in [HL7/cds-hooks-library](https://github.com/HL7/cds-hooks-library/tree/main/input/pagecontent);
what only 3.0 asks for says so.

Verdicts: *passed* and *failed* come from the run; *document* is what no test of this repository can show, with the place that tells it.
"""


def page(of: list[Section], tests: Mapping[str, set[Test]], verdicts: Mapping[str, str]) -> str:
    """The page for these sections, with the tests of each row and what came out of them."""
    return "\n".join(
        [INTRO, *(line for section in of for line in _section(section, tests, verdicts))]
    )


def _section(
    section: Section, tests: Mapping[str, set[Test]], verdicts: Mapping[str, str]
) -> Iterator[str]:
    yield from (
        f"## {section.title}\n",
        "| | Level | Requirement | Test | Verdict |",
        "| --- | --- | --- | --- | --- |",
    )
    for row in section.rows:
        said = " ".join(
            filter(None, (f"{row.clause}:", f"“{row.quote}”" if row.quote else "", row.rule))
        ).replace("|", "\\|")
        proof = (
            "<br>".join(
                f"[{Path(path).stem}](../{path}) {name}"
                for path, name in sorted(tests.get(row.id, ()))
            )
            or f"[{row.place}](../{row.place})"
        )
        yield f"| {row.id} | {row.level} | {said} | {proof} | {DOCUMENT if row.tested_by else verdicts.get(row.id, NOT_RUN)} |"
    yield ""
