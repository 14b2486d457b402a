"""Every setting, in one table: read from the environment, printed by `cds-service settings`, checked against README."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cds_service.content import added_folders
from cds_service.errors import ConfigurationError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
KEEPS = {"comment", "user", "patient"}


@dataclass(frozen=True)
class Entry:
    """One row of the table."""

    name: str
    default: str
    meaning: str


TABLE = (
    Entry(
        "CDS_AUTH",
        "on",
        "client authentication by JSON Web Token; `off` answers anybody on this machine",
    ),
    Entry(
        "CDS_CLIENTS_FILE",
        "",
        "the clients that are trusted (see docs/clients.md); needed while CDS_AUTH is on",
    ),
    Entry(
        "CDS_CA_FILE",
        "",
        "certificates of your own authorities (PEM), trusted beside certifi's roots and the system's store for FHIR servers and key sets",
    ),
    Entry(
        "CDS_ALLOW_INSECURE_BIND",
        "",
        "`1` serves other than loopback clients although CDS_AUTH is off (behind your own authentication)",
    ),
    Entry(
        "CDS_DATABASE_URL",
        "sqlite:///mammacards.db",
        "where feedback, given cards and used token ids are kept, as an SQLAlchemy URL",
    ),
    Entry(
        "CDS_FEEDBACK_KEEPS",
        "",
        "what of a person is stored with feedback, separated by spaces: `comment`, `user`, `patient`; nothing by default",
    ),
    Entry(
        "CDS_PUBLIC_URL",
        "http://127.0.0.1:8000",
        "address under which clients call the service: what tokens are for, and the base of links on cards; no slash at the end",
    ),
    Entry(
        "CDS_TRUSTED_HOSTS",
        "",
        "host names under which the service is called, besides that of CDS_PUBLIC_URL and this machine, separated by spaces",
    ),
    Entry("CDS_LANGUAGE", "nl", "language where the client asks for none: `nl` or `en`"),
    Entry("CDS_TIMEZONE", "Europe/Amsterdam", 'time zone in which "today" is taken'),
    Entry(
        "CDS_SITE_FILE",
        "",
        "your hospital's own file: recommendations switched off, settings, codes, links (see docs/site.md)",
    ),
    Entry(
        "CDS_CONTENT",
        "",
        "guideline folders of your own, or folders that hold them, beside those of cards/ (see docs/content.md), separated as in PATH; nobody else may write them",
    ),
    Entry(
        "CDS_FHIR_SERVERS",
        "",
        "while CDS_AUTH is off: FHIR base URLs that may be read besides those on loopback, separated by spaces",
    ),
    Entry(
        "CDS_FHIR_DEADLINE_MS",
        "350",
        "milliseconds for all reads of the FHIR server together, 50 to 2000",
    ),
    Entry("CDS_MAX_BODY_BYTES", "33554432", "largest request body in bytes"),
    Entry(
        "CDS_TOPIC_SYSTEM",
        "https://guideline-cards.example.org/topic",
        "code system of source.topic on cards",
    ),
    Entry("CDS_HOOKS_VERSION", "2.0.1", "version of CDS Hooks named in discovery"),
)


@dataclass(frozen=True)
class Settings:
    """The settings, checked. The defaults here are those of tests and tools: no authentication, a database in memory."""

    auth: str = "off"
    clients_file: Path | None = None
    ca_file: Path | None = None
    database_url: str = "sqlite://"
    feedback_keeps: frozenset[str] = frozenset()
    trusted_hosts: tuple[str, ...] = ()
    public_url: str = "http://127.0.0.1:8000"
    language: str = "nl"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    site_file: Path | None = None
    content: tuple[Path, ...] = ()  # guideline folders from elsewhere
    fhir_servers: tuple[str, ...] = ()
    fhir_deadline_seconds: float = 0.35
    max_body_bytes: int = 32 * 1024 * 1024
    topic_system: str = "https://guideline-cards.example.org/topic"
    hooks_version: str = "2.0.1"
    allow_insecure_bind: bool = False


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises ConfigurationError that names the variable and what to set."""
    value = {
        entry.name: environment.get(entry.name, "").strip() or entry.default for entry in TABLE
    }
    if value["CDS_AUTH"] not in ("on", "off"):
        raise ConfigurationError("CDS_AUTH: set it to on or off")
    if value["CDS_LANGUAGE"] not in ("nl", "en"):
        raise ConfigurationError("CDS_LANGUAGE: set it to nl or en")
    try:
        timezone = ZoneInfo(value["CDS_TIMEZONE"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            "CDS_TIMEZONE: no such time zone; set for example Europe/Amsterdam"
        ) from error
    servers = tuple(url.rstrip("/") for url in value["CDS_FHIR_SERVERS"].split())
    for url in servers:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ConfigurationError(
                "CDS_FHIR_SERVERS: every entry must be an http(s) URL, separated by spaces"
            )
    keeps = frozenset(value["CDS_FEEDBACK_KEEPS"].split())
    if not keeps <= KEEPS:
        raise ConfigurationError(
            "CDS_FEEDBACK_KEEPS: name some of comment, user, patient, separated by spaces, or leave it empty"
        )
    if (
        urlsplit(value["CDS_PUBLIC_URL"]).scheme not in ("http", "https")
        or not urlsplit(value["CDS_PUBLIC_URL"]).hostname
    ):
        raise ConfigurationError("CDS_PUBLIC_URL: set it to an absolute http(s) URL")
    return Settings(
        auth=value["CDS_AUTH"],
        clients_file=_file(value, "CDS_CLIENTS_FILE"),
        ca_file=_file(value, "CDS_CA_FILE"),
        database_url=value["CDS_DATABASE_URL"],
        feedback_keeps=keeps,
        trusted_hosts=tuple(value["CDS_TRUSTED_HOSTS"].split()),
        public_url=value["CDS_PUBLIC_URL"].rstrip("/"),
        language=value["CDS_LANGUAGE"],
        timezone=timezone,
        site_file=_file(value, "CDS_SITE_FILE"),
        content=_folders(value, "CDS_CONTENT"),
        fhir_servers=servers,
        fhir_deadline_seconds=_number(value, "CDS_FHIR_DEADLINE_MS", 50, 2000) / 1000,
        max_body_bytes=_number(value, "CDS_MAX_BODY_BYTES", 1024, 1 << 30),
        topic_system=value["CDS_TOPIC_SYSTEM"],
        hooks_version=value["CDS_HOOKS_VERSION"],
        allow_insecure_bind=value["CDS_ALLOW_INSECURE_BIND"] == "1",
    )


def _file(value: Mapping[str, str], name: str) -> Path | None:
    if not value[name]:
        return None
    path = Path(value[name])
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{name}: {path} cannot be read as a file; set it to the path of one, or leave it out"
        ) from error
    return path


def _folders(value: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """The guideline folders at the places that a setting names."""
    places = [place for part in value[name].split(os.pathsep) if (place := part.strip())]
    try:
        return tuple(folder for place in places for folder in added_folders(Path(place)))
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{name}: name folders that can be read") from error


def _number(value: Mapping[str, str], name: str, least: int, most: int) -> int:
    try:
        number = int(value[name])
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ConfigurationError(f"{name}: set a whole number from {least} to {most}")
    return number
