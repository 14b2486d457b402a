"""The guideline pages: one for every recommendation, all in both languages, no dead link, nothing inline, nothing of a patient.

What a page says is compared with the content files, not with the code that makes it.
"""

import re
import threading
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from cds_service.casebook.play import Played
from cds_service.content import cards_folder
from cds_service.guideline.loading.loader import load_library
from cds_service.web import create_app
from cds_service.web.pages.cases_live import CasesLive
from tests.cases import loaded
from tests.conftest import SETTINGS
from tests.house.source import ROOT

LANGUAGES = ("nl", "en")
RECOMMENDATIONS = [(g.id, r.key) for g in loaded().guidelines for r in g.recommendations]
PAGE = "/guidelines/nipple_discharge/ductoscopyReferral"


class Read(HTMLParser):
    """What matters of a page: ids, links, tags, attributes, text."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.tags, self.inline, self.text = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src"):
                self.links.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}={value}")

    def handle_data(self, data):
        self.text.append(data)


def get(client, path, language="nl"):
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer


def words_of(answer):
    return " ".join(" ".join(Read(answer.text).text).split())


@pytest.fixture(scope="module")
def all_pages(app):
    """Every page that can be reached from / by links within the site: (path, language) -> (answer, what was read), and every link."""
    client, found, links = app.test_client(), {}, {}
    for language in LANGUAGES:
        waiting = ["/"]
        while waiting:
            path = waiting.pop()
            if (path, language) in found:
                continue
            answer = client.get(path, headers={"Accept-Language": language})
            read = Read(answer.text if answer.mimetype == "text/html" else "")
            found[path, language] = answer, read
            for link in read.links:
                target = urlsplit(urljoin(f"{SETTINGS.public_url}{path}", link))
                if f"{target.scheme}://{target.netloc}" == SETTINGS.public_url:
                    links.setdefault((target.path, target.fragment), (path, language))
                    if target.path != "/cds-services":
                        waiting.append(target.path)
    return found, links


def test_every_link_within_the_site_leads_somewhere(all_pages):
    found, links = all_pages
    assert {key for key, (answer, _) in found.items() if answer.status_code != 200} == set()
    for (path, fragment), origin in links.items():
        if fragment:
            assert all(fragment in found[path, language][1].ids for language in LANGUAGES), (
                origin,
                path,
                fragment,
            )


def test_every_page_is_reached_from_the_start_page(all_pages):
    found, _ = all_pages
    reached = {path for path, _ in found}
    assert reached >= {f"/guidelines/{folder}/{key}" for folder, key in RECOMMENDATIONS}
    sets = {
        f"/guidelines/{path.parts[-3]}/value_sets/{path.stem}"
        for path in cards_folder().glob("*/value_sets/*.csv")
    }
    assert len(sets & reached) > 45, "value sets that facts use"


def test_every_page_says_its_language_and_has_one_heading_and_unique_ids(all_pages):
    for (path, language), (answer, page) in all_pages[0].items():
        if answer.mimetype == "text/html":
            assert f'<html lang="{language}">' in answer.text, path
            assert page.tags.count("h1") == 1, path
            assert len(page.ids) == len(set(page.ids)), path


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(all_pages):
    for (path, _), (answer, page) in all_pages[0].items():
        if answer.mimetype == "text/html":
            assert not page.inline and not {"script", "style", "iframe", "img"} & set(page.tags), (
                path
            )
            policy = answer.headers["Content-Security-Policy"]
            assert (
                "default-src 'none'" in policy
                and "style-src 'self'" in policy
                and "unsafe" not in policy
            )
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder, key", RECOMMENDATIONS)
def test_a_recommendations_page_says_what_stands_in_its_folder(
    client, library, folder, key, language
):
    answer = get(client, f"/guidelines/{folder}/{key}", language)
    said, page = words_of(answer), Read(answer.text)
    guideline = yaml.safe_load(
        (cards_folder() / folder / "guideline.yaml").read_text(encoding="utf-8")
    )
    (written,) = [r for r in guideline["recommendations"] if r["id"] == key]
    cards = yaml.safe_load((cards_folder() / folder / "card.yaml").read_text(encoding="utf-8"))
    source = guideline["source"]
    for text in (
        cards["cards"][key]["title"][language],
        key,
        guideline["title"][language],
        source["label"][language],
        source["status"][language],
        written["section"],
        written["strength"][language],
        guideline["version"],
    ):
        assert " ".join(str(text).split()) in said, text
    assert source["url"] in page.links
    draft = {"nl": "CONCEPT:", "en": "DRAFT:"}[language]
    assert (draft in said) is source.get("draft", False)
    assert page.tags.count("svg") == len(written["when"]), "one drawing for every situation"
    names = {
        next(iter(item)) if isinstance(item, dict) else item
        for when in written["when"]
        for role, items in when.items()
        if isinstance(items, list) and role != "hooks"
        for item in items
    }
    functions = {
        use.name: use.function
        for g in library.guidelines
        if g.id == folder
        for r in g.recommendations
        for s in r.situations
        for use in s.uses
    }
    for name in names:
        assert " ".join(functions[name].__doc__.split()) in said, name
    for hook in {hook for when in written["when"] for hook in when["hooks"]}:
        assert hook in said
    for reason in cards["cards"][key].get("override_reasons", []):
        assert library.wording["override_reasons"][reason][language] in said
    assert "{" not in said.replace("{id}", ""), "every placeholder is filled in"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("folder, key", RECOMMENDATIONS)
def test_every_case_of_a_recommendation_agrees_today(client, clock, folder, key):
    """On an ordinary day; that no case depends on the day is what tests/cards/test_cases.py proves."""
    clock.day = date(2026, 6, 15)
    text = get(client, f"/guidelines/{folder}/{key}").text
    agreeing, played = map(int, re.search(r"(\d+) van (\d+) zoals verwacht", text).groups())
    assert agreeing == played >= 10 and 'class="agrees"' in text and 'class="disagrees"' not in text
    written = yaml.safe_load((cards_folder() / folder / "cases.yaml").read_text(encoding="utf-8"))
    titles = [
        case["case"] for case in written if any(key in keys for keys in case["expect"].values())
    ]
    said = unescape(text)
    assert all(title in said for title in titles)


def test_a_case_that_does_not_agree_is_shown_as_such(library, clock, monkeypatch):
    """A page of its own application: the other tests share one, which keeps what it played."""
    monkeypatch.setattr(Played, "agrees", False)
    text = get(create_app(SETTINGS, library, clock).test_client(), PAGE).text
    assert "✗ anders dan verwacht" in text and re.search(r">0 van \d+ zoals verwacht", text)


def test_facts_stand_with_their_codes_sources_and_words(client):
    """Microdochectomy, a code of a procedure: its system, code, display, and where it was verified."""
    answer = get(client, PAGE, "en")
    said = words_of(answer)
    assert (
        "SNOMED CT 237400005 Microdochectomy" in said and "mcode/mcode-extraction-framework" in said
    )
    assert "ductoscop*" in said and "read from text" in said
    assert "Where (JSONPath)" in said and "valueCodeableConcept" in said


def test_every_sentence_of_the_pages_stands_in_both_languages():
    """In YAML a comma without quotation marks ends a text."""
    texts = yaml.safe_load(
        (ROOT / "cds_service" / "web" / "pages" / "texts.yaml").read_text(encoding="utf-8")
    )
    assert [
        name
        for name, words in texts.items()
        if set(words) != set(LANGUAGES) or not all(isinstance(text, str) for text in words.values())
    ] == []


def test_what_is_written_in_one_language_says_so(client):
    """The README of a folder is in Dutch, definitions are in English: a screen reader must know."""
    assert (
        '<article class="prose" lang="nl">'
        in get(client, "/guidelines/nipple_discharge", "en").text
    )
    assert '<article class="prose">' in get(client, "/guidelines/nipple_discharge", "nl").text
    assert (
        '<article class="prose">'
        in get(client, "/guidelines/nipple_discharge/patient-information", "en").text
    )
    assert (
        '<td><span lang="en">Does it last longer than so many calendar months?'
        in get(client, PAGE, "nl").text
    )


def test_placeholders_are_named_in_words(client):
    assert "Tepeluitvloed ([linkerborst of rechterborst]) > 3 maanden" in words_of(
        get(client, PAGE)
    )
    assert "after [date]" in words_of(
        get(client, "/guidelines/nipple_discharge/dischargeWatchfulWaiting", "en")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/guidelines/nipple_discharge/nothing",
        "/guidelines/nothing/ductoscopyReferral",
        "/guidelines/oligometastases/ductoscopyReferral",
        "/guidelines/shared/ductoscopyReferral",
        "/guidelines/nipple_discharge/informationNeeded",
        "/guidelines/nipple_discharge/README",
        "/guidelines/nipple_discharge/criteria.py",
        "/guidelines/nipple_discharge/value_sets/nothing",
        "/guidelines/nipple_discharge/value_sets/birads",
        "/guidelines/shared/value_sets/nipple_discharge.ductoscopy",
        "/guidelines/shared/value_sets/../wording",
        "/guidelines/shared/value_sets/..%2fwording.yaml",
        "/guidelines/shared/value_sets/birads.csv",
        "/guidelines/oligometastases/patient-information",
    ],
)
def test_what_is_not_there_is_404(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and answer.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", [PAGE, "/guidelines/shared/value_sets/birads"])
def test_pages_are_read_only(client, path):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.open(path, method=method).status_code == 405


def test_links_between_files_of_the_content_lead_to_pages(client):
    """README.md links to value sets beside it and in ../shared; both have pages."""
    text = get(client, "/guidelines/nipple_discharge").text
    assert (
        'href="/guidelines/nipple_discharge/value_sets/ductoscopy"' in text
        and 'href="/guidelines/shared/value_sets/birads"' in text
    )
    assert ".csv" not in text.replace("*.csv", "")


def test_the_hospitals_own_choices_stand_on_the_page(clock):
    library = load_library(site=ROOT / "docs" / "site-example.yaml")
    client = create_app(SETTINGS, library, clock).test_client()
    assert client.get("/guidelines/nipple_discharge/dischargeWatchfulWaiting").status_code == 404, (
        "switched off: no card, no page"
    )
    said = words_of(get(client, PAGE))
    assert (
        "Eigen keuzes van Ziekenhuis X" in said
        and "12 ( months ) site file of Ziekenhuis X" in said
    )
    assert "MAMMO-L" in said and "eigen code van Ziekenhuis X" in said
    assert (
        "https://intranet.example.org/protocol/tepeluitvloed" in Read(get(client, PAGE).text).links
    )


# --- cases are played once a day


@pytest.fixture
def counted(monkeypatch):
    """How often a case was played."""
    from cds_service.web.pages import cases_live

    calls, real = [], cases_live.played

    def counting(case, hook, *rest):
        calls.append((case.id, hook))
        return real(case, hook, *rest)

    monkeypatch.setattr(cases_live, "played", counting)
    return calls


def test_cases_are_played_once_a_day_also_by_several_threads(library, counted):
    (recommendation,) = [
        r
        for g in library.guidelines
        for r in g.recommendations
        if r.key == "dischargeWatchfulWaiting"
    ]
    live, day = CasesLive(library, SETTINGS), date(2026, 6, 15)
    threads = [threading.Thread(target=live.of, args=(recommendation, day)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    once = len(counted)
    assert once and len(set(counted)) == once
    live.of(recommendation, day + timedelta(days=1))
    assert len(counted) == 2 * once


def test_the_content_is_no_patient(all_pages):
    """No page holds a resource, a reference to one, or the name of an invented patient."""
    for (path, _), (answer, _) in all_pages[0].items():
        assert not re.search(r"resourceType|Patient/[a-z]|Practitioner/", answer.text), path
