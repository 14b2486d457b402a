"""A population run on one machine: group, judge on all cores, count, write. A run that was stopped goes on where it was.

Work in progress stands in a folder of its own under the output: partitions that are done are never done again, as long as the files, the
content, the day and the options are the same. Both that folder and the rows hold patient ids; messages do not.
"""

import hashlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing import connection as processes
from multiprocessing import get_context, parent_process
from pathlib import Path

from cds_service.population.export import Export, unparsable_lines
from cds_service.population.grouping import (
    EngineFailed,
    Grouped,
    engine,
    group,
    patients_of,
    write_parquet,
)
from cds_service.population.judging import HOOK, How, judge_lines
from cds_service.population.tally import Tally, added, tally
from cds_service.version import __version__

UNFINISHED = "unfinished"
_PARTITION_BYTES, _FEWEST, _MOST = (
    8_000_000,
    16,
    512,
)  # a partition should fit into the memory of a worker; beyond that it is spilled
_PLACES_TOLD = 200  # lines that cannot be read; all are counted
# (what is done, how much there is) -> something that is told how much of it was done
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Plan:
    """What to judge and how; `versions`: guideline id -> content version; `memory`: bytes for DuckDB, in all processes together."""

    export: Export
    into: Path
    how: How
    versions: Mapping[str, str]
    workers: int = 1
    memory: int = 2_000_000_000
    format: str = "ndjson"

    @property
    def rows(self) -> Path:
        return self.into / f"patients.{self.format}"


@dataclass(frozen=True)
class Outcome:
    """The counts of a run; what of the export went to nobody; how many partitions an earlier run had done."""

    counts: Tally
    grouped: Grouped
    unparsable: tuple[tuple[str, int], ...]  # (file, line), the first two hundred
    kept: int


def run(plan: Plan, progress: Progress) -> Outcome:
    """Judge every patient of the export and write the rows. Raises ConfigurationError, EngineFailed, or OSError of the output folder."""
    plan.into.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = plan.into / UNFINISHED
    work.mkdir(exist_ok=True, mode=0o700)
    grouped = _grouped(plan, work, progress)
    judged = _begun(work / "judged", _fingerprint(plan))
    done = {path.stem for path in judged.glob("*.ndjson")}
    todo = [partition for partition in sorted(grouped.lines) if _name(partition) not in done]
    with progress("judging", sum(grouped.lines.values())) as advance:
        advance(sum(number for partition, number in grouped.lines.items() if partition not in todo))
        _judge(plan, work, todo, lambda partition: advance(grouped.lines[partition]))
    names = [judged / _name(partition) for partition in sorted(grouped.lines)]
    counts: Tally = {}
    for name in names:
        counts = added(counts, json.loads(name.with_suffix(".tally").read_text(encoding="utf-8")))
    _write(plan, work, [name.with_suffix(".ndjson") for name in names])
    bad = [path for kind in grouped.unparsable for path in plan.export.files[kind]]
    outcome = Outcome(
        counts,
        grouped,
        tuple(islice(unparsable_lines(bad), _PLACES_TOLD)),
        len(grouped.lines) - len(todo),
    )
    shutil.rmtree(work)
    return outcome


def _fingerprint(plan: Plan) -> str:
    """The same as long as a finished partition would come out the same."""
    how = plan.how
    told = [
        __version__,
        plan.export.fingerprint,
        dict(plan.versions),
        how.day.isoformat(),
        how.unread,
        HOOK,
        str(how.settings.timezone),
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _begun(folder: Path, fingerprint: str) -> Path:
    """The folder of a step; emptied when it was begun for something else."""
    mark = folder / "fingerprint"
    if not mark.exists() or mark.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark.write_text(fingerprint, encoding="utf-8")
    return folder


def _grouped(plan: Plan, work: Path, progress: Progress) -> Grouped:
    """The lines by partition; kept from an earlier run when that came to the end of grouping."""
    folder = _begun(work / "grouped", plan.export.fingerprint)
    finished = folder / "finished.json"
    if finished.exists():
        told = json.loads(finished.read_text(encoding="utf-8"))
        return Grouped(
            {int(partition): number for partition, number in told.pop("lines").items()}, **told
        )
    shutil.rmtree(folder / "lines", ignore_errors=True)
    shutil.rmtree(work / "judged", ignore_errors=True)
    partitions = min(_MOST, max(_FEWEST, plan.export.size // _PARTITION_BYTES))
    with (
        progress("grouping", plan.export.size) as advance,
        engine(plan.memory, plan.workers, work / "spill") as connection,
    ):
        grouped = group(plan.export, folder / "lines", partitions, connection, advance)
    _put(finished, json.dumps(asdict(grouped)))
    return grouped


def _judge(plan: Plan, work: Path, todo: list[int], finished: Callable[[int], None]) -> None:
    task = (work, plan.how, plan.memory // plan.workers)
    if plan.workers == 1:
        for partition in todo:
            finished(judge_partition(partition, *task))
        return
    # A new interpreter each, not a copy of this one: DuckDB's threads do not survive a fork.
    pool = ProcessPoolExecutor(
        plan.workers, mp_context=get_context("spawn"), initializer=_follow_parent
    )
    try:
        for future in as_completed(
            [pool.submit(judge_partition, partition, *task) for partition in todo]
        ):
            finished(future.result())
    except BrokenProcessPool as error:
        raise EngineFailed(
            "a worker was ended from outside (was there too little memory?); run it again and it goes on from here"
        ) from error
    finally:
        pool.shutdown(
            cancel_futures=True
        )  # what is being judged is finished, the rest is not begun


def _follow_parent() -> None:
    """A worker ends with the run, also when that is killed; stopping by hand (SIGINT) is the run's own affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        processes.wait([parent.sentinel])  # type: ignore[union-attr]
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def judge_partition(partition: int, work: Path, how: How, memory: int) -> int:
    """Judge the patients of one partition, one at a time; rows and counts appear on disk together, at the end. Gives the partition."""
    rows = work / "judged" / f"{_name(partition)}.ndjson"
    half = rows.with_name(f"{rows.name}.half")
    with (
        engine(memory, 1, work / "spill" / _name(partition)) as connection,
        half.open("w", encoding="utf-8") as file,
    ):

        def written() -> Iterator[dict]:
            for patient, lines in patients_of(work / "grouped" / "lines", partition, connection):
                row = judge_lines(patient, lines, how)
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                yield row

        counts = tally(written())
    _put(rows.with_suffix(".tally"), json.dumps(counts))
    half.replace(rows)
    return partition


def _name(partition: int) -> str:
    return f"{partition:05}"


def _put(path: Path, text: str) -> None:
    """All of it or nothing."""
    half = path.with_name(f"{path.name}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _write(plan: Plan, work: Path, parts: list[Path]) -> None:
    """The rows of all partitions as one file, whole or not at all."""
    half = plan.rows.with_name(f"{plan.rows.name}.half")
    if plan.format == "parquet":
        with engine(plan.memory, 1, work / "spill") as connection:
            write_parquet(parts, half, connection)
    else:
        with half.open("wb") as whole:
            for part in parts:
                with part.open("rb") as rows:
                    shutil.copyfileobj(rows, whole)
    half.chmod(0o600)  # patient ids stand in it
    half.replace(plan.rows)
