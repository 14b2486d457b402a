"""Every case in another dialect gives the same answers and cards; a sample of the whole product, which `make dialects` runs."""

import ast
from functools import cache
from pathlib import Path

import pytest

from cds_service.casebook.model import ANCHOR
from cds_service.casebook.render import render
from cds_service.fhir.validation import problems
from tests.cases import all_cases
from tests.dialects.cases import PROBLEMS
from tests.dialects.comparing import DIALECTS, Service, differences, restated
from tests.dialects.product import PAGE, written
from tests.dialects.wording import chosen

CASES = all_cases()


def _one_of_five(case) -> list[str]:
    """The five dialects, ICD-10 and text in one of their forms."""
    editions = chosen(("icd-10-nl", "icd-10-cm", "icd-10-gm"), case.id, "edition")
    return ["zib", editions, "mcode", "icpc-1", chosen(("text-nl", "text-en"), case.id, "language")]


@cache
def _sample() -> dict[str, list]:
    """dialect -> cases: each case in one dialect that can say it, each example and the first case of each card in five."""
    seen: set[str] = set()
    sample: dict[str, list] = {dialect: [] for dialect in DIALECTS}
    for case in CASES:
        keys = {key for cards in case.expect.values() for key in cards}
        if case.example or keys - seen:
            wanted = _one_of_five(case)
        else:
            names = list(DIALECTS)
            start = names.index(chosen(names, case.id, "sample"))
            record = render(case, ANCHOR)
            wanted = [
                name
                for name in names[start:] + names[:start]
                if restated(case, record, name).restated
            ][:1]
        seen |= keys
        for dialect in wanted:
            sample[dialect].append(case)
    return sample


@pytest.fixture(scope="module")
def service(app, clock, templates):
    return Service(app.test_client(), clock, templates)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_patient_in_another_dialect_is_judged_the_same(dialect, service):
    wrong = [
        one
        for case in _sample()[dialect]
        for one in differences(service, case, dialect, ANCHOR)[1]
        if not one.allowed
    ]
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_dialect_says_is_valid_fhir(dialect):
    faults = []
    for case in _sample()[dialect]:
        again = restated(case, render(case, ANCHOR), dialect)
        faults += [
            (case.id, one["id"], told)
            for one in [*again.resources, *again.orders]
            for told in problems(one)
        ]
    assert faults == []


def test_the_sample_holds_every_case():
    held = {f"{case.guideline}/{case.id}" for cases in _sample().values() for case in cases}
    left = [case.place for case in CASES if f"{case.guideline}/{case.id}" not in held]
    # What no dialect can say again was written by hand, in words that belong to the case.
    assert all(
        not any(restated(case, render(case, ANCHOR), name).restated for name in DIALECTS)
        for case in CASES
        if case.place in left
    )


def test_the_renderers_know_nothing_of_the_readers():
    """Their codes and words stand here; a fault of a value set cannot hide in them."""
    for path in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not any(
                name.startswith(
                    (
                        "cards",
                        "cds_service.cards",
                        "cds_service.facts",
                        "cds_service.terminology",
                    )
                )
                for name in named
            ), path.name


def test_a_dialect_that_drops_a_statement_declares_it():
    """Of one breast cancer in four ICD-10-NL gives the bare code: the side is gone and named as dropped."""
    declared = [
        again
        for case in CASES
        if (again := restated(case, render(case, ANCHOR), "icd-10-nl")).dropped
    ]
    assert declared
    for again in declared:
        bare = {
            f"Condition/{one['id']}"
            for one in again.resources
            if one["resourceType"] == "Condition" and not one["code"].get("text")
        }
        assert set(again.dropped) <= bare


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == written(), "run `make dialects`"


def test_every_concept_stands_once_for_its_words_and_code():
    rows = [(words, code.strip()) for _, words, codes in PROBLEMS for code in codes.split(";")]
    assert len(rows) == len(set(rows))
