"""What the cases exercise: every key of the catalogue on its hooks, every criterion with every answer, every key often enough."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pytest

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.documentation.data_page import data_guide
from cds_service.documentation.guideline_readme import BEGIN, END, guide, renew
from cds_service.settings import Settings
from tests.cases import all_cases, cases_of
from tests.house.source import ROOT
from tests.spec.tables import table

pytestmark = pytest.mark.full

ZONE = Settings().timezone
FOLDERS = sorted(path.parent.name for path in (ROOT / "cards").glob("*/guideline.yaml"))

# --- every key of the catalogue, on exactly its hooks

# The indicator of the card on each hook, "-" where the key does not speak. "warning, or info while unsure": an advice
# against an order that one answer could still make right.
CATALOGUE = """
    key                       | folder              | patient-view | order-select    | order-sign
    --------------------------+---------------------+--------------+-----------------+----------------
    breastImagingFirst        | nipple_discharge    | info         | info            | info
    dischargeWatchfulWaiting  | nipple_discharge    | info         | -               | -
    ductoscopyReferral        | nipple_discharge    | info         | -               | -
    ductoscopyContraindicated | nipple_discharge    | warning      | warning         | warning
    ductoscopyBeforeSurgery   | nipple_discharge    | -            | info            | info
    fdgPetCtFirst             | oligometastases     | info         | info            | info
    selectiveMri              | oligometastases     | info         | -               | -
    mriNotRoutine             | oligometastases     | -            | warning or info | warning or info
    notOligometastatic        | oligometastases     | info         | -               | -
    fesPetNotRoutine          | oligometastases     | -            | warning or info | warning or info
    nafPetAlternative         | oligometastases     | -            | info            | info
    researchTracer            | oligometastases     | -            | warning         | warning
    oligometastasesMdt        | oligometastases     | info         | -               | -
    petCtLowYield             | metastatic          | -            | info            | info
    regionalRecurrenceMdt     | regional_recurrence | info         | -               | -
    markNodeBeforeSystemic    | regional_recurrence | -            | warning         | warning
    mariInRecurrence          | regional_recurrence | -            | info            | info
    aftCounselling            | reconstruction      | info         | info            | info
    aftNoRoutineImaging       | reconstruction      | -            | info            | info
    ibcSuspected              | inflammatory        | warning      | -               | -
    ibcStaging                | inflammatory        | info         | -               | -
    ibcNeoadjuvantFirst       | inflammatory        | info         | warning         | warning
    metastaticWorkUp          | metastatic          | info / warning | -               | -
    endocrineFirst            | metastatic          | -            | info            | info
