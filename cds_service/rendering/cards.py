"""From evaluated trees to cards, and to the trace of /explain: the same tree, told twice.

CDS Hooks 2.0.1: §Card Attributes, §Suggestion, §Action, §Link, §Source, §OverrideReason. Optional fields without a
value are left out.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from cds_service.decision.decide import Decision
from cds_service.fhir.record import DataIssue
from cds_service.guideline.evaluation import (
    ORDER_UNDER_REVIEW,
    Assessment,
    CriterionResult,
    Evaluation,
)
from cds_service.guideline.fault import fault_of, note
from cds_service.guideline.library import Library
from cds_service.guideline.loading.card_templates import SUMMARY_LIMIT
from cds_service.guideline.model import (
    CardTemplate,
    Guideline,
    OrderTemplate,
    Recommendation,
    SuggestionTemplate,
)
from cds_service.guideline.notices import not_assessed, waiting_for_answers
from cds_service.logic import Truth
from cds_service.rendering.at_fault import card_at_fault
from cds_service.rendering.trace import EXTENSION, NOT_READ, input_name, tree
from cds_service.rendering.voice import Phrasebook, escape, plain
from cds_service.settings import Settings

OVERRIDE_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
OWN_CARDS = (
    "informationNeeded",
    "notAssessed",
)  # keys of cards that belong to a guideline, not to one of its recommendations
SHOWN_ROLES = ("trigger", "required", "grounds", "confirm", "exclusions", "context")
REASONS = (
    "Condition",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
)  # what a ServiceRequest may give as its reason (FHIR R4)
INDICATOR_ORDER = {"critical": 0, "warning": 1, "info": 2}


def render_cards(
    decision: Decision, library: Library, settings: Settings, language: str
) -> list[dict]:
    """The cards of a decision: warnings first, then in the order of the guidelines."""
    cards = []
    for guideline in decision.guidelines:
        cards += _cards_of(guideline, decision, library, settings, language)
    return sorted(cards, key=lambda card: INDICATOR_ORDER[card["indicator"]])


def _cards_of(
    guideline: Guideline, decision: Decision, library: Library, settings: Settings, language: str
) -> list[dict]:
    """The cards of one guideline. A fault of the content, in judging or in words, leaves one card that says so."""
    assessments, hook = decision.assessments[guideline.id], decision.request.hook
    if not any(a.fault for a in assessments):
        try:
            pen = CardWriter(
                Phrasebook(language, library.wording, guideline), guideline, decision, settings
            )
            return [
                *(pen.recommendation(a) for a in assessments if a.verdict.speaks),
                *pen.information_needed(assessments),
                *pen.not_assessed(assessments),
            ]
        except Exception as error:
            note(fault_of(error, guideline.id, hook, "words of the cards"))
    return [card_at_fault(guideline, hook, library.wording, settings, language)]


class CardWriter:
    """Writes the cards of one guideline."""

    def __init__(
        self, voice: Phrasebook, guideline: Guideline, decision: Decision, settings: Settings
    ):
        self.voice, self.guideline, self.decision, self.settings = (
            voice,
            guideline,
            decision,
            settings,
        )

    def recommendation(self, assessment: Assessment) -> dict:
        recommendation, speaking = assessment.recommendation, assessment.speaking
        first = speaking[0]
        template = recommendation.card
        opening = next(
            (o for o in template.instead if all(first.is_met(needed) for needed in o.said_when)),
            template,
        )
        sections = [
            self.voice.fill(opening.detail, first, markdown=True),
            *self._paragraphs(template, first),
            self._table(first),
        ]
        for other in speaking[1:]:
            about = [self.voice.breast(other.side)] if self.guideline.per_breast else []
            about += (
                [self.voice.order(other, markdown=True)]
                if other.order is not None and other.order is not first.order
                else []
            )
            sections += [
                f"**{self.voice.shared('card', 'other_breast')}: {', '.join(about)}**",
                *self._paragraphs(template, other),
                self._table(other),
            ]
        indicator = min((e.indicator for e in speaking), key=INDICATOR_ORDER.__getitem__)
        card = self._card(recommendation.key, indicator, recommendation.section, recommendation)
        card["summary"] = _short(self.voice.fill(opening.summary, first, markdown=False))
        card["detail"] = "\n\n".join([*sections, self._footer(recommendation)])
        suggestions = [
            s for e in speaking for t in template.suggestions if (s := self._suggestion(t, e))
        ]
        unique = {suggestion["label"]: suggestion for suggestion in suggestions}
        if unique:
            card["suggestions"] = list(unique.values())
            card["selectionBehavior"] = template.selection
        card["overrideReasons"] = [
            {
                "code": code,
                "system": OVERRIDE_SYSTEM,
                "display": self.voice.shared("override_reasons", code),
            }
            for code in template.override_reasons
        ]
        card["links"] = [
            {"label": self.voice.say(label), "url": self._absolute(url), "type": "absolute"}
            for label, url in template.links
        ]
        card["extension"] = {EXTENSION: tree(self.voice, self.guideline, first, assessment.verdict)}
        return {key: value for key, value in card.items() if value not in ([], {}, "", None)}

    def information_needed(self, assessments: Sequence[Assessment]) -> list[dict]:
        """At most one card, for what guideline/notices.py says to ask."""
        waiting = waiting_for_answers(self.decision.request.hook, assessments)
        if not waiting:
            return []
        evaluation = waiting[0].evaluation
        missing = list(
            dict.fromkeys(self.voice.missing(j) for _, judged in waiting for j in judged)
        )
        decides = list(dict.fromkeys(self.voice.say(e.recommendation.decides) for e, _ in waiting))
        card = self._card("informationNeeded", "info", evaluation.recommendation.section)
        title = self.voice.say(self.guideline.title) + (
            f" ({self.voice.breast(evaluation.side)})" if self.guideline.per_breast else ""
        )
        card["summary"] = _short(
            self.voice.shared("information_needed", "summary").format(title=title)
        )
        detail = self.voice.shared("information_needed", "detail").format(
            missing="; ".join(missing), decides="; ".join(decides)
        )
        card["detail"] = "\n\n".join([detail, self._table(evaluation), self._footer()])
        card["extension"] = {
            EXTENSION: tree(self.voice, self.guideline, evaluation, evaluation.verdict)
        }
        return [card]

    def not_assessed(self, assessments: Iterable[Assessment]) -> list[dict]:
        """At most one card, so that silence never looks like "nothing to advise"; a warning when it could hide one."""
        missed = not_assessed(assessments)
        if missed is None:
            return []
        indicator = "warning" if missed.hides_warning else "info"
        unread = sorted(
            {
                key
                for a in missed.assessments
                for key in a.unread
                if not self.decision.record.inputs[key].state.is_read
            }
        )
        inputs = [input_name(self.voice, key) for key in unread] + [
            escape(p.reference or p.text) for p in self.decision.problems if p.kind in NOT_READ
        ]
        titles = "; ".join(self.voice.say(a.recommendation.title) for a in missed.assessments)
        card = self._card("notAssessed", indicator, missed.example.recommendation.section)
        card["summary"] = _short(
            self.voice.shared("not_assessed", "summary").format(
                title=self.voice.say(self.guideline.title)
            )
        )
        detail = self.voice.shared("not_assessed", "detail").format(
            inputs=", ".join(dict.fromkeys(inputs)), recommendations=titles
        )
        card["detail"] = "\n\n".join([detail, self._footer()])
        card["extension"] = {
            EXTENSION: tree(self.voice, self.guideline, missed.example, missed.example.verdict)
        }
        return [card]

    def _card(
        self, key: str, indicator: str, section: str, recommendation: Recommendation | None = None
    ) -> dict:
        source = self.guideline.source
        draft = f"[{self.voice.shared('card', 'draft')}] " if source.draft else ""
        label = f"{draft}{self.voice.say(source.label)}, {self.voice.shared('card', 'section')} {section}"
        topic = {"code": key, "system": self.settings.topic_system}
        if recommendation is not None:
            topic["display"] = self.voice.say(recommendation.title)
        return {
            "uuid": str(uuid.uuid4()),
            "summary": "",
            "indicator": indicator,
            "source": {"label": label, "url": source.url, "topic": topic},
        }

    def _paragraphs(self, template: CardTemplate, evaluation: Evaluation) -> list[str]:
        """The paragraphs whose criteria are all met."""
        said = (
            p
            for p in template.paragraphs
            if all(evaluation.is_met(needed) for needed in p.said_when)
        )
        return [self.voice.fill(paragraph.text, evaluation, markdown=True) for paragraph in said]

    def _table(self, evaluation: Evaluation) -> str:
        rows = [self.voice.shared("card", "table"), "| --- | --- | --- |"]
        for judged in evaluation.of_role(*SHOWN_ROLES) + evaluation.open("suppressed_by"):
            evidence = "; ".join(
                [
                    *self.voice.found(judged),
                    *(self.voice.evidence(fact, markdown=True) for fact in judged.answer.evidence),
                ]
            )
            if judged.answer.conflicting:
                evidence = f"**{self.voice.shared('card', 'conflicting')}**: {evidence}"
            rows.append(
                f"| {self.voice.label(judged)} | {self._judgement(judged)} | {evidence or self._nothing(judged)} |"
            )
        return "\n".join(rows)

    def _judgement(self, judged: CriterionResult) -> str:
        if judged.answer.truth is not Truth.UNKNOWN:
            return self.voice.shared("card", judged.answer.truth.value)
        if judged.role == "context":
            return self.voice.shared("card", "not_recorded")
        return f"*{self.voice.shared('card', 'to_confirm')}*"

    def _nothing(self, judged: CriterionResult) -> str:
        if unread := judged.answer.unread | judged.answer.asked:
            return ", ".join(input_name(self.voice, key) for key in sorted(unread))
        if judged.role == "context":
            return ""
        return self.voice.shared(
            "card", "no_record" if judged.answer.truth is Truth.UNKNOWN else "nothing_recorded"
        )

    def _footer(self, recommendation: Recommendation | None = None) -> str:
        """Source and its status, the settings that were used, the day of judging, what could not be used."""
        say, shared, source = self.voice.say, self.voice.shared, self.guideline.source
        strength = f"; {say(recommendation.strength)}" if recommendation else ""
        lines = [
            f"{shared('card', 'source')}: {say(source.label)} ({say(source.status)}{strength})."
        ]
        used = [
            s
            for name, s in self.guideline.settings.items()
            if recommendation is None or name in recommendation.asks
        ]
        lines += [
            f"{shared('card', 'setting')}: {say(s.label).format(value=s.value)}." for s in used
        ]
        lines += [
            shared("card", kind).format(what=escape(", ".join(names)))
            for kind in ("unreadable", "version", "future")
            if (names := _named(self.decision.problems, kind))
        ]
        lines.append(
            f"{shared('card', 'judged_on')} {self.voice.day(date.fromisoformat(self.decision.today))}; {escape(self.guideline.id)} {self.guideline.version}."
        )
        return "  \n".join(lines)

    def _suggestion(self, template: SuggestionTemplate, evaluation: Evaluation) -> dict | None:
        if not all(evaluation.is_met(criterion_id) for criterion_id in template.offered_when):
            return None
        if (
            any(action.type == "delete" for action in template.actions)
            and not evaluation.may_remove_order
        ):
            return None
        actions = []
        for action in template.actions:
            described = {
                "type": action.type,
                "description": self.voice.fill(action.description, evaluation, markdown=False),
            }
            if action.type == "create":
                actions.append(
                    {
                        **described,
                        "resource": self._draft(self.guideline.orders[action.order], evaluation),
                    }
                )
            elif evaluation.order is not None and evaluation.order.reference:
                actions.append({**described, "resourceId": evaluation.order.reference})
            else:
                return None  # an order without an id cannot be named, so it cannot be removed
        return {
            "label": self.voice.fill(template.label, evaluation, markdown=False),
            "uuid": str(uuid.uuid4()),
            "actions": actions,
        }

    def _draft(self, order: OrderTemplate, evaluation: Evaluation) -> dict:
        """A ServiceRequest for the client to complete: status draft, intent proposal, subject the context patient."""
        words = {
            "breast": self.voice.breast(evaluation.side),
            "side": self.voice.term(evaluation.side.value),
        }
        draft: dict = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "code": {
                "coding": [dict(coding) for coding in order.codings],
                "text": self.voice.say(order.text).format(**words),
            },
            "subject": {"reference": f"Patient/{self.decision.request.patient_id}"},
        }
        if order.sided:
            site = self.voice.wording["body_sites"][evaluation.side.value]
            draft["bodySite"] = [{"coding": [dict(site)], "text": words["breast"]}]
        elif order.site:
            draft["bodySite"] = [{"coding": [dict(order.site)]}]
        if order.priority:
            draft["priority"] = order.priority
        if (
            self.decision.request.user_id.split("/")[0] in ("Practitioner", "PractitionerRole")
            and "/" in self.decision.request.user_id
        ):
            draft["requester"] = {"reference": self.decision.request.user_id}
        reasons = dict.fromkeys(
            f.reference
            for j in evaluation.of_role("trigger")
            if j.id != ORDER_UNDER_REVIEW
            for f in j.answer.evidence
            if f.reference and f.draft is None and f.resource_type in REASONS
        )
        if reasons:
            draft["reasonReference"] = [{"reference": reference} for reference in reasons]
        return draft

    def _absolute(self, url: str) -> str:
        return url if "://" in url else self.settings.public_url + url


def _named(problems: Iterable[DataIssue], kind: str) -> list[str]:
    return sorted({plain(p.reference or p.text) for p in problems if p.kind == kind})


def _short(summary: str) -> str:
    return summary if len(summary) <= SUMMARY_LIMIT else summary[: SUMMARY_LIMIT - 1] + "…"
