"""The command line itself, and how its errors are told. Exit codes: 0 fine, 1 fault in content or data, 2 usage, 3 configuration."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from cds_service.errors import ConfigurationError, ContentError, MammaCardsError
from cds_service.version import __version__


def with_clear_errors(command: Callable) -> Callable:
    """Errors that people can act on, in one line and without a traceback."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
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
