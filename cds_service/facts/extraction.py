"""From record to facts: the general reader, and the place where the content's own readers plug in.

A reader takes a Reading (the record with everything it needs to be understood) and a definition and yields facts.
What is relevant but cannot be read becomes a problem and makes the definition's input unread: never silent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cached_property, partial
from typing import TypeVar

from cds_service.facts import cut, laterality, status, timing
from cds_service.facts.matching import answer_of, attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition, FactSet, Laterality
from cds_service.facts.relevance import Relevance
from cds_service.facts.status import not_understood
from cds_service.fhir.dates import BadDate, Dates, parse
from cds_service.fhir.elements import Unreadable, reference, texts
from cds_service.fhir.record import DataIssue, Record
from cds_service.fhir.versions import OLDER_THAN_R4
from cds_service.logic import Truth
from cds_service.terminology.index import TermIndex
from cds_service.terminology.value_set import Match, ValueSet

# Elements by which a resource may be understood from another one, or from words that are encoded.
LEADS_ON = frozenset(("medicationReference", "imagingStudy", "result", "presentedForm"))
# Types that are understood by more than their own codes and words.
TOLD_ELSEWHERE = ("ResearchSubject", "DocumentReference", "Patient")
# Value sets by which the name of a resource tells that it is about the breast, tissue, oncology, a meeting or images.
SUBJECTS = (
    "subject",
    "breast_examination",
    "breast_site",
    "generic_modality",
    "breast_cancer",
    "metastasis_site",
    "tissue_sample",
    "mdt",
    "scan",
)
Reader = Callable[["Reading", FactDefinition], Iterator[Fact]]
Found = TypeVar("Found")  # what a reader recognises in a resource


@dataclass
class Reading:
    """One record being read at one moment: `now` is aware and in the service's time zone."""

    record: Record
    now: datetime
    zone: tzinfo
    value_sets: Mapping[str, ValueSet]  # the shared ones, by name, for readers
    readers: Mapping[str, Reader]
    problems: dict[tuple[str, str, str], DataIssue] = field(default_factory=dict)
    unreadable: set[str] = field(
        default_factory=set
    )  # names of facts that some resource would not tell
    birth_is_unreadable: bool = False
    unreadable_orders: set[tuple[str, int]] = field(
        default_factory=set
    )  # (fact, identity of a draft order)
    needs_birth_date: set[str] = field(
        default_factory=set
    )  # names of facts whose onset is told as an age
    relevant: dict[int, dict] = field(default_factory=dict)  # resources that a fact was read from
    index: TermIndex | None = (
        None  # which value sets a resource may speak of; None reads every resource closely
    )
    _sets: dict[str, FactSet] = field(default_factory=dict)
    _relevance: Relevance = field(default=None)  # type: ignore[assignment]  # made from the index at once
    _of_interest: dict[str, list[dict]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._relevance = self._relevance or Relevance(self.index)

    def facts(self, definition: FactDefinition) -> FactSet:
        """All facts of a definition; read once per request, when first asked for."""
        if definition.name not in self._sets:
            found = contradicted(
                self.readers.get(definition.reader, general_reader)(self, definition)
            )
            unread = self.record.unread(definition.resource_types)
            if self._is_hidden(definition, {fact.reference for fact in found}):
                self.unreadable.add(definition.name)
            if definition.name in self.unreadable:
                unread |= self.record.keys(definition.resource_types)
            if definition.name in self.needs_birth_date and not self.birth.is_known:
                unread |= (
                    self.record.keys(("Patient",))
                    if self.birth_is_unreadable
                    else self.record.unread(("Patient",))
                )
            self._sets[definition.name] = FactSet(found, unread)
        return self._sets[definition.name]

    def supposing(self, sets: Mapping[str, FactSet]) -> "Reading":
        """The same record with other facts in place of some that were read; whatever is asked of it leaves this one as it is."""
        return replace(
            self,
            problems=dict(self.problems),
            unreadable=set(self.unreadable),
            unreadable_orders=set(self.unreadable_orders),
            needs_birth_date=set(self.needs_birth_date),
            relevant=dict(self.relevant),
            _sets={**self._sets, **sets},
        )

    @cached_property
    def _outdated(self) -> list[tuple[str, dict, bool]]:
        """Resources in a shape before R4: the type that they would be, and whether they speak of anything that is asked here."""
        older = [
            (kind, resource) for kind, group in self.record.outdated.items() for resource in group
        ]
        return [
            (kind, r, not LEADS_ON.isdisjoint(r) or self.mentions(r, *self.value_sets.values()))
            for kind, r in older
        ]

    @cached_property
    def _cut(self) -> list[tuple[dict, bool, str]]:
        """Resources with a text that is not read to its end, whether they say of themselves that they are about what is asked here, and
        why it is not read."""
        held = [
            *(r for group in self.record.resources.values() for r in group),
            *self.record.drafts,
        ]
        subjects = [self.value_sets[name] for name in SUBJECTS if name in self.value_sets]
        return [
            (r, self.mentions(cut.names_of(r), *subjects), why)
            for r in held
            if (why := self._relevance.not_read(r))
            and status.status_truth(r, drafted=True) is not None
        ]

    def _is_hidden(self, definition: FactDefinition, told_by: set[str]) -> bool:
        """Whether a resource may tell of a definition that is in a shape before R4, or longer than what is read of it: that is told, and
        what it says counts as unread."""
        hidden = False
        for kind, resource, may_tell in self._outdated:
            if kind in definition.paths and (
                may_tell or self.mentions(resource, definition.value_set)
            ):
                self.report(resource, "version", OLDER_THAN_R4)
                hidden = True
        for resource, about_us, why in self._cut:
            speaks = (
                about_us
                or reference(resource) in told_by
                or self.mentions(resource, definition.value_set)
            )
            if (
                speaks
                and resource["resourceType"] in definition.paths
                and cut.is_read_for(resource, definition)
            ):
                self.report(resource, "read-in-part", why)
                hidden = True
        return hidden

    @cached_property
    def birth(self) -> Dates:
        """The birth date as far as the record tells; a malformed one is told, and makes ages unread."""
        for patient in self.record.of_type("Patient"):
            if patient.get("birthDate") is None:
                continue
            try:
                return parse(patient["birthDate"], self.zone)
            except BadDate:
                self.report(patient, "unreadable", "Patient.birthDate")
                self.birth_is_unreadable = True
        return Dates()

    def report(self, resource: dict, kind: str, text: str) -> None:
        problem = DataIssue(reference(resource), kind, text)
        self.problems.setdefault((problem.reference, kind, text), problem)

    def resources(self, definition: FactDefinition) -> Iterator[tuple[dict, int | None]]:
        """The resources that a definition reads: the record's, and the drafts of the request beside them."""
        for resource_type in definition.resource_types:
            for resource in self._interesting(resource_type):
                yield resource, None
            for position, draft in enumerate(self.record.drafts):
                if draft.get("resourceType") == resource_type:
                    yield draft, position

    def mentions(self, resource: dict, *value_sets: ValueSet) -> bool:
        """Whether a code or a word of one of the value sets stands anywhere in a resource: one walk that passes over the
        bulk of a record before anything is read closely. True for what has no proper shape: that is told further on."""
        return self._relevance.mentions(resource, value_sets)

    def _interesting(self, resource_type: str) -> list[dict]:
        """The record's resources of a type without those of which no value set speaks and that lead to nothing else."""
        if resource_type not in self._of_interest:
            self._of_interest[resource_type] = [
                r for r in self.record.of_type(resource_type) if self._may_matter(r)
            ]
        return self._of_interest[resource_type]

    def _may_matter(self, resource: dict) -> bool:
        return (
            self._relevance.may_speak(resource)
            or resource["resourceType"] in TOLD_ELSEWHERE
            or not LEADS_ON.isdisjoint(resource)
        )

    def guarded(
        self, resource: dict, definition: FactDefinition, make: Callable[[], Iterable[Fact]]
    ) -> list[Fact]:
        """Run `make` for one relevant resource: void, future, not understood and unreadable ones are told, not used."""
        self.relevant.setdefault(id(resource), resource)
        try:
            if resource.get("modifierExtension") or resource.get("implicitRules"):
                raise Unreadable(
                    "modifierExtension" if resource.get("modifierExtension") else "implicitRules"
                )
            made = list(make())
            unknown = not_understood(resource) if made else []
        except Unreadable as error:
            self.report(resource, "unreadable", error.path)
            self.unreadable.add(definition.name)
            self.unreadable_orders.update(
                (definition.name, id(draft)) for draft in self.record.drafts if draft is resource
            )
            return []
        for path in unknown:
            # What it says stays unknown; that it might say something must not vanish.
            self.report(resource, "unreadable", path)
            if not any(draft is resource for draft in self.record.drafts):
                self.unreadable.add(definition.name)
        kept = []
        for fact in made:
            if fact.when.is_future(self.now) or fact.recorded.is_future(self.now):
                self.report(resource, "future", definition.name)
            else:
                kept.append(fact)
        return kept

    def status_truth(self, resource: dict, draft: int | None) -> Truth | None:
        """Truth of the statement; None, with a problem in the trace, when it must not be used."""
        asserted = status.status_truth(resource, drafted=draft is not None)
        if asserted is None:
            why = (
                "doNotPerform"
                if resource.get("doNotPerform") is True
                else resource.get("status") or "entered-in-error"
            )
            self.report(resource, "set-aside", str(why))
        return asserted

    def side(self, resource: dict, sides: Iterable[str] = ()) -> Laterality:
        """The side of a resource whose matching codes hold `sides`."""
        return laterality.side(resource, self.value_sets["laterality"], tuple(sides))

    def fact(
        self,
        definition: FactDefinition,
        resource: dict,
        draft: int | None,
        match: Match,
        side: Laterality,
        attributes: dict[str, tuple[Match, ...]],
    ) -> Fact | None:
        """The fact that one match in one resource makes; None when the resource is void."""
        asserted = self.status_truth(resource, draft)
        if asserted is None:
            return None
        if match.value == "possible" or match.uncertain or resource.get("dataAbsentReason"):
            asserted = asserted & Truth.UNKNOWN
        if resource["resourceType"] == "Observation":
            asserted = asserted & answer_of(resource, definition)
        if match.negated:
            asserted = Truth.NOT_MET
        is_condition = resource["resourceType"] == "Condition"
        if "onsetAge" in resource or "onsetRange" in resource:
            self.needs_birth_date.add(definition.name)
        when = (
            timing.onset(resource, self.zone, self.birth)
            if is_condition
            else timing.event_time(resource, self.zone, self.birth)
        )
        current = status.current(resource, self.now, self.zone)
        return Fact(
            name=definition.name,
            reference=reference(resource),
            resource_type=resource["resourceType"],
            value=match.value,
            side=side,
            asserted=asserted,
            # "Eerder tepelvloed" in words is history, whatever its status.
            current=Truth.NOT_MET
            if match.past
            and resource["resourceType"] in ("Condition", "Observation", "DiagnosticReport")
            else current,
            when=when,
            recorded=timing.recorded(resource, self.zone) if is_condition else when,
            attributes=attributes,
            from_text=match.from_text,
            words=next(iter(texts(resource.get("code"))), "") or match.words,
            ended=timing.ended(resource, self.zone) if is_condition else Dates(),
            draft=draft,
        )


def contradicted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, those in doubt of which another problem says the contrary: one diagnosis confirmed and refuted.

    What was refuted before it was diagnosed was an earlier suspicion, and contradicts nothing.
    """
    found = tuple(facts)
    refuted = [f for f in found if f.resource_type == "Condition" and f.asserted is Truth.NOT_MET]
    if not refuted:
        return found
    return tuple(
        _in_doubt(fact, refuted)
        if fact.resource_type == "Condition" and fact.asserted is Truth.MET
        else fact
        for fact in found
    )


def _in_doubt(fact: Fact, refuted: list[Fact]) -> Fact:
    same = [
        o
        for o in refuted
        if o.value == fact.value
        and (o.side is fact.side or Laterality.UNKNOWN in (o.side, fact.side))
    ]
    against = tuple(
        o for o in same if _first_day(o).not_before(_first_day(fact)) is not Truth.NOT_MET
    )
    return replace(fact, asserted=Truth.UNKNOWN, against=against) if against else fact


def _first_day(fact: Fact) -> Dates:
    return fact.recorded if fact.recorded.is_known else fact.when


def recognised(
    read: Reading,
    definition: FactDefinition,
    look: Callable[[dict], Found | None],
    make: Callable[[dict, int | None, Found], Iterable[Fact]],
) -> Iterator[Fact]:
    """The one way from resources to facts: `look` says what a resource is about, nothing for most, and `make` makes its facts.

    Where `look` cannot tell what a resource is about, that is in the trace, not in the advice.
    """
    for resource, draft in read.resources(definition):
        try:
            found = look(resource)
        except Unreadable as error:
            read.report(resource, "unreadable", error.path)
            continue
        if found:
            yield from read.guarded(resource, definition, partial(make, resource, draft, found))


def general_reader(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Facts for every resource whose concept lies in the definition's value set."""
    return recognised(
        read,
        definition,
        lambda r: concept_of(read, definition, r),
        lambda r, d, f: facts_of(read, definition, r, d, f),
    )


def concept_of(read: Reading, definition: FactDefinition, resource: dict) -> list[Match]:
    """What a resource says of the definition's concept. Raises Unreadable."""
    if not read.mentions(resource, definition.value_set):
        return []
    return matches(nodes_of(resource, definition), definition.value_set)


def facts_of(
    read: Reading, definition: FactDefinition, resource: dict, draft: int | None, found: list[Match]
) -> Iterator[Fact]:
    """One fact for each meaning that the resource has within the value set (an order for two examinations gives two)."""
    for value in dict.fromkeys(match.value for match in found):
        same = [match for match in found if match.value == value]
        best = next((m for m in same if not m.negated and not m.uncertain), same[0])
        attributes = {
            name: attribute_of(resource, wanted) for name, wanted in definition.attributes.items()
        }
        said = [m.words for m in same if m.from_text]
        side = laterality.side_of_words(resource, read.side(resource, (m.side for m in same)), said)
        fact = read.fact(definition, resource, draft, best, side, attributes)
        if fact is not None:
            yield fact


def invalid(read: Reading, validate: Callable[[dict], list[str]]) -> list[DataIssue]:
    """What the model library finds wrong in resources that facts were read from, each fault once."""
    found = (
        DataIssue(reference(resource), "invalid", fault)
        for resource in read.relevant.values()
        for fault in validate(resource)
    )
    return list(dict.fromkeys(found))
