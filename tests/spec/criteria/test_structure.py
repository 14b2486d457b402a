"""What the values of facts are made of: the tables cover every value that a fact may have, and no other."""

import pytest
from cds_service.cards.shared.examinations import (
    EXAMINATIONS,
    NONE,
    TOGETHER,
    Examination,
    examination,
    kinds_of,
)
from cds_service.cards.shared.receptor_results import RESULTS, Result, result_of, value_of

from cds_service.content import cards_folder
from cds_service.guideline.loading.loader import load_library
from tests.spec.tables import table

OF_THE_BREAST_ONLY = {"mammography", "ultrasound"}  # ordered, but no value of `scan`


@pytest.fixture(scope="module")
def library():
    return load_library(cards_folder())


def definition(library, name):
    return next(g.facts[name] for g in library.guidelines if name in g.facts)


def test_every_examination_has_its_parts(library):
    scans, orders = (definition(library, name).values for name in ("scan", "care_order"))
    assert set(EXAMINATIONS) == {*scans, "mri", *OF_THE_BREAST_ONLY}
    assert set(EXAMINATIONS) <= {*orders, "mri"}


def test_every_row_of_the_value_sets_is_an_examination(library):
    sets = library.value_sets
    assert set(sets["scan"].values) - set(TOGETHER) <= set(EXAMINATIONS)
    assert set(sets["pet_tracer"].values) <= set(EXAMINATIONS)
    assert {kind for kinds in TOGETHER.values() for kind in kinds} <= set(EXAMINATIONS)


PARTS = table("""
    kind           | modality    | region     | tracer
    fdg_pet        | pet         |            | fdg
    pet            | pet         |            |
    mri_spine      | mri         | spine      |
    mri_whole_body | mri         | whole_body |
    ct_abdomen     | ct          | abdomen    |
    chest_xray     | xray        | chest      |
    bone_scan      | nuclear     | bone       |
    mri_breast     | mri         | breast     |
""")


@pytest.mark.parametrize("kind, modality, region, tracer", PARTS, ids=[row[0] for row in PARTS])
def test_the_parts_of_an_examination(kind, modality, region, tracer):
    assert examination(kind) == (modality, region, tracer)


def test_what_is_no_examination_has_no_parts():
    assert examination("mdt") is NONE


def test_the_examinations_of_a_region():
    assert kinds_of("mri", "liver", "whole_body") == ("mri_liver", "mri_whole_body")
    assert kinds_of("ct", "spine") == ()


def test_every_receptor_result_has_its_parts(library):
    assert set(RESULTS) == set(definition(library, "receptor").values)


def test_the_parts_are_those_that_are_declared(library):
    """facts.yaml declares the words that criteria may compare a part with: those of the tables, and no other."""
    made = EXAMINATIONS.values()
    assert {k: set(v) for k, v in definition(library, "scan").parts.items()} == {
        part: {getattr(one, part) for one in made} - {""} for part in Examination._fields
    }
    told = [one for results in RESULTS.values() for one in results]
    assert {k: set(v) for k, v in definition(library, "receptor").parts.items()} == {
        part: {getattr(one, part) for one in told} for part in Result._fields
    }


RECEPTORS = table("""
    value           | er       | pr       | her2
    er_positive     | positive |          |
    pr_negative     |          | negative |
    her2_positive   |          |          | positive
    triple_negative | negative | negative | negative
""")


@pytest.mark.parametrize("value, er, pr, her2", RECEPTORS, ids=[row[0] for row in RECEPTORS])
def test_what_a_receptor_result_says(value, er, pr, her2):
    assert [result_of(value, marker) for marker in ("er", "pr", "her2")] == [er, pr, her2]


def test_a_result_of_one_marker_has_a_value():
    assert value_of("her2", "negative") == "her2_negative"
