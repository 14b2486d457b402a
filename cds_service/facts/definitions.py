"""facts.yaml -> fact definitions: value sets loaded, JSONPaths compiled, every fault reported with its place."""

from pathlib import Path as FilePath

from cds_service.clinical_text.lexicon import Lexicon
from cds_service.facts.model import AttributeDefinition, FactDefinition
from cds_service.fhir.paths import Path, compile_path
from cds_service.fhir.resource_types import KEYS
from cds_service.strict.yaml import load
from cds_service.terminology.value_set import ValueSet, load_value_set

LANGUAGES = ("nl", "en")


def load_value_sets(
    folder: FilePath, lexicon: Lexicon | None = None
) -> tuple[dict[str, ValueSet], list[str]]:
    """All value sets of a folder by name; their terms join the lexicon, where one is given."""
    sets: dict[str, ValueSet] = {}
    faults: list[str] = []
    for path in sorted((folder / "value_sets").glob("*.csv")):
        sets[path.stem], found = load_value_set(path, lexicon)
        faults += found
    return sets, faults


def load_facts(
    folder: FilePath, value_sets: dict[str, ValueSet]
) -> tuple[dict[str, FactDefinition], list[str]]:
    """The fact definitions of a folder's facts.yaml, using the given value sets (its own and the shared ones)."""
    path = folder / "facts.yaml"
    if not path.exists():
        return {}, []
    faults: list[str] = []
    definitions: dict[str, FactDefinition] = {}

    def value_set(name: object, place: str) -> ValueSet:
        if name not in value_sets:
            faults.append(f"{place}: there is no value set named {name}")
            return ValueSet(str(name), {}, ())
        return value_sets[str(name)]

    def paths(expressions: object, place: str) -> tuple[Path, ...]:
        compiled = []
        for expression in expressions if isinstance(expressions, list) else [expressions]:
            try:
                compiled.append(compile_path(str(expression)))
            except ValueError as error:
                faults.append(f"{place}: {error}")
        return tuple(compiled)

    for name, entry in (load(path) or {}).items():
        place = f"{path}: {name}"
        if not isinstance(entry, dict) or not isinstance(entry.get("read"), dict):
            faults.append(f"{place}: a fact needs label, value_set and read")
            continue
        unknown = set(entry) - {
            "label",
            "meaning",
            "value_set",
            "read",
            "attributes",
            "reader",
            "search",
            "sideless",
            "values",
            "made",
            "further",
            "parts",
        }
        faults += [f"{place}: {key} is not known here" for key in sorted(unknown)]
        faults += [
            f"{place}.read: {kind} is not a resource type that can be read"
            for kind in entry["read"]
            if kind not in KEYS
        ]
        label = entry.get("label") or {}
        faults += [
            f"{place}: label has no {language}" for language in LANGUAGES if not label.get(language)
        ]
        definitions[name] = FactDefinition(
            name=name,
            folder=folder.name,
            label=label,
            value_set=value_set(entry.get("value_set"), place),
            paths={
                kind: paths(where, f"{place}.read.{kind}") for kind, where in entry["read"].items()
            },
            attributes={
                key: AttributeDefinition(
                    value_set(a.get("value_set"), f"{place}.{key}"),
                    paths(a.get("at", []), f"{place}.{key}"),
                )
                for key, a in (entry.get("attributes") or {}).items()
            },
            reader=entry.get("reader", ""),
            sideless=bool(entry.get("sideless")),
            search_set=value_set(entry.get("search", entry.get("value_set")), place),
            meaning=" ".join(str(entry.get("meaning", "")).split()),
            made_values=tuple(entry.get("values", ())),
            made_attributes={key: tuple(values) for key, values in entry.get("made", {}).items()},
            parts={key: tuple(values) for key, values in entry.get("parts", {}).items()},
            further_attributes={
                key: tuple(values) for key, values in entry.get("further", {}).items()
            },
        )
    return definitions, faults
