"""What would change the advice: every answer is one, the smallest there is, and the decision that was given stays as it was."""

from datetime import date, datetime, time
from functools import cache
from itertools import combinations

import pytest

from cds_service.cds_hooks.request import parse
from cds_service.decision import decide, prefetch_templates
from cds_service.examples import all_cases, hook_request, render
from cds_service.guideline.library import load_library
from cds_service.rendering import explain, render_cards
from cds_service.settings import Settings
from cds_service.suppositions import MOST, CannotSuppose, suppose, suppositions
from cds_service.what_if import MOST_EVALUATIONS, MOST_FLIPS, MOST_TOGETHER, flips

DAY = date(2026, 6, 15)
SETTINGS = Settings()
CASES = {case.id: case for case in all_cases()}
EXAMPLES = [(case.id, hook) for case in CASES.values() if case.example for hook in case.expect]


@cache
def library():
    return load_library()


def decided(case, hook):
    """The decision of the service on a case; made anew each time."""
    record = render(case, DAY)
    templates = prefetch_templates(library(), hook)
    request = parse(hook_request(case, record, hook, prefetch_keys=templates), hook)
    return decide(request, library(), templates, datetime.combine(record.today, time(12), SETTINGS.timezone), None)


@cache
def searched(case_id, hook):
    """A decision with what flips the recommendations of the guideline that the case belongs to."""
    decision = decided(CASES[case_id], hook)
    own = decision.assessments.get(CASES[case_id].guideline, ())
    return decision, {a.recommendation.key: flips(decision, library(), a.recommendation.key) for a in own}


def verdicts(decision):
    return {a.recommendation.key: a.verdict for a in decision.all_assessments}


def told(decision):
    """What explain() tells, without the identifiers of cards."""
    return explain(decision, library(), "nl"), [{**card, "uuid": ""} | ({"suggestions": len(card["suggestions"])} if "suggestions" in card else {})
                                                for card in render_cards(decision, library(), SETTINGS, "nl")]  # fmt: skip


by_example = pytest.mark.parametrize("case_id, hook", EXAMPLES, ids=["-".join(example) for example in EXAMPLES])


@by_example
def test_every_answer_flips_the_verdict_to_the_one_that_it_names(case_id, hook):
    decision, found = searched(case_id, hook)
    for key, result in found.items():
        for flip in result.found[:4]:
            other = suppose(decision, library(), [s.key for s in flip.suppositions])
            assert verdicts(other)[key] is flip.verdict is not verdicts(decision)[key]
            assert explain(other, library(), "en")["recommendations"]
            render_cards(other, library(), SETTINGS, "nl")


@by_example
def test_no_part_of_an_answer_flips_it(case_id, hook):
    decision, found = searched(case_id, hook)
    for key, result in found.items():
        for flip in (f for f in result.found if len(f.suppositions) > 1):
            for size in range(1, len(flip.suppositions)):
                for part in combinations(flip.suppositions, size):
                    assert verdicts(suppose(decision, library(), [s.key for s in part]))[key] is verdicts(decision)[key]


@by_example
def test_what_is_said_to_do_the_same_does(case_id, hook):
    decision, found = searched(case_id, hook)
    for key, result in found.items():
        for flip in result.found[:2]:
            for others in flip.alternatives:
                for other in others[:1]:
                    swapped = [s.key for s, alt in zip(flip.suppositions, flip.alternatives, strict=True) if alt is not others] + [other.key]
                    assert verdicts(suppose(decision, library(), swapped))[key] is flip.verdict


@by_example
def test_answers_are_few_small_and_in_order_and_the_search_keeps_its_bound(case_id, hook):
    for result in searched(case_id, hook)[1].values():
        sizes = [len(flip.suppositions) for flip in result.found]
        assert sizes == sorted(sizes) and len(sizes) <= MOST_FLIPS and max(sizes, default=1) <= MOST_TOGETHER
        assert result.evaluations <= MOST_EVALUATIONS
        sets = [{s.key for s in flip.suppositions} for flip in result.found]
        assert not [one for one in sets for other in sets if one < other]


@by_example
def test_nothing_supposed_is_the_same_decision_and_supposing_leaves_it_alone(case_id, hook):
    decision, fresh = decided(CASES[case_id], hook), decided(CASES[case_id], hook)
    assert told(suppose(decision, library(), [])) == told(fresh)
    for guideline in decision.guidelines:
        for assessment in decision.assessments[guideline.id]:
            offered = suppositions(decision, library(), assessment.recommendation.key)
            suppose(decision, library(), [s.key for s in offered[::50]])
    assert told(decision) == told(fresh)
    assert decision.reading.problems == fresh.reading.problems and decision.reading.unreadable == fresh.reading.unreadable


@by_example
def test_keys_are_the_same_each_time_and_there_are_not_too_many(case_id, hook):
    one, other = decided(CASES[case_id], hook), decided(CASES[case_id], hook)
    for key in verdicts(one):
        keys = [s.key for s in suppositions(one, library(), key)]
        assert keys == [s.key for s in suppositions(other, library(), key)]
        assert len(keys) == len(set(keys)) <= MOST


def test_a_supposition_that_is_none_is_refused_without_a_word_of_the_record():
    decision = decided(CASES[EXAMPLES[0][0]], EXAMPLES[0][1])
    with pytest.raises(CannotSuppose) as error:
        suppose(decision, library(), ["nipple_discharge:Condition/secret:when=2-months"])
    assert "secret" not in str(error.value) and "discharge" not in str(error.value)
    with pytest.raises(CannotSuppose):
        flips(decision, library(), "no such recommendation")
