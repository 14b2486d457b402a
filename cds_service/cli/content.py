"""`cds-service examples`, `guide` and `expand`: what is done with the content."""

import os
from datetime import datetime
from pathlib import Path

import click

from cds_service.cli.group import main, with_clear_errors
from cds_service.settings import from_environment


@main.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; fhir_examples/ of the checkout otherwise.",
)
@with_clear_errors
def examples(into: Path | None) -> None:
    """Regenerate fhir_examples/ from the cases of cards/."""
    from cds_service.casebook.examples import write_examples
    from cds_service.content import examples_folder

    written = write_examples(into or examples_folder())
    click.echo(f"{len(written)} files in {into or examples_folder()}")


@main.command()
@with_clear_errors
def guide() -> None:
    """Renew the generated part of each guideline folder's README, and docs/data.md."""
    from cds_service.casebook.cases import all_cases
    from cds_service.content import cards_folder
    from cds_service.documentation.data_page import data_guide
    from cds_service.documentation.guideline_readme import guide as generated
    from cds_service.documentation.guideline_readme import renew
    from cds_service.guideline.loading.loader import load_library

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
@click.option(
    "--set",
    "names",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Value set, as in the site file: NAME, or GUIDELINE.NAME; may be repeated.",
)
@click.option(
    "--into",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of codes to write; name it under code_files in your site file.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with an access token for the server.",
)
@with_clear_errors
def expand(server: str, names: tuple[str, ...], into: Path, token_file: Path | None) -> None:
    """Ask a terminology server for the SNOMED CT codes below those of value sets, and write them to a file for review."""
    from cds_service.cli.expansion import expand as expanded
    from cds_service.cli.expansion import terminology_server, written
    from cds_service.guideline.loading.loader import load_library
    from cds_service.outbound.trust import authorities, trusting

    known = load_library().named_sets
    if missing := [name for name in names if name not in known]:
        raise click.UsageError(
            f"there is no value set named {', '.join(missing)}; there are {', '.join(sorted(known))}"
        )
    trust = trusting(authorities(from_environment(os.environ).ca_file))
    ask = terminology_server(
        server, token_file.read_text(encoding="utf-8").strip() if token_file else "", 30.0, trust
    )
    found = expanded({name: known[name] for name in names}, ask)
    into.write_text(written(found, server, datetime.now().date()), encoding="utf-8")
    click.echo(
        f"{sum(map(len, found.rows.values()))} codes in {into}; read them, then name the file under code_files in your site file"
    )
    for row in found.ambiguous:
        click.secho(f"left out, as it stands below two meanings: {row}", fg="yellow", err=True)
