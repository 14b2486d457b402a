"""What criteria and readers declare, against what they ask for while every case is played: nothing undeclared is asked, and
what is declared is asked for by some case, or stands here with its reason."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.guideline.criterion import Facts
from cds_service.settings import Settings
from tests.cases import all_cases

pytestmark = pytest.mark.full

# criterion -> facts and settings that it declares, and that no case makes it ask for.
UNASKED = {
    # The side of the cancer is asked where the lesion is in a regional node, the setting where no lesion is on record.
    "work_up_is_open": {"cancer_diagnosis"},
    "alarm_in_every_such_region": {"cancer_diagnosis", "pet_current_months"},
    "uncertain_finding_in_the_ordered_region": {"cancer_diagnosis"},
    "fdg_pet_ct_was_inconclusive": {"cancer_diagnosis", "pet_current_months"},
    "bone_findings_are_unclear": {"cancer_diagnosis", "pet_current_months"},
    # An order is always under review here, so that those on record are not asked for their reason.
    "mri_of_the_ordered_region_has_a_ground": {"cancer_diagnosis", "care_order"},
    "outcome_changes_choice_of_treatment": {"cancer_diagnosis", "care_order", "pet_current_months"},
    "fes_pet_is_an_exception": {"cancer_diagnosis", "care_order", "pet_current_months"},
    # An order that holds a second MRI comes with a case whose first question decides.
    "nothing_else_in_this_order_has_a_place": {
        "cancer_diagnosis",
        "lesion",
        "mdt_meeting",
        "pet_current_months",
        "scan",
    },
    # The side of the cancer is asked where the order has none.
    "mastectomy_is_planned": {"cancer_diagnosis"},
    # A recurrence whose station is not said is asked for the words of its diagnosis.
    "earlier_breast_surgery": {"regional_recurrence_in_words"},
    "earlier_axillary_surgery": {"regional_recurrence_in_words"},
    "systemic_therapy_before_the_recurrence": {"regional_recurrence_in_words"},
    "mdt_held_since_the_recurrence": {"regional_recurrence_in_words"},
    "node_marked_or_marking_ordered": {"regional_recurrence_in_words"},
    "no_mdt_planned_or_ordered": {"regional_recurrence_in_words"},
    "endocrine_treatment_starts_now": {
        "cancer_diagnosis",
        "cancer_surgery",
        "recurrence_after_months",
        "regional_recurrence_in_words",
    },
}


class Recorder(dict):
    """Value sets that note which of them a reader looks up."""

    def __init__(self, sets, told):
        super().__init__(sets)
        self.told = told

    def __getitem__(self, name):
        self.told.add(name)
        return super().__getitem__(name)


def unnamed_in(fact, definition):
    """The value, attributes and values of attributes of a fact that facts.yaml does not name."""
    known = definition.told_attributes()
    if fact.value not in definition.values:
        yield fact.value
    for name, matches in fact.attributes.items():
        if name not in known:
            yield name
        elif known[name]:
            yield from (f"{name}: {m.value}" for m in matches if m.value not in known[name])


@pytest.fixture(scope="module")
def asked(library):
    """(criterion -> facts and settings asked for), (reader -> value sets looked up) and (fact -> names and values that it has
    and that its definition does not name), over all cases."""
    criteria, readers, unnamed = {}, {}, {}
    with pytest.MonkeyPatch.context() as patch:
        for method in ("of", "setting"):
            original = getattr(Facts, method)

            def noted(self, name, original=original):
                criteria.setdefault(id(self.contract), set()).add(name)
                return original(self, name)

            patch.setattr(Facts, method, noted)

        def listening(name, reader):
            def read(reading, definition):
                told = readers.setdefault(name, set())
                every = reading.value_sets
                reading.value_sets = Recorder(every, told)
                found = tuple(reader(reading, definition))
                reading.value_sets = every
                for fact in found:
                    unnamed.setdefault(fact.name, set()).update(unnamed_in(fact, definition))
                return found

            return read

        heard = replace(library, readers={n: listening(n, r) for n, r in library.readers.items()})
        for case in all_cases():
            for hook in case.expect:
                record, wanted = render(case, date(2026, 6, 15)), prefetch_templates(heard, hook)
                request = parse(hook_request(case, record, hook, prefetch_keys=wanted), hook)
                now = datetime.combine(record.today, time(12), Settings().timezone)
                decide(request, heard, wanted, now, None)
    return criteria, readers, unnamed


def uses(library):
    """Every criterion in use, by name."""
    return {
        use.name: use
        for guideline in library.guidelines
        for recommendation in guideline.recommendations
        for situation in recommendation.situations
        for use in situation.uses
    }


def test_what_criteria_declare_is_asked_for_by_some_case(library, asked):
    unasked = {
        name: use.asks - asked[0].get(id(use.contract), set())
        for name, use in uses(library).items()
    }
    assert {name: left for name, left in unasked.items() if left} == UNASKED


def test_readers_declare_every_value_set_that_a_case_makes_them_look_up(library, asked):
    undeclared = {
        name: told - library.readers[name].value_sets - {"laterality"}
        for name, told in asked[1].items()
    }
    assert {name: left for name, left in undeclared.items() if left} == {}


def test_readers_make_only_what_the_definition_of_the_fact_names(asked):
    # An order for an MRI of the breast, about which no card speaks: the what-if page does not offer it.
    assert {name: found for name, found in asked[2].items() if found} == {"breast_order": {"mri"}}
