"""Whose certificates are accepted: those of certifi's roots, of the system's store, and of the authorities that a hospital names beside them.

A context costs 40 ms to fill and many threads at once get in each other's way, so each is made once, when the application is composed, and
shared by all connections. Under gunicorn that is before the fork (preload_app), and the workers go on with the same ones: a context then only
holds authorities and options, each process has its own copy of that memory, what belongs to one connection (keys, session) stands in the
connection, and OpenSSL seeds its random numbers anew in a child (RAND_bytes(3), "fork-safety" in RAND(7)). What must not be inherited is a lock
that another thread holds at that moment: a fork waits until no context is being made (here) and none is used to open a connection (deadline).
"""

import os
import re
import ssl
import threading
from collections.abc import Iterable
from pathlib import Path

from requests.certs import where  # type: ignore[attr-defined]
from urllib3.util.ssl_ import create_urllib3_context

from cds_service.errors import ConfigurationError

Trust = ssl.SSLContext  # whose certificates are accepted

# A block that is not finished counts too, so that it is told and not passed over.
_CERTIFICATE = re.compile(
    r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?(?:-----END [A-Z0-9 ]*-----|(?=-----BEGIN)|\Z)",
    re.DOTALL,
)
# OpenSSL, X509_STORE_CTX_get_error(3): why a certificate was not accepted.
_REASONS = {
    2: "unknown-authority",
    18: "unknown-authority",
    19: "unknown-authority",
    20: "unknown-authority",
    21: "unknown-authority",
    9: "not-yet-valid",
    10: "expired",
    23: "revoked",
    24: "wrong-purpose",
    26: "wrong-purpose",
    62: "wrong-name",
    64: "wrong-name",
    66: "too-weak",
    67: "too-weak",
    68: "too-weak",
}

_turn = threading.Lock()
_made: dict[object, Trust] = {}
os.register_at_fork(
    before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release
)


class BadAuthorities(Exception):
    """A file names no authorities that can be used; the message says what is wrong with it and what to put there."""


def certificates(path: Path) -> tuple[str, ...]:
    """The certificates of a PEM file, each of which can be read. Raises BadAuthorities; none is passed over in silence."""
    try:
        # Words in other letters, and the mark that Windows sets before a text, may stand between certificates.
        text = path.read_bytes().decode("ascii", "ignore")
    except (OSError, ValueError):
        raise BadAuthorities(
            f"{path} cannot be read as a file; name one with certificates of your authority in PEM (-----BEGIN CERTIFICATE-----)"
        ) from None
    found = tuple(
        "\n".join(line.strip() for line in block.splitlines()) + "\n"
        for block in _CERTIFICATE.findall(text)
    )
    if not found:
        raise BadAuthorities(
            f"{path} holds no certificate; name a file with those of your authority in PEM (-----BEGIN CERTIFICATE-----)"
        )
    trial = create_urllib3_context()
    for number, certificate in enumerate(found, 1):
        try:
            trial.load_verify_locations(cadata=certificate)
        except ssl.SSLError:
            raise BadAuthorities(
                f"{path}: certificate {number} of {len(found)} cannot be read; put it there in PEM again, whole"
            ) from None
    return found


def authorities(path: Path | None) -> tuple[str, ...]:
    """The certificates of the file that CDS_CA_FILE names; none without it. Raises ConfigurationError."""
    try:
        return certificates(path) if path else ()
    except BadAuthorities as error:
        raise ConfigurationError(f"CDS_CA_FILE: {error}, or leave it out") from None


def trusting(more: Iterable[str] = ()) -> Trust:
    """What accepts servers of the usual authorities, and of these certificates in PEM (as `certificates` gives them).

    One and the same for the same certificates, as long as the usual ones stay the same too. Raises ConfigurationError.
    """
    named = tuple(dict.fromkeys(more))
    with _turn:
        key = (named, _usual())
        if key not in _made:
            _made[key] = _filled(named)
        return _made[key]


def _usual() -> tuple[object, ...]:
    """Which files the usual authorities come from, and since when. OpenSSL takes SSL_CERT_FILE and SSL_CERT_DIR before the system's own."""
    system = ssl.get_default_verify_paths()
    return (
        where(),
        system.capath,
        *(
            (file, Path(file).stat().st_mtime_ns)
            for file in (where(), system.cafile)
            if file and Path(file).exists()
        ),
    )


def _filled(certificates: Iterable[str]) -> Trust:
    # Partial chains: what a hospital names is trusted also where it is no root (an authority that issues, or one server's own certificate).
    # The same for every Python: later ones set this by themselves, and a strictness that refuses what old private authorities write.
    context = create_urllib3_context(verify_flags=ssl.VERIFY_X509_PARTIAL_CHAIN)
    try:
        context.load_verify_locations(where())
        context.set_default_verify_paths()
        for certificate in certificates:
            context.load_verify_locations(cadata=certificate)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"the usual authorities cannot be loaded ({type(error).__name__}); install the package certifi anew, and look at SSL_CERT_FILE and SSL_CERT_DIR"
        ) from None
    return context


def refusal(error: BaseException | None) -> str:
    """Why a server's certificate was not accepted, in a word of ours; "" when something else is the matter.

    error: what a connection raised; requests and urllib3 wrap it several times.
    """
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _REASONS.get(error.verify_code, f"verify-{error.verify_code}")
        inner = (getattr(error, "reason", None), *error.args)
        error = next((cause for cause in inner if isinstance(cause, BaseException)), None)
    return ""
