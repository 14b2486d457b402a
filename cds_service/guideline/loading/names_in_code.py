"""The names of the content that its Python code holds: facts, settings, value sets, values, attributes and their values.

They are read from the syntax of the modules, so that a misspelt one is refused when the content is loaded, with file and
line, and never met by the first patient to whom it matters.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FACT, SETTING, VALUE_SET = "fact", "setting", "value set"
VALUE, ATTRIBUTE, ATTRIBUTE_VALUE, WORD = "value", "attribute", "value of an attribute", "word"

# Methods of `Facts` whose first argument names a fact.
_ASKS_A_FACT = ("of", "on_record", "find")
_LOOPS = (ast.For, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass(frozen=True)
class NameInCode:
    """A name as it stands in a module. `of`: the attribute, for a value of an attribute; "" otherwise."""

    kind: str
    name: str
    line: int
    of: str = ""


@lru_cache(maxsize=256)
def names_in(source: str) -> tuple[NameInCode, ...]:
    """The names that a module of the content asks for by a literal, by what the place makes of them."""
    tree = ast.parse(source)
    constants: dict[str, tuple[str, ...]] = {}
    for name, strings in _constants(tree):
        constants[name] = constants.get(name, ()) + strings
    found = [name for node in ast.walk(tree) for name in _at(node)]
    found += [name for node in ast.walk(tree) for name in _looked_up_in_loop(node, constants)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def words_in(source: str) -> tuple[NameInCode, ...]:
    """Every other string of a module of criteria, save docstrings and the declarations of `@criterion`."""
    tree = ast.parse(source)
    passed = {id(n) for node in ast.walk(tree) for n in _no_words(node)}
    return tuple(
        NameInCode(WORD, node.value, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed
    )


def _no_words(node: ast.AST) -> Iterator[ast.AST]:
    """What holds strings that are no names: docstrings, f-strings, annotations, what a criterion declares."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)
    elif isinstance(node, ast.FunctionDef):
        for part in (*node.decorator_list, *([node.returns] if node.returns else [])):
            yield from ast.walk(part)


def _constants(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Tuples of strings that a module, or a function of it, names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, _strings(node.value)


def _at(node: ast.AST) -> Iterator[NameInCode]:
    if isinstance(node, ast.Call):
        yield from _in_call(node)
    elif isinstance(node, ast.Subscript) and _holds_value_sets(node.value):
        yield from (NameInCode(VALUE_SET, name, node.lineno) for name in _strings(node.slice))
    elif isinstance(node, ast.Compare):
        yield from _in_comparison((node.left, *node.comparators), node.lineno)
    elif isinstance(node, ast.BinOp):
        yield from _in_comparison((node.left, node.right), node.lineno)


def _in_call(node: ast.Call) -> Iterator[NameInCode]:
    called, first = node.func, _strings(node.args[0]) if node.args else ()
    if isinstance(called, ast.Attribute):
        if called.attr in _ASKS_A_FACT:
            yield from (NameInCode(FACT, name, node.lineno) for name in first)
        elif called.attr == "setting":
            yield from (NameInCode(SETTING, name, node.lineno) for name in first)
        elif called.attr == "get" and _ends(called.value, "attributes"):
            yield from (NameInCode(ATTRIBUTE, name, node.lineno) for name in first)
    elif attribute := _attribute_asked(node):
        yield NameInCode(ATTRIBUTE, attribute, node.lineno)


def _in_comparison(sides: tuple[ast.expr, ...], line: int) -> Iterator[NameInCode]:
    """The literals beside a fact's value, or beside the values of one of its attributes."""
    literals = [name for side in sides for name in _strings(side)]
    if any(_ends(side, "value") for side in sides):
        yield from (NameInCode(VALUE, name, line) for name in literals)
    for side in sides:
        if isinstance(side, ast.Call) and (attribute := _attribute_asked(side)):
            yield from (NameInCode(ATTRIBUTE_VALUE, name, line, attribute) for name in literals)


def _looked_up_in_loop(
    node: ast.AST, constants: dict[str, tuple[str, ...]]
) -> Iterator[NameInCode]:
    """`read.value_sets[name] for name in ("scan", "mdt")`, also over tuples that the module names."""
    if not isinstance(node, _LOOPS):
        return
    loops = [node] if isinstance(node, ast.For) else node.generators
    for loop in loops:
        if not isinstance(loop.target, ast.Name):
            continue
        asks = any(
            isinstance(inner, ast.Subscript)
            and _holds_value_sets(inner.value)
            and isinstance(inner.slice, ast.Name)
            and inner.slice.id == loop.target.id
            for inner in ast.walk(node)
        )
        if asks:
            names = _strings(loop.iter) + tuple(
                name
                for part in ast.walk(loop.iter)
                if isinstance(part, ast.Name)
                for name in constants.get(part.id, ())
            )
            yield from (NameInCode(VALUE_SET, name, node.lineno) for name in names)


def _attribute_asked(node: ast.Call) -> str:
    """`attribute_values(fact, "state")` -> "state"."""
    if _ends(node.func, "attribute_values") and len(node.args) == 2:
        return next(iter(_strings(node.args[1])), "")
    return ""


def _holds_value_sets(node: ast.AST) -> bool:
    return _ends(node, "value_sets") or _ends(node, "sets")


def _ends(node: ast.AST, name: str) -> bool:
    """Whether an expression is this name, or an attribute of this name."""
    return (isinstance(node, ast.Attribute) and node.attr == name) or (
        isinstance(node, ast.Name) and node.id == name
    )


def _strings(node: ast.AST) -> tuple[str, ...]:
    """The strings of a literal, of a tuple, list or set of literals, of frozenset((...)), of either side of `if else`."""
    if isinstance(node, ast.Constant):
        return (node.value,) if isinstance(node.value, str) else ()
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return tuple(name for element in node.elts for name in _strings(element))
    if isinstance(node, ast.IfExp):
        return _strings(node.body) + _strings(node.orelse)
    if isinstance(node, ast.Call) and _ends(node.func, "frozenset") and node.args:
        return _strings(node.args[0])
    return ()
