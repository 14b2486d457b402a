"""The index that passes over the bulk of a record may name a value set too many, never one too few."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.casebook.render import render
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.terms import Term
from cds_service.facts.extraction import Reading
from cds_service.fhir.record import Record
from cds_service.terminology.index import TermIndex
from cds_service.terminology.systems import SNOMED
from cds_service.terminology.value_set import ValueSet
from tests.cases import all_cases, loaded

ZONE = ZoneInfo("Europe/Amsterdam")
LIBRARY = loaded()


def value_set(name, *terms, codes=()):
    return ValueSet(
        name,
        {(SNOMED, code): ("x", "", "X") for code in codes},
        tuple((Term(words), "x", "") for words in terms),
    )


@pytest.mark.parametrize(
    "term, text, named",
    [
        ("mri", "MRI van de lever", True),
        ("mri", "primrose", False),  # a short word counts as a word only
        ("*metastase", "levermetastase", True),
        ("tepel*vloed", "tepeluitvloed rechts", True),
        ("ok*sel", "oksel", True),
        ("vloed * tepel", "vloed uit de rechter tepel", True),
        ("t-dm1", "start T-DM1", True),
        ("één melkgang", "uit EEN melkgang", True),
        ("mammografie", "echografie", False),
    ],
)
def test_a_text_names_the_value_sets_that_may_be_said_in_it(term, text, named):
    index = TermIndex([value_set("one", term), value_set("other", "iets anders")])
    assert ("one" in index.value_sets((), [text])) is named
    assert Term(term).pattern.search(fold(text)) is None or named, (
        "what the term finds, the index names"
    )


def test_a_code_names_the_value_sets_that_hold_it():
    index = TermIndex(
        [value_set("one", codes=["71651007"]), value_set("other", codes=["47079000"])]
    )
    assert index.value_sets([(SNOMED, "71651007"), (SNOMED, "1")], "") == {"one"}


@given(
    st.text(alphabet="abet -*", min_size=1, max_size=12), st.text(alphabet="abet -", max_size=30)
)
def test_no_term_is_ever_missed(words, text):
    try:
        term = Term(words)
    except ValueError:
        return
    named = TermIndex([ValueSet("one", {}, ((term, "x", ""),))]).value_sets((), [text])
    assert "one" in named or term.pattern.search(fold(text)) is None


def facts_of(case, index):
    record = render(case, date(2026, 6, 15))
    by_type: dict = {}
    for resource in record.resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
    now = datetime.combine(record.today, time(12), ZONE)
    reading = Reading(
        Record(
            case.id,
            by_type,
            {},
            [],
            tuple(record.draft_orders),
            frozenset(range(len(record.draft_orders))),
        ),
        now,
        ZONE,
        LIBRARY.value_sets,
        LIBRARY.readers,
        index=index,
    )
    found = {}
    for guideline in LIBRARY.guidelines:
        for definition in guideline.facts.values():
            found[definition.name] = [
                (
                    f.reference,
                    f.draft,
                    f.value,
                    f.side,
                    f.asserted,
                    f.current,
                    str(f.when),
                    str(f.recorded),
                    sorted((n, m) for n, ms in f.attributes.items() for m in map(str, ms)),
                )
                for f in reading.facts(definition).facts
            ]
    return found, reading.problems.keys()


@pytest.mark.full
def test_every_fact_of_every_case_is_found_with_the_index_too():
    """Over all cases, all facts and all data problems: the same as when every resource is read closely."""
    cases = all_cases()[::4]
    assert len(cases) > 200
    assert [
        case.id for case in cases if facts_of(case, LIBRARY.index) != facts_of(case, None)
    ] == []


def test_bulk_is_passed_over():
    """A record full of what no guideline reads is not read closely."""
    bulk = [
        {
            "resourceType": "Observation",
            "id": str(n),
            "status": "final",
            "code": {"text": "Kalium in serum"},
        }
        for n in range(50)
    ]
    mammogram = {
        "resourceType": "Observation",
        "id": "m",
        "status": "final",
        "code": {"text": "Mammografie links"},
    }
    reading = Reading(
        Record("p", {"Observation": [*bulk, mammogram]}, {}),
        datetime(2026, 6, 15, 12, tzinfo=ZONE),
        ZONE,
        LIBRARY.value_sets,
        LIBRARY.readers,
        index=LIBRARY.index,
    )
    definition = next(
        d for g in LIBRARY.guidelines for d in g.facts.values() if d.name == "breast_imaging"
    )
    assert [
        r["id"] for r, _ in reading.resources(definition) if r["resourceType"] == "Observation"
    ] == ["m"]
