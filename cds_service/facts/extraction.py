"""From record to facts: the general reader, and the place where the content's own readers plug in.

A reader takes a Reading (the record with everything it needs to be understood) and a definition and yields facts.
What is relevant but cannot be read becomes a problem and makes the definition's input unread: never silent.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from cds_service.facts import reading
from cds_service.facts.model import AttributeDefinition, Fact, FactDefinition, FactSet, Side
from cds_service.fhir.dates import BadDate, Dates, parse
from cds_service.fhir.elements import Unreadable, as_list, codings, reference, texts
from cds_service.fhir.record import Problem, Record
from cds_service.logic import Truth, truth
from cds_service.terminology import ANSWER_CODES, Match, ValueSet, known_as
from cds_service.text import fold

Reader = Callable[["Reading", FactDefinition], Iterator[Fact]]


@dataclass
class Reading:
    """One record being read at one moment: `now` is aware and in the service's time zone."""

    record: Record
    now: datetime
    zone: tzinfo
    value_sets: Mapping[str, ValueSet]  # the shared ones, by name, for readers
    readers: Mapping[str, Reader]
    problems: dict[tuple[str, str, str], Problem] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)  # names of facts that some resource would not tell
    needs_birth_date: set[str] = field(default_factory=set)  # names of facts whose onset is told as an age
    relevant: dict[int, dict] = field(default_factory=dict)  # resources that a fact was read from
    _sets: dict[str, FactSet] = field(default_factory=dict)
    _gists: dict[int, tuple[set | None, str]] = field(default_factory=dict)

    def facts(self, definition: FactDefinition) -> FactSet:
        """All facts of a definition; read once per request, when first asked for."""
        if definition.name not in self._sets:
            found = tuple(self.readers.get(definition.reader, general_reader)(self, definition))
            unread = self.record.unread(definition.resource_types)
            if definition.name in self.unreadable:
                unread |= self.record.keys(definition.resource_types)
            if definition.name in self.needs_birth_date:
                unread |= self.record.unread(("Patient",))
            self._sets[definition.name] = FactSet(found, unread)
        return self._sets[definition.name]

    @property
    def birth(self) -> Dates:
        for patient in self.record.of_type("Patient"):
            try:
                return parse(patient.get("birthDate"), self.zone)
            except BadDate:
                return Dates()
        return Dates()

    def report(self, resource: dict, kind: str, text: str) -> None:
        problem = Problem(reference(resource), kind, text)
        self.problems.setdefault((problem.reference, kind, text), problem)

    def resources(self, definition: FactDefinition) -> Iterator[tuple[dict, int | None]]:
        """The resources that a definition reads: the record's, and the drafts of the request beside them."""
        for resource_type in definition.resource_types:
            for resource in self.record.of_type(resource_type):
                yield resource, None
            for position, draft in enumerate(self.record.drafts):
                if draft.get("resourceType") == resource_type:
                    yield draft, position

    def mentions(self, resource: dict, *value_sets: ValueSet) -> bool:
        """Whether a code or a word of one of the value sets stands anywhere in a resource: one walk that passes over the
        bulk of a record before anything is read closely. True for what has no proper shape: that is told further on."""
        gist = self._gists.get(id(resource))
        if gist is None:
            gist = self._gists[id(resource)] = _gist(resource)
        codes, words = gist
        if codes is None:
            return True
        return any(not codes.isdisjoint(v.codes) or v.any_term is not None and v.any_term.search(words) for v in value_sets)

    def guarded(self, resource: dict, definition: FactDefinition, make: Callable[[], Iterable[Fact]]) -> list[Fact]:
        """Run `make` for one relevant resource: void, future, not understood and unreadable ones are told, not used."""
        self.relevant.setdefault(id(resource), resource)
        try:
            if resource.get("modifierExtension") or resource.get("implicitRules"):
                raise Unreadable("modifierExtension" if resource.get("modifierExtension") else "implicitRules")
            made = list(make())
        except Unreadable as error:
            self.report(resource, "unreadable", error.path)
            self.unreadable.add(definition.name)
            return []
        kept = []
        for fact in made:
            if fact.when.is_future(self.now) or fact.recorded.is_future(self.now):
                self.report(resource, "future", definition.name)
            else:
                kept.append(fact)
        return kept

    def standing(self, resource: dict, draft: int | None) -> Truth | None:
        """Truth of the statement; None, with a problem in the trace, when it must not be used."""
        holds = reading.standing(resource, drafted=draft is not None)
        if holds is None:
            self.report(resource, "set-aside", str(resource.get("status") or "entered-in-error"))
        return holds

    def side(self, resource: dict, sides: Iterable[str] = (), extra: tuple[object, ...] = ()) -> Side:
        return reading.side(resource, self.value_sets["laterality"], tuple(sides), extra)

    def event_time(self, resource: dict) -> Dates:
        return reading.event_time(resource, self.zone, self.birth)

    def fact(self, definition: FactDefinition, resource: dict, draft: int | None, match: Match, side: Side,
             attributes: dict[str, tuple[Match, ...]]) -> Fact | None:  # fmt: skip
        """The fact that one match in one resource makes; None when the resource is void."""
        holds = self.standing(resource, draft)
        if holds is None:
            return None
        if match.value == "possible" or match.uncertain or resource.get("dataAbsentReason"):
            holds = holds & Truth.UNKNOWN
        if resource["resourceType"] == "Observation":
            holds = holds & _answer(resource, definition)
        if match.negated:
            holds = Truth.NOT_MET
        is_condition = resource["resourceType"] == "Condition"
        if "onsetAge" in resource or "onsetRange" in resource:
            self.needs_birth_date.add(definition.name)
        when = reading.onset(resource, self.zone, self.birth) if is_condition else self.event_time(resource)
        current = reading.current(resource, self.now, self.zone)
        return Fact(
            name=definition.name,
            reference=reference(resource),
            resource_type=resource["resourceType"],
            value=match.value,
            side=side,
            holds=holds,
            # "Eerder tepelvloed" in words is history, whatever its status.
            current=Truth.NOT_MET if match.past and resource["resourceType"] in ("Condition", "Observation") else current,
            when=when,
            recorded=reading.recorded(resource, self.zone) if is_condition else when,
            attributes=attributes,
            from_text=match.from_text,
            words=next(iter(texts(resource.get("code"))), "") or match.words,
            status=str(resource.get("status") or ""),
            draft=draft,
        )


