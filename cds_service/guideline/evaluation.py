"""From answers to verdicts. Unknown becomes silence in one place only: the verdict table below."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from cds_service.errors import MammaCardsError
from cds_service.facts.extraction import Reading
from cds_service.facts.model import Fact, Laterality
from cds_service.guideline.criterion import Answer, Criterion, Facts, facts_of
from cds_service.guideline.fault import ContentFailure, Fault, fault_of
from cds_service.guideline.model import CriterionRole, Guideline, Recommendation, Situation, Words
from cds_service.guideline.verdict import (
    DECIDING_ROLES,
    ORDER_OF_WEIGHT,
    TOGETHER,
    Verdict,
    verdict,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, every


@dataclass(frozen=True)
class CriterionResult:
    """One criterion with its answer."""

    id: str
    role: str
    label: Words
    missing: Words
    parameters: Mapping[str, object]
    answer: Answer
    found: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """One recommendation for one breast (or the patient) and one order: the tree that card, trace and what-if read."""

    recommendation: Recommendation
    verdict: Verdict
    side: Laterality
    order: Fact | None
    criteria: tuple[CriterionResult, ...]
    unread: frozenset[str] = frozenset()  # inputs that stand between us and a verdict
    situation: Situation | None = None
    fault: Fault | None = None  # of the content, which stands between us and a verdict

    @property
    def indicator(self) -> str:
        """How heavily it weighs: less, where the situation says so, while something is still to be confirmed."""
        if self.situation is None:
            return "info"
        return (
            self.situation.while_unsure
            if self.verdict is Verdict.AFTER_CHECK
            else self.situation.indicator
        )

    @property
    def may_remove_order(self) -> bool:
        """Whether its card may offer to remove the order: the advice stands without any check, none of its criteria being unknown,
        and everything that removal needs besides (role `removal`) is surely so."""
        return self.verdict is Verdict.RECOMMENDED and all(
            j.answer.truth is MET for j in self.of_role("removal")
        )

    def of_role(self, *roles: str) -> tuple[CriterionResult, ...]:
        return tuple(j for j in self.criteria if j.role in roles)

    def open(self, *roles: str) -> tuple[CriterionResult, ...]:
        """The criteria of these roles that the record leaves unknown."""
        return tuple(j for j in self.of_role(*roles) if j.answer.truth is UNKNOWN)

    def is_met(self, criterion_id: str) -> bool:
        return any(j.id == criterion_id and j.answer.truth is MET for j in self.criteria)


@dataclass(frozen=True)
class Assessment:
    """A recommendation for the patient: its evaluations, the weightiest first."""

    recommendation: Recommendation
    evaluations: tuple[Evaluation, ...]

    @property
    def verdict(self) -> Verdict:
        return self.evaluations[0].verdict

    @property
    def speaking(self) -> tuple[Evaluation, ...]:
        return tuple(e for e in self.evaluations if e.verdict.speaks)

    @property
    def unread(self) -> frozenset[str]:
        return frozenset().union(*(e.unread for e in self.evaluations))

    @property
    def fault(self) -> Fault | None:
        """The fault of the content for which it could not be judged."""
        return self.evaluations[0].fault

    @property
    def is_assessable(self) -> bool:
        return all(e.verdict is not Verdict.NOT_ASSESSED for e in self.evaluations)


def orders_that_concern(guideline: Guideline, hook: str, reading: Reading) -> tuple[Fact, ...]:
    """The judged draft orders that some recommendation of this guideline on this hook is about."""
    wanted: dict[str, set[str]] = {}
    for recommendation in guideline.for_hook(hook):
        for name, kinds in (
            (name, kinds)
            for situation in recommendation.situations_on(hook)
            for name, kinds in situation.orders.items()
        ):
            wanted.setdefault(name, set()).update(kinds)
    return tuple(
        fact
        for name, kinds in wanted.items()
        for fact in facts_of(reading, guideline.facts[name]).facts
        if fact.draft in reading.record.judged
        and fact.value in kinds
        and fact.asserted is not NOT_MET
    )


def unreadable_orders(guideline: Guideline, hook: str, reading: Reading) -> frozenset[str]:
    """Facts by which judged orders may concern this guideline, where such an order cannot be read."""
    judged = {id(reading.record.drafts[position]) for position in reading.record.judged}
    names = {
        name
        for r in guideline.for_hook(hook)
        for situation in r.situations_on(hook)
        for name in situation.orders
    }
    for name in names:
        facts_of(reading, guideline.facts[name])
    return frozenset(
        name for name, draft in reading.unreadable_orders if name in names and draft in judged
    )


def assess(
    guideline: Guideline, hook: str, reading: Reading, unreadable: frozenset[str] = frozenset()
) -> tuple[Assessment, ...]:
    """Every recommendation of the guideline on this hook, the silent ones too.

    `unreadable`: facts of judged orders that could not be read; what they would have concerned is not assessed.
    Where the content breaks, nothing of this guideline is assessed, with the fault in every evaluation.
    """
    try:
        return _assessed(guideline, hook, reading, unreadable)
    except MammaCardsError:
        raise
    except Exception as error:
        return not_judged(guideline, hook, fault_of(error, guideline.id, hook))


def not_judged(guideline: Guideline, hook: str, fault: Fault) -> tuple[Assessment, ...]:
    """Every recommendation of a guideline on a hook as not assessed, because of a fault of the content."""
    return tuple(_not_judged(r, hook, fault) for r in guideline.for_hook(hook))


def _not_judged(recommendation: Recommendation, hook: str, fault: Fault) -> Assessment:
    unassessed = Evaluation(
        recommendation, Verdict.NOT_ASSESSED, Laterality.UNKNOWN, None, (), fault=fault
    )
    return Assessment(
        recommendation,
        tuple(replace(unassessed, situation=s) for s in recommendation.situations_on(hook)),
    )


def _assessed(
    guideline: Guideline, hook: str, reading: Reading, unreadable: frozenset[str]
) -> tuple[Assessment, ...]:
    orders = orders_that_concern(guideline, hook, reading)
    caches = _CriterionCaches(guideline, reading)
    judged = (
        _assess(recommendation, hook, caches, orders, unreadable)
        for recommendation in guideline.for_hook(hook)
    )
    return tuple(assessment for assessment in judged if assessment is not None)


def assess_one(
    guideline: Guideline,
    recommendation: Recommendation,
    hook: str,
    reading: Reading,
    orders: tuple[Fact, ...],
    unreadable: frozenset[str] = frozenset(),
) -> Assessment | None:
    """One recommendation on this hook; None where it is about none of the orders. A fault of the content is told as by `assess`."""
    try:
        return _assess(
            recommendation, hook, _CriterionCaches(guideline, reading), orders, unreadable
        )
    except MammaCardsError:
        raise
    except Exception as error:
        return _not_judged(recommendation, hook, fault_of(error, guideline.id, hook))


class _CriterionCache:
    """One breast and one order before the criteria of a guideline. What several recommendations ask is answered once."""

    def __init__(
        self, guideline: Guideline, reading: Reading, side: Laterality, order: Fact | None
    ):
        self.guideline, self.side, self.order = guideline, side, order
        self.reading = reading
        self._given: dict[tuple[Criterion, str], Answer] = {}

    def answer(self, use: CriterionRole) -> Answer:
        """The answer to a criterion, which sees of the record what it declares."""
        key = (use.function, use.id)
        if key not in self._given:
            known = self.guideline
            facts = Facts(
                self.reading, known.facts, known.settings, self.side, self.order, use.contract
            )
            try:
                self._given[key] = use.function(facts, **use.parameters)
            except MammaCardsError:
                raise
            except Exception as error:
                raise ContentFailure(f"criterion {use.name}") from error
        return self._given[key]

    def unread(self, use: CriterionRole) -> frozenset[str]:
        """The inputs that were not read of the facts that a criterion declares to read."""
        facts = [self.guideline.facts[name] for name in use.contract.reads]
        return frozenset().union(*(facts_of(self.reading, fact).unread for fact in facts))


class _CriterionCaches(dict):
    """The hearings of one guideline by (side, order), each opened when it is first asked for."""

    def __init__(self, guideline: Guideline, reading: Reading):
        super().__init__()
        self.guideline, self.reading = guideline, reading

    def __missing__(self, key: tuple[Laterality, Fact | None]) -> _CriterionCache:
        return self.setdefault(key, _CriterionCache(self.guideline, self.reading, *key))


def _assess(
    recommendation: Recommendation,
    hook: str,
    caches: _CriterionCaches,
    orders: tuple[Fact, ...],
    unreadable: frozenset[str],
) -> Assessment | None:
    sides = (
        (Laterality.LEFT, Laterality.RIGHT, Laterality.UNKNOWN)
        if caches.guideline.per_breast
        else (Laterality.UNKNOWN,)
    )
    found: list[Evaluation] = []
    for situation in recommendation.situations_on(hook):
        mine = (
            [o for o in orders if o.value in situation.orders.get(o.name, ())]
            if situation.orders
            else [None]
        )
        found += [
            _evaluate(recommendation, situation, caches[side, order])
            for order in mine
            for side in sides
        ]
        if situation.orders.keys() & unreadable:
            found.append(
                Evaluation(
                    recommendation,
                    Verdict.NOT_ASSESSED,
                    Laterality.UNKNOWN,
                    None,
                    (),
                    situation=situation,
                )
            )
    # Of two that weigh alike, the one that was judged further says more.
    found.sort(key=lambda e: (ORDER_OF_WEIGHT.index(e.verdict), -len(e.criteria)))
    return Assessment(recommendation, tuple(found)) if found else None


def _evaluate(
    recommendation: Recommendation, situation: Situation, cache: _CriterionCache
) -> Evaluation:
    order, side = cache.order, cache.side
    judged = (
        [_order_criterion(order, side, cache.guideline.order_label)] if order is not None else []
    )
    triggers = situation.role("trigger")
    judged += [_judge(use, cache) for use in triggers]
    if every(j.answer.truth for j in judged) is NOT_MET:
        return Evaluation(
            recommendation,
            Verdict.NOT_APPLICABLE,
            side,
            order,
            tuple(judged),
            frozenset(),
            situation,
        )
    judged += [_judge(use, cache) for use in situation.uses if use.role != "trigger"]
    trigger_unread = frozenset().union(*[cache.unread(use) for use in triggers])
    result, unread = _conclude(situation, judged, trigger_unread)
    return Evaluation(recommendation, result, side, order, tuple(judged), unread, situation)


def _judge(use: CriterionRole, cache: _CriterionCache) -> CriterionResult:
    excludes = (
        use.role == "exclusions"
        or use.role == "grounds"
        and use.id in cache.guideline.contraindications
    )
    answer = _cautious(cache.answer(use), excludes)
    return CriterionResult(
        use.id, use.role, use.label, use.missing, use.parameters, answer, use.found
    )


def _cautious(answer: Answer, excludes: bool) -> Answer:
    """An answer with everything that contradicts its evidence. What contradictions leave unknown counts against going ahead:
    an exclusion is met (also as the grounds of a warning), a requirement stays unknown."""
    if not answer.evidence and not answer.conflicting:
        return answer
    against = tuple(other for fact in answer.evidence for other in fact.against)
    if not (
        answer.conflicting
        or against
        or any(fact.side is Laterality.CONFLICT for fact in answer.evidence)
    ):
        return answer
    is_met = excludes and answer.truth is UNKNOWN and not answer.unread
    evidence = tuple(dict.fromkeys((*answer.evidence, *against)))
    return replace(
        answer, truth=MET if is_met else answer.truth, evidence=evidence, conflicting=True
    )


ORDER_UNDER_REVIEW = "order_under_review"


def _order_criterion(order: Fact, side: Laterality, label: Words) -> CriterionResult:
    """The order itself as a trigger: one for the other breast does not concern this one, one without a side does."""
    elsewhere = order.on(side) is NOT_MET
    return CriterionResult(
        ORDER_UNDER_REVIEW,
        "trigger",
        label,
        label,
        {},
        Answer(NOT_MET if elsewhere else MET, (order,)),
    )


def _conclude(
    situation: Situation, judged: list[CriterionResult], trigger_unread: frozenset[str]
) -> tuple[Verdict, frozenset[str]]:
    """The verdict, or not-assessed where an input that was not read could have made it another."""
    by_role: dict[str, list[Answer]] = {role: [] for role in DECIDING_ROLES}
    for one in judged:
        if one.role in by_role:
            by_role[one.role].append(one.answer)
    if not situation.role("grounds"):
        by_role["grounds"] = [Answer(MET)]
    result = verdict(
        **{role: TOGETHER[role](a.truth for a in answers) for role, answers in by_role.items()}
    )
    unread = trigger_unread.union(*(a.unread for answers in by_role.values() for a in answers))
    if not unread:
        return result, frozenset()
    reachable = {
        verdict(**dict(zip(DECIDING_ROLES, choice, strict=True)))
        for choice in product(*_possible(by_role))
    }
    if reachable == {result} and (not trigger_unread or result is Verdict.NOT_APPLICABLE):
        return result, frozenset()
    return Verdict.NOT_ASSESSED, unread


def _possible(by_role: dict[str, list[Answer]]) -> Iterator[set[Truth]]:
    """For every role, the truths that reading the rest could give."""
    for role in DECIDING_ROLES:
        reachable = {TOGETHER[role](())}
        first = True
        for answer in by_role[role]:
            options: Iterable[Truth] = (MET, NOT_MET, UNKNOWN) if answer.unread else (answer.truth,)
            reachable = (
                {TOGETHER[role]((a, b)) for a in reachable for b in options}
                if not first
                else set(options)
            )
            first = False
        yield reachable
