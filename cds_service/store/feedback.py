"""The cards that were given out, and what clinicians did with them.

Stored without patient, user and comment unless CDS_FEEDBACK_KEEPS says otherwise (data minimisation).
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from typing import Any

from sqlalchemy import delete, select

from cds_service.cds_hooks.feedback import Feedback
from cds_service.errors import StoreUnavailable
from cds_service.store.database import CLEAN_UP_EVERY, Database, cards, feedback

KEPT_SECONDS = 90 * 86_400  # how long after its card feedback can still be understood


@dataclass(frozen=True)
class Issue:
    """To whom and why cards were given: the client, the service, and who and whom it was about. `now`: seconds since 1970."""

    client: str
    service: str
    user: str
    patient: str
    now: int


class FeedbackStore:
    """Each method raises StoreUnavailable when the database does not answer in time, and has then stored nothing."""

    def __init__(self, database: Database, keeps: Collection[str]):
        self._database, self._keeps, self._issues = database, frozenset(keeps), count()
        # The one that can pass over a row that stands there already; loading that of the other database too would slow down the start.
        self._insert = import_module(f"sqlalchemy.dialects.{database.dialect}").insert

    def issue(self, given: Iterable[dict[str, Any]], issue: Issue, extension: str) -> None:
        """Remember cards that are about to be given out; `extension`: where a card says what it was made from."""
        rows = [
            {
                "uuid": card["uuid"],
                "client": issue.client,
                "service": issue.service,
                "recommendation": card["source"]["topic"]["code"],
                "content_version": card["extension"][extension]["contentVersion"],
                "suggestions": json.dumps(
                    [suggestion["uuid"] for suggestion in card.get("suggestions", [])]
                ),
                "issued": issue.now,
                "user": issue.user[:200] if "user" in self._keeps else None,
                "patient": issue.patient[:200] if "patient" in self._keeps else None,
            }
            for card in given
        ]
        if not rows:
            return
        if next(self._issues) % CLEAN_UP_EVERY == 0:
            with self._database.recent() as connection:
                connection.execute(delete(cards).where(cards.c.issued < issue.now - KEPT_SECONDS))
        if not self._database.put(cards, rows):
            raise StoreUnavailable  # another card has its uuid: feedback on it would be taken for feedback on the other

    def store(
        self, entries: Iterable[Feedback], client: str, service: str, received_at: str
    ) -> int:
        """Store feedback in one transaction; returns how many entries were about cards that this client never got from this service.

        Those are left out. What was delivered before is stored once.
        """
        rows, unknown = [], 0
        with self._database.recent() as connection:
            for entry in entries:
                mine = (
                    cards.c.uuid == entry.card,
                    cards.c.client == client,
                    cards.c.service == service,
                )
                card = connection.execute(select(cards).where(*mine)).first()
                if card is None:
                    unknown += 1
                else:
                    rows.append(self._row(entry, card, received_at))
        if rows:
            with self._database.durable() as connection:
                connection.execute(self._insert(feedback).on_conflict_do_nothing(), rows)
        return unknown

    def _row(self, entry: Feedback, card: Any, received_at: str) -> dict[str, Any]:
        own = json.loads(card.suggestions)
        accepted = [
            suggestion for suggestion in dict.fromkeys(entry.suggestions) if suggestion in own
        ]
        told = [
            card.client,
            entry.card,
            entry.outcome,
            entry.outcome_at,
            *sorted(accepted),
            entry.reason_system,
            entry.reason_code,
        ]
        return {
            "event": hashlib.sha256(json.dumps(told).encode()).hexdigest(),
            "card": card.uuid,
            "client": card.client,
            "service": card.service,
            "recommendation": card.recommendation,
            "content_version": card.content_version,
            "outcome": entry.outcome,
            "outcome_at": entry.outcome_at,
            "suggestions": json.dumps(accepted),
            "reason_code": entry.reason_code or None,
            "reason_system": entry.reason_system or None,
            "received_at": received_at,
            "comment": (entry.comment or None) if "comment" in self._keeps else None,
            "user": card.user if "user" in self._keeps else None,
            "patient": card.patient if "patient" in self._keeps else None,
        }
