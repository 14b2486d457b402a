"""Where the service keeps what outlives a request: one database by URL (SQLAlchemy); with SQLite two files.

Feedback is durable: once a client has its 200, a power cut must not lose it. What is only remembered for a while (used token ids,
fetched key sets, which card was given to whom) may lose its last moments in a power cut, and is not worth a disk flush for every
hook; with SQLite it lies in a file of its own, so that it never waits for the flush of the other.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from cds_service.errors import ConfigurationError, StoreUnavailable

BUSY_SECONDS = 0.3  # how long a write waits for another one before it fails
_CONNECTIONS = 15  # of SQLAlchemy's pool: 5, and 10 more under load
CLEAN_UP_EVERY = 1000  # writes of a process after which it drops what is no longer needed

DURABLE, RECENT = MetaData(), MetaData()

# One row for each event that a client reported. Times are RFC 3339 in UTC, `suggestions` is a JSON list of uuids.
feedback = Table(
    "feedback",
    DURABLE,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "event", String(64), nullable=False, unique=True
    ),  # what makes a repeated delivery the same one
    Column("card", String(36), nullable=False, index=True),
    Column("client", String(64), nullable=False),
    Column("service", String(64), nullable=False),
    Column("recommendation", String(100), nullable=False),
    Column("content_version", String(64), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("outcome_at", String(40), nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("reason_code", String(64)),
    Column("reason_system", String(200)),
    Column("received_at", String(40), nullable=False),
    # Only where CDS_FEEDBACK_KEEPS says so:
    Column("comment", Text),
    Column("user", String(200)),
    Column("patient", String(200)),
)

# The cards that were given out, so that feedback about them can be understood. `issued` in seconds since 1970.
cards = Table(
    "card",
    RECENT,
    Column("uuid", String(36), primary_key=True),
    Column("client", String(64), nullable=False),
    Column("service", String(64), nullable=False),
    Column("recommendation", String(100), nullable=False),
    Column("content_version", String(64), nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("user", String(200)),
    Column("patient", String(200)),
    Index("card_issued", "issued"),
)

# Token ids that were used, until no token with them can be valid any more (seconds since 1970).
used_tokens = Table(
    "used_token",
    RECENT,
    Column("issuer", String(500), primary_key=True),
    Column("jti", String(128), primary_key=True),
    Column("until", BigInteger, nullable=False),
    Index("used_token_until", "until"),
)

# The key sets of clients as last fetched, shared by all processes; `asked` is when one of them last asked for it.
key_sets = Table(
    "key_set",
    RECENT,
    Column("url", String(500), primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("fetched", BigInteger),
    Column("keys", Text),
)


class Database:
    """The two engines; their tables exist after construction.

    url: an SQLAlchemy URL; `sqlite://` keeps everything in memory, for one process only.
    Raises ConfigurationError that says what to set when the database cannot be opened or written.
    """

    def __init__(self, url: str):
        try:
            address = make_url(url)
            if address.get_backend_name() not in ("sqlite", "postgresql"):
                raise ArgumentError("another database")
            self._durable = _engine(address, synchronous="FULL")
            self._recent = _engine(_recent(address), synchronous="NORMAL")
            DURABLE.create_all(self._durable)
            RECENT.create_all(self._recent)
        except (ArgumentError, ImportError) as error:
            raise ConfigurationError(
                "CDS_DATABASE_URL: this is no URL of an SQLite or PostgreSQL database, or its driver is not installed; set for example sqlite:////var/lib/mammacards/mammacards.db"
            ) from error
        except SQLAlchemyError as error:
            raise ConfigurationError(
                "CDS_DATABASE_URL: the database cannot be opened or written; set it to a place where the service may write"
            ) from error
        self.dialect = self._durable.dialect.name
        self._driver = self._recent.dialect.loaded_dbapi
        self._insertions = {
            table: str(insert(table).compile(self._recent)) for table in RECENT.tables.values()
        }
        self._open: Connection | None = None
        self._new_lock()
        # Neither a connection nor a lock that somebody holds must be shared with a child.
        os.register_at_fork(before=self._close_connections, after_in_child=self._new_lock)

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """A transaction that is on disk when it ends well. Raises StoreUnavailable, and IntegrityError as it comes."""
        with _told(), self._durable.begin() as connection:
            yield connection

    @contextmanager
    def recent(self) -> Iterator[Connection]:
        """A transaction in the short memory; with SQLite the threads of a process take turns. Raises as `durable`."""
        with _told(), self._turn() as connection, connection.begin():
            yield connection

    def put(self, table: Table, rows: Sequence[Mapping[str, object]]) -> bool:
        """Put rows (all columns by name) into a table of the short memory, all or none; False when one of them stands there already.

        Every hook waits for this, so the driver is asked itself: the way through SQLAlchemy costs more than the rows. Raises StoreUnavailable.
        """
        try:
            with _told(), self._turn() as connection:
                driver: Any = connection.connection.driver_connection
                driver.cursor().executemany(self._insertions[table], rows)
                driver.commit()
        except self._driver.IntegrityError:
            return False
        except self._driver.Error as error:
            raise StoreUnavailable from error
        return True

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """SQLite lets one write at a time, and is not fair to those who wait; so one connection does, and stays open unless something went wrong."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable
        connection = None
        try:
            connection, self._open = self._open or self._recent.connect(), None
            yield connection
            if self.dialect == "sqlite":
                self._open = connection
        finally:
            if connection is not None and connection is not self._open:
                connection.close()
            self._lock.release()

    def _new_lock(self) -> None:
        # PostgreSQL takes as many writes at a time as there are connections.
        self._lock = threading.BoundedSemaphore(1 if self.dialect == "sqlite" else _CONNECTIONS)

    def _close_connections(self) -> None:
        if self._lock.acquire(timeout=BUSY_SECONDS):
            if self._open is not None:
                self._open.close()
                self._open = None
            self._lock.release()
        for engine in (self._durable, self._recent):
            if not isinstance(engine.pool, StaticPool):
                engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the database as StoreUnavailable; a row that stands there already is the caller's to judge."""
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise StoreUnavailable from error


def _recent(address: URL) -> URL:
    """Where the short memory lies: with SQLite a file beside the other."""
    if (
        address.get_backend_name() != "sqlite"
        or not address.database
        or address.database == ":memory:"
    ):
        return address
    path = Path(address.database)
    return address.set(database=str(path.with_name(f"{path.stem}-recent{path.suffix}")))


def _engine(address: URL, synchronous: str) -> Engine:
    if address.get_backend_name() != "sqlite":
        # A commit that may lose its last moments does not wait for the disk.
        wait = (
            {}
            if synchronous == "FULL"
            else {"options": "-c synchronous_commit=off"}
            if address.get_backend_name() == "postgresql"
            else {}
        )
        return create_engine(address, pool_pre_ping=True, connect_args=wait)
    # Rows are mappings for SQLite as they are for PostgreSQL's driver: paramstyle.
    if not address.database or address.database == ":memory:":
        return create_engine(
            address,
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            paramstyle="named",
        )
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, paramstyle="named")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    return engine
