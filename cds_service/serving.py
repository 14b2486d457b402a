"""gunicorn's settings, tuned once; `gunicorn.conf.py` of the checkout, `cds-service serve` and the demo all use them."""

import os
import sys
from typing import Any

from cds_service.errors import ConfigurationError
from cds_service.settings import from_environment

# One worker per core of a small machine; threads so that a slow client or FHIR server does not hold a worker. For requests that bring everything
# with them their number is of no account (1, 2, 4 and 8 gave the same requests/s within what repetitions differ, as did other switch intervals).
worker_class = "gthread"
workers = 2
threads = 4
# Content is loaded once, before the workers are forked.
preload_app = True
# gunicorn can be steered through a socket in the home folder; nothing here needs that.
control_socket_disable = True
timeout = 10
graceful_timeout = 10
keepalive = 15
limit_request_field_size = 8190
limit_request_line = 8190


def on_starting(server: Any) -> None:
    """Refuse to start without trusted clients, or to listen beyond this machine while anybody could come in."""
    import sys

    from cds_service.web.access import check_bind

    try:
        settings = from_environment(os.environ)
        for address in server.cfg.address:
            if isinstance(address, tuple):
                check_bind(f"{address[0]}:{address[1]}", settings)
    except ConfigurationError as error:
        print(f"mammacards: {error}", file=sys.stderr)
        sys.exit(3)


def when_ready(server: Any) -> None:
    """The loaded content lives as long as the process: the collector need not look through it again and again, and the workers share its memory."""
    import gc

    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A request with thousands of resources makes a hundred thousand objects that are all alive until it is answered: looking for rubbish
    among them less often halves its cost. More seldom still gained nothing that could be told from noise over HTTP."""
    import gc

    gc.set_threshold(20_000, 20, 20)


def gunicorn_command(application: str, bind: str, workers: int, threads: int = 4) -> list[str]:
    """The command that serves an application under gunicorn, with the settings of gunicorn.conf.py."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        "--config",
        "python:cds_service.serving",
        "--bind",
        bind,
        "--workers",
        str(workers),
        "--threads",
        str(threads),
    ]
