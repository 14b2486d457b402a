"""The judged tree as data: the extension of a card, and the answer of /explain."""

from cds_service.decision.decide import Decision
from cds_service.fhir.record import PrefetchInput
from cds_service.guideline.evaluation import Assessment, CriterionResult, Evaluation
from cds_service.guideline.fault import fault_of, note
from cds_service.guideline.library import Library
from cds_service.guideline.model import ROLE_WORDS, Guideline
from cds_service.guideline.verdict import Verdict
from cds_service.logic import Truth
from cds_service.rendering.voice import Phrasebook

EXTENSION = "org.mammacards.evaluation"


NOT_READ = (
    "unreadable",
    "read-in-part",
    "version",
)  # problems of resources that nobody could read, or not to the end


def explain(decision: Decision, library: Library, language: str) -> dict:
    """Every recommendation with its verdict and tree, the silent ones too; the state of every input; data problems."""
    recommendations = []
    for guideline in decision.guidelines:
        recommendations += _told_of(guideline, decision, library, language)
    problems = [
        {**({"reference": p.reference} if p.reference else {}), "kind": p.kind, "text": p.text}
        for p in decision.all_problems
    ]
    inputs = [_input(decision, i) for i in decision.record.inputs.values()]
    return {
        "recommendations": recommendations,
        "inputs": inputs,
        "problems": problems,
        "today": decision.today,
    }


def _told_of(
    guideline: Guideline, decision: Decision, library: Library, language: str
) -> list[dict]:
    """The recommendations of one guideline; where a fault of the content keeps them from being judged or told, that and its place."""
    assessments = decision.assessments[guideline.id]
    fault = next((a.fault for a in assessments if a.fault), None)
    if fault is None:
        try:
            voice = Phrasebook(language, library.wording, guideline)
            return [_told(voice, guideline, assessment) for assessment in assessments]
        except Exception as error:
            fault = fault_of(error, guideline.id, decision.request.hook, "words of the trace")
            note(fault)
    where = {
        "kind": fault.kind,
        "place": fault.place,
        "function": fault.function,
        "asked": fault.asked,
    }
    return [
        {
            "recommendation": assessment.recommendation.key,
            "contentVersion": guideline.version,
            "verdict": Verdict.NOT_ASSESSED.value,
            "title": assessment.recommendation.title.get(language, assessment.recommendation.key),
            "fault": where,
        }
        for assessment in assessments
    ]


def _told(voice: Phrasebook, guideline: Guideline, assessment: Assessment) -> dict:
    first, *others = assessment.evaluations
    told = tree(voice, guideline, first, assessment.verdict)
    told["title"] = voice.say(assessment.recommendation.title)
    rest = [
        tree(voice, guideline, e, e.verdict)
        for e in others
        if e.verdict is not Verdict.NOT_APPLICABLE
    ]
    return {**told, **({"others": rest} if rest else {})}


def _input(decision: Decision, read: PrefetchInput) -> dict:
    """The state of one input; resources in it that were relevant and could not be read are named."""
    unreadable = sorted(
        {
            p.reference
            for p in decision.problems
            if p.kind in NOT_READ and p.reference.startswith(f"{read.resource_type}/")
        }
    )
    told = {
        "key": read.key,
        "state": read.state.value,
        "reason": read.reason,
        "unreadable": unreadable,
    }
    return {key: value for key, value in told.items() if value}


def tree(voice: Phrasebook, guideline: Guideline, evaluation: Evaluation, verdict: Verdict) -> dict:
    """One evaluation as data (the card's extension): criteria with role, truth, evidence and what is missing."""
    told: dict = {
        "recommendation": evaluation.recommendation.key,
        "contentVersion": guideline.version,
        "verdict": verdict.value,
    }
    if guideline.per_breast:
        told["side"] = evaluation.side.value
    if evaluation.order is not None and evaluation.order.reference:
        told["order"] = evaluation.order.reference
    if evaluation.criteria:
        told["criteria"] = [_criterion(voice, judged) for judged in evaluation.criteria]
    if evaluation.unread:
        told["unread"] = sorted(evaluation.unread)
    return told


def _criterion(voice: Phrasebook, judged: CriterionResult) -> dict:
    told: dict = {
        "id": judged.id,
        "role": ROLE_WORDS.get(judged.role, judged.role),
        "truth": judged.answer.truth.value,
        "label": voice.label(judged),
    }
    evidence = []
    for fact in judged.answer.evidence:
        item = {
            "reference": fact.reference,
            "text": voice.evidence(fact),
            "date": str(fact.when) or str(fact.recorded),
        }
        evidence.append({key: value for key, value in item.items() if value})
    if evidence:
        told["evidence"] = evidence
    if judged.answer.truth is Truth.UNKNOWN:
        unread = [
            input_name(voice, key) for key in sorted(judged.answer.unread | judged.answer.asked)
        ]
        told["missing"] = unread or [voice.missing(judged)]
    if judged.answer.conflicting:
        told["conflicting"] = True
    return told


def input_name(voice: Phrasebook, key: str) -> str:
    """An input in the reader's language."""
    words = voice.wording["inputs"].get(key)
    return words[voice.language] if words else key
