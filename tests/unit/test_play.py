"""Cases played for real (cds_service/casebook/play.py): every example, one whose data cannot be read, a hospital that switched something off."""

from datetime import date

import pytest

from cds_service.casebook.play import played
from cds_service.guideline.loading.loader import load_library
from cds_service.guideline.verdict import Verdict
from cds_service.settings import Settings
from tests.cases import all_cases

TODAY, SETTINGS, CASES = date(2026, 6, 15), Settings(), all_cases()
REFERRAL = next(case for case in CASES if case.id == "bloody-discharge-for-five-months")


@pytest.mark.parametrize("case", [case for case in CASES if case.example], ids=lambda case: case.id)
def test_every_example_gives_its_cards(case, library):
    for hook, expected in case.expect.items():
        found = played(case, hook, library, SETTINGS, TODAY, "nl")
        assert found.agrees and sorted(found.keys) == sorted(expected)
        assert {found.verdict(key) for key in found.keys if key in found.assessments} <= {
            Verdict.RECOMMENDED,
            Verdict.AFTER_CHECK,
        }


def test_a_card_tells_its_key_its_indicator_and_its_line_in_the_language(library):
    (card,) = played(REFERRAL, "patient-view", library, SETTINGS, TODAY, "en").cards
    assert (card.key, card.indicator) == ("ductoscopyReferral", "info") and card.summary.startswith(
        "Nipple discharge (left breast) > 3 months"
    )


def test_what_a_case_calls_unread_cannot_be_read_here_either(library):
    case = next(
        case
        for case in CASES
        if case.unread and "notAssessed" in case.expect.get("patient-view", ())
    )
    found = played(case, "patient-view", library, SETTINGS, TODAY, "nl")
    assert found.agrees and Verdict.NOT_ASSESSED in {
        assessment.verdict for assessment in found.assessments.values()
    }


def test_a_card_that_does_not_come_is_a_difference(library):
    """The comparison is a real one: expectation and answer come from different sides."""
    changed = type(REFERRAL)(
        **{**vars(REFERRAL), "expect": {"patient-view": ["breastImagingFirst"]}}
    )
    found = played(changed, "patient-view", library, SETTINGS, TODAY, "nl")
    assert (
        not found.agrees
        and found.expected == ("breastImagingFirst",)
        and found.keys == ("ductoscopyReferral",)
    )


def test_what_the_hospital_switched_off_is_neither_expected_nor_given(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(
        "name: Ziekenhuis X\nswitched_off: [nipple_discharge.ductoscopyReferral]\n",
        encoding="utf-8",
    )
    found = played(REFERRAL, "patient-view", load_library(site=file), SETTINGS, TODAY, "nl")
    assert (
        found.agrees
        and found.keys == ()
        and found.verdict("ductoscopyReferral") is Verdict.NOT_APPLICABLE
    )


def test_an_order_hook_names_the_verdicts_of_the_guidelines_that_the_order_concerns(library):
    case = next(case for case in CASES if case.expect.get("order-sign"))
    found = played(case, "order-sign", library, SETTINGS, TODAY, "nl")
    assert found.agrees and found.assessments.keys() >= set(found.keys)
