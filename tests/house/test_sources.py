"""No sentence of a source is copied, and every number on a card is in its source.

The source documents lie beside this checkout (../shared/clinical/sources); they are not part of the project.
"""

import re
from collections.abc import Iterator

import pytest
import yaml

from cds_service.guideline.loading.loader import load_library
from tests.house.source import ROOT

SOURCES = ROOT.parent / "shared" / "clinical" / "sources"
FOLDERS = sorted(path.parent.name for path in (ROOT / "cards").glob("*/guideline.yaml"))
needs_sources = pytest.mark.skipif(
    not SOURCES.is_dir(),
    reason="the source documents (../shared/clinical/sources) are not beside this checkout",
)

# --- the texts of the project


def said(value: object, place: str = "") -> Iterator[tuple[str, dict]]:
    """Every text in nl and en of a YAML file, with its place."""
    if isinstance(value, dict):
        if isinstance(value.get("nl"), str):
            yield place, value
        for key, member in value.items():
            yield from said(member, f"{place}.{key}")
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from said(member, f"{place}[{position}]")


def texts(folder: str, *names: str) -> list[tuple[str, dict]]:
    """The texts of some files of a folder, as (place, {nl, en})."""
    paths = [path for name in names if (path := ROOT / "cards" / folder / name).exists()]
    return [
        (f"{path.name}{place}", text)
        for path in paths
        for place, text in said(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]


CONTENT = ("card.yaml", "guideline.yaml", "facts.yaml")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")

# --- the sources

DRAFTS = "breast-cluster-draft-modules-2026"
OLIGOMETASTASES = (DRAFTS, "Verantwoording module 10.1.1", "Verantwoording module 9.2.3")
# document, and the words between which the guideline's part of it stands (headings, not the table of contents)
DOCUMENTS = {
    "nipple_discharge": [("ductoscopy-implementation-2022", "", "")],
    "oligometastases": [OLIGOMETASTASES],
    "regional_recurrence": [(DRAFTS, "Verantwoording module 9.2.3", "Verantwoording module 6.1")],
    "reconstruction": [(DRAFTS, "Verantwoording module 6.1", "")],
    "inflammatory": [("inflammatory-breast-cancer-recognition", "", "")],
    "metastatic": [("metastatic-patient-information", "", "")],
}
BESIDES = {
    ("metastatic", "card.yaml.cards.petCtLowYield"): [OLIGOMETASTASES]
}  # it shows what module 10.1.1 says against it
# The drafts are numbered in the margin, every fifth line: "45 De tekst", "- 15 • Mark", or a line with nothing else.
MARGIN = re.compile(r"(?m)^(?:- )?(?:5|[1-5][05])(?:[ \t]+|$)")


def document(name: str, begin: str = "", end: str = "") -> str:
    text = (SOURCES / f"{name}.txt").read_text(encoding="utf-8")
    first = text.rindex(begin) if begin else 0
    last = text.rindex(end) if end else len(text)
    return MARGIN.sub("", text[first:last])


def source_of(folder: str, place: str = "") -> str:
    """The source of a guideline; of a card that names another one beside it, both."""
    more = next(
        (
            parts
            for (owner, card), parts in BESIDES.items()
            if owner == folder and place.startswith(f"{card}.")
        ),
        [],
    )
    return "\n".join(document(*part) for part in DOCUMENTS[folder] + more)


@needs_sources
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_guideline_has_its_source(folder):
    assert len(source_of(folder).split()) > 1000


# --- no sentence is copied

RUN = 9


def words(text: str) -> list[str]:
    """Words as a reader counts them: PET/CT and 10.1.1 are one."""
    return re.findall(r"[^\W_]+", re.sub(r"(?<=\w)[-/.,'’](?=\w)", "", text.casefold()))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}


def copied(text: str, source: set[tuple[str, ...]]) -> list[str]:
    return [
        " ".join(run) for part in PLACEHOLDER.split(text) for run in runs(part) if run in source
    ]


@pytest.fixture(scope="module")
def all_runs():
    return set().union(*(runs(document(path.stem)) for path in SOURCES.glob("*.txt")))


@needs_sources
@pytest.mark.parametrize("folder", [*FOLDERS, "shared"])
def test_no_sentence_of_a_source_is_copied(folder, all_runs):
    told = texts(folder, *CONTENT, "wording.yaml")
    assert told
    assert [f"{place}: {run}" for place, text in told for run in copied(text["nl"], all_runs)] == []


@needs_sources
@pytest.mark.parametrize(
    "path", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "cards").glob("*/*.md"))
)
def test_no_page_of_a_guideline_copies_a_sentence(path, all_runs):
    assert copied((ROOT / path).read_text(encoding="utf-8"), all_runs) == []


def test_the_rule_about_copying_would_find_it():
    source = runs(
        "Een zin uit de bron, met precies genoeg woorden om 10 %\nte herkennen als overgenomen (PET/CT)."
    )
    assert copied(
        "Volgens ons: een zin uit de bron met **precies genoeg** woorden om iets.", source
    )
    assert not copied(
        "Een zin uit de bron met precies {number} genoeg woorden om te lezen.", source
    )
    assert not copied("Een zin in eigen woorden, met precies genoeg woorden om te lezen.", source)


