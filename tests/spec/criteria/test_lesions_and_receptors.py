"""How lesions are counted and placed, when a suspicion began, which receptor result is in force (decisions, 10a-10c, 10g, 10h)."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from cds_service.cards.shared.criteria.cancer import breast_cancer_on_record, cancer_sides
from cds_service.cards.shared.criteria.lesions import (
    REGIONAL_NODES,
    at_most_so_many_lesions,
    carcinomatosis_on_record,
    distant_lesion_on_record,
    is_distant,
    number_of_lesions,
    since_suspicion,
    suspicion,
)
from cds_service.cards.shared.criteria.orders import order_is_for_staging
from cds_service.cards.shared.criteria.receptors import hormone_receptor, receptor
from cds_service.cards.shared.criteria.treatment import (
    done_since,
    mdt_since,
    systemic_treatment_since,
)

from cds_service.facts.model import Fact, FactSet, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Facts
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table

LEFT, RIGHT, BOTH, NOWHERE = Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH, Laterality.UNKNOWN
NAMES = (
    "cancer_diagnosis",
    "lesion",
    "tumour_stage",
    "scan",
    "mdt_meeting",
    "care_order",
    "receptor",
    "systemic_treatment",
)
SETTINGS = {"most_oligo_lesions": SimpleNamespace(value=5)}


def day(text):
    when = date.fromisoformat(text) if text else None
    return Dates(when, when)


def fact(
    name,
    value,
    side=NOWHERE,
    *,
    asserted=MET,
    current=MET,
    when="",
    recorded="",
    resource_type="Condition",
    **attributes,
):
    given = {
        key: tuple(Match(word) for word in (words if isinstance(words, tuple) else (words,)))
        for key, words in attributes.items()
    }
    return Fact(
        name,
        f"{resource_type}/{value}",
        resource_type,
        value,
        side,
        asserted,
        current,
        day(when),
        day(recorded or when),
        given,
    )


def lesion(value, place="", **more):
    """A lesion that is called a metastasis, unless `certainty` says less."""
    told = {"certainty": "confirmed"} | more | ({"place": place} if place else {})
    return fact("lesion", value, **told)


def of(*facts, unread=(), order=None):
    """The facts of a patient; inputs of `unread` were not read."""

    def read(definition):
        return FactSet(tuple(f for f in facts if f.name == definition.name), frozenset(unread))

    definitions = {name: SimpleNamespace(name=name) for name in NAMES}
    return Facts(SimpleNamespace(facts=read), definitions, SETTINGS, order=order)


# --- distinct lesions (10b)

COUNTED = [
    ("nothing", [], (0, 0)),
    ("one site", [lesion("liver")], (1, 1)),
    ("the same site in two resources", [lesion("liver"), lesion("liver")], (1, 1)),
    (
        "two places of one site",
        [lesion("thoracic_spine", "th8"), lesion("thoracic_spine", "th10")],
        (2, 2),
    ),
    (
        "a site without a place adds nothing beside one with a place",
        [lesion("liver"), lesion("liver", "segment 7")],
        (1, 1),
    ),
    (
        "a parent adds nothing while a part is there",
        [lesion("bone"), lesion("lumbar_spine", "l3")],
        (1, 1),
    ),
    ("the spine adds nothing beside a part of it", [lesion("spine"), lesion("sacrum")], (1, 1)),
    (
        "bone and the part it names are one",
        [lesion("bone", "l3"), lesion("lumbar_spine", "l3")],
        (1, 1),
    ),
    (
        "a rib is no part of the spine",
        [lesion("bone", "rib 4"), lesion("lumbar_spine", "l3")],
        (2, 2),
    ),
    (
        "brain or meninges adds nothing beside the brain",
        [lesion("brain_or_meninges"), lesion("brain")],
        (1, 1),
    ),
    (
        "what has no site adds nothing beside one that has",
        [lesion("unspecified"), lesion("lung")],
        (1, 1),
    ),
    ("what has no site counts alone", [lesion("unspecified")], (1, 1)),
    ("a refuted one does not count", [lesion("liver", asserted=NOT_MET), lesion("lung")], (1, 1)),
    ("a resolved one does not count", [lesion("liver", current=NOT_MET), lesion("lung")], (1, 1)),
    ("an uncertain one counts", [lesion("liver", certainty="uncertain"), lesion("lung")], (2, 2)),
    (
        "one that may be resolved counts at most",
        [lesion("liver", current=UNKNOWN), lesion("lung")],
        (1, 2),
    ),
    (
        "a finding of which nobody says what it is",
        [fact("lesion", "liver", resource_type="Observation")],
        (0, 1),
    ),
    ("many: nobody can say how many", [lesion("bone", extent="multiple")], (1, None)),
]


@pytest.mark.parametrize("_, lesions, number", COUNTED, ids=[row[0] for row in COUNTED])
def test_distinct_lesions(_, lesions, number):
    assert number_of_lesions(of(fact("cancer_diagnosis", "invasive", LEFT), *lesions)) == number


SITES = ("liver", "lung", "brain", "sacrum", "adrenal", "ovary", "skin")


@pytest.mark.parametrize(
    "number, unread, answer",
    [
        (1, (), MET),
        (5, (), MET),
        (6, (), NOT_MET),
        (5, ("conditions",), UNKNOWN),
        (6, ("conditions",), NOT_MET),
    ],
)
def test_five_is_few_and_six_is_not(number, unread, answer):
    """What was not read may hold a further lesion, but takes none away."""
    found = at_most_so_many_lesions(of(*(lesion(site) for site in SITES[:number]), unread=unread))
    assert found.truth is answer and found.values["lesions"] == number


def test_of_many_nobody_can_say_whether_they_are_few():
    assert at_most_so_many_lesions(of(lesion("bone", extent="multiple"))).truth is UNKNOWN


# --- regional or distant (10b)

DISTANCE = """
    cancer  | node    | distant
    --------+---------+--------
    left    | left    | no       # regional
    left    | right   | yes      # the other side's nodes are distant
    left    | unknown | ?        # the card says so
    left    | both    | yes
    both    | left    | no
    both    | both    | no
    unknown | left    | ?
    none    | left    | ?
