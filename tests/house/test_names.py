"""Content takes no name apart: what a value is made of stands in a table, not in the letters of its name.

`fact.value.startswith("er_")` holds until somebody adds a value "er_low". Who wants the marker of a receptor result or the
region of an MRI asks cards/shared/receptor_results.py and cards/shared/examinations.py.
"""

import ast

import pytest

from tests.house.source import Module, modules

# The words of cases write requests, they judge nothing; the grammars of reports read words, not names.
CONTENT = [
    m
    for m in modules("cards")
    if not m.path.startswith(("cards/case_words/", "cards/readers/report_text/"))
]
CUTS = {
    *("startswith", "endswith", "removeprefix", "removesuffix"),
    *("split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip", "replace"),
}
# How the value of a fact, a match or a row is called where it stands by itself.
FIELDS, NAMES = {"value", "kind"}, {"kind", "site", "modality", "marker", "region"}


def is_name_of_value(node: ast.AST) -> bool:
    """Whether an expression is the value of a fact or an attribute."""
    if isinstance(node, ast.Attribute):
        return node.attr in FIELDS
    return isinstance(node, ast.Name) and node.id in NAMES


def taken_apart(module: Module) -> list[str]:
    """The places where a value is cut, searched or put together by its letters."""
    found = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=cut, attr=method)) if method in CUTS:
                wrong = is_name_of_value(cut)
            case ast.Subscript(value=cut, slice=ast.Slice()):
                wrong = is_name_of_value(cut)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[within]):
                wrong = is_name_of_value(within)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value="_"), attr="join")):
                wrong = True
            case ast.JoinedStr(values=parts):
                wrong = any(_glued(part, parts) for part in parts)
            case _:
                wrong = False
        if wrong:
            found.append(f"{module.path}:{node.lineno}: {ast.unparse(node)}")
    return found


def _glued(part: ast.AST, parts: list[ast.expr]) -> bool:
    """Whether a value is made by joining names with an underscore: f"mri_{region}"."""
    return (
        isinstance(part, ast.Constant)
        and "_" in str(part.value)
        and any(isinstance(p, ast.FormattedValue) for p in parts)
    )


@pytest.mark.parametrize("module", CONTENT, ids=lambda module: module.path)
def test_no_value_is_taken_apart_by_its_name(module):
    assert taken_apart(module) == []


@pytest.mark.parametrize(
    "source",
    [
        "y = order.value.removeprefix('mri_')",
        "y = [f for f in facts if f.value.startswith('er_')]",
        "y = match.value.split()",
        "y = found[0].value[:1]",
        "y = site.endswith(('spine', '_nodes'))",
        "y = kind.split('_')[0]",
        "y = '_pos' in m.value",
        "y = f'mri_{region}'",
        "y = '_'.join(regions)",
    ],
)
def test_the_rule_about_names_would_find_one(source):
    assert taken_apart(Module("cards/planted.py", source + "\n"))


@pytest.mark.parametrize(
    "source",
    [
        "y = order.value in ('mri_spine', 'mri_pelvis')",
        "y = {kind: 1}[kind]",
        "y = words.startswith('mast')",
        "y = f'BI-RADS {value}'",
    ],
)
def test_the_rule_about_names_knows_how_it_is_written_well(source):
    assert taken_apart(Module("cards/planted.py", source + "\n")) == []
