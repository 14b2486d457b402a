"""Cases as the service answers them, played once: every test of a process that asks for the same case, hook and day shares what came out.

Nobody changes what is handed out; a test that needs another record makes a request of its own.
"""

from datetime import date, datetime, time

from cds_service.casebook.model import Case, PatientRecord
from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import Decision, decide
from cds_service.settings import Settings

DAY = date(2026, 6, 15)  # an ordinary day
SERVICE = {
    "patient-view": "breast-patient-view",
    "order-select": "breast-order-select",
    "order-sign": "breast-order-sign",
}
CARDS, EXPLAIN = "/cds-services/", "/explain/"


class Played:
    """The application in process and what it answered; `decision` walks the line below the web floor."""

    def __init__(self, app, library, clock, templates):
        self.client, self.library, self.clock, self.templates = (
            app.test_client(),
            library,
            clock,
            templates,
        )
        self._records: dict[tuple, PatientRecord] = {}
        self._answers: dict[tuple, dict] = {}
        self._decisions: dict[tuple, Decision] = {}

    def record(self, case: Case, day: date = DAY) -> PatientRecord:
        key = (case.place, day)
        if key not in self._records:
            self._records[key] = render(case, day)
        return self._records[key]

    def answer(
        self,
        case: Case,
        hook: str,
        day: date = DAY,
        *,
        language: str | None = None,
        path: str = CARDS,
    ) -> dict:
        """The body of the answer, which is 200; `language`: as Accept-Language, None for no such header."""
        key = (case.place, hook, day, language, path)
        if key not in self._answers:
            record = self.record(case, day)
            self.clock.day = record.today
            answer = self.client.post(
                path + SERVICE[hook],
                json=hook_request(case, record, hook, prefetch_keys=self.templates[hook]),
                headers={"Accept-Language": language} if language else {},
            )
            assert answer.status_code == 200, (case.place, hook, answer.get_json())
            self._answers[key] = answer.get_json()
        return self._answers[key]

    def keys(self, case: Case, hook: str, day: date = DAY) -> list[str]:
        """The catalogue keys of the cards, sorted."""
        cards = self.answer(case, hook, day)["cards"]
        return sorted(card["source"]["topic"]["code"] for card in cards)

    def decision(self, case: Case, hook: str, day: date = DAY) -> Decision:
        key = (case.place, hook, day)
        if key not in self._decisions:
            record, wanted = self.record(case, day), self.templates[hook]
            request = parse(hook_request(case, record, hook, prefetch_keys=wanted), hook)
            now = datetime.combine(record.today, time(12), Settings().timezone)
            self._decisions[key] = decide(request, self.library, wanted, now, None)
        return self._decisions[key]