# --- every number is in its source

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# "10-20 %", "5 tot 11%", "2,5 procent": the numbers that a percentage consists of.
PERCENTAGE = re.compile(
    r"(\d+(?:[.,]\d+)?)(?:\s*(?:-|–|tot|en|à)\s*(\d+(?:[.,]\d+)?))?\s*(?:%|procent\b)"
)
COUNTED = re.compile(r"\bn\s*=\s*(\d+)")
COUNTED_IN_WORDS = re.compile(r"\b(\d+) (?:patiënten|vrouwen|mannen)\b")
NUMERALS = {
    "twee": "2",
    "drie": "3",
    "vier": "4",
    "vijf": "5",
    "zes": "6",
    "zeven": "7",
    "acht": "8",
    "negen": "9",
    "tien": "10",
    "elf": "11",
    "twaalf": "12",
}


def plain(number: str) -> str:
    return number.replace(",", ".")


def numbers(text: str) -> set[str]:
    """Numbers as "2.5", percentages as "2.5 %", numbers of patients as "n=53"."""
    percentages = {
        plain(number) for match in PERCENTAGE.finditer(text) for number in match.groups() if number
    }
    return (
        {plain(n) for n in NUMBER.findall(text)}
        | {f"{n} %" for n in percentages}
        | {f"n={n}" for n in COUNTED.findall(text)}
    )


def numbers_of_a_source(text: str) -> set[str]:
    """Those of a document, number words and numbers of patients among them."""
    in_words = {NUMERALS[word] for word in re.findall(r"\w+", text.casefold()) if word in NUMERALS}
    return numbers(text) | in_words | {f"n={n}" for n in COUNTED_IN_WORDS.findall(text)}


# Numbers that are no finding of a source.
EXCUSED = {
    (
        "regional_recurrence",
        "67",
    ): "Ki-67, the name of a marker (the cohort's 67,5 % is in the source)",
    ("oligometastases", "2026"): "the year of the draft",
    ("metastatic", "2026"): "the year of the draft",
}


@pytest.fixture(scope="module")
def guidelines():
    return {guideline.id: guideline for guideline in load_library().guidelines}


def given(guideline) -> set[str]:
    """Settings and parameters of the guideline: shown with the card, with their own origin."""
    uses = (use for r in guideline.recommendations for s in r.situations for use in s.uses)
    return {str(s.value) for s in guideline.settings.values()} | {
        str(value) for use in uses for value in use.parameters.values()
    }


def unfounded(folder: str, guideline) -> list[tuple[str, str]]:
    told = [
        (place, numbers(PLACEHOLDER.sub(" ", text["nl"])))
        for place, text in texts(folder, "card.yaml", "guideline.yaml")
    ]
    return [
        (place, number)
        for place, found in told
        if found
        for number in sorted(
            found - numbers_of_a_source(source_of(folder, place)) - given(guideline)
        )
    ]


@needs_sources
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_number_on_a_card_is_in_its_source(folder, guidelines):
    assert [
        f"{place}: {number}"
        for place, number in unfounded(folder, guidelines[folder])
        if (folder, number) not in EXCUSED
    ] == []


@needs_sources
@pytest.mark.parametrize(
    "path",
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cards").glob("*/patient-information.*.md")
    ),
)
def test_every_number_for_patients_is_in_the_source_of_the_card_that_links_to_it(path, guidelines):
    folder = path.split("/")[1]
    known = numbers_of_a_source(source_of(folder)) | given(guidelines[folder])
    assert numbers((ROOT / path).read_text(encoding="utf-8")) <= known


@needs_sources
def test_no_number_is_excused_that_needs_no_excuse(guidelines):
    assert {
        (folder, number)
        for folder in FOLDERS
        for _, number in unfounded(folder, guidelines[folder])
    } == set(EXCUSED)


# A date: 1 December in the one language is 1-12 in the other.
WRITTEN_OTHERWISE = {("nipple_discharge", "guideline.yaml.source.label")}


@pytest.mark.parametrize("folder", [*FOLDERS, "shared"])
def test_both_languages_give_the_same_numbers(folder):
    def in_order(text: str) -> list[str]:
        return sorted(plain(number) for number in NUMBER.findall(PLACEHOLDER.sub(" ", text)))

    told = texts(folder, *CONTENT, "wording.yaml")
    different = [
        place
        for place, text in told
        if in_order(text["nl"]) != in_order(text.get("en", ""))
        and (folder, place) not in WRITTEN_OTHERWISE
    ]
    assert different == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("bij 10-20 % en bij 2,5%", {"10", "20", "2.5", "10 %", "20 %", "2.5 %"}),
        ("5 tot 11 procent (n=53)", {"5", "11", "5 %", "11 %", "53", "n=53"}),
        ("minder dan 1 %", {"1", "1 %"}),
        ("BI-RADS 4 en module 10.1.1", {"4", "10.1.1"}),
        ("geen getal", set()),
    ],
)
def test_how_numbers_are_read(text, found):
    assert numbers(text) == found


@needs_sources
def test_the_rule_about_numbers_would_find_one():
    known = numbers_of_a_source(source_of("regional_recurrence"))
    assert {"67.5 %", "7.3 %", "87 %", "n=53", "n=87"} <= known and not {"68.5 %", "n=54"} & known
    assert "24 %" not in numbers_of_a_source(
        source_of("metastatic")
    ) and "24 %" in numbers_of_a_source(
        source_of("metastatic", "card.yaml.cards.petCtLowYield.detail")
    )
