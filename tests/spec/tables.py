"""Text tables: the expectations of these tests stand in tables that a clinician or a newcomer can check with the eye.

A table has a header, columns between `|`, and `#` begins a remark. Nothing here computes an expectation.
"""

from cds_service.logic import MET, NOT_MET, UNKNOWN

# How tables write a truth: yes, no, and a question mark for "the record does not say".
TRUTHS = {"yes": MET, "no": NOT_MET, "?": UNKNOWN, "void": None}


def table(text: str) -> list[tuple[str, ...]]:
    """The rows below the header. A row with another number of columns than the header is a mistake in the table."""
    lines = [line.split(" #")[0].strip() for line in text.splitlines()]
    header, *rows = [
        [cell.strip() for cell in line.split("|")]
        for line in lines
        if line and not line.startswith("#") and set(line) - set("-+| ")
    ]
    wrong = [row for row in rows if len(row) != len(header)]
    assert not wrong, f"rows with another number of columns than the header: {wrong}"
    return [tuple(row) for row in rows]
