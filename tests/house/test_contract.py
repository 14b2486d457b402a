"""One misspelling of each kind of name, in every folder of a copy of the content where such a name stands: `cds-service check`
refuses it with its place and the right name, so that no patient is the first to meet it."""

import ast
import re
import shutil
import subprocess
import sys

import pytest

from cds_service.content import cards_folder
from cds_service.errors import ContentError
from cds_service.guideline.loading.loader import guideline_folders, load_library
from cds_service.guideline.loading.names_in_code import names_in
from tests.house.source import ROOT

pytestmark = pytest.mark.full

GUIDELINES = [path.name for path in guideline_folders(cards_folder())]


def misspelt(name, at=-2):
    """The name with one letter doubled: near enough to be suggested, and nobody's name."""
    return name[:at] + name[at - 1] + name[at:]


# --- in the Python code: all of them are planted in one copy, whose faults are told at once


def literals(tree, kind):
    """The string constants of a module that are names of this kind, as (name, line, column)."""
    for node in ast.walk(tree):
        if kind in ("reads", "settings", "value_sets"):
            if isinstance(node, ast.keyword) and node.arg == kind:
                yield from (n for n in ast.walk(node.value) if isinstance(n, ast.Constant))
        elif isinstance(node, ast.Call | ast.Compare | ast.Subscript | ast.BinOp):
            yield from (n for n in ast.walk(node) if isinstance(n, ast.Constant))


def plant(path, kind, planted):
    """Misspell the first name of a kind in a module that bears no other planted fault; (line, wrong, right), or None."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    wanted = None
    if kind not in ("reads", "settings", "value_sets"):
        wanted = {(n.name, n.line) for n in names_in(source) if n.kind == kind}
    for node in literals(tree, kind):
        name = node.value
        if not isinstance(name, str) or len(name) < 4 or node.lineno in planted:
            continue
        if wanted is not None and not any(
            name == n and abs(node.lineno - line) <= 3 for n, line in wanted
        ):
            continue
        lines = source.splitlines(keepends=True)
        quoted, line = f'"{name}"', lines[node.lineno - 1]
        if quoted not in line:
            continue
        # Another letter for another kind, so that no fault makes another one's name known.
        wrong = misspelt(name, -2 if kind in ("reads", "settings", "value_sets") else -1)
        lines[node.lineno - 1] = line.replace(quoted, f'"{wrong}"', 1)
        path.write_text("".join(lines), encoding="utf-8")
        return node.lineno, wrong, name
    return None


KINDS = (
    "reads",
    "settings",
    "value_sets",
    "fact",
    "setting",
    "value set",
    "value",
    "attribute",
    "value of an attribute",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(what was planted, what `check` says of it): every kind once in each folder, in a copy of the whole checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("cards", "cds_service"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", copy)
    planted = []
    for kind in KINDS:
        of_readers = kind in ("value_sets", "value set")
        for folder in ("readers",) if of_readers else ("shared", *GUIDELINES):
            for path in sorted((copy / "cards" / folder).rglob("*.py")):
                lines = {line for at, _, line, *_ in planted if at == path}
                if found := plant(path, kind, lines):
                    planted.append((path, kind, *found))
                    break
    # The copy is found before the installed package because the folder that it stands in comes first.
    check = "from cds_service.cli.group import *; from cds_service.guideline.loading.loader import load_library as load; load()"
    run = subprocess.run(
        [sys.executable, "-c", check], cwd=copy, capture_output=True, text=True, check=False
    )
    assert "ContentError" in run.stderr, run.stderr
    return planted, run.stderr.splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_a_misspelt_name_in_the_code_is_refused_with_its_place_and_the_right_one(told, kind):
    planted, faults = told
    of_kind = [row for row in planted if row[1] == kind]
    assert of_kind
    for path, _, line, wrong, right in of_kind:
        about = [f for f in faults if f"{path}:" in f.replace(" declares", ":") and wrong in f]
        assert about, (path, line, wrong, right)
        assert any(f"did you mean {right}?" in fault for fault in about), about


def test_every_folder_with_criteria_has_faults_planted(told):
    planted, _ = told
    assert {row[0].parents[0].name for row in planted} >= set(GUIDELINES)
    assert len(planted) > 30


# --- in the files beside it


YAML = {
    # kind: file, pattern whose first group is the name
    "reader": ("facts.yaml", r"\n  reader: (\w{5,})"),
    "value set of a fact": ("facts.yaml", r"value_set: (\w{6,})"),
    "fact": ("guideline.yaml", r"\nfacts: \[(\w+)"),
    "criterion": ("guideline.yaml", r"trigger: \[(\w+)"),
    "setting": ("guideline.yaml", r"\nsettings:\n  (\w+):"),
    "order kind": ("guideline.yaml", r"orders: \{\w+: \[(\w+)"),
    "card": ("card.yaml", r"\ncards:\n  (\w+):"),
    "wording of a criterion": ("card.yaml", r"\ncriteria:\n  (\w+):"),
    "said_when": ("card.yaml", r"said_when: \[(\w+)"),
    "offered_when": ("card.yaml", r"offered_when: \[(\w+)"),
    "order": ("card.yaml", r"\[create: (\w+)"),
    "placeholder": ("card.yaml", r"\n [^#\n]*?\{(breast|side|lesions|regions)\}"),
}


def cases():
    for kind, (file, pattern) in YAML.items():
        for folder in ("shared", *GUIDELINES):
            path = cards_folder() / folder / file
            if path.exists() and re.search(pattern, path.read_text(encoding="utf-8")):
                yield kind, f"{folder}/{file}", pattern


@pytest.fixture
def content(tmp_path):
    copy = tmp_path / "cards"
    shutil.copytree(
        cards_folder(), copy, ignore=shutil.ignore_patterns("__pycache__", "*.py", "cases.yaml")
    )
    return copy


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "kind, file, pattern", [pytest.param(*c, id=f"{c[0]}: {c[1]}") for c in cases()]
)
def test_a_misspelt_name_in_a_file_is_refused_with_its_place(content, kind, file, pattern):
    path = content / file
    text = path.read_text(encoding="utf-8")
    found = re.search(pattern, text)
    wrong = misspelt(found[1])
    path.write_text(text[: found.start(1)] + wrong + text[found.end(1) :], encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_library(content)
    about = [fault for fault in refused.value.faults if wrong in fault or found[1] in fault]
    assert any(str(content) in fault for fault in about), refused.value.faults
