"""Invented requests for /explain, of all three hooks."""

from tests.conftest import SERVICE
from tests.fuzz.hooks import Hooks


class TestExplain(Hooks):
    hooks = tuple(SERVICE)
    start = "/explain/"
