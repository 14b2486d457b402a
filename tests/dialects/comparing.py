"""One case in two forms through the service: the trees of verdicts criterion by criterion, and the keys of the cards."""

from dataclasses import dataclass
from itertools import zip_longest

from cds_service.casebook.model import Case, PatientRecord
from cds_service.casebook.render import hook_request, render
from tests.conftest import SERVICE, keys
from tests.dialects.icd10 import Icd10
from tests.dialects.icpc import Icpc
from tests.dialects.mcode import Mcode
from tests.dialects.said import Restated
from tests.dialects.words import Words
from tests.dialects.zib import Zib

DIALECTS = {
    "zib": Zib,
    "icd-10-nl": lambda case: Icd10(case, "nl"),
    "icd-10-cm": lambda case: Icd10(case, "cm"),
    "icd-10-gm": lambda case: Icd10(case, "gm"),
    "mcode": Mcode,
    "icpc-1": Icpc,
    "text-nl": lambda case: Words(case, "nl"),
    "text-en": lambda case: Words(case, "en"),
}
GENERAL = {"informationNeeded", "notAssessed"}  # cards that ask or warn, but recommend nothing


@dataclass(frozen=True)
class Difference:
    """What the restated record is judged otherwise. `allowed`: from known to unknown, where the dialect said beforehand what it drops."""

    dialect: str
    case: str
    hook: str
    about: str
    before: str
    after: str
    allowed: bool

    def __str__(self) -> str:
        return f"{self.dialect}: {self.case} on {self.hook}: {self.about}: {self.before} -> {self.after}"


class Service:
    """The application in process, asked about a record on a hook."""

    def __init__(self, client, clock, templates):
        self.client, self.clock, self.templates = client, clock, templates
        self._trees: dict[tuple[str, str], dict] = {}

    def tree(self, case: Case, record: PatientRecord, hook: str) -> dict:
        return self._asked("/explain/", case, record, hook).get_json()

    def cards(self, case: Case, record: PatientRecord, hook: str) -> list[str]:
        return keys(self._asked("/cds-services/", case, record, hook))

    def as_written(self, case: Case, record: PatientRecord, hook: str) -> dict:
        """The tree of the record in the case's own form, asked once."""
        key = (f"{case.guideline}/{case.id}", hook)
        if key not in self._trees:
            self._trees[key] = self.tree(case, record, hook)
        return self._trees[key]

    def _asked(self, path: str, case: Case, record: PatientRecord, hook: str):
        self.clock.day = record.today
        answer = self.client.post(
            path + SERVICE[hook],
            json=hook_request(case, record, hook, prefetch_keys=self.templates[hook]),
        )
        assert answer.status_code == 200, (case.place, hook, answer.get_json())
        return answer


def restated(case: Case, record: PatientRecord, dialect: str) -> Restated:
    return DIALECTS[dialect](case.id).of(record.resources, record.draft_orders)


def differences(
    service: Service, case: Case, dialect: str, day
) -> tuple[Restated, list[Difference]]:
    """How the service judges the case otherwise in that dialect, on every hook that the case names."""
    record = render(case, day)
    again = restated(case, record, dialect)
    if not again.restated:
        return again, []
    other = PatientRecord(
        record.patient_id, record.today, again.resources, again.orders, record.selections
    )
    found: list[Difference] = []
    for hook in case.expect:
        before, after = service.as_written(case, record, hook), service.tree(case, other, hook)
        here = list(_of_trees(before, after, again, (dialect, case.id, hook)))
        if here or _verdicts(before) != _verdicts(after):
            # A card that asks about what was dropped was silenced by it: it speaks again, as a question.
            asking = {
                told["recommendation"]
                for told in after["recommendations"]
                if _asks_what_was_dropped(told, again)
            }
            given = service.cards(case, other, hook)
            here += _of_cards(
                sorted({*case.expect[hook], *asking & {*given}}),
                given,
                any(one.allowed for one in here),
                (dialect, case.id, hook),
            )
        found += here
    return again, found


def _verdicts(tree: dict) -> list[tuple[str, str]]:
    return [
        (told["recommendation"], told["verdict"])
        for told in tree["recommendations"]
        if told["verdict"] != "not-applicable"
    ]


def _of_trees(before: dict, after: dict, again: Restated, place: tuple[str, str, str]):
    for old, new in _paired(before["recommendations"], after["recommendations"], "recommendation"):
        # An exclusion that became a question for want of what was dropped: then another breast may be the one that is told of.
        returned = _asks_what_was_dropped(new, again)
        allowed_here = returned
        for one, other in _paired(old.get("criteria", []), new.get("criteria", []), "role", "id"):
            if one == NOT_TOLD or other == NOT_TOLD or one["truth"] == other["truth"]:
                continue  # another situation of the recommendation speaks: its verdict and card are compared below
            allowed = returned or other["truth"] == "unknown" and bool(again.dropped)
            allowed_here |= allowed
            yield Difference(
                *place,
                f"{old['recommendation']}/{one['id']}",
                one["truth"],
                other["truth"],
                allowed,
            )
        verdicts = (old.get("verdict", "not-applicable"), new.get("verdict", "not-applicable"))
        if verdicts[0] != verdicts[1]:
            yield Difference(*place, (old or new)["recommendation"], *verdicts, allowed_here)


def _asks_what_was_dropped(told: dict, again: Restated) -> bool:
    """Whether a recommendation is unsure of an exclusion because of a resource that this dialect cannot say in full."""
    return any(
        one["truth"] == "unknown"
        and one["role"] in ("exclusion", "suppression")
        and any(fact.get("reference") in again.dropped for fact in one.get("evidence", []))
        for one in told.get("criteria", [])
    )


NOT_TOLD: dict = {}


def _paired(before: list[dict], after: list[dict], *by: str):
    """What bears the same name on both sides, in its order; what one side lacks is paired with nothing."""
    names = list(dict.fromkeys(tuple(one[member] for member in by) for one in [*before, *after]))
    for name in names:
        sides = [
            [one for one in side if tuple(one[member] for member in by) == name]
            for side in (before, after)
        ]
        yield from zip_longest(*sides, fillvalue=NOT_TOLD)


def _of_cards(before: list[str], after: list[str], allowed: bool, place: tuple[str, str, str]):
    more = sorted(set(after) - set(before) - GENERAL)
    fewer = sorted(set(before) - set(after) - GENERAL)
    found = [Difference(*place, "a card more", "-", ", ".join(more), False)] if more else []
    return found + (
        [Difference(*place, "a card less", ", ".join(fewer), "-", allowed)] if fewer else []
    )
