"""What an OperationOutcome beside or in place of data means: only a note about the search, or a sign that data may be missing.

FHIR R4, Search (3.1.1.3: an outcome in a searchset holds "hints and warnings about the search process") and the value sets issue-severity
and issue-type. Nothing here reads what an outcome says in words: those are the server's own, in any language.
"""

from cds_service.fhir.elements import as_list

_NEVER_A_GAP = frozenset(("information", "success"))  # success: R5
# At severity warning these tell about the search. Every other code, one that nobody knows and a missing one, may stand for data that are missing.
_NOTES_AT_WARNING = frozenset(("processing", "informational", "not-found", "not-supported"))
# The code of Epic for "nothing found", in whatever code system an installation has.
_EPIC_NOTHING_FOUND = "4101"


def is_note(outcome: object) -> bool:
    """Whether an OperationOutcome takes nothing away from the data beside it: every issue of it is a note, and there is one.

    An outcome without readable issues is no note. Severity and code count without regard to case and blanks.
    """
    issues = _issues(outcome)
    return bool(issues) and all(_is_noted(issue) for issue in issues)


def only_informs(outcome: object) -> bool:
    """Whether an OperationOutcome warns of nothing at all, whatever was searched."""
    return is_note(outcome) and all(
        _code(issue, "severity") in _NEVER_A_GAP for issue in _issues(outcome)
    )


def says_nothing_found(outcome: object) -> bool:
    """Whether an OperationOutcome, where it is the whole answer to a search, says that it was made and matched nothing."""
    return is_note(outcome) and any(
        _code(issue, "code") == "not-found" or _EPIC_NOTHING_FOUND in _details(issue)
        for issue in _issues(outcome)
    )


def _issues(outcome: object) -> list:
    issues = outcome.get("issue") if isinstance(outcome, dict) else None
    return issues if isinstance(issues, list) else []


def _is_noted(issue: object) -> bool:
    severity = _code(issue, "severity")
    return (
        severity in _NEVER_A_GAP
        or severity == "warning"
        and _code(issue, "code") in _NOTES_AT_WARNING
    )


def _code(node: object, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value.strip().lower() if isinstance(value, str) else ""


def _details(issue: object) -> list[str]:
    details = issue.get("details") if isinstance(issue, dict) else None
    return (
        [_code(coding, "code") for coding in as_list(details.get("coding"))]
        if isinstance(details, dict)
        else []
    )
