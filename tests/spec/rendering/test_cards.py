"""What a card says of a tree: situations, paragraphs, the context a reader weighs, sentences with values, drafted orders."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from markdown_it import MarkdownIt

from cds_service.cds_hooks.request import HookRequest
from cds_service.decision.decide import Decision
from cds_service.facts.extraction import Reading
from cds_service.facts.model import FactDefinition
from cds_service.fhir.paths import compile_path
from cds_service.fhir.record import Record
from cds_service.guideline.criterion import Answer, criterion
from cds_service.guideline.evaluation import assess
from cds_service.guideline.model import (
    ActionTemplate,
    CardTemplate,
    CriterionRole,
    Guideline,
    OrderTemplate,
    Paragraph,
    Recommendation,
    Situation,
    Source,
    SuggestionTemplate,
)
from cds_service.rendering.cards import render_cards
from cds_service.rendering.voice import escape
from cds_service.settings import Settings
from cds_service.terminology.systems import SNOMED
from cds_service.terminology.value_set import ValueSet
from tests.spec.tables import MET, NOT_MET, UNKNOWN

ZONE = ZoneInfo("Europe/Amsterdam")
LIVER = {"system": SNOMED, "code": "10200004", "display": "Liver structure"}


def both(text):
    return {"nl": text, "en": text}


def use(name, role, truth, found="", **values):
    @criterion(source="a test", values=tuple(values))
    def answer(facts):
        return Answer(truth, values=values)

    return CriterionRole(
        name,
        role,
        {},
        answer,
        both(f"label of {name}"),
        both(f"missing {name}"),
        both(found) if found else {},
    )


ORDERS = FactDefinition(
    "some_order",
    "test",
    both("Order"),
    ValueSet(
        "some_order", {(SNOMED, "1"): ("scan", "", "Scan"), (SNOMED, "2"): ("drug", "", "Drug")}, ()
    ),
    {"ServiceRequest": (compile_path("code"),)},
)


def order(identity, code):
    return {
        "resourceType": "ServiceRequest",
        "id": identity,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": SNOMED, "code": code}], "text": f"order {identity}"},
    }


def cards(
    library,
    *situations,
    hook="patient-view",
    orders=(),
    card=None,
    templates=None,
    per_breast=False,
):
    """The cards of one recommendation in these situations."""
    recommendation = Recommendation(
        "someAdvice",
        "test",
        both("Title"),
        both("decides"),
        both("weak"),
        "1",
        situations,
        card or CardTemplate(both("Summary"), both("Detail.")),
    )
    source = Source(both("Source"), "https://example.org", both("status"), False)
    guideline = Guideline(
        "test",
        "1",
        both("Guideline"),
        source,
        per_breast,
        {},
        {"some_order": ORDERS},
        (recommendation,),
        templates or {},
        both("order under review"),
        library.guidelines[0].terms,
    )
    record = Record("p", {}, {}, [], tuple(orders), frozenset(range(len(orders))))
    reading = Reading(
        record,
        datetime(2026, 6, 15, 12, tzinfo=ZONE),
        ZONE,
        {"laterality": ValueSet("laterality", {}, ())},
        {},
    )
    request = HookRequest(hook, "1", "p", "Practitioner/1", {})
    decision = Decision(
        request, reading, (), {"test": assess(guideline, hook, reading)}, (guideline,)
    )
    return render_cards(decision, library, Settings(), "en")


def situation(*uses, **more):
    return Situation(more.pop("hooks", ("patient-view",)), more.pop("orders", {}), uses, **more)


# --- situations


def test_a_recommendation_speaks_in_whichever_of_its_situations_is_there(library):
    here, elsewhere = situation(use("a", "trigger", MET)), situation(use("b", "trigger", NOT_MET))
    assert len(cards(library, elsewhere, here)) == len(cards(library, here, elsewhere)) == 1
    assert cards(library, elsewhere, elsewhere) == []


def test_of_several_situations_that_are_there_one_card_comes_with_all_of_them(library):
    (card,) = cards(
        library, situation(use("a", "trigger", MET)), situation(use("b", "trigger", MET))
    )
    assert "Label of a" in card["detail"] and "Label of b" in card["detail"]


@pytest.mark.parametrize(
    "first, second, indicator",
    [("info", "info", "info"), ("info", "warning", "warning"), ("warning", "info", "warning")],
)
def test_the_heaviest_situation_gives_the_indicator(library, first, second, indicator):
    (card,) = cards(
        library,
        situation(use("a", "trigger", MET), indicator=first),
        situation(use("b", "trigger", MET), indicator=second),
    )
    assert card["indicator"] == indicator


@pytest.mark.parametrize("exclusion, indicator", [(NOT_MET, "warning"), (UNKNOWN, "info")])
def test_a_situation_may_weigh_less_while_something_is_to_be_confirmed(
    library, exclusion, indicator
):
    unsure = situation(
        use("a", "trigger", MET),
        use("b", "exclusions", exclusion),
        indicator="warning",
        while_unsure="info",
    )
    (card,) = cards(library, unsure)
    assert card["indicator"] == indicator


def test_each_order_is_judged_in_the_situation_that_is_about_it(library):
    def about(kind):
        return situation(
            use(f"about {kind}", "trigger", MET),
            hooks=("order-sign",),
            orders={"some_order": (kind,)},
        )

    (card,) = cards(
        library,
        about("scan"),
        about("drug"),
        hook="order-sign",
        orders=[order("x", "1"), order("y", "2")],
    )
    assert "Label of about scan" in card["detail"] and "Label of about drug" in card["detail"]
    assert "order y" in card["detail"], "the second table says which order it is about"
    (card,) = cards(
        library, about("scan"), about("drug"), hook="order-sign", orders=[order("y", "2")]
    )
    assert "about scan" not in card["detail"]
    assert cards(library, about("scan"), hook="order-sign", orders=[order("y", "2")]) == []


# --- sentences


@pytest.mark.parametrize("truth, said", [(MET, True), (NOT_MET, False), (UNKNOWN, False)])
@pytest.mark.parametrize("role", ["grounds", "context", "informs"])
def test_a_paragraph_is_said_when_its_criterion_is_met(library, truth, said, role):
    template = CardTemplate(
        both("Summary"), both("Detail."), paragraphs=(Paragraph(both("The paragraph."), ("b",)),)
    )
    (card,) = cards(
        library,
        situation(use("a", "trigger", MET), use("always", "grounds", MET), use("b", role, truth)),
        card=template,
    )
    assert ("The paragraph." in card["detail"]) is said


@pytest.mark.parametrize("truth, word", [(MET, "yes"), (NOT_MET, "no"), (UNKNOWN, "not on record")])
def test_context_is_shown_and_decides_nothing(library, truth, word):
    (card,) = cards(library, situation(use("a", "trigger", MET), use("b", "context", truth)))
    assert f"| Label of b | {word} |" in card["detail"]
    assert card["extension"]["org.mammacards.evaluation"]["verdict"] == "recommended"


def test_what_informs_is_not_shown(library):
    (card,) = cards(library, situation(use("a", "trigger", MET), use("b", "informs", MET)))
    assert "Label of b" not in card["detail"]


@pytest.mark.parametrize(
    "value, said",
    [
        (7, "interval: 7 years"),
        ("left", "interval: left years"),
        (("left",), "interval: left years"),
        (("left", "right"), "interval: left and right years"),
        (("left", "right", "*bold*"), r"interval: left, right and \*bold\* years"),
        ("*bold*", r"interval: \*bold\* years"),
        (None, ""),
    ],
)
def test_a_value_is_told_in_its_sentence_and_an_unknown_one_is_not(library, value, said):
    """A value that is a term is said in the reader's language; text is escaped."""
    (card,) = cards(
        library,
        situation(
            use("a", "trigger", MET),
            use("b", "context", MET, found="interval: {span} years", span=value),
        ),
    )
    assert (
        f"| Label of b | yes | {said or 'nothing on record' if value is not None else ''}"
        in card["detail"]
    )
    assert ("interval" in card["detail"]) is bool(said)


