"""DuckDB brings the lines of each patient together: from files by type to partitions on disk by a hash of the patient's id.

Nothing is held in memory but what DuckDB's limit allows; what does not fit is spilled to disk. A line goes to every patient that it
names. A Medication or Substance goes to every patient whose resources refer to it. No message of DuckDB is passed on: it may quote a line.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.decision.ownership import PATIENT
from cds_service.errors import ConfigurationError, MammaCardsError
from cds_service.fhir.resource_types import KEYS, SUBJECTS
from cds_service.population.export import SHARED, Export

if TYPE_CHECKING:
    import duckdb

LARGEST_LINE = 64 * 1024 * 1024  # bytes; a DocumentReference may hold a scanned letter
_LINE = 2000  # bytes, usually
_HELD = 0.25  # of the memory: lines that wait to be written, so that pieces of a partition are not too small to read well
_BESIDE = f"(?:^|/)((?:{'|'.join(SHARED)})/[^/?#]+)"
NOBODY, SHARED_PART = -1, -2


class EngineFailed(MammaCardsError):
    """DuckDB could not go on; says what to do, never what was read."""


@dataclass(frozen=True)
class Grouped:
    """What came of grouping: lines by partition, and what went to nobody."""

    lines: dict[int, int]  # partition -> how many
    unparsable: dict[str, int]  # type of the file -> lines that are no resource
    without_patient: dict[str, int]  # type -> resources that name no patient


@contextmanager
def engine(memory: int, threads: int, spill: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """DuckDB with a limit of memory (bytes) and a folder for what does not fit. Raises ConfigurationError where it is not installed,
    EngineFailed where it fails."""
    try:
        import duckdb
    except ImportError as error:
        raise ConfigurationError(
            'population runs need DuckDB; install it with: pip install "mammacards[population]"'
        ) from error
    spill.mkdir(parents=True, exist_ok=True)
    settings = {
        "memory_limit": f"{memory // 1_000_000}MB",
        "threads": threads,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
        "partitioned_write_flush_threshold": max(1000, int(memory * _HELD / threads / _LINE)),
        "partitioned_write_max_open_files": 1000,
        "autoinstall_known_extensions": False,
    }  # nothing is fetched from anywhere
    try:
        with duckdb.connect(":memory:") as connection:
            for name, value in settings.items():
                connection.execute(f"SET {name} = '{value}'")
            yield connection
    except duckdb.OutOfMemoryException as error:
        raise EngineFailed(
            "the memory that DuckDB may use is not enough; give it more with --memory, or fewer --workers"
        ) from error
    except duckdb.IOException as error:
        raise EngineFailed(
            "files could not be read or written; is the disk full, or a compressed file cut off?"
        ) from error
    except duckdb.InvalidInputException as error:
        raise EngineFailed(
            f"a file of the export cannot be read as lines of JSON; is a line longer than {LARGEST_LINE // 1024 // 1024} MB?"
        ) from error
    except duckdb.Error as error:
        raise EngineFailed(f"DuckDB could not go on ({type(error).__name__})") from error


def group(
    export: Export,
    into: Path,
    partitions: int,
    connection: "duckdb.DuckDBPyConnection",
    advance: Callable[[int], None],
) -> Grouped:
    """Write all lines under `into`, one folder for each partition. `advance` is told the bytes that were read."""
    into.mkdir(parents=True, exist_ok=True)
    for kind, files in export.files.items():
        connection.execute(
            _copied(_owned(partitions), into, f"{kind}_{{i}}"),
            [[str(path) for path in files], kind],
        )
        advance(sum(path.stat().st_size for path in files))
    everything = f"read_parquet('{_quoted(into)}/*/*.parquet', hive_partitioning = true, hive_types = {{'part': BIGINT}})"
    if next(into.glob(f"part={SHARED_PART}/*.parquet"), None):
        connection.execute(_copied(_beside(everything), into, "beside_{i}"))
    counted = connection.execute(
        f"SELECT part, coalesce(type, ''), source, count(*) FROM {everything} GROUP BY ALL"  # noqa: S608 - names of ours, the folder quoted
    ).fetchall()
    lines: dict[int, int] = {}
    lost: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for part, kind, source, number in counted:
        if part >= 0:
            lines[part] = lines.get(part, 0) + number
        elif part == NOBODY and kind in ("", *KEYS):
            named, found = (kind, lost[1]) if kind else (source, lost[0])
            found[named] = found.get(named, 0) + number
    return Grouped(lines, *lost)


def _owned(partitions: int) -> str:
    """The lines of some files ($1), each with its patients; without type and line where it is no resource."""
    subjects = ", ".join(f"'$.{name}.reference'" for name in SUBJECTS)
    listed = ", ".join(f"'{name}'" for name in KEYS)
    shared = ", ".join(f"'{name}'" for name in SHARED)
    return f"""
        WITH read AS (
            SELECT json, CASE json_type(json, '$.id') WHEN 'VARCHAR' THEN json_extract_string(json, '$.id') END AS id,
                CASE json_type(json, '$.resourceType') WHEN 'VARCHAR' THEN json_extract_string(json, '$.resourceType') END AS type
            FROM read_ndjson_objects($1, ignore_errors = true, maximum_object_size = {LARGEST_LINE})
        ), named AS (
            SELECT json, type, CASE
                WHEN type = 'Patient' THEN ['Patient/' || id]
                WHEN type IN ({shared}) THEN [type || '/' || id]
                WHEN type = 'Appointment' THEN list_concat(json_extract_string(json, [{subjects}]), json_extract_string(json, '$.participant[*].actor.reference'))
                WHEN type IN ({listed}) THEN json_extract_string(json, [{subjects}])
                ELSE [] END AS texts
            FROM read
        ), told AS (
            SELECT json, type, CASE WHEN type IN ({shared}) THEN texts
                ELSE list_distinct([regexp_extract(x, '{PATIENT}', 1) FOR x IN texts IF regexp_matches(x, '{PATIENT}')]) END AS found
            FROM named
        ), spread AS (
            SELECT json, type, unnest(CASE WHEN len(found) > 0 THEN found ELSE [NULL] END) AS owner FROM told
        )
        SELECT owner, type, CASE WHEN owner IS NOT NULL THEN json::VARCHAR END AS line, $2::VARCHAR AS source,
            CASE WHEN owner IS NULL THEN {NOBODY} WHEN type IN ({shared}) THEN {SHARED_PART} ELSE (hash(owner) % {partitions})::BIGINT END AS part
        FROM spread"""  # noqa: S608 - names of ours, the folder quoted


def _beside(everything: str) -> str:
    """What the medications of patients refer to, and what that refers to (a bag of glucose with a medicine in it)."""
    links = f"[regexp_extract(x, '{_BESIDE}', 1) FOR x IN json_extract_string(line, '$..reference') IF regexp_matches(x, '{_BESIDE}')]"
    return f"""
        WITH shared AS (SELECT owner AS name, type, line, source, {links} AS links FROM {everything} WHERE part = {SHARED_PART}),
        asked AS (SELECT DISTINCT part, owner, unnest({links}) AS name FROM {everything} WHERE part >= 0 AND type LIKE 'Medication%'),
        deeper AS (SELECT part, owner, unnest(links) AS name FROM asked JOIN shared USING (name)),
        wanted AS (SELECT * FROM asked UNION SELECT * FROM deeper)
        SELECT wanted.owner, shared.type, shared.line, shared.source, wanted.part FROM wanted JOIN shared USING (name)"""  # noqa: S608 - names of ours, the folder quoted


def _copied(query: str, into: Path, pattern: str) -> str:
    return f"COPY ({query}) TO '{_quoted(into)}' (FORMAT parquet, PARTITION_BY (part), FILENAME_PATTERN '{pattern}', ROW_GROUP_SIZE 4096, OVERWRITE_OR_IGNORE)"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def patients_of(
    folder: Path, partition: int, connection: "duckdb.DuckDBPyConnection"
) -> Iterator[tuple[str, list[str]]]:
    """(patient id, lines) of one partition, in an order that every run has; one patient at a time is in memory."""
    files = f"{folder}/part={partition}/*.parquet"
    rows = connection.execute(
        "SELECT owner, type, line FROM read_parquet(?) ORDER BY owner", [files]
    )
    for patient, mine in groupby(_fetched(rows), key=itemgetter(0)):
        # By hand: DuckDB would have to hold whole lines as sorting keys.
        yield patient, [line for _, _, line in sorted(mine)]


def _fetched(rows: "duckdb.DuckDBPyConnection") -> Iterator[tuple[str, str, str]]:
    while batch := rows.fetchmany(500):
        yield from batch


COLUMNS = (
    "{'patient': 'VARCHAR', 'status': 'VARCHAR', 'resources': 'BIGINT', 'cards': 'STRUCT(guideline VARCHAR, \"key\" VARCHAR, indicator VARCHAR)[]', "
    "'verdicts': 'MAP(VARCHAR, VARCHAR)', 'missing': 'MAP(VARCHAR, VARCHAR[])', 'unread': 'MAP(VARCHAR, VARCHAR[])', "
    "'problems': 'MAP(VARCHAR, BIGINT)', 'reason': 'VARCHAR'}"
)


def write_parquet(
    rows: Iterable[Path], into: Path, connection: "duckdb.DuckDBPyConnection"
) -> None:
    """Files of rows as one Parquet file."""
    source = f"read_json(?, format = 'newline_delimited', columns = {COLUMNS})"
    connection.execute(
        f"COPY (SELECT * FROM {source}) TO '{_quoted(into)}' (FORMAT parquet)",  # noqa: S608 - names of ours, the folder quoted
        [[str(path) for path in rows]],
    )