"""


@pytest.mark.parametrize("cancer, node, distant", table(DISTANCE))
@pytest.mark.parametrize("station", sorted(REGIONAL_NODES))
def test_nodes_are_regional_on_the_side_of_the_cancer(cancer, node, distant, station):
    cancers = [] if cancer == "none" else [fact("cancer_diagnosis", "invasive", Laterality(cancer))]
    node = lesion(station, side=Laterality(node))
    assert is_distant(of(*cancers, node), node) is TRUTHS[distant]


@pytest.mark.parametrize(
    "site, distant",
    [
        ("liver", MET),
        ("mediastinal_nodes", MET),
        ("unspecified", MET),
        ("chest_wall", NOT_MET),
        ("lymph_nodes", UNKNOWN),
    ],
)
def test_other_sites(site, distant):
    found = of(fact("cancer_diagnosis", "invasive", LEFT), lesion(site))
    assert is_distant(found, lesion(site)) is distant
    assert distant_lesion_on_record(found).truth is distant


def test_an_in_situ_cancer_gives_no_side():
    assert cancer_sides(
        of(fact("cancer_diagnosis", "in_situ", LEFT), fact("cancer_diagnosis", "history", RIGHT))
    ) == {RIGHT}


# --- carcinomatosis (10c)

CARCINOMATOSIS = """
    site              | certainty | answer
    ------------------+-----------+-------
    pleura            | confirmed | yes
    peritoneum        | confirmed | yes
    meninges          | confirmed | yes
    pleura            | suspected | ?
    meninges          | uncertain | ?
    brain_or_meninges | confirmed | ?      # ICD-10 C79.3
    brain             | confirmed | no
    lung              | confirmed | no
