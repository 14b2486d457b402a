"""JSONPaths of facts.yaml, compiled once at start-up (compiling takes milliseconds, following one microseconds)."""

from functools import cache

import jsonpath_ng
from jsonpath_ng.exceptions import JSONPathError


class Path:
    """A compiled JSONPath, applied to one resource. Raises ValueError for an expression that is not allowed."""

    def __init__(self, expression: str):
        # A recursive descent over a large tree takes seconds.
        if ".." in expression or "$" in expression:
            raise ValueError(
                f"{expression}: write the path from the resource on, without $ and without .."
            )
        try:
            self._compiled = jsonpath_ng.parse(expression)  # type: ignore[attr-defined]
        except (JSONPathError, ValueError, AttributeError) as error:
            raise ValueError(f"{expression}: no JSONPath ({type(error).__name__})") from error
        self.expression = expression
        self._root = expression.split(".")[0].split("[")[0]

    def find(self, resource: dict) -> list[object]:
        """The values at the path; nothing where the resource lacks its first element."""
        if self._root not in resource:
            return []
        return [found.value for found in self._compiled.find(resource) if found.value is not None]

    def __repr__(self) -> str:
        return f"Path({self.expression!r})"


@cache
def compile_path(expression: str) -> Path:
    return Path(expression)
