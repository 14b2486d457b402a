"""Which orders count: their side, their day, the order under review and the other drafts (decisions 6 and 10g)."""

import pytest
from cds_service.cards.shared.criteria.orders import ordered

from cds_service.facts.model import Laterality
from tests.spec.guideline.test_facts import day, fact, of
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table

SIDES = """
    side of the order | of no side | a referral | imaging
    ------------------+------------+------------+--------
    left              | yes        | yes        | yes
    right             | yes        | no         | no
    both              | yes        | yes        | yes
    unknown           | yes        | yes        | ?
    conflict          | yes        | ?          | ?
"""


@pytest.mark.parametrize("side, anywhere, referral, imaging", table(SIDES))
def test_the_side_of_an_order(side, anywhere, referral, imaging):
    facts, since = of(fact("mri", side=Laterality(side), when="2026-06-01")), day("2026-05-01")
    for sideless, expected in ((None, anywhere), (MET, referral), (UNKNOWN, imaging)):
        found = ordered(facts, "care_order", ("mri",), since, sideless=sideless)
        assert found.truth is TRUTHS[expected]


WHEN = """
    order      | state     | since      | to come since | since not known | counts
    -----------+-----------+------------+---------------+-----------------+-------
    2026-06-01 | …         | 2026-05-01 | …             | yes             | yes
    2026-04-01 | …         | 2026-05-01 | …             | yes             | no
    …          | …         | 2026-05-01 | …             | ?               | yes     # stands on the record now
    …          | …         | …          | …             | ?               | yes
    2026-06-01 | …         | …          | …             | yes             | yes
    2026-06-01 | …         | …          | …             | ?               | ?
    2026-04-01 | …         | 2026-05-01 | 2026-03-01    | ?               | yes     # not carried out yet
    2026-04-01 | completed | 2026-05-01 | 2026-03-01    | ?               | no
    2026-02-01 | …         | 2026-05-01 | 2026-03-01    | ?               | no
    2026-04-01 | …         | …          | 2026-03-01    | ?               | yes
"""


@pytest.mark.parametrize("when, state, since, to_come, undated, counts", table(WHEN))
def test_the_day_of_an_order(when, state, since, to_come, undated, counts):
    facts = of(fact("mri", when=when, state=state.strip("…")))
    found = ordered(
        facts,
        "care_order",
        ("mri",),
        day(since),
        undated=TRUTHS[undated],
        to_come_since=None if to_come == "…" else day(to_come),
    )
    assert found.truth is TRUTHS[counts]


def test_another_draft_counts_and_the_order_under_review_does_not():
    since = day("2026-05-01")
    itself, other = fact("mri", when="2020-01-01", draft=0), fact("mri", when="2020-01-01", draft=1)
    assert ordered(of(itself, order=itself), "care_order", ("mri",), since).truth is NOT_MET
    found = ordered(of(itself, other, order=itself), "care_order", ("mri",), since)
    assert (found.truth, found.evidence) == (MET, (other,))


def test_an_order_of_another_kind_or_that_fails_the_rest_does_not_count():
    since, biopsy = day("2026-05-01"), fact("biopsy", when="2026-06-01")
    assert ordered(of(biopsy), "care_order", ("mri", "ct"), since).truth is NOT_MET
    for rest in (MET, UNKNOWN, NOT_MET):
        found = ordered(of(biopsy), "care_order", ("biopsy",), since, where=lambda _, r=rest: r)
        assert found.truth is rest
