"""Invented requests for the order-select service."""

from tests.fuzz.hooks import Hooks


class TestOrderSelect(Hooks):
    hooks = ("order-select",)