"""


@pytest.mark.parametrize("site, certainty, answer", table(CARCINOMATOSIS))
def test_carcinomatosis(site, certainty, answer):
    assert carcinomatosis_on_record(of(lesion(site, certainty=certainty))).truth is TRUTHS[answer]


# --- since when (10a)


def test_a_suspicion_begins_with_the_first_record_of_the_latest_lesion():
    found = of(
        lesion("liver", when="2026-01-10"),
        lesion("lung", when="2026-03-01"),
        lesion("lung", when="2026-05-01"),
    )
    assert suspicion(found) == day("2026-03-01")
    assert since_suspicion(found) == day("2026-01-29"), "a scan up to 31 days before found it"


@pytest.mark.parametrize(
    "value, when, answer",
    [
        ("fdg_pet", "2026-03-05", MET),
        ("fdg_pet", "2026-01-29", MET),
        ("fdg_pet", "2026-01-28", NOT_MET),
        ("pet", "2026-03-05", UNKNOWN),
        ("pet", "2026-01-28", NOT_MET),
        ("fes_pet", "2026-03-05", NOT_MET),
        ("fdg_pet", "", UNKNOWN),
    ],
)
def test_an_fdg_pet_ct_for_this_suspicion(value, when, answer):
    """A PET whose tracer is not on record is never taken for FDG."""
    found = of(lesion("lung", when="2026-03-01"), fact("scan", value, when=when))
    assert (
        done_since(found, "scan", ("fdg_pet",), since_suspicion(found), doubtful=("pet",)).truth
        is answer
    )


def test_a_lesion_may_have_been_recorded_as_part_of_a_larger_site_before():
    found = of(
        lesion("bone", when="2026-01-10"),
        lesion("lumbar_spine", "l3", when="2026-03-01"),
        lesion("unspecified", when="2026-05-01"),
    )
    assert suspicion(found) == day("2026-01-10")


@pytest.mark.parametrize(
    "when, draft, answer",
    [
        ("2026-03-01", None, MET),
        ("2026-02-28", None, NOT_MET),
        ("", None, UNKNOWN),
        ("2026-03-05", 0, NOT_MET),
    ],
)
def test_systemic_treatment_that_began_since(when, draft, answer):
    given = replace(fact("systemic_treatment", "chemotherapy", when=when), draft=draft)
    assert systemic_treatment_since(of(given), day("2026-03-01")).truth is answer


def test_a_planned_meeting_counts_whatever_its_date():
    assert mdt_since(of(fact("mdt_meeting", "mdt", planned="yes")), day("2026-03-01")).truth is MET
    assert (
        mdt_since(of(fact("mdt_meeting", "mdt", when="2026-02-28")), day("2026-03-01")).truth
        is NOT_MET
    )


# --- the order under review (10g)

ORDERS = [
    ({}, MET),
    ({"reason": "staging"}, MET),
    ({"reason": "surveillance"}, MET),
    ({"reason": ("staging", "consequence")}, MET),
    ({"priority": "routine"}, MET),
    ({"reason": "cord_compression"}, NOT_MET),
    ({"reason": "neurological"}, NOT_MET),
    ({"reason": "other"}, NOT_MET),
    ({"reason": ("staging", "complaint")}, NOT_MET),
    ({"priority": "urgent"}, NOT_MET),
    ({"priority": "asap"}, NOT_MET),
    ({"priority": "stat", "reason": "staging"}, NOT_MET),
    ({"priority": "unreadable"}, NOT_MET),
    ({"priority": "unreadable", "reason": "staging"}, NOT_MET),
]


@pytest.mark.parametrize("attributes, answer", ORDERS)
def test_an_order_is_for_staging_unless_it_says_otherwise(attributes, answer):
    assert (
        order_is_for_staging(of(order=fact("care_order", "mri_spine", **attributes))).truth
        is answer
    )


# --- receptors (10h)

RECEPTORS = [
    ("none on record", [], "er", UNKNOWN),
    ("one result", [("er_positive", "2020-01-01")], "er", MET),
    (
        "the newest wins",
        [("er_positive", "2020-01-01"), ("er_negative", "2026-01-01")],
        "er",
        NOT_MET,
    ),
    (
        "contradiction on one day",
        [("er_positive", "2026-01-01"), ("er_negative", "2026-01-01")],
        "er",
        UNKNOWN,
    ),
    ("triple negative says it of each", [("triple_negative", "2026-01-01")], "her2", NOT_MET),
    ("another receptor says nothing", [("pr_positive", "2026-01-01")], "er", UNKNOWN),
]


@pytest.mark.parametrize("_, results, name, answer", RECEPTORS, ids=[row[0] for row in RECEPTORS])
def test_receptor_in_force(_, results, name, answer):
    found = receptor(of(*(fact("receptor", value, when=when) for value, when in results)), name)
    assert found.truth is answer
    assert found.conflicting is (len(results) == 2 and answer is UNKNOWN)


def test_results_of_the_other_breast_count_unless_a_side_is_asked():
    results = of(
        fact("receptor", "her2_negative", LEFT, when="2020-01-01"),
        fact("receptor", "her2_positive", RIGHT, when="2026-01-01"),
    )
    assert receptor(results, "her2").truth is MET
    assert receptor(results, "her2", side=LEFT).truth is NOT_MET
    assert receptor(results, "her2", side=RIGHT).truth is MET


def test_a_result_without_a_side_counts_for_every_side():
    assert receptor(of(fact("receptor", "er_negative")), "er", side=LEFT).truth is NOT_MET


def test_the_day_of_a_result_is_that_of_its_record_where_its_onset_is_open():
    began = Dates(date(2010, 1, 1), None)
    older = fact("receptor", "er_negative", when="2020-01-01")
    newer = replace(fact("receptor", "er_positive", recorded="2026-01-01"), when=began)
    assert receptor(of(older, newer), "er").truth is MET
    assert receptor(of(older, newer), "er", side=LEFT).truth is MET


@pytest.mark.parametrize(
    "results, answer",
    [
        (["er_positive"], MET),
        (["er_negative", "pr_positive"], MET),
        (["er_negative", "pr_negative"], NOT_MET),
        (["er_negative"], NOT_MET),
        (["pr_negative"], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_hormone_receptor(results, answer):
    assert (
        hormone_receptor(
            of(*(fact("receptor", value, when="2026-01-01") for value in results))
        ).truth
        is answer
    )


def test_what_was_not_read_is_never_absent():
    """Every question of closed world is unknown while its input was not read."""
    found = of(unread=("conditions",))
    for question in (breast_cancer_on_record, distant_lesion_on_record, carcinomatosis_on_record):
        answer = question(found)
        assert answer.truth is Truth.UNKNOWN and answer.unread, question.__name__
