"""From the answers of the criteria to one verdict: the table in which unknown may become silence, and the only one."""

from enum import Enum

from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, either, every


class Verdict(str, Enum):
    """What a recommendation means for this patient now."""

    RECOMMENDED = "recommended"
    AFTER_CHECK = "recommended-after-check"
    NOT_ASSESSED = "not-assessed"
    INCOMPLETE = "incomplete"
    CONTRAINDICATED = "contraindicated"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not-applicable"

    @property
    def speaks(self) -> bool:
        return self in (Verdict.RECOMMENDED, Verdict.AFTER_CHECK)


ORDER_OF_WEIGHT = tuple(Verdict)  # a patient's verdict is the weightiest of the two breasts


DECIDING_ROLES = ("trigger", "required", "grounds", "confirm", "exclusions", "suppressed_by")


# How the criteria of a role are taken together.
TOGETHER = {
    "trigger": every,
    "required": every,
    "grounds": either,
    "confirm": every,
    "exclusions": either,
    "suppressed_by": either,
}


def verdict(
    trigger: Truth,
    required: Truth,
    grounds: Truth,
    confirm: Truth,
    exclusions: Truth,
    suppressed_by: Truth,
) -> Verdict:
    """The verdict table. tests/spec/guideline/test_verdicts.py writes it out."""
    if NOT_MET in (trigger, confirm) or grounds is not MET:
        return Verdict.NOT_APPLICABLE
    if exclusions is MET:
        return Verdict.CONTRAINDICATED
    if required is NOT_MET:
        return Verdict.NOT_APPLICABLE
    if suppressed_by is MET:
        return Verdict.SUPPRESSED
    if UNKNOWN in (trigger, required):
        return Verdict.INCOMPLETE
    if UNKNOWN in (confirm, exclusions, suppressed_by):
        return Verdict.AFTER_CHECK
    return Verdict.RECOMMENDED
