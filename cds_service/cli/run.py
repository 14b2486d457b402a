"""`cds-service demo`, `serve` and `settings`."""

import os
import sys

import click

from cds_service.cli.group import main, with_clear_errors
from cds_service.settings import TABLE, from_environment


@main.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65534),
    help="Port of the service; the sandbox takes the next one.",
)
@click.option(
    "--fhir",
    default="",
    metavar="URL",
    help="Base URL of a FHIR R4 server of your own instead of the sandbox; the examples are put on it.",
)
@with_clear_errors
def demo(port: int, fhir: str) -> None:
    """Start the service and a sandbox FHIR server with example patients; Ctrl-C stops both."""
    from cds_service.demo.run import run_demo

    if fhir and not fhir.startswith(("http://", "https://")):
        raise click.BadParameter(
            "write the whole address, such as http://localhost:8080/fhir", param_hint="--fhir"
        )
    sys.exit(run_demo(port, fhir))


@main.command()
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    metavar="HOST:PORT",
    help="Address to listen on.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@with_clear_errors
def serve(bind: str, workers: int) -> None:
    """Start the service alone, under gunicorn, with the settings of the environment."""
    from cds_service.serving import gunicorn_command
    from cds_service.web.access import check_bind

    check_bind(bind, from_environment(os.environ))
    command = gunicorn_command("cds_service:create_app()", bind, workers)
    os.execv(command[0], command)


@main.command()
@with_clear_errors
def settings() -> None:
    """Print every setting with its present value and meaning."""
    from cds_service.outbound.trust import authorities

    authorities(from_environment(os.environ).ca_file)
    for entry in TABLE:
        given = os.environ.get(entry.name, "").strip()
        click.echo(
            f"{click.style(entry.name, bold=True)}={given or entry.default}"
            + ("" if given else "  (default)")
        )
        click.echo(f"    {entry.meaning}")
