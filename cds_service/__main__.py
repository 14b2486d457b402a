"""The command line: `cds-service`. Exit codes: 0 fine, 1 fault in content or data, 2 usage, 3 configuration."""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, time
from functools import wraps
from pathlib import Path

import click

from cds_service import __version__
from cds_service.errors import ConfigurationError, ContentError, MammaCardsError
from cds_service.population_command import evaluate_folder, folder_among, population_options
from cds_service.settings import TABLE, Settings, from_environment

_MARKS = {"met": ("✓", "green"), "not-met": ("✗", "red"), "unknown": ("?", "yellow")}
_COLOURS = {"info": "blue", "warning": "yellow", "critical": "red"}


def _told(command: Callable) -> Callable:
    """Errors that people can act on, in one line and without a traceback."""

    @wraps(command)
    def guarded(*arguments, **options):
        try:
            return command(*arguments, **options)
        except ConfigurationError as error:
            click.secho(f"cds-service: {error}", fg="red", err=True)
            sys.exit(3)
        except ContentError as error:
            for fault in error.faults:
                click.secho(fault, fg="red", err=True)
            sys.exit(1)
        except MammaCardsError as error:
            click.secho(f"cds-service: {error}", fg="red", err=True)
            sys.exit(1)

    return guarded


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cds-service")
def main() -> None:
    """MammaCards: Dutch breast-cancer guidelines as a CDS Hooks service."""


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65534), help="Port of the service; the sandbox takes the next one.")
@click.option("--fhir", default="", metavar="URL", help="Base URL of a FHIR R4 server of your own instead of the sandbox; the examples are put on it.")
@_told
def demo(port: int, fhir: str) -> None:
    """Start the service and a sandbox FHIR server with example patients; Ctrl-C stops both."""
    from cds_service.demo import run_demo

    if fhir and not fhir.startswith(("http://", "https://")):
        raise click.BadParameter("write the whole address, such as http://localhost:8080/fhir", param_hint="--fhir")
    sys.exit(run_demo(port, fhir))


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Address to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@_told
def serve(bind: str, workers: int) -> None:
    """Start the service alone, under gunicorn, with the settings of the environment."""
    from cds_service.demo import gunicorn_command
    from cds_service.web.access import check_bind

    check_bind(bind, from_environment(os.environ))
    command = gunicorn_command("cds_service:create_app()", bind, workers)
    os.execv(command[0], command)


@main.command()
@_told
def settings() -> None:
    """Print every setting with its present value and meaning."""
    from cds_service.security.trust import authorities

    authorities(from_environment(os.environ).ca_file)
    for entry in TABLE:
        given = os.environ.get(entry.name, "").strip()
        click.echo(f"{click.style(entry.name, bold=True)}={given or entry.default}" + ("" if given else "  (default)"))
        click.echo(f"    {entry.meaning}")


