"""Content files, read strictly: a key given twice is an error, and every error names file and line. The only importer of yaml."""

from pathlib import Path
from typing import Any

import yaml

from cds_service.errors import ContentError


class _Strict:
    """Mixed into a loader of yaml."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        lines: dict[object, int] = {}
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1  # type: ignore[attr-defined]
            if isinstance(key, (list, dict)):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a word, not a list or a mapping", key_node.start_mark
                )
            if key in lines:
                message = f"the key {key!r} was already given on line {lines[key]}"
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            lines[key] = line
        return super().construct_mapping(node, deep=deep)  # type: ignore[misc]


class _Loader(_Strict, yaml.SafeLoader):
    """Reads in Python; says what is wrong, and where, in the clearer words."""


class _FastLoader(_Strict, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads with libyaml, where PyYAML has it, in about a sixth of the time."""


def load(path: Path) -> Any:
    """The content of one YAML file. Raises ContentError with its place."""
    try:
        text = path.read_text(encoding="utf-8")
        try:
            return yaml.load(text, Loader=_FastLoader)  # noqa: S506 - a SafeLoader
        except yaml.YAMLError:
            return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ContentError([f"{path}{line}: {error.problem}"]) from None
    except OSError:
        raise ContentError([f"{path}: the file is missing or cannot be read"]) from None
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
    ) as error:  # ValueError: no UTF-8, or a date that there is not
        raise ContentError([f"{path}: cannot be read as YAML ({error})"]) from None
