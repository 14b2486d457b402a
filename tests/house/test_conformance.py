"""The requirements of the standard, the tests that name them and docs/conformance.md are in step. Nothing is run again for it."""

import re
from collections import Counter

import pytest

from tests.contract.conformance import (
    DOCUMENT,
    FAILED,
    NOT_RUN,
    PAGE,
    PASSED,
    PROVES,
    ROOT,
    TABLE,
    Test,
    page,
    sections,
)

SECTIONS = sections()
ROWS = [row for section in SECTIONS for row in section.rows]


def written() -> dict[str, tuple[set[Test], str]]:
    """row -> the tests and the verdict that the page gives it."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| [A-Z]\d+ \|", line):
            row, _, _, proof, verdict = re.split(r"(?<!\\)\|", line.strip("|"))
            found[row.strip()] = (
                set(re.findall(r"\]\(\.\./(tests/[^)]+)\) (\w+)", proof)),
                verdict.strip(),
            )
    return found


@pytest.fixture
def proves(request) -> dict[str, set[Test]]:
    """row -> the tests that name it, as far as this run collected them."""
    return request.config.stash[PROVES]


@pytest.fixture
def is_whole(request) -> bool:
    """Whether this run collected every test, whatever it then chose."""
    collected = {path for path, _ in request.config.stash[PROVES][""]}
    return collected == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")
    } and not any("::" in a for a in request.config.args)


def test_every_row_is_complete():
    """An id that fits its section, a level, a clause, and something that is asked."""
    for section in SECTIONS:
        for row in section.rows:
            assert (
                row.id.startswith(section.title[0])
                and row.level
                and row.clause
                and (row.quote or row.rule)
            ), row
            assert (row.tested_by, bool(row.place)) in (("", False), ("document", True)), row
    assert [id for id, times in Counter(row.id for row in ROWS).items() if times > 1] == []
    assert len(ROWS) > 100


def test_every_test_names_rows_that_exist(proves):
    assert set(proves) - {row.id for row in ROWS} - {""} == set(), f"no such row in {TABLE.name}"


def test_every_row_has_a_test_or_a_place():
    """A place is a heading of a document of ours."""
    found = written()
    assert [
        row.id for row in ROWS if bool(found.get(row.id, (set(),))[0]) == bool(row.tested_by)
    ] == [], "mark a test with it, or say where it is told"
    for row in (row for row in ROWS if row.tested_by):
        path, _, anchor = row.place.partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {
            re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
        }, row


def test_the_page_is_not_stale(proves, is_whole):
    """Rows and tests of the page are those of now. A run of a part of the tests judges that part."""
    found, collected = written(), proves[""]
    assert {row.id for row in ROWS} == set(found), "run `make conformance`"
    for row, (tests, _) in found.items():
        assert tests & collected == proves.get(row, set()), f"{row}: run `make conformance`"
    for path, name in {test for tests, _ in found.values() for test in tests}:
        assert (ROOT / path).is_file() and f"def {name}(" in (ROOT / path).read_text(
            encoding="utf-8"
        ), f"{path} has no {name}: run `make conformance`"
    if is_whole:
        now = page(
            SECTIONS,
            {row.id: proves.get(row.id, set()) for row in ROWS},
            {row: verdict for row, (_, verdict) in found.items()},
        )
        assert now == PAGE.read_text(encoding="utf-8"), "run `make conformance`"


def test_the_page_gives_no_verdict_of_its_own():
    """Verdicts are those of a run; a row that no test can show is never called passed."""
    for row in ROWS:
        assert written()[row.id][1] in (
            (DOCUMENT,) if row.tested_by else (PASSED, FAILED, NOT_RUN)
        ), row.id


def test_the_page_would_show_what_failed():
    tests = {row.id: {("tests/contract/test_x.py", "test_x")} for row in ROWS}
    text = page(SECTIONS, tests, {row.id: FAILED for row in ROWS})
    assert text.count(f"| {FAILED} |") == sum(not row.tested_by for row in ROWS)
    assert "(../tests/contract/test_x.py) test_x" in text
