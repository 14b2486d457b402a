"""MammaCards: Dutch breast-cancer guidelines at the moment of decision (CDS Hooks 2.0.1, FHIR R4)."""

from collections.abc import Callable
from typing import Any

from cds_service.version import __version__ as __version__


def create_app(front: Callable[..., Any] | None = None) -> Any:
    """The production application, configured by environment variables (`gunicorn "cds_service:create_app()"`).

    `front` makes what stands at / instead of the start page (see cds_service.web.create_app).

    Ends the process with exit code 3 and one line when a setting cannot be used, 1 when the content has faults.
    """
    import gc

    gc.disable()  # what is loaded lasts: looking for rubbish among it again and again would take an eighth of the start
    try:
        return _composed(front)
    finally:
        gc.enable()


def _composed(front: Callable[..., Any] | None) -> Any:
    """create_app without its care for the collector."""
    import logging
    import os
    import sys

    from cds_service.errors import ConfigurationError, ContentError
    from cds_service.guideline.loading.loader import load_library
    from cds_service.settings import from_environment
    from cds_service.web import create_app as compose

    log = logging.getLogger("mammacards")
    if not log.handlers:
        # One line a request: hook, instance, keys, milliseconds; never data of a patient, never a token.
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    try:
        settings = from_environment(os.environ)
        return compose(
            settings,
            load_library(site=settings.site_file, more=settings.content),
            **({"front": front} if front else {}),
        )
    except ConfigurationError as error:
        print(f"mammacards: {error}", file=sys.stderr)
        sys.exit(3)
    except ContentError as error:
        print(f"mammacards: the content has faults:\n{error}", file=sys.stderr)
        sys.exit(1)
