"""The papers at the top say what is there: links lead somewhere, rooms, floors, paths, make targets and settings exist."""

import re

import pytest

from cds_service.settings import TABLE
from tests.house.source import ROOT
from tests.house.test_architecture import FLOORS

TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md")
PAGES = [*TOP, *(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/**/*.md"))]
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
RECORDS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def anchors(text: str) -> set[str]:
    """The names under which the headings of a page can be linked."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    dead = []
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", TEXTS[page]):
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (
            anchor
            and target.suffix == ".md"
            and anchor not in anchors(target.read_text(encoding="utf-8"))
        ):
            dead.append((path, anchor))
    assert dead == []


def test_the_house_stands_in_the_architecture_as_it_is_enforced():
    rows = re.findall(r"^\| (\d+) \| `(\S+)` \| .+ \|$", TEXTS["ARCHITECTURE.md"], re.MULTILINE)
    assert [(int(floor), room) for floor, room in rows] == [
        (len(FLOORS) - 1 - above, room) for above, floor in enumerate(FLOORS) for room in floor
    ]


def test_every_room_has_a_sentence():
    rooms = {p.parent.name for p in (ROOT / "cds_service").glob("*/__init__.py")}
    named = set(re.findall(r"^\| \d+ \| `cds_service\.(\w+)`", TEXTS["ARCHITECTURE.md"], re.M))
    assert rooms - named == set()


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_paths_that_are_named_exist(page):
    """A changelog may speak of what is gone."""
    named = re.findall(r"`((?:cds_service|cards|tests|docs|requirements)/[\w/.-]*)`", TEXTS[page])
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_make_targets_that_are_named_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named = {
        (page, target)
        for page, text in TEXTS.items()
        for target in re.findall(r"`make ([a-z][\w-]*)", text)
    }
    assert len(named) > 5
    assert {(page, target) for page, target in named if target not in targets} == set()


def test_settings_that_are_named_exist():
    known = {entry.name for entry in TABLE}
    named = {name for text in TEXTS.values() for name in re.findall(r"\bCDS_[A-Z_]+\b", text)}
    assert named - known == set()


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_says_context_decision_and_consequences_and_is_listed(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.M) == ["Context", "Decision", "Consequences"]
    assert f"({path.name})" in TEXTS["docs/decisions/README.md"]


def test_the_locks_hold_hashes_and_name_no_place():
    """Installed with --require-hashes; where packages come from is the machine's own business."""
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    minors = re.search(r"^MINORS := (.+)$", (ROOT / "Makefile").read_text(), re.M).group(1).split()
    names = {f"py{minor.replace('.', '')}" for minor in minors}
    assert {lock.stem for lock in locks} == names | {f"{name}-test" for name in names}
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text and "--index-url" not in text and "--find-links" not in text
        pinned = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
        assert len(pinned) > 20
        assert [p.split()[0] for p in pinned if "==" not in p or "--hash=sha256:" not in p] == []


def test_the_locks_hold_what_builds_the_project():
    built_with = re.search(r"requires = \[(.+)\]", (ROOT / "pyproject.toml").read_text()).group(1)
    locked = re.findall(r"^[^#\s].*$", (ROOT / "requirements/build.in").read_text(), re.M)
    assert re.findall(r'"([^"]+)"', built_with) == locked
