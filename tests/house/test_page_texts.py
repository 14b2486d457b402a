"""Every sentence of the pages stands in texts.yaml, in both languages, and is used."""

import re
import string

import pytest

from cds_service.web.pages.page import _TEXTS
from tests.house.source import ROOT

WEB = ROOT / "cds_service" / "web"
TEMPLATES = {
    path.name: path.read_text(encoding="utf-8") for path in (WEB / "templates").glob("*.html")
}
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (WEB / "static").glob("*.js")}
NAMED = {name for text in TEMPLATES.values() for name in re.findall(r"\bt\.(\w+)", text)} | {
    name for text in SCRIPTS.values() for name in re.findall(r"\bwords\.(\w+)", text)
}
# t["verdict_" ~ ...]: all that begin so.
MAKERS = (WEB, ROOT / "cds_service" / "demo" / "playground")
CODE = [path.read_text(encoding="utf-8") for folder in MAKERS for path in folder.rglob("*.py")]
BEGINNINGS = {name for text in TEMPLATES.values() for name in re.findall(r't\["(\w+)" ~', text)} | {
    name for text in CODE for name in re.findall(r"words\[f[\"'](\w+_)\{", text)
}
BY_VALUE = {name for text in CODE for name in re.findall(r"[\"'](\w+)[\"']", text)}


def test_every_sentence_that_is_named_exists():
    assert NAMED - _TEXTS.keys() == set()
    assert all(any(name.startswith(beginning) for name in _TEXTS) for beginning in BEGINNINGS)


def test_no_sentence_is_left_over():
    unused = {
        n for n in _TEXTS.keys() - NAMED - BY_VALUE if not any(n.startswith(b) for b in BEGINNINGS)
    }
    assert unused == set()


@pytest.mark.parametrize("name", _TEXTS)
def test_both_languages_say_it_with_the_same_values(name):
    words = _TEXTS[name]
    assert set(words) == {"nl", "en"} and all(text.strip() for text in words.values())
    values = [
        sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)
        for text in words.values()
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_hold_no_sentence_of_their_own_and_nothing_inline(name):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", TEMPLATES[name], flags=re.DOTALL)
    said = re.sub(r"<[^>]+>", " ", text)
    words = set(re.findall(r"[A-Za-z]{3,}", said)) - {
        "MammaCards",
        "POST",
        "curl",
        "metadata",
        "cds",
        "services",
        "openapi",
        "json",
    }
    assert words == set()
    assert not re.search(
        r"<script(?![^>]*(src=\"/static/|type=\"application/json\"))|\sstyle=|\son\w+=|\|\s*safe\b|https?://(?!www\.w3\.org)",
        TEMPLATES[name],
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_put_no_text_in_as_html_and_call_nobody_else(name):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://",
        SCRIPTS[name],
    )
