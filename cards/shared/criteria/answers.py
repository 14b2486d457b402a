"""Small pieces that criteria are made of: the attributes of a fact, and when it was first on record."""

from collections.abc import Callable

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, agreed
from cds_service.logic import UNKNOWN, truth

OWN_WORDS = ("single",)  # an answer that an attribute of a guideline's own fact has


def attribute_values(fact: Fact, name: str) -> frozenset[str]:
    """The values of an attribute that a fact states; denied ones are left out."""
    return frozenset(match.value for match in fact.attributes.get(name, ()) if not match.negated)


def first_record(fact: Fact) -> Dates:
    """When a fact was first on record: recorded, or else when it began or took place."""
    return fact.recorded if fact.recorded.is_known else fact.when


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
