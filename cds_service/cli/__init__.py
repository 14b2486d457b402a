"""The command line `cds-service`, a module for each group of commands."""

from cds_service.cli import check, content, evaluate, new, run  # noqa: F401  (each registers its commands)
from cds_service.cli.group import main

__all__ = ["main"]
