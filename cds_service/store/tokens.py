"""What has to be remembered about tokens, for all processes together: ids that were used, and key sets that were fetched."""

import json
from dataclasses import dataclass
from itertools import count

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from cds_service.store.database import CLEAN_UP_EVERY, Database, key_sets, used_tokens


@dataclass(frozen=True)
class KeptKeySet:
    """A key set as last fetched: the JWK Set, and when (seconds since 1970)."""

    keys: object
    fetched: int


class TokenStore:
    """Each method raises StoreUnavailable when the database does not answer in time."""

    def __init__(self, database: Database):
        self._database, self._uses = database, count()

    def use(self, issuer: str, jti: str, until: int, now: int) -> bool:
        """Use up the id of an issuer's token, atomically; False when it was used before. Times in seconds since 1970.

        Now and then the ids that no valid token can carry any more are dropped.
        """
        if next(self._uses) % CLEAN_UP_EVERY == 0:
            with self._database.recent() as connection:
                connection.execute(delete(used_tokens).where(used_tokens.c.until < now))
        return self._database.put(used_tokens, [{"issuer": issuer, "jti": jti, "until": until}])

    def key_set(self, url: str) -> KeptKeySet | None:
        """The key set that any process fetched last; None when none did."""
        with self._database.recent() as connection:
            row = connection.execute(
                select(key_sets).where(key_sets.c.url == url, key_sets.c.fetched.is_not(None))
            ).first()
        return KeptKeySet(json.loads(row.keys), row.fetched) if row else None

    def claim(self, url: str, now: int, every: int) -> bool:
        """Whether this process may ask for the key set now: True for one process in `every` seconds."""
        due = or_(
            key_sets.c.asked <= now - every, key_sets.c.asked > now
        )  # a clock that was set back
        try:
            with self._database.recent() as connection:
                if connection.execute(
                    update(key_sets).where(key_sets.c.url == url, due).values(asked=now)
                ).rowcount:
                    return True
                if connection.execute(select(key_sets.c.url).where(key_sets.c.url == url)).first():
                    return False
                connection.execute(insert(key_sets).values(url=url, asked=now))
        except IntegrityError:
            return False  # another process was first
        return True

    def keep(self, url: str, keys: object, now: int) -> None:
        """Keep a key set that was fetched."""
        fetched = {"keys": json.dumps(keys), "fetched": now}
        try:
            with self._database.recent() as connection:
                if not connection.execute(
                    update(key_sets).where(key_sets.c.url == url).values(**fetched)
                ).rowcount:
                    connection.execute(insert(key_sets).values(url=url, asked=0, **fetched))
        except IntegrityError:
            pass  # another process kept it at the same moment
