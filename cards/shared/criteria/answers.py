"""Small pieces that criteria are made of: attributes of a fact, answers that agree."""

from collections.abc import Callable, Iterable

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, either, truth

OWN_WORDS = ("single",)  # an answer that an attribute of a guideline's own fact has


def attribute_values(fact: Fact, name: str) -> frozenset[str]:
    """The values of an attribute that a fact states; denied ones are left out."""
    return frozenset(match.value for match in fact.attributes.get(name, ()) if not match.negated)


def first_record(fact: Fact) -> Dates:
    """When a fact was first on record: recorded, or else when it began or took place."""
    return fact.recorded if fact.recorded.is_known else fact.when


def any_of(judged: Iterable[tuple[Fact, Truth]], unread: frozenset[str]) -> Answer:
    """Whether one of some judged facts counts; closed world over what was read."""
    pairs = list(judged)
    result = either(truth for _, truth in pairs)
    if result is NOT_MET and unread:
        result = UNKNOWN
    return Answer(
        result,
        tuple(f for f, truth in pairs if truth is result and truth is not NOT_MET),
        unread if result is UNKNOWN else frozenset(),
    )


def agreed(answers: list[Answer]) -> Answer:
    """What several statements about one thing come to: unknown ones give way, contradicting ones make it unknown."""
    met, not_met = (
        [a for a in answers if a.truth is MET],
        [a for a in answers if a.truth is NOT_MET],
    )
    if met and not_met:
        return Answer(
            UNKNOWN, tuple(fact for a in (*met, *not_met) for fact in a.evidence), conflicting=True
        )
    chosen = met or not_met or answers
    return one_of(chosen) if chosen else Answer(UNKNOWN)


def attribute(facts: list[Fact], name: str, accepts: Callable[[str], bool | None]) -> Answer:
    """Whether an attribute of a complaint has an accepted value: statements with codes win over words."""
    stated = [(fact, match) for fact in facts for match in fact.attributes.get(name, ())]
    coded = [(f, m) for f, m in stated if not m.from_text] or stated
    answers = []
    for fact, match in coded:
        verdict = truth(accepts(match.value))
        if match.negated:
            # "Not spontaneous" answers a yes/no question; "not bloody" leaves the colour open.
            verdict = ~verdict if match.value in ("yes", "no", "single", "multiple") else UNKNOWN
        answers.append(Answer(UNKNOWN if match.uncertain else verdict, (fact,)))
    return agreed(answers)