def matches(nodes: Iterable[object], value_set: ValueSet) -> list[Match]:
    """Rows of a value set said by CodeableConcepts, Codings, components or strings. Coded rows win over words."""
    coded: list[Match] = []
    worded: list[Match] = []
    for node in nodes:
        for item in as_list(node):
            if isinstance(item, str):
                worded += value_set.text(item)
            elif isinstance(item, dict) and _is_component(item):
                coded_here, worded_here = _answers(item, value_set)
                coded += coded_here
                worded += worded_here
            elif isinstance(item, dict):
                coded += [m for c in codings(item) if (m := value_set.coding(c.system, c.code))]
                worded += [m for text in texts(item) for m in value_set.text(text)]
            elif not isinstance(item, bool | int | float):
                raise Unreadable("code")
    # A code that only hints ("symptoms of the nipple") gives way to words that say it.
    return [m for m in coded if m.value != "possible"] or worded or coded


def _is_component(node: dict) -> bool:
    return "code" in node and ("coding" not in node) and isinstance(node["code"], dict)


def _answers(component: dict, value_set: ValueSet) -> tuple[list[Match], list[Match]]:
    """What a question with its answer says: a component, or an Observation as a whole.

    The answer's own row counts first. A yes/no or a number counts for the row of the question.
    """
    value = next((component[key] for key in component if key.startswith("value")), None)
    asked = matches([component["code"]], value_set)
    answered = [m for m in matches([value], value_set) if m.value] if isinstance(value, dict | str) else []
    if not answered and asked and value is not None:
        question = asked[0]
        yes = _yes_or_no(value)
        if isinstance(value, bool) or yes is not None:
            affirmed = value if isinstance(value, bool) else yes
            negated = question.negated if affirmed else not question.negated
            answered = [Match(question.value, question.side, negated, False, question.from_text, question.words)]
        elif not question.value and (number := _number(value)) is not None:
            answered = [Match(f"{number:g}", question.side, from_text=question.from_text, words=f"{number:g}")]
    return [m for m in answered if not m.from_text], [m for m in answered if m.from_text]


_COUNTS = {"een": 1, "one": 1, "single": 1, "enkel": 1, "enkele": 1, "1": 1, "twee": 2, "two": 2, "meerdere": 2, "multiple": 2, "several": 2}


def _number(value: object) -> float | None:
    """The number that an answer gives, as a number, a Quantity or a counting word ("één")."""
    inner = value.get("value") if isinstance(value, dict) and "value" in value else value
    if isinstance(inner, int | float) and not isinstance(inner, bool):
        return inner if abs(inner) < 1_000_000 else None
    words = [fold(text).strip(" .") for text in texts(value, "value")] if isinstance(value, dict | str) else []
    return next((_COUNTS[word] for word in words if word in _COUNTS), None)


_YES = {"ja", "yes", "aanwezig", "present", "positief", "positive", "true"}
_NO = {"nee", "no", "geen", "afwezig", "absent", "negatief", "negative", "false", "niet aanwezig", "not present", "none"}


