"""Every sentence of the summary stands in texts.yaml, in both languages, and is used."""

import re

import pytest

from cds_service.guideline.verdict import Verdict
from cds_service.population.summary import _TEXTS, page
from tests.house.source import ROOT

TEMPLATE = (ROOT / "cds_service" / "population" / "templates" / "summary.html").read_text(
    encoding="utf-8"
)
BEGINNINGS = re.findall(r't\["(\w+_)" ~', TEMPLATE)
EMPTY = {
    "judgedOn": "2026-06-15",
    "hook": "patient-view",
    "patients": 0,
    "resources": 0,
    "answered": 0,
    "notAnswerable": 0,
    "failed": 0,
    "reasons": {},
    "cards": 0,
    "cardsPer1000": None,
    "cardsPerPatient": {"0": 0},
    "guidelines": [],
    "problems": {},
    "export": {
        "unread": {},
        "incomplete": [],
        "passedOver": [],
        "serverErrors": 0,
        "unparsableLines": 0,
        "unparsable": [],
        "withoutPatient": {},
    },
}


def test_no_sentence_is_missing_or_left_over():
    named = set(re.findall(r"\bt\.(\w+)", TEMPLATE)) | {"informationNeeded", "notAssessed"}
    assert named - _TEXTS.keys() == set()
    assert {
        name for name in _TEXTS.keys() - named if not name.startswith(tuple(BEGINNINGS))
    } == set()
    assert {f"verdict_{verdict.value}" for verdict in Verdict} <= _TEXTS.keys()
    assert all(set(words) == {"nl", "en"} and all(words.values()) for words in _TEXTS.values())


def test_the_template_holds_no_sentence_of_its_own():
    text = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>", "", TEMPLATE, flags=re.DOTALL
    )
    assert re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]+>", " ", text)) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nobody_answered_is_no_rate_of_zero(language):
    html = page(EMPTY, language)
    assert f'lang="{language}"' in html and "–" in html and 'class="attention"' not in html


def test_what_stands_in_a_file_name_stays_text():
    told = {
        **EMPTY,
        "export": {**EMPTY["export"], "passedOver": ["<script>alert(1)</script>.ndjson"]},
    }
    assert "<script" not in page(told, "nl") and "&lt;script&gt;" in page(told, "nl")
