"""The content and the cases of cards/*/cases.yaml, read once for all tests of a process. Nobody changes what stands in them."""

from functools import cache

from cds_service.casebook import cases
from cds_service.casebook.model import Case
from cds_service.guideline.library import Library
from cds_service.guideline.loading.loader import load_library


@cache
def loaded() -> Library:
    """The content as it is shipped."""
    return load_library()


@cache
def all_cases() -> tuple[Case, ...]:
    """The cases of every guideline folder, in the order of the folders."""
    return tuple(cases.all_cases())


def cases_of(guideline: str) -> list[Case]:
    """The cases of one guideline folder."""
    return [case for case in all_cases() if case.guideline == guideline]
