"""`cds-service evaluate FOLDER`: the options of a population run, its bars, and what it says at the end."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.errors import MammaCardsError
from cds_service.settings import Settings

_UNITS = {"MB": 10**6, "GB": 10**9}
_LEAST = 200 * 10**6  # bytes of memory that DuckDB needs in every process


def population_options(command: Callable) -> Callable:
    """The options of `evaluate` that are for a folder only."""
    for option in reversed(
        (
            click.option(
                "--into",
                type=click.Path(file_okay=False, path_type=Path),
                help="FOLDER: where the rows of patients and the summary are written.",
            ),
            click.option(
                "--format",
                "form",
                type=click.Choice(["ndjson", "parquet"]),
                help="FOLDER: how the rows are written; ndjson otherwise.",
            ),
            click.option(
                "--workers",
                type=click.IntRange(1, 256),
                help="FOLDER: processes; one for each core otherwise.",
            ),
            click.option(
                "--memory",
                metavar="SIZE",
                help="FOLDER: what DuckDB may use in all processes together, such as 800MB; 2GB otherwise.",
            ),
            click.option(
                "--empty",
                multiple=True,
                metavar="TYPE",
                help="FOLDER: there are none of this type, although no file says so; may be repeated.",
            ),
            click.option(
                "--unread",
                multiple=True,
                metavar="TYPE",
                help="FOLDER: treat this type as not read; may be repeated.",
            ),
        )
    ):
        command = option(command)
    return command


def folder_among(files: tuple[str, ...], hook: str, as_json: bool, options: dict) -> Path | None:
    """The export that is to be run over; None for single files. Raises a usage error where the two are mixed."""
    folders = [file for file in files if file != "-" and Path(file).is_dir()]
    if not folders:
        if given := [
            f"--{'format' if name == 'form' else name}" for name, value in options.items() if value
        ]:
            raise click.UsageError(f"{', '.join(given)}: only for a folder (an export)")
        return None
    if len(files) > 1:
        raise click.UsageError(
            "a folder (an export) is evaluated by itself: name one folder, or files"
        )
    if HOOKS[hook].is_order_hook:
        raise click.UsageError(
            f"a folder is judged on patient-view only: an export does not tell which orders are drafts of now, so {hook} would be guessed"
        )
    if options["into"] is None:
        raise click.UsageError(
            "--into FOLDER is needed: what is known of the patients is written there, not printed"
        )
    if as_json:
        raise click.UsageError(
            "--json is for files; the rows of an export are JSON unless --format parquet"
        )
    if any(sign in f"{folders[0]}{options['into']}" for sign in "*?["):
        raise click.UsageError(
            "the folder and --into: DuckDB would take *, ? and [ in their names for patterns; rename them"
        )
    return Path(folders[0])


def evaluate_folder(
    folder: Path, options: dict, settings: Settings, language: str, day: date, cores: int
) -> int:
    """Run over an export; the exit code: 1 where a patient failed or a line could not be read. `cores`: how many there are."""
    from cds_service.guideline.loading.loader import load_library
    from cds_service.population.export import open_export
    from cds_service.population.judging import How
    from cds_service.population.run import Plan, run
    from cds_service.population.summary import write_summary

    export = open_export(folder, options["empty"], options["unread"])
    library = load_library(site=settings.site_file, more=settings.content)
    workers, memory = options["workers"] or cores, _bytes(options["memory"] or "2GB")
    if memory < _LEAST * workers:
        raise click.UsageError(
            f"--memory: {_LEAST // 10**6}MB for every worker is the least; give more, or fewer --workers"
        )
    versions = {guideline.id: guideline.version for guideline in library.guidelines}
    plan = Plan(
        export,
        options["into"],
        How(day, export.unread, settings),
        versions,
        workers,
        memory,
        options["form"] or "ndjson",
    )
    try:
        outcome = run(plan, _bar)
        told = write_summary(plan, outcome, library, language)
    except OSError as error:
        raise MammaCardsError(
            f"the export or the output folder could not be used: {error.strerror or type(error).__name__}"
        ) from error
    lost = told["export"]["unparsableLines"]
    click.echo(f"{told['patients']} patients, {told['cards']} cards: {plan.into / 'summary.html'}")
    for what, number in (
        ("not in the export, so not read", ", ".join(export.unread)),
        ("lines that could not be read", lost),
        ("patients that failed", told["failed"]),
        ("partitions kept from an earlier run", outcome.kept),
    ):
        if number:
            click.secho(f"{what}: {number}", fg="yellow", err=True)
    return 1 if lost or told["failed"] else 0


def _bytes(size: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(MB|GB)", size.strip(), re.IGNORECASE)
    if not found:
        raise click.UsageError("--memory: write a size such as 800MB or 4GB")
    return int(float(found.group(1)) * _UNITS[found.group(2).upper()])


@contextmanager
def _bar(what: str, length: int) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label=what, file=sys.stderr, update_min_steps=1) as bar:
        yield bar.update