"""


def spoken(recommendation, hook):
    """How the table writes what a recommendation says on a hook."""
    said = {(s.indicator, s.while_unsure) for s in recommendation.situations_on(hook)}
    words = {sure if sure == unsure else f"{sure} or {unsure}" for sure, unsure in said}
    return " / ".join(sorted(words)) or "-"


def test_every_key_of_the_catalogue_exists_on_exactly_its_hooks(library):
    rows = table(CATALOGUE)
    assert len(rows) == 24
    content = [
        (r.key, g.id, *(spoken(r, hook) for hook in HOOKS))
        for g in library.guidelines
        for r in g.recommendations
    ]
    assert sorted(content) == sorted(rows)


# --- what the service answers in every case


@dataclass
class Seen:
    """(guideline, key, moment, criterion) -> the answers that the cases give it; (key, hook) -> cases in which it was judged."""

    answers: dict = field(default_factory=lambda: defaultdict(set))
    judged: dict = field(default_factory=lambda: defaultdict(set))
    careless: list = field(
        default_factory=list
    )  # (case, criterion) that rest on unread inputs without being unknown


@pytest.fixture(scope="module")
def seen(played):
    found = Seen()
    for case in all_cases():
        for hook in case.expect:
            decision = played.decision(case, hook)
            for guideline, assessments in decision.assessments.items():
                for assessment in assessments:
                    found.judged[assessment.recommendation.key, hook].add(case.id)
                    for judged in (
                        judged
                        for evaluation in assessment.evaluations
                        for judged in evaluation.criteria
                    ):
                        found.answers[
                            guideline, assessment.recommendation.key, moment(hook), judged.id
                        ].add(judged.answer.truth.value)
                        if judged.answer.unread and judged.answer.truth.value != "unknown":
                            found.careless.append((case.id, judged.id))
    return found


def moment(hook):
    """Opening a chart, or ordering: order-select and order-sign ask the same."""
    return "chart" if hook == "patient-view" else "order"


# --- enough cases


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_at_least_25_cases(folder):
    assert len(cases_of(folder)) >= 25


# expected by at least; silent in at least; among them judged and found not to apply at least
EXPECTED, SILENT, JUDGED = 2, 4, 2


def test_every_key_has_at_least_6_cases_about_it_on_each_of_its_hooks(library, seen):
    thin = {}
    for guideline in library.guidelines:
        cases = cases_of(guideline.id)
        for recommendation in guideline.recommendations:
            for hook in (hook for hook in HOOKS if recommendation.situations_on(hook)):
                expected = {
                    case.id for case in cases if recommendation.key in case.expect.get(hook, ())
                }
                silent = {case.id for case in cases if hook in case.expect} - expected
                judged = (
                    silent & seen.judged[recommendation.key, hook]
                )  # the rest orders something else
                if len(expected) < EXPECTED or len(silent) < SILENT or len(judged) < JUDGED:
                    thin[recommendation.key, hook] = (
                        f"expected by {len(expected)}, silent in {len(silent)}, judged in {len(judged)} of those"
                    )
    assert thin == {}


def test_every_case_tells_which_sentence_or_ruling_decides_it():
    for case in all_cases():
        assert len(case.why) > 15, case.place


# --- every criterion, with every answer


def uses(library):
    """Every criterion of every situation: a key may ask other things in another situation, on the same hook too."""
    return dict.fromkeys(
        (guideline.id, recommendation.key, moment(hook), use.id)
        for guideline in library.guidelines
        for recommendation in guideline.recommendations
        for situation in recommendation.situations
        for use in situation.uses
        for hook in situation.hooks
    )


ANSWERS = ("met", "not-met", "unknown")
OPEN_WORLD = "what nobody wrote down is unknown, never absent"
# Answers that cannot be given: key (* = any), criterion, answer, why.
IMPOSSIBLE = [
    ("*", "other_complaint_of_this_breast", "not-met", f"another complaint: {OPEN_WORLD}"),
    (
        "ibcSuspected",
        "skin_signs_are_of_one_breast",
        "not-met",
        "signs with different sides are no picture at all: then the trigger is not met",
    ),
    ("metastaticWorkUp", "nerve_symptoms", "not-met", OPEN_WORLD),
    (
        "aftCounselling",
        "radiotherapy_is_indicated",
        "not-met",
        "no order of radiotherapy leaves it open: to be asked",
    ),
    ("regionalRecurrenceMdt", "earlier_breast_surgery", "not-met", OPEN_WORLD),
    ("regionalRecurrenceMdt", "earlier_axillary_surgery", "not-met", OPEN_WORLD),
    ("*", "systemic_therapy_before_the_recurrence", "not-met", OPEN_WORLD),
    ("*", "systemic_therapy_since_the_recurrence", "not-met", OPEN_WORLD),
    (
        "regionalRecurrenceMdt",
        "general_condition_is_known",
        "not-met",
        "it shows a value: on record, or not known",
    ),
    (
        "regionalRecurrenceMdt",
        "age_is_known",
        "not-met",
        "it shows a value: on record, or not known",
    ),
    (
        "regionalRecurrenceMdt",
        "cohort_risk_factors",
        "not-met",
        "grade or Ki-67, which nothing reads, could still make it not luminal A",
    ),
    ("*", "side_of_the_nodes_is_on_record", "not-met", "a side that is not on record is asked for"),
    (
        "fesPetNotRoutine",
        "biopsy_is_not_preferred",
        "not-met",
        "only the reason of an order says it; no reason says the opposite",
    ),
    ("*", "order_is:*", "unknown", "an order that is judged has a kind"),
    ("*", "radiotherapist_not_asked", "unknown", "only what was surely asked is not offered again"),
    ("*", "surgeon_not_asked", "unknown", "only what was surely asked is not offered again"),
    ("*", "ductoscopy_in_this_request", "unknown", "the drafts of a request are always read"),
    (
        "nafPetAlternative",
        "order_is:*",
        "not-met",
        "a situation for each of the two examinations: it chooses the paragraph",
    ),
    (
        "nafPetAlternative",
        "ordered_for_the_breast_cancer",
        "unknown",
        "neither examination is one of prostate cancer: the order names another disease, or not",
    ),
    ("*", "order_is_for_staging", "unknown", "an order without a reason is for staging"),
    (
        "*",
        "order_is_of_this_breast_only",
        "unknown",
        "an order without a side cannot be removed for one breast: not met",
    ),
    (
        "mriNotRoutine",
        "nothing_else_in_this_order_has_a_place",
        "unknown",
        "an examination with a doubtful ground is not known to have a place: met",
    ),
    (
        "*",
        "another_purpose",
        "met",
        "an order that states another purpose is exempt before it is asked",
    ),
    ("*", "order_is_for_surveillance", "unknown", "an order without a reason may be, and is asked"),
    (
        "ibcNeoadjuvantFirst",
        "examination_states_its_purpose",
        "not-met",
        "an operation is no examination",
    ),
    (
        "ibcNeoadjuvantFirst",
        "examination_states_its_purpose",
        "unknown",
        "an operation is no examination",
    ),
    (
        "ductoscopyContraindicated",
        "examination_states_its_purpose",
        "not-met",
        "no examination of imaging",
    ),
    (
        "ductoscopyContraindicated",
        "examination_states_its_purpose",
        "unknown",
        "no examination of imaging",
    ),
    (
        "metastaticWorkUp",
        "work_up_is_open",
        "unknown",
        "what is not surely open is not: then the emergency stands alone",
    ),
    (
        "endocrineFirst",
        "chemotherapy_is_for_early_disease",
        "unknown",
        "the order says so, or it does not",
    ),
]


def is_impossible(use, answer):
    return any(
        fnmatchcase(use[1], key) and fnmatchcase(use[3], criterion) and answer == given
        for key, criterion, given, _ in IMPOSSIBLE
    )


# Answers that no case gives yet, one line for each criterion: a case that gives one takes it away.
UNEXERCISED = ROOT / "tests" / "house" / "unexercised.txt"


def lines_of(never):
    return [" | ".join((*use, ", ".join(answers))) for use, answers in never.items()]


def test_the_cases_give_every_criterion_every_answer(library, seen):
    never = {
        use: [a for a in ANSWERS if a not in seen.answers[use] and not is_impossible(use, a)]
        for use in uses(library)
    }
    found = lines_of({use: answers for use, answers in never.items() if answers})
    listed = [
        line
        for line in UNEXERCISED.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    take_away, add = (
        [line for line in listed if line not in found],
        [line for line in found if line not in listed],
    )
    assert not take_away and not add, "\n".join(
        [
            f"{UNEXERCISED.name}:",
            *(f"- {line}" for line in take_away),
            *(f"+ {line}" for line in add),
        ]
    )
    assert listed == found, f"{UNEXERCISED.name}: in the order of the guidelines, every line once"


def test_what_is_called_impossible_is_asked_somewhere_and_never_seen(library, seen):
    asked = uses(library)
    for key, criterion, answer, _ in IMPOSSIBLE:
        about = [
            use for use in asked if fnmatchcase(use[1], key) and fnmatchcase(use[3], criterion)
        ]
        assert about, f"nothing asks {criterion}"
        assert not [use for use in about if answer in seen.answers[use]]


def test_only_an_unknown_answer_rests_on_data_that_were_not_read(seen):
    """The rule of when a verdict may be given relies on it (see tests/spec/guideline/test_verdicts.py)."""
    assert seen.careless == []


# --- the generated part of each README


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_generated_part_of_the_readme_is_current(library, folder):
    (guideline,) = (guideline for guideline in library.guidelines if guideline.id == folder)
    path = ROOT / "cards" / folder / "README.md"
    written = path.read_text(encoding="utf-8")
    assert written.count(BEGIN) == written.count(END) == 1, "run `cds-service guide`"
    assert renew(path, guide(guideline, cases_of(folder))) == written, "run `cds-service guide`"


def test_every_guideline_has_a_folder_with_a_readme(library):
    assert [guideline.id for guideline in library.guidelines] == FOLDERS
    assert not [
        folder for folder in FOLDERS if not (ROOT / "cards" / folder / "README.md").exists()
    ]


def test_keys_are_of_one_guideline(library):
    """Coverage and catalogue go by key."""
    keys = Counter(r.key for g in library.guidelines for r in g.recommendations)
    assert max(keys.values()) == 1


def test_the_page_for_integrators_is_what_the_content_makes(library):
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert data_guide(library) == page, "run `cds-service guide`"
    for guideline in library.guidelines:
        for fact in guideline.facts.values():
            assert f"### `{fact.name}`: " in page
            assert all(
                f"`{path.expression}`" in page for paths in fact.paths.values() for path in paths
            )
            assert all(code in page for _, code in fact.value_set.codes)