@main.command()
@click.option("--site", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your hospital's own file to check; CDS_SITE_FILE otherwise.")
@click.option("--clients", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The trusted clients to check; CDS_CLIENTS_FILE otherwise.")
@_told
def check(site: Path | None, clients: Path | None) -> None:
    """Load all content and cases, your hospital's own file and the trusted clients; report every fault with its place."""
    from cds_service.examples import all_cases
    from cds_service.guideline.library import load_library
    from cds_service.security.clients import load_clients
    from cds_service.security.trust import authorities

    chosen = from_environment(os.environ)
    if named := authorities(chosen.ca_file):
        click.echo(f"CDS_CA_FILE: {len(named)} certificate{'s' * (len(named) > 1)} of authorities beside the usual ones")
    if trusted := clients or chosen.clients_file:
        for client in load_clients(trusted, named).all:
            click.echo(f"client {client.id}: {client.algorithm}, {client.profile.name}, FHIR {', '.join(client.fhir_servers) or 'not read'}")
    library = load_library(site=site or chosen.site_file)
    cases = all_cases()
    for guideline in library.guidelines:
        mine = sum(case.guideline == guideline.id for case in cases)
        click.echo(f"{guideline.id} {guideline.version}: {len(guideline.recommendations)} recommendations, {len(guideline.facts)} facts, {mine} cases")
    if library.site.name:
        off, changed = library.site.off, [name for chosen in library.site.settings.values() for name in chosen]
        click.echo(f"{library.site.name}: {', '.join(off) or 'nothing'} switched off; {', '.join(changed) or 'no settings'} changed")
    click.secho("no faults", fg="green")


@main.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to; fhir_examples/ of the checkout otherwise.")
@_told
def examples(into: Path | None) -> None:
    """Regenerate fhir_examples/ from the cases of cards/."""
    from cds_service.content import examples_folder
    from cds_service.examples import write_examples

    written = write_examples(into or examples_folder())
    click.echo(f"{len(written)} files in {into or examples_folder()}")


@main.command()
@_told
def guide() -> None:
    """Renew the generated part of each guideline folder's README, and docs/data.md."""
    from cds_service.content import cards_folder
    from cds_service.data_guide import data_guide
    from cds_service.examples import all_cases
    from cds_service.guide import guide as generated
    from cds_service.guide import renew
    from cds_service.guideline.library import load_library

    cases, library = all_cases(), load_library()
    page = cards_folder().parent / "docs" / "data.md"
    if page.parent.is_dir():  # in a checkout
        page.write_text(data_guide(library), encoding="utf-8")
        click.echo(f"{page}")
    for guideline in library.guidelines:
        readme = cards_folder() / guideline.id / "README.md"
        readme.write_text(renew(readme, generated(guideline, cases)), encoding="utf-8")
        click.echo(f"{readme}")


@main.command()
@click.argument("server", metavar="FHIR_BASE")
@click.option("--set", "names", multiple=True, required=True, metavar="NAME", help="Value set, as in the site file: NAME, or GUIDELINE.NAME; may be repeated.")
@click.option("--into", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File of codes to write; name it under code_files in your site file.")
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with an access token for the server.")
@_told
def expand(server: str, names: tuple[str, ...], into: Path, token_file: Path | None) -> None:
    """Ask a terminology server for the SNOMED CT codes below those of value sets, and write them to a file for review."""
    from cds_service.expansion import expand as expanded
    from cds_service.expansion import terminology_server, written
    from cds_service.guideline.library import load_library
    from cds_service.security.trust import authorities, trusting

    known = load_library().named_sets
    if missing := [name for name in names if name not in known]:
        raise click.UsageError(f"there is no value set named {', '.join(missing)}; there are {', '.join(sorted(known))}")
    trust = trusting(authorities(from_environment(os.environ).ca_file))
    ask = terminology_server(server, token_file.read_text(encoding="utf-8").strip() if token_file else "", 30.0, trust)
    found = expanded({name: known[name] for name in names}, ask)
    into.write_text(written(found, server, datetime.now().date()), encoding="utf-8")
    click.echo(f"{sum(map(len, found.rows.values()))} codes in {into}; read them, then name the file under code_files in your site file")
    for row in found.ambiguous:
        click.secho(f"left out, as it stands below two meanings: {row}", fg="yellow", err=True)


def _evaluation_options(command: Callable) -> Callable:
    for option in reversed((
        click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=str)),
        click.option("--hook", default="patient-view", show_default=True, type=click.Choice(["patient-view", "order-select", "order-sign"]),
                     help="Hook to play for a file that is no hook request; draft orders in it are then what is ordered."),
        click.option("--language", type=click.Choice(["nl", "en"]), help="Language of the cards; CDS_LANGUAGE otherwise."),
        click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as on this day."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON, one line per patient."),
    )):  # fmt: skip
        command = option(command)
    return command


@main.command()
@_evaluation_options
@population_options
@_told
def evaluate(files: tuple[str, ...], hook: str, language: str | None, today: datetime | None, as_json: bool, **options) -> None:
    """Print the cards for the patients in FILES, or run over the FOLDER of a FHIR Bulk Data export (docs/population.md).

    A file holds a Bundle, a list of resources, NDJSON (many patients) or a CDS Hooks request; - is standard input.
    """
    from cds_service.rendering import render_cards

    if folder := folder_among(files, hook, as_json, options):
        chosen = from_environment(os.environ)
        day = today.date() if today else datetime.now(chosen.timezone).date()
        sys.exit(evaluate_folder(folder, options, chosen, language or chosen.language, day, os.cpu_count() or 1))

    def tell(decision, library, chosen: Settings, words: str) -> dict:
        if not decision.is_answerable:
            unread = sorted(i.key for i in decision.record.inputs.values() if not i.state.is_read)
            return {"notAnswerable": unread}
        return {"cards": render_cards(decision, library, chosen, words)}

    _run(files, hook, language, today, as_json, tell, _print_cards)


