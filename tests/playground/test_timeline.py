"""The timeline: what lies where. Every example, and what a picture may never do."""

import re
from datetime import date

import pytest

from cds_service.casebook.render import render
from cds_service.timeline import WIDTH, timeline
from tests.cases import all_cases
from tests.played import DAY

TODAY = DAY
CASES = {case.id: case for case in all_cases()}
EXAMPLES = [case for case in CASES.values() if case.example]


@pytest.fixture(scope="module")
def drawn(played, library):
    def draw(case, language="nl"):
        return timeline(played.decision(case, "patient-view").reading, library, language)

    return draw


def told(picture) -> dict[str, list[str]]:
    return {
        lane.name: [
            mark.event.label
            for mark in sorted(lane.marks, key=lambda m: (m.event.start, m.event.label))
        ]
        for lane in picture.lanes
    }


@pytest.mark.parametrize(
    "case, lanes",
    [
        (
            "bloody-discharge-for-five-months",
            {
                "left": [
                    "Tepeluitvloed, bloederig",
                    "Echografie, BI-RADS 1",
                    "Mammografie, BI-RADS 2",
                ]
            },
        ),
        (
            "both-breasts-in-one-record",
            {
                "left": ["Tepeluitvloed, bruin", "Echografie, BI-RADS 1", "Mammografie, BI-RADS 1"],
                "right": [
                    "Tepeluitvloed, bruin",
                    "Echografie, BI-RADS 1",
                    "Mammografie, BI-RADS 1",
                ],
            },
        ),
        ("a-man-with-bloody-discharge", {"right": ["Tepeluitvloed, bloederig"]}),
    ],
)
def test_left_and_right_lie_apart(drawn, case, lanes):
    assert told(drawn(CASES[case])) == lanes


def test_imaging_without_a_side_lies_on_neither_breast(drawn):
    lanes = told(drawn(CASES["mammography-without-a-side"]))
    assert any(label.startswith("Mammografie") for label in lanes["other"])
    assert not any(
        label.startswith("Mammografie") for label in lanes.get("left", []) + lanes.get("right", [])
    )


def test_a_complaint_is_a_bar_from_its_onset_until_today(drawn):
    (bar,) = [
        e for e in drawn(CASES["bloody-discharge-for-five-months"]).events if e.kind == "condition"
    ]
    assert (bar.start, bar.end) == (date(2026, 1, 15), TODAY)


def test_a_complaint_that_is_over_ends_when_it_did(drawn):
    (bar,) = [
        e for e in drawn(CASES["resolved-discharge-is-history"]).events if e.kind == "condition"
    ]
    assert bar.end == date(2026, 4, 15)


def test_what_was_refuted_is_told_as_such(drawn):
    assert {e.status_truth for e in drawn(CASES["discharge-refuted"]).events} == {"not-met"}


def test_what_was_entered_in_error_is_not_drawn(drawn):
    assert drawn(CASES["discharge-entered-in-error"]).events == ()


def test_english(drawn):
    assert (
        "Nipple discharge, bloody"
        in told(drawn(CASES["bloody-discharge-for-five-months"], "en"))["left"]
    )


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_no_mark_leaves_the_picture_and_no_label_lies_on_another(drawn, case):
    picture = drawn(case)
    for lane in picture.lanes:
        taken: dict[float, list[tuple[float, float]]] = {}
        for mark in lane.marks:
            assert 0 <= mark.x <= mark.x_end <= WIDTH and lane.top < mark.y < lane.top + lane.height
            width = 6 * len(mark.event.label)
            left, right = (
                (mark.label_x, mark.label_x + width)
                if mark.anchor == "start"
                else (mark.label_x - width, mark.label_x)
            )
            assert right <= WIDTH + 1, mark
            assert all(right < begin or end < left for begin, end in taken.get(mark.y, [])), (
                case.id,
                mark.event.label,
            )
            taken.setdefault(mark.y, []).append((left, right))
    assert [x for x, _ in picture.ticks] == sorted((x for x, _ in picture.ticks), reverse=True)
    assert all(e.start <= render(case, TODAY).today for e in picture.events)


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.id)
def test_every_evidence_of_a_card_has_its_mark(drawn, case):
    """What a card shows of the record (with a date) stands in the picture too: the same facts are drawn."""
    picture = drawn(case)
    assert all(re.fullmatch(r"[A-Za-z]+/[A-Za-z0-9.-]+", e.reference) for e in picture.events)
    assert {e.reference for e in picture.events} <= {
        f"{r['resourceType']}/{r['id']}" for r in render(case, TODAY).resources
    }
