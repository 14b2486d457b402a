"""Whether the names in the content's Python code exist: every fault with file, line and the nearest right name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cds_service.facts.model import FactDefinition
from cds_service.fhir.resource_types import KEYS
from cds_service.guideline.criterion import Contract
from cds_service.guideline.loading.checking import Checking
from cds_service.guideline.loading.names_in_code import (
    ATTRIBUTE,
    ATTRIBUTE_VALUE,
    FACT,
    SETTING,
    VALUE,
    VALUE_SET,
    NameInCode,
    names_in,
    words_in,
)

# What a name of the content looks like; other strings ("_", "4b", "mri_") are pieces of text.
_A_NAME = re.compile(r"[a-z][a-z0-9]+(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Vocabulary:
    """The names that the code of a folder may use. `words`: those that stand for nothing else, such as terms of wording.yaml."""

    facts: Mapping[str, FactDefinition]
    value_sets: frozenset[str]
    settings: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def attributes(self) -> dict[str, frozenset[str]]:
        """Every attribute, and part of a value, with its values; one whose values are open ("l3", "segment 7") has none."""
        found: dict[str, frozenset[str]] = {}
        for definition in self.facts.values():
            for name, values in (*definition.told_attributes().items(), *definition.parts.items()):
                found[name] = found.get(name, frozenset()) | frozenset(values)
        return found

    @property
    def values(self) -> frozenset[str]:
        """Every value of a fact."""
        return frozenset(
            value
            for definition in self.facts.values()
            for value in (*definition.values, *definition.value_set.values)
        )


def own_words(modules: Iterable[ModuleType]) -> frozenset[str]:
    """The names that modules define for themselves and for those who import them, such as the parts of an examination."""
    return frozenset(word for module in modules for word in getattr(module, "OWN_WORDS", ()))


def check_readers(
    check: Checking, modules: Iterable[ModuleType], value_sets: Iterable[str]
) -> None:
    """The shared value sets that readers, and the grammars that they use, declare and look up by name."""
    known = frozenset(value_sets)
    for module in modules:
        declared = {"laterality", *getattr(module, "VALUE_SETS", ())}
        for function in vars(module).values():
            if getattr(function, "is_reader", False):
                declared |= function.value_sets
        for name in sorted(declared):
            check.known(name, known, VALUE_SET, f"{module.__file__} declares it")
        for found in names_in(_source(module)):
            if found.kind == VALUE_SET:
                place = f"{module.__file__}:{found.line}"
                if check.known(found.name, known, VALUE_SET, place) and found.name not in declared:
                    check.faults.append(f"{place}: the value set {found.name} is not declared here")


def check_criteria(check: Checking, modules: Iterable[ModuleType], known: Vocabulary) -> None:
    """What the criteria of a folder declare, and every name in their code."""
    modules = tuple(modules)
    contracts = [(m, name, contract) for m in modules for name, contract in _contracts(m)]
    for module, name, contract in contracts:
        place = f"{module.__file__}: {name}"
        for fact in sorted(contract.facts):
            check.known(fact, known.facts, FACT, f"{place} reads")
        if not contract.source:
            check.faults.append(f"{place} names no source")
    settings = known.settings | {s for _, _, contract in contracts for s in contract.settings}
    attributes = known.attributes
    every_value = known.values.union(*attributes.values())
    values_given = frozenset(v for _, _, contract in contracts for v in contract.values)
    names = {
        FACT: frozenset(known.facts),
        SETTING: settings,
        VALUE_SET: known.value_sets,
        ATTRIBUTE: frozenset(attributes),
        VALUE: every_value,
    }
    own = known.words | own_words(modules)
    for module in modules:
        source, place = _source(module), f"{module.__file__}:"
        given = frozenset(getattr(module, "SETTINGS", ()))
        typed = names_in(source)
        for found in typed:
            if found.kind == ATTRIBUTE_VALUE:
                _check_value_of(check, found, attributes, every_value, f"{place}{found.line}")
            else:
                allowed = names[found.kind] | (given if found.kind == SETTING else own)
                check.known(found.name, allowed, found.kind, f"{place}{found.line}")
        told = {(found.name, found.line) for found in typed}
        words = frozenset().union(
            own,
            given,
            known.words,
            known.facts,
            settings,
            every_value,
            attributes,
            KEYS,
            values_given,
        )
        for found in words_in(source):
            if _A_NAME.fullmatch(found.name) and (found.name, found.line) not in told:
                check.known(found.name, words, "name", f"{place}{found.line}")


def _check_value_of(
    check: Checking,
    found: NameInCode,
    attributes: Mapping[str, frozenset[str]],
    every_value: frozenset[str],
    place: str,
) -> None:
    """A literal beside `attribute_values(fact, "state")` is one of the values of that attribute; of any, where they are open."""
    values = attributes.get(found.of) or every_value
    if not found.name.isdigit():
        check.known(found.name, values, f"{ATTRIBUTE_VALUE} {found.of}", place)


def _contracts(module: ModuleType) -> Iterable[tuple[str, Contract]]:
    return (
        (name, function.contract)
        for name, function in vars(module).items()
        if getattr(function, "is_criterion", False) and function.__module__ == module.__name__
    )


def _source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")