@main.command()
@_evaluation_options
@_told
def explain(files: tuple[str, ...], hook: str, language: str | None, today: datetime | None, as_json: bool) -> None:
    """Print every recommendation with its verdict and criteria, the silent ones too."""
    from cds_service.rendering import explain as trace

    if any(file != "-" and Path(file).is_dir() for file in files):
        raise click.UsageError("explain reads files; for a folder (an export): cds-service evaluate")
    _run(files, hook, language, today, as_json, lambda decision, library, _, words: trace(decision, library, words), _print_tree)


def _run(files: tuple[str, ...], hook: str, language: str | None, today: datetime | None, as_json: bool, tell: Callable, show: Callable) -> None:
    from cds_service.decision import decide, prefetch_templates
    from cds_service.guideline.library import load_library
    from cds_service.patients import read_patients, request_of

    chosen = from_environment(os.environ)
    library = load_library(site=chosen.site_file)
    words = language or chosen.language
    now = datetime.combine(today.date(), time(12), chosen.timezone) if today else datetime.now(chosen.timezone)
    patients = [patient for file in files for patient in read_patients(file, sys.stdin.buffer)]
    templates = {name: prefetch_templates(library, name) for name in ("patient-view", "order-select", "order-sign")}
    failed = False
    # A run of many patients takes longer than a second; a few do not need a bar.
    with click.progressbar(patients, file=sys.stderr, label="patients", hidden=len(patients) < 500) as bar:
        for patient in bar:
            try:
                asked = request_of(patient, hook, templates)
                told = tell(decide(asked, library, templates[asked.hook], now, None), library, chosen, words)
            except MammaCardsError as error:
                failed = True
                click.secho(f"{patient.place}: {error}", fg="red", err=True)
                continue
            if as_json:
                click.echo(json.dumps({"patient": asked.patient_id, **told}, ensure_ascii=False))
            else:
                click.secho(f"\n{patient.place} · Patient/{asked.patient_id} · {asked.hook}", bold=True)
                show(told)
    sys.exit(1 if failed else 0)


def _print_cards(told: dict) -> None:
    if "notAnswerable" in told:
        click.secho(f"  cannot be answered: {', '.join(told['notAnswerable'])} not read", fg="yellow")
        return
    if not told["cards"]:
        click.echo("  no cards")
    for card in told["cards"]:
        click.secho(f"  [{card['indicator']}] {card['summary']}", fg=_COLOURS[card["indicator"]], bold=True)
        click.echo("    " + card["detail"].replace("\n", "\n    "))
        for suggestion in card.get("suggestions", []):
            click.echo(f"    → {suggestion['label']}")


def _print_tree(told: dict) -> None:
    for recommendation in told["recommendations"]:
        for tree in (recommendation, *recommendation.get("others", [])):
            click.echo(f"  {click.style(tree['recommendation'], bold=True)} ({tree.get('side', '-')}): {tree['verdict']}")
            for criterion in tree.get("criteria", []):
                mark, colour = _MARKS[criterion["truth"]]
                why = "; ".join(e["text"] for e in criterion.get("evidence", [])) or ", ".join(criterion.get("missing", []))
                click.echo(f"    {click.style(mark, fg=colour)} {criterion['role']:<11} {criterion['label']}" + (f": {why}" if why else ""))
    for state in told["inputs"]:
        click.echo(f"  {state['key']}: {state['state']}" + (f" ({state['reason']})" if "reason" in state else ""))
    for problem in told["problems"]:
        click.secho(f"  {problem['kind']}: {problem.get('reference', '')} {problem['text']}", fg="yellow")


if __name__ == "__main__":
    main(prog_name="cds-service")
