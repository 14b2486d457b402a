"""Counts over rows of patients. Counts of parts add up to those of the whole, in any order, on any machine; none names a patient."""

from collections.abc import Iterable, Mapping

Tally = dict  # names -> counts, or again such a mapping

MOST = 3  # so many cards and more are counted together


def tally(rows: Iterable[Mapping]) -> Tally:
    """The counts over rows of judge_lines().

    patients, resources, status and reasons of failures; cards (guideline -> key -> indicator) and patients by their number of cards;
    verdicts, missing criteria and unread inputs by recommendation; problems of the data by kind.
    """
    counted: Tally = {}
    for row in rows:
        _count(counted, "patients")
        _count(counted, "resources", by=row["resources"])
        _count(counted, "status", row["status"])
        if row["reason"]:
            _count(counted, "reasons", row["reason"])
        if row["status"] == "answered":
            number = len(row["cards"])
            _count(counted, "cardsPerPatient", str(number) if number < MOST else f"{MOST}+")
        for card in row["cards"]:
            _count(counted, "cards", card["guideline"], card["key"], card["indicator"])
        for key, verdict in row["verdicts"].items():
            _count(counted, "verdicts", key, verdict)
        for part in ("missing", "unread"):
            for key, names in row[part].items():
                for name in names:
                    _count(counted, part, key, name)
        for kind, number in row["problems"].items():
            _count(counted, "problems", kind, by=number)
    return counted


def _count(counted: Tally, *names: str, by: int = 1) -> None:
    *path, last = names
    for name in path:
        counted = counted.setdefault(name, {})
    counted[last] = counted.get(last, 0) + by


def added(one: Tally, other: Tally) -> Tally:
    """Two counts together, as a new one."""
    both = dict(one)
    for name, value in other.items():
        if isinstance(value, dict):
            both[name] = added(both.get(name, {}), value)
        else:
            both[name] = both.get(name, 0) + value
    return both
