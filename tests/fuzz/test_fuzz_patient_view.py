"""Invented requests for the patient-view service."""

from tests.fuzz.hooks import Hooks


class TestPatientView(Hooks):
    hooks = ("patient-view",)