def _yes_or_no(value: object) -> bool | None:
    """Yes or no in the words of an answer; None where it says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        for coding in codings(value, "value"):
            if (coding.system, coding.code) in ANSWER_CODES:
                return ANSWER_CODES[coding.system, coding.code]
    said = {text.strip().lower().rstrip(".") for text in texts(value, "value")} if isinstance(value, dict | str) else set()
    said |= {text.split("(")[0].strip() for text in said}
    if said & _NO:
        return False
    return True if said & _YES else None


_WORDS = ("text", "display", "valueString", "conclusion", "description")


def _gist(resource: dict) -> tuple[set | None, str]:
    """All codes (with the categories of ICD-10 codes) and all words of a resource; no codes where some code is malformed."""
    if not isinstance(resource.get("code", {}), dict | list):
        return None, ""
    codes: set[tuple[str, str]] = set()
    words: list[str] = []
    stack: list[object] = [resource]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
            continue
        if not isinstance(node, dict):
            continue
        for key, value in node.items():
            if isinstance(value, dict | list):
                stack.append(value)
            elif key == "coding" or key in ("code", "system", "text", "display") and isinstance(value, int | float):
                return None, ""  # not what FHIR says: to be read closely, so that it is told
            elif isinstance(value, str):
                if key in _WORDS:
                    words.append(value)
                elif key == "code":
                    system = node.get("system") if isinstance(node.get("system"), str) else ""
                    codes.update(known_as(system, value.strip()))
    return codes, fold("\n".join(words))


def general_reader(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for every resource whose concept lies in the definition's value set."""
    for resource, draft in read.resources(definition):
        if not read.mentions(resource, definition.value_set):
            continue
        try:
            found = matches(_nodes(resource, definition.paths[resource["resourceType"]]), definition.value_set)
        except Unreadable as error:
            # Nobody can tell what this resource is about: that is in the trace, not in the advice.
            read.report(resource, "unreadable", error.path)
            continue
        if found:
            yield from read.guarded(resource, definition, lambda r=resource, d=draft, f=found: _facts(read, definition, r, d, f))


def _nodes(resource: dict, paths: Iterable) -> Iterator[object]:
    for path in paths:
        yield from path.find(resource)


def _facts(read: Reading, definition: FactDefinition, resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
    """One fact for each meaning that the resource has within the value set (an order for two examinations gives two)."""
    for value in dict.fromkeys(match.value for match in found):
        same = [match for match in found if match.value == value]
        best = next((m for m in same if not m.negated and not m.uncertain), same[0])
        attributes = {name: attribute_of(resource, wanted) for name, wanted in definition.attributes.items()}
        fact = read.fact(definition, resource, draft, best, read.side(resource, (m.side for m in same)), attributes)
        if fact is not None:
            yield fact


def attribute_of(resource: dict, wanted: AttributeDefinition) -> tuple[Match, ...]:
    """The values of an attribute that a resource gives; an Observation as a whole is a question with its answer."""
    nodes = list(_nodes(resource, wanted.paths))
    found = matches(nodes, wanted.value_set)
    if resource.get("resourceType") == "Observation" and "code" in resource and any(k.startswith("value") for k in resource):
        coded, worded = _answers({k: v for k, v in resource.items() if k == "code" or k.startswith("value")}, wanted.value_set)
        found = [m for m in found + coded if not m.from_text] or found + worded
    return tuple(dict.fromkeys(match for match in found if match.value))


_UNSAID = re.compile(r"(?<![a-z])(?:onbekend|unknown|niet (?:beoordeeld|gevraagd|bekend)|not (?:assessed|asked|known)|n\.?v\.?t|n/?a|mogelijk|possibl[ey])(?![a-z])|^\s*\?\s*$")


def _answer(resource: dict, definition: FactDefinition) -> Truth:
    """What the value of an Observation says of its finding: without a value the finding stands; "nee" denies it.

    A value in words that say neither stands beside the finding ("sinds mei"); a code that nobody here knows is unknown.
    """
    key = next((key for key in resource if key.startswith("value")), None)
    if key is None:
        return Truth.UNKNOWN if any(k.startswith("_value") for k in resource) else Truth.MET
    value = resource[key]
    if (yes := _yes_or_no(value)) is not None:
        return truth(yes)
    if not isinstance(value, dict | str) or _number(value) is not None:
        return Truth.MET
    found = matches([value], definition.value_set) if key in ("valueString", "valueCodeableConcept") else []
    if found:
        return Truth.NOT_MET if all(m.negated for m in found) else Truth.MET
    words = [fold(text) for text in texts(value, key)]
    if any(_UNSAID.search(text) for text in words):
        return Truth.UNKNOWN
    if any(re.match(r"(?:nee|no|geen|niet)\b", text) for text in words):
        return Truth.NOT_MET
    known = any(matches([value], a.value_set) for a in definition.attributes.values()) if key == "valueCodeableConcept" else True
    return Truth.MET if words or known else Truth.UNKNOWN


def validate_relevant(read: Reading, validate: Callable[[dict], list[str]]) -> None:
    """Report what the model library finds wrong in resources that facts were read from; discards nothing."""
    for resource in read.relevant.values():
        for fault in validate(resource):
            read.report(resource, "invalid", fault)
