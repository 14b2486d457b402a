"""Invented requests for the order-sign service."""

from tests.fuzz.hooks import Hooks


class TestOrderSign(Hooks):
    hooks = ("order-sign",)
