"""Which cases the calendar could turn: those in whose record two dates, of which today is one, lie about a threshold apart.

A threshold in days is the same on every day of the year. One in months is not, nor is a date told in months beside one in days:
so the thresholds are the settings in months, the months of a pregnancy, and the one month that 30 and 31 days come close to.
"""

import json
import re
from datetime import date

from cds_service.casebook.model import PatientRecord
from cds_service.fhir.dates import add_months
from cds_service.guideline.library import Library

SHORTEST_TO_LONGEST_MONTH = 3  # days by which 28 February and 31 January differ in their months
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def thresholds(library: Library) -> set[int]:
    """In months."""
    settings = (s for guideline in library.guidelines for s in guideline.settings.values())
    return {1, 9} | {setting.value for setting in settings if setting.unit == "months"}


def is_near_an_edge(record: PatientRecord, months: set[int]) -> bool:
    told = [r for r in record.resources if r["resourceType"] != "Patient"]
    text = json.dumps([told, record.draft_orders])
    dates = sorted({date.fromisoformat(day) for day in _DATE.findall(text)} | {record.today})
    return any(
        abs((add_months(earlier, number) - later).days) <= SHORTEST_TO_LONGEST_MONTH
        for place, earlier in enumerate(dates)
        for later in dates[place + 1 :]
        for number in months
    )
