"""The drawing of a decision: its text, a patient's answers in it, and that labels cannot break out of it."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from cds_service.casebook.play import played
from cds_service.guideline.evaluation import ORDER_UNDER_REVIEW
from cds_service.guideline.ladder import ladder
from cds_service.guideline.verdict import Verdict
from cds_service.logic import Truth
from cds_service.settings import Settings
from cds_service.web.pages.diagram import SIGNS, diagram, width, wrapped
from cds_service.web.pages.page import texts
from tests.cases import all_cases

CASES = {case.id: case for case in all_cases()}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(situation, label=lambda use: use.id, answers=None, title="Title"):
    return ElementTree.fromstring(
        diagram(
            situation,
            name="d",
            title=title,
            label=label,
            order="The order",
            words=texts("en"),
            answers=answers,
        )
    )


def groups(svg, kind):
    return [g for g in svg.iter(f"{SVG}g") if kind in g.get("class").split()]


def text_of(node):
    return " ".join(t.text for t in node.iter(f"{SVG}text"))


@pytest.fixture(scope="module")
def situation_of(library):
    return lambda key, number=0: next(
        r for g in library.guidelines for r in g.recommendations if r.key == key
    ).situations[number]


def test_a_drawing_has_a_box_for_every_rung_a_way_out_of_each_and_one_card(library):
    for recommendation in (r for g in library.guidelines for r in g.recommendations):
        for situation in recommendation.situations:
            svg, steps = drawn(situation), ladder(situation)
            assert [len(groups(svg, kind)) for kind in ("rung", "out", "end")] == [
                len(steps),
                len(steps),
                1,
            ]
            for use in situation.uses:
                in_it = use.id in text_of(svg).replace(" ", "")
                assert in_it is (use.role not in ("context", "informs", "removal")), (
                    "what decides nothing is not drawn"
                )


def test_the_order_of_the_boxes_and_what_leaves_them(situation_of):
    svg = drawn(situation_of("ductoscopyReferral"))
    headings = [g.find(f"{SVG}text").text.split(":")[0] for g in groups(svg, "rung")]
    assert headings == [
        "Trigger",
        "To confirm with the patient",
        "Exclusion",
        "Required",
        "Already answered",
        "Is any of this still unknown?",
        "Is any of this still unknown?",
    ]
    outs = [text_of(g) for g in groups(svg, "out")]
    words = [
        "not applicable",
        "not applicable",
        "ruled out",
        "not applicable",
        "already answered",
        "incomplete",
        "advice applies after a check",
    ]
    assert all(word in out for word, out in zip(words, outs, strict=True))
    assert [("speaks" in g.get("class")) for g in groups(svg, "out")] == [False] * 6 + [True]


def test_an_order_under_review_is_the_first_trigger(situation_of):
    assert "The order" in text_of(groups(drawn(situation_of("ductoscopyBeforeSurgery")), "rung")[0])
    assert "The order" not in text_of(drawn(situation_of("ductoscopyReferral")))


def test_the_heavier_indicator_and_the_one_while_unsure(situation_of):
    svg = drawn(situation_of("mriNotRoutine"))
    assert "warning" in groups(svg, "end")[0].get("class") and "(warning)" in text_of(
        groups(svg, "end")[0]
    )
    assert "(information)" in text_of(groups(svg, "out")[-1])


def test_it_is_named_for_a_screen_reader_and_holds_no_style(situation_of):
    svg = drawn(situation_of("selectiveMri"))
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "d-title d-desc"
    assert {node.get("id") for node in svg} >= {"d-title", "d-desc"}
    assert not [node for node in svg.iter() if node.get("style") or node.tag == f"{SVG}style"]


def test_a_label_stays_text(situation_of):
    svg = diagram(
        situation_of("selectiveMri"),
        name="d",
        title='<b onclick="x">&',
        label=lambda use: "</text><script>&",
        order="",
        words=texts("nl"),
    )
    assert "<script" not in svg and "<b" not in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    "case_id, key",
    [
        ("bloody-discharge-for-five-months", "ductoscopyReferral"),
        ("bloody-discharge-nothing-else-on", "breastImagingFirst"),
        ("empty-record", "ductoscopyReferral"),
        ("bloody-discharge-nothing-else-on", "ductoscopyReferral"),
    ],
)
def test_the_way_of_a_patient_ends_at_the_verdict(library, case_id, key):
    evaluation = (
        played(CASES[case_id], "patient-view", library, Settings(), date(2026, 6, 15), "en")
        .assessments[key]
        .evaluations[0]
    )
    _ends_at_its_verdict(evaluation)


def test_the_way_of_every_example_ends_at_the_verdict(library):
    seen = set()
    for case in (case for case in CASES.values() if case.example):
        for hook in case.expect:
            for assessment in played(
                case, hook, library, Settings(), date(2026, 6, 15), "en"
            ).assessments.values():
                for evaluation in assessment.evaluations:
                    if evaluation.verdict is not Verdict.NOT_ASSESSED:
                        _ends_at_its_verdict(evaluation)
                        seen.add(evaluation.verdict)
    assert seen == set(Verdict) - {Verdict.NOT_ASSESSED}


def _ends_at_its_verdict(evaluation):
    answers = {judged.id: judged.answer.truth for judged in evaluation.criteria}
    svg = drawn(evaluation.situation, answers=answers)
    ends = [
        g for kind in ("out", "end") for g in groups(svg, kind) if "taken" in g.get("class").split()
    ]
    assert len(ends) == 1 and texts("en")[f"verdict_{evaluation.verdict.value}"] in text_of(ends[0])
    rungs = groups(svg, "rung")
    reached = ["reached" in g.get("class").split() for g in rungs]
    assert reached == sorted(reached, reverse=True), "one way down"
    signs = [
        t.text
        for g in rungs
        for t in g.iter(f"{SVG}text")
        if t.get("class").startswith("sign") and t.text != "·"
    ]
    decides = [j.id for j in evaluation.criteria if j.role not in ("context", "informs", "removal")]
    assert sorted(signs) == sorted(SIGNS[answers[criterion_id]] for criterion_id in decides)


def test_without_answers_nothing_is_marked(situation_of):
    svg = drawn(situation_of("ductoscopyReferral"))
    assert not [
        node for node in svg.iter() if {"taken", "reached"} & set((node.get("class") or "").split())
    ]
    assert {t.text for t in svg.iter(f"{SVG}text") if t.get("class").startswith("sign")} == {"·"}


def test_an_order_for_the_other_breast_leaves_at_the_trigger(situation_of):
    svg = drawn(
        situation_of("ductoscopyBeforeSurgery"),
        answers={ORDER_UNDER_REVIEW: Truth.NOT_MET, "current_nipple_discharge": Truth.MET},
    )
    assert "taken" in groups(svg, "out")[0].get("class")
    assert len([g for g in groups(svg, "rung") if "reached" in g.get("class")]) == 1


def test_lines_are_broken_where_they_must():
    for text in (
        "a b",
        "Pleurale, peritoneale of meningeale carcinomatose bevestigd " * 3,
        "x" * 200,
    ):
        lines = wrapped(text, 150)
        assert all(width(line) <= 150 for line in lines)
        assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert wrapped("", 150) == [""]
