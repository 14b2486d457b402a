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

from cds_service.errors import StoreUnavailable
from cds_service.outbound.deadline import Deadline, run_until
from cds_service.outbound.egress import Failure, fetch, tell
from cds_service.outbound.trust import Trust
from cds_service.security.clients import Client
from cds_service.security.keys import PublicKey, key_set
from cds_service.store.tokens import TokenStore
from cds_service.strict import json as strict_json

log = logging.getLogger("mammacards")

FETCH_SECONDS = 2.0  # for one round of fetches
MOST_BYTES = 65_536
REFRESH_SECONDS, UNKNOWN_SECONDS, GOOD_SECONDS = 600, 60, 86_400
LOOK_SECONDS = 5.0  # how often the database is looked into for what another process fetched
PAUSE_SECONDS = 1.0  # between two rounds, however many unknown keys come
_TYPES = {"application/json", "application/jwk-set+json"}


class KeySets:
    """The key sets of some clients. `now` gives the present moment in seconds since 1970."""

    def __init__(
        self,
        clients: list[Client],
        store: TokenStore,
        now: Callable[[], float],
        published: bool = False,
    ):
        # Clients that share an address share whom they trust there as well (the clients file is checked for that).
        asked = {
            (client.jwks_url, client.algorithm): client.trust
            for client in clients
            if client.jwks_url
        }
        self._sets = {
            (url, algorithm): _KeySet(url, algorithm, published, trust)
            for (url, algorithm), trust in asked.items()
        }
        self._store, self._now = store, now
        if self._sets:
            self.look()
            self._start()
            os.register_at_fork(after_in_child=self._start)

    def find(self, url: str, algorithm: str, kid: str) -> PublicKey | None:
        """The key with this id in the set at an address; None when it is not known (yet): that is noted, and looked after in the background."""
        found = self._sets[url, algorithm]
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
                if found.is_due(now) or self._may_ask(found, now):
                    due.append(found)
            except StoreUnavailable:
                log.error("the database with the key sets does not answer")
        ends = monotonic() + FETCH_SECONDS
        run_until(
            ends,
            [
                (partial(self._fetch, found, line, now), line)
                for found in due
                for line in [Deadline(ends)]
            ],
        )

    def _may_ask(self, found: "_KeySet", now: int) -> bool:
        """Whether an unknown key may be asked for now; the database is not asked more often than that may change."""
        if not found.is_wanted or now < found.not_before:
            return False
        is_ours = self._store.claim(found.url, now, UNKNOWN_SECONDS)
        found.not_before = now + (UNKNOWN_SECONDS if is_ours else int(LOOK_SECONDS))
        return is_ours

    def _fetch(self, found: "_KeySet", line: Deadline, now: int) -> None:
        found.tried, found.is_wanted = now, False
        try:
            body = fetch(
                line,
                found.url,
                {"Accept": "application/json", "User-Agent": "MammaCards"},
                _check_head,
                MOST_BYTES,
                trust=found.trust,
            )
            keys = strict_json.loads(body)
            if not found.take(keys, now):
                raise Failure("no-usable-key")
            self._store.keep(found.url, keys, now)
        except (Failure, strict_json.BadJson, StoreUnavailable) as error:
            if isinstance(error, Failure):
                tell(error, found.url)
            log.error(
                "a key set could not be fetched or kept: %s",
                getattr(error, "reason", type(error).__name__),
            )
        finally:
            line.cut()

    def _start(self) -> None:
        """Keep watch in this process, in a thread of its own: one that was made before a fork does not live on."""
        self._wake = threading.Event()
        threading.Thread(
            target=self._watch, args=(self._wake,), daemon=True, name="key-sets"
        ).start()

    def _watch(self, wake: threading.Event) -> None:
        while True:
            wake.wait(LOOK_SECONDS)
            wake.clear()
            try:
                self.look()
            except Exception as error:  # the watch must go on
                log.error("unexpected %s while looking after key sets", type(error).__name__)
            threading.Event().wait(PAUSE_SECONDS)


class _KeySet:
    """One key set as this process knows it. Times in seconds since 1970, 0 for never."""

    def __init__(self, url: str, algorithm: str, published: bool, trust: Trust | None):
        self.url, self._algorithm, self._published, self.trust = url, algorithm, published, trust
        self.keys: dict[str, PublicKey] = {}
        self.fetched = self.tried = self.not_before = 0
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
