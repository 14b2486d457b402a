"""A case, and the record that it becomes on one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.casebook.vocabulary import Resource

ANCHOR = date(
    2026, 6, 15
)  # the day on which the written examples play; rebase() moves them to another day


USER = "Practitioner/dr-jansen"


@dataclass(frozen=True)
class Case:
    """One patient in shorthand with the cards that the source document makes us expect."""

    id: str
    title: str
    why: str
    guideline: str
    place: str  # the file and the title, for messages
    patient: Mapping
    record: list[tuple[str, object]]  # shorthand word, its options
    orders: list[tuple[str, object]]  # drafts, not on record
    select: list[str] | None  # words or ids of the selected orders; None: all
    expect: Mapping[str, list[str]]  # hook -> keys of the cards, in any order
    verdicts: Mapping[str, str]  # key -> verdict, on the first hook that `expect` names
    unread: list[str]  # resource types of which every read fails
    day_of_month: (
        int | None
    )  # a boundary that cannot stand on every day of the calendar stands on this one
    example: str | None  # its story in one line, if it is written out as an example

    def today(self, today: date) -> date:
        return today.replace(day=self.day_of_month) if self.day_of_month else today


@dataclass(frozen=True)
class PatientRecord:
    """A case on one day: what the record holds, what is being ordered. `today` is the day to judge it on."""

    patient_id: str
    today: date
    resources: list[Resource]
    draft_orders: list[Resource]
    selections: list[str]
