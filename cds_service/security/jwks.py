"""Key sets of clients that publish them at an address (JWKS): fetched in the background, never while a request waits.

Fetched at start, then every ten minutes, and after a token with an unknown `kid`, at most once a minute for all processes
together (so that nobody can make us hammer the address). What one process fetched, the others take over from the database;
when the address does not answer, the last set stays good for a day.
"""

import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

from cds_service import strict_json
from cds_service.errors import StoreUnavailable
from cds_service.security.clients import Client
from cds_service.security.deadline import Lifeline, run_until
from cds_service.security.egress import Failure, Session
from cds_service.security.keys import PublicKey, key_set
from cds_service.store.tokens import TokenStore

log = logging.getLogger("mammacards")

FETCH_SECONDS = 2.0  # for one round of fetches
MOST_BYTES = 65_536
REFRESH_SECONDS, UNKNOWN_SECONDS, GOOD_SECONDS = 600, 60, 86_400
LOOK_SECONDS = 5.0  # how often the database is looked into for what another process fetched
_TYPES = {"application/json", "application/jwk-set+json"}


class KeySets:
    """The key sets of some clients. `now` gives the present moment in seconds since 1970."""

    def __init__(self, clients: list[Client], store: TokenStore, now: Callable[[], float], published: bool = False):
        self._sets = {client.jwks_url: _KeySet(client.jwks_url, client.algorithm, published) for client in clients if client.jwks_url}
        self._store, self._now = store, now
        self._wake, self._lock, self._process = threading.Event(), threading.Lock(), 0
        self.look()

    def find(self, url: str, kid: str) -> PublicKey | None:
        """The key with this id; None when it is not known (yet): that is noted, and looked after in the background."""
        self._start_here()
        found = self._sets[url]
        key = found.keys.get(kid) if self._now() - found.fetched <= GOOD_SECONDS else None
        if key is None:
            found.is_wanted = True
            self._wake.set()
        return key

    def look(self) -> None:
        """One round: take over what other processes fetched, and fetch what is due. Raises nothing."""
        now = int(self._now())
        due = []
        for found in self._sets.values():
            try:
                kept = self._store.key_set(found.url)
                if kept and kept.fetched > found.fetched:
                    found.take(kept.keys, kept.fetched)
                if found.is_due(now) or (found.is_wanted and self._store.claim(found.url, now, UNKNOWN_SECONDS)):
                    due.append(found)
            except StoreUnavailable:
                log.error("the database with the key sets does not answer")
        ends = monotonic() + FETCH_SECONDS
        run_until(ends, [(partial(self._fetch, found, line, now), line) for found in due for line in [Lifeline(ends)]])

    def _fetch(self, found: "_KeySet", line: Lifeline, now: int) -> None:
        found.tried, found.is_wanted = now, False
        try:
            with Session(line) as session:
                body = session.fetch(found.url, {"Accept": "application/json", "User-Agent": "MammaCards"}, _check_head, MOST_BYTES)
            keys = strict_json.loads(body)
            if not found.take(keys, now):
                raise Failure("no-usable-key")
            self._store.keep(found.url, keys, now)
        except (Failure, strict_json.BadJson, StoreUnavailable) as error:
            log.error("a key set could not be fetched or kept: %s", getattr(error, "reason", type(error).__name__))
        finally:
            line.cut()

    def _start_here(self) -> None:
        """The thread of this process: one that was made before a fork does not live on."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._watch, daemon=True, name="key-sets").start()

    def _watch(self) -> None:
        while True:
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - the watch must go on
                log.error("unexpected %s while looking after key sets", type(error).__name__)


class _KeySet:
    """One key set as this process knows it. Times in seconds since 1970, 0 for never."""

    def __init__(self, url: str, algorithm: str, published: bool):
        self.url, self._algorithm, self._published = url, algorithm, published
        self.keys: dict[str, PublicKey] = {}
        self.fetched = self.tried = 0
        self.is_wanted = False  # a token came with a key that is not known

    def take(self, keys: object, fetched: int) -> bool:
        """Go on with this set; False, and on with the old one, when no key of it can be used."""
        usable = key_set(keys, self._algorithm, published=self._published)
        if usable:
            self.keys, self.fetched = usable, fetched
        return bool(usable)

    def is_due(self, now: int) -> bool:
        """Whether it is old, or was never had; a server that fails is asked again after half a minute."""
        return now - self.fetched >= REFRESH_SECONDS and now - self.tried >= UNKNOWN_SECONDS / 2


def _check_head(status: int, content_type: str) -> None:
    if status != 200:
        raise Failure("redirect" if 300 <= status < 400 else f"status-{status}")
    if content_type.partition(";")[0].strip().lower() not in _TYPES:
        raise Failure("content-type")
