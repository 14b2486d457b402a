"""A folder of a FHIR Bulk Data export: which files hold what, which types were not exported, which lines cannot be read.

Files are named after their type (`Condition.ndjson`, `Condition.000.ndjson`, `Condition.1.ndjson.gz`); a file of another name is
read where the manifest in the folder says its type. A type without any file counts as NOT READ, never as empty, unless it is
declared empty: many servers leave out what is empty, and many leave out what nobody asked for.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cds_service.errors import MammaCardsError
from cds_service.fhir.resource_types import KEYS
from cds_service.strict import json as strict_json

# What a patient's resources refer to and that belongs to no patient.
SHARED = ("Medication", "Substance")
_NAME = re.compile(r"([A-Z][A-Za-z]+)(?:[._-][^/]*)?\.ndjson(?:\.gz)?")


class BadExport(MammaCardsError):
    """A folder that is no export, or options that contradict it; says what is expected."""


@dataclass(frozen=True)
class Export:
    """The files to read by type, and what is known to be missing. `unread`: types of KEYS that nobody read."""

    folder: Path
    files: Mapping[str, tuple[Path, ...]]
    unread: tuple[str, ...]
    incomplete: tuple[
        str, ...
    ] = ()  # types of which the manifest names more files than there are; they are unread too
    passed_over: tuple[str, ...] = ()  # files whose name tells no type
    server_errors: int = (
        0  # files of errors that the manifest names: the server itself could not export everything
    )

    @property
    def size(self) -> int:
        """Bytes of all files, compressed where they are."""
        return sum(path.stat().st_size for group in self.files.values() for path in group)

    @property
    def fingerprint(self) -> str:
        """The same as long as the files are: names, sizes, times of change."""
        told = [
            (kind, path.name, path.stat().st_size, path.stat().st_mtime_ns)
            for kind, group in self.files.items()
            for path in group
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def open_export(folder: Path, empty: Iterable[str] = (), unread: Iterable[str] = ()) -> Export:
    """The export in a folder. `empty`: types without a file of which it is known that there are none; `unread`: types to treat as not
    read although there are files. Raises BadExport."""
    empty, unread = set(empty), set(unread)
    if unknown := sorted((empty | unread) - KEYS.keys()):
        raise BadExport(f"{', '.join(unknown)}: no type that is read; there are {', '.join(KEYS)}")
    manifest = _manifest(folder)
    told = {
        _basename(output.get("url")): str(output.get("type"))
        for output in manifest.get("output", [])
    }
    files: dict[str, list[Path]] = {}
    passed_over = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or not path.name.endswith((".ndjson", ".ndjson.gz")):
            continue
        name = _NAME.fullmatch(path.name)
        kind = told.get(path.name) or (name.group(1) if name else "")
        if not kind:
            passed_over.append(path.name)
        elif kind in KEYS or kind in SHARED:
            files.setdefault(kind, []).append(path)
    if not files:
        raise BadExport(
            "the folder holds no export: files such as Patient.ndjson or Condition.000.ndjson.gz are expected"
        )
    if both := sorted(empty & files.keys()):
        raise BadExport(f"{', '.join(both)}: declared empty, but there are files of it")
    named = [str(output.get("type")) for output in manifest.get("output", [])]
    incomplete = tuple(
        sorted(
            kind
            for kind in set(named) & KEYS.keys()
            if named.count(kind) > len(files.get(kind, []))
        )
    )
    missing = tuple(
        kind
        for kind in KEYS
        if kind in unread or kind in incomplete or kind not in files and kind not in empty
    )
    kept = {
        kind: tuple(files[kind])
        for kind in (*KEYS, *SHARED)
        if kind in files and kind not in unread
    }
    return Export(
        folder, kept, missing, incomplete, tuple(passed_over), len(manifest.get("error", []))
    )


def _manifest(folder: Path) -> dict:
    """The output manifest of the export, where it was kept beside the files; {} otherwise."""
    for path in sorted(folder.glob("*.json")):
        if path.stat().st_size > 10_000_000:
            continue
        try:
            found = strict_json.loads(path.read_bytes())
        except strict_json.BadJson:
            continue
        lists = [found.get(name, []) for name in ("output", "error")]
        if "output" in found and all(
            isinstance(group, list) and all(isinstance(item, dict) for item in group)
            for group in lists
        ):
            return found
    return {}


def _basename(url: object) -> str:
    return str(url).split("?")[0].rpartition("/")[2]


def unparsable_lines(files: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """(file, line number) of every line that is no JSON object of a type; what stands there is nobody's business. Streams."""
    for path in files:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not _is_resource(line):
                    yield path.name, number


def _is_resource(line: bytes) -> bool:
    """As DuckDB sees it: a member that stands twice is JSON, and is told with the patient whose it is."""
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)