# --- drafted orders


@pytest.mark.parametrize(
    "template, site, priority",
    [
        (OrderTemplate(both("MRI"), (), False), None, None),
        (OrderTemplate(both("MRI"), (), False, LIVER), LIVER, None),
        (OrderTemplate(both("Referral"), (), False, None, "urgent"), None, "urgent"),
    ],
)
def test_a_draft_has_the_site_and_the_priority_of_its_template(library, template, site, priority):
    suggestion = SuggestionTemplate(
        both("Do it"), (), (ActionTemplate("create", "one", both("Do it")),)
    )
    (card,) = cards(
        library,
        situation(use("a", "trigger", MET)),
        card=CardTemplate(both("Summary"), both("Detail."), suggestions=(suggestion,)),
        templates={"one": template},
    )
    draft = card["suggestions"][0]["actions"][0]["resource"]
    assert (draft.get("bodySite"), draft.get("priority")) == (
        [{"coding": [site]}] if site else None,
        priority,
    )
    assert (draft["status"], draft["intent"], draft["subject"]) == (
        "draft",
        "proposal",
        {"reference": "Patient/p"},
    )


def test_a_card_that_is_about_no_breast_names_none(library):
    """A guideline that is not judged per breast asks for what is missing without naming a side."""
    (card,) = cards(library, situation(use("a", "trigger", MET), use("b", "required", UNKNOWN)))
    assert (
        card["source"]["topic"]["code"] == "informationNeeded"
        and "breast" not in card["summary"]
        and "missing b" in card["detail"]
    )


@pytest.mark.parametrize(
    "text", ["1. x", "0.", "12) x", "- x", "+ x", "# x", "> x", "--- x", "1.5 cm"]
)
def test_text_of_a_record_at_the_start_of_a_line_makes_no_list_heading_or_quote(text):
    assert (
        MarkdownIt("js-default").render(escape(text)).strip()
        == f"<p>{text.replace('>', '&gt;')}</p>"
    )
