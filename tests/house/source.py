"""The project's own Python as syntax trees: read, never imported, so that a broken module still tells what it breaks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Import:
    """One imported module, and whether it is imported when the importing module is (not inside a function)."""

    name: str
    line: int
    at_once: bool


@dataclass(frozen=True)
class Module:
    """One file of cds_service/ or cards/."""

    path: str  # from the root of the checkout, as "cds_service/fhir/dates.py"
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def name(self) -> str:
        """As it is imported: cards/ is installed as cds_service.cards."""
        dotted = self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        return f"cds_service.{dotted}" if dotted.split(".")[0] == "cards" else dotted

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        package = self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]
        return tuple(_imports(self.tree, package, at_once=True))


def _imports(node: ast.AST, package: str, *, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            above = (
                package.split(".")[: len(package.split(".")) - child.level + 1]
                if child.level
                else []
            )
            module = ".".join([*above, *([child.module] if child.module else [])])
            # `from package import module` imports the module, where there is one.
            yield from (
                Import(f"{module}.{alias.name}", child.lineno, at_once) for alias in child.names
            )
        else:
            yield from _imports(
                child,
                package,
                at_once=at_once
                and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda),
            )


def modules(*folders: str) -> list[Module]:
    """Every Python file of these folders of the checkout."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [
        Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
    ]


def dotted(node: ast.AST) -> str:
    """`datetime.now` for that expression, "" for anything that is no plain dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
