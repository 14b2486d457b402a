"""`cds-service check`: the content and everything that a hospital adds to it are loaded, then every case is played."""

import os
import sys
from pathlib import Path

import click

from cds_service.cli.group import main, with_clear_errors
from cds_service.settings import Settings, from_environment

_FEW = 200  # cases for which no bar is needed


@main.command()
@click.option(
    "--site",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your hospital's own file to check; CDS_SITE_FILE otherwise.",
)
@click.option(
    "--clients",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The trusted clients to check; CDS_CLIENTS_FILE otherwise.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="FOLDER",
    help="Play the cases of this guideline folder only; may be repeated.",
)
@with_clear_errors
def check(site: Path | None, clients: Path | None, only: tuple[str, ...]) -> None:
    """Load all content, your hospital's own file and the trusted clients, then play every case; report every fault with its place.

    The cases are played on the day of the examples, on the hooks that they name, without your hospital's own file: they are about the guidelines as they stand.
    """
    from cds_service.casebook.cases import all_cases
    from cds_service.casebook.disagreements import disagreements
    from cds_service.casebook.model import ANCHOR
    from cds_service.guideline.loading.loader import load_library

    chosen = from_environment(os.environ)
    _tell_clients(clients or chosen.clients_file, chosen)
    library = load_library(site=site or chosen.site_file, more=chosen.content)
    cases = all_cases(chosen.content)
    for guideline in library.guidelines:
        mine = sum(case.guideline == guideline.id for case in cases)
        click.echo(
            f"{guideline.id} {guideline.version}: {len(guideline.recommendations)} recommendations, {len(guideline.facts)} facts, {mine} cases"
        )
    if library.site.name:
        off = library.site.off
        changed = [name for named in library.site.settings.values() for name in named]
        click.echo(
            f"{library.site.name}: {', '.join(off) or 'nothing'} switched off; {', '.join(changed) or 'no settings'} changed"
        )
    if missing := set(only) - {case.guideline for case in cases}:
        raise click.UsageError(f"there are no cases in a folder named {', '.join(sorted(missing))}")
    asked = [case for case in cases if not only or case.guideline in only]
    with click.progressbar(
        length=len(asked), file=sys.stderr, label="cases", hidden=len(asked) < _FEW
    ) as bar:
        wrong = disagreements(asked, chosen, ANCHOR, bar.update)
    for line in wrong:
        click.secho(line, fg="red", err=True)
    if wrong:
        click.secho(f"{len(wrong)} disagreements in {len(asked)} cases", fg="red", err=True)
        sys.exit(1)
    click.echo(f"{len(asked)} cases played")
    click.secho("no faults", fg="green")


def _tell_clients(clients: Path | None, chosen: Settings) -> None:
    from cds_service.outbound.trust import authorities
    from cds_service.security.clients import load_clients

    if named := authorities(chosen.ca_file):
        click.echo(
            f"CDS_CA_FILE: {len(named)} certificate{'s' * (len(named) > 1)} of authorities beside the usual ones"
        )
    if clients:
        for client in load_clients(clients, named).all:
            click.echo(
                f"client {client.id}: {client.algorithm}, {client.profile.name}, FHIR {', '.join(client.fhir_servers) or 'not read'}"
            )
