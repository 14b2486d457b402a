"""Errors that people see. Every message names the place in the input and what to do; none holds patient data."""

from dataclasses import dataclass


class MammaCardsError(Exception):
    """Base of all errors that have a message for a person."""


class ConfigurationError(MammaCardsError):
    """A setting cannot be used; the message names it and says what to set (exit code 3)."""


class ContentError(MammaCardsError):
    """The content under cards/ has faults; `faults` lists every one with its place (exit code 1)."""

    def __init__(self, faults: list[str]):
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass
class RequestError(MammaCardsError):
    """A hook request that cannot be answered: HTTP status, FHIR issue type, message, place in the request."""

    status: int
    code: str
    message: str
    expression: str = ""

    def __str__(self) -> str:
        return f"{self.expression}: {self.message}" if self.expression else self.message


class StoreUnavailable(MammaCardsError):
    """The database does not answer in time, is full, or cannot be written; nothing was stored (HTTP 503)."""
