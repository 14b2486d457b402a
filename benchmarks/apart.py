"""The production application, from which a request can leave out what authentication is made of, so that the cost of each part can be told apart.

Not by a server for each: two processes that do the same differ by more than what is measured here.
"""

from collections.abc import Callable

from flask import Flask, request

import cds_service
from cds_service.security.tokens import TokenVerifier
from cds_service.store.feedback import FeedbackStore
from cds_service.store.tokens import TokenStore

LEFT_OUT = "Left-Out"  # the header: some of token, ids, cards


def create_app() -> Flask:
    """The application, for gunicorn: the first client of the file is let in without a token, ids are not used up, given cards not remembered, if so asked."""
    _leave_out("token", TokenVerifier, "admit", lambda door, *_: door._clients.all[0])
    _leave_out("ids", TokenStore, "use", lambda *_: True)
    _leave_out("cards", FeedbackStore, "issue", lambda *_: None)
    return cds_service.create_app()


def _leave_out(name: str, owner: type, method: str, otherwise: Callable) -> None:
    usual = getattr(owner, method)

    def done(*given):
        return (otherwise if name in request.headers.get(LEFT_OUT, "") else usual)(*given)

    setattr(owner, method, done)
