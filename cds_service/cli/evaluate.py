"""`cds-service evaluate` and `explain`: the cards, or the whole tree, for patients in files."""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import click

from cds_service.cds_hooks.hooks import HOOKS, PATIENT_VIEW
from cds_service.cli.group import main, with_clear_errors
from cds_service.cli.population import evaluate_folder, folder_among, population_options
from cds_service.errors import MammaCardsError
from cds_service.settings import Settings, from_environment

_MARKS = {"met": ("✓", "green"), "not-met": ("✗", "red"), "unknown": ("?", "yellow")}


_COLOURS = {"info": "blue", "warning": "yellow", "critical": "red"}


def _evaluation_options(command: Callable) -> Callable:
    for option in reversed(
        (
            click.argument(
                "files",
                nargs=-1,
                required=True,
                type=click.Path(exists=True, allow_dash=True, path_type=str),
            ),
            click.option(
                "--hook",
                default=PATIENT_VIEW.id,
                show_default=True,
                type=click.Choice(list(HOOKS)),
                help="Hook to play for a file that is no hook request; draft orders in it are then what is ordered.",
            ),
            click.option(
                "--language",
                type=click.Choice(["nl", "en"]),
                help="Language of the cards; CDS_LANGUAGE otherwise.",
            ),
            click.option(
                "--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as on this day."
            ),
            click.option(
                "--json", "as_json", is_flag=True, help="Print JSON, one line per patient."
            ),
        )
    ):
        command = option(command)
    return command


@main.command()
@_evaluation_options
@population_options
@with_clear_errors
def evaluate(
    files: tuple[str, ...],
    hook: str,
    language: str | None,
    today: datetime | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Print the cards for the patients in FILES, or run over the FOLDER of a FHIR Bulk Data export (docs/population.md).

    A file holds a Bundle, a list of resources, NDJSON (many patients) or a CDS Hooks request; - is standard input.
    """
    from cds_service.rendering.cards import render_cards

    if folder := folder_among(files, hook, as_json, options):
        chosen = from_environment(os.environ)
        day = today.date() if today else datetime.now(chosen.timezone).date()
        sys.exit(
            evaluate_folder(
                folder, options, chosen, language or chosen.language, day, os.cpu_count() or 1
            )
        )

    def tell(decision: Any, library: Any, chosen: Settings, words: str) -> dict:
        if not decision.is_answerable:
            unread = sorted(i.key for i in decision.record.inputs.values() if not i.state.is_read)
            return {"notAnswerable": unread}
        return {"cards": render_cards(decision, library, chosen, words)}

    _run(files, hook, language, today, as_json, tell, _print_cards)


@main.command()
@_evaluation_options
@with_clear_errors
def explain(
    files: tuple[str, ...], hook: str, language: str | None, today: datetime | None, as_json: bool
) -> None:
    """Print every recommendation with its verdict and criteria, the silent ones too."""
    from cds_service.rendering.trace import explain as trace

    if any(file != "-" and Path(file).is_dir() for file in files):
        raise click.UsageError(
            "explain reads files; for a folder (an export): cds-service evaluate"
        )
    _run(
        files,
        hook,
        language,
        today,
        as_json,
        lambda decision, library, _, words: trace(decision, library, words),
        _print_tree,
    )


def _run(
    files: tuple[str, ...],
    hook: str,
    language: str | None,
    today: datetime | None,
    as_json: bool,
    tell: Callable,
    show: Callable,
) -> None:
    from cds_service.cli.patients import read_patients, request_of
    from cds_service.decision.decide import decide, prefetch_templates
    from cds_service.guideline.loading.loader import load_library

    chosen = from_environment(os.environ)
    library = load_library(site=chosen.site_file, more=chosen.content)
    words = language or chosen.language
    now = (
        datetime.combine(today.date(), time(12), chosen.timezone)
        if today
        else datetime.now(chosen.timezone)
    )
    patients = [patient for file in files for patient in read_patients(file, sys.stdin.buffer)]
    templates = {name: prefetch_templates(library, name) for name in HOOKS}
    failed = False
    # A run of many patients takes longer than a second; a few do not need a bar.
    with click.progressbar(
        patients, file=sys.stderr, label="patients", hidden=len(patients) < 500
    ) as bar:
        for patient in bar:
            try:
                asked = request_of(patient, hook, templates)
                told = tell(
                    decide(asked, library, templates[asked.hook], now, None), library, chosen, words
                )
            except MammaCardsError as error:
                failed = True
                click.secho(f"{patient.place}: {error}", fg="red", err=True)
                continue
            if as_json:
                click.echo(json.dumps({"patient": asked.patient_id, **told}, ensure_ascii=False))
            else:
                click.secho(
                    f"\n{patient.place} · Patient/{asked.patient_id} · {asked.hook}", bold=True
                )
                show(told)
    sys.exit(1 if failed else 0)


def _print_cards(told: dict) -> None:
    if "notAnswerable" in told:
        click.secho(
            f"  cannot be answered: {', '.join(told['notAnswerable'])} not read", fg="yellow"
        )
        return
    if not told["cards"]:
        click.echo("  no cards")
    for card in told["cards"]:
        click.secho(
            f"  [{card['indicator']}] {card['summary']}", fg=_COLOURS[card["indicator"]], bold=True
        )
        click.echo("    " + card["detail"].replace("\n", "\n    "))
        for suggestion in card.get("suggestions", []):
            click.echo(f"    → {suggestion['label']}")


def _print_tree(told: dict) -> None:
    for recommendation in told["recommendations"]:
        for tree in (recommendation, *recommendation.get("others", [])):
            click.echo(
                f"  {click.style(tree['recommendation'], bold=True)} ({tree.get('side', '-')}): {tree['verdict']}"
            )
            for criterion in tree.get("criteria", []):
                mark, colour = _MARKS[criterion["truth"]]
                why = "; ".join(e["text"] for e in criterion.get("evidence", [])) or ", ".join(
                    criterion.get("missing", [])
                )
                click.echo(
                    f"    {click.style(mark, fg=colour)} {criterion['role']:<11} {criterion['label']}"
                    + (f": {why}" if why else "")
                )
    for state in told["inputs"]:
        click.echo(
            f"  {state['key']}: {state['state']}"
            + (f" ({state['reason']})" if "reason" in state else "")
        )
    for problem in told["problems"]:
        click.secho(
            f"  {problem['kind']}: {problem.get('reference', '')} {problem['text']}", fg="yellow"
        )
