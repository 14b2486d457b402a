"""Is a resource valid FHIR R4? The only importer of fhir.resources; its R4B models read R4 (there are no R4 ones)."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

_ELEMENT_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_MORE_CODES = {
    "DiagnosticReport.status": "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown".split(),  # noqa: SIM905 - a line of words
    "Encounter.status": "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown".split(),  # noqa: SIM905 - a line of words
    "Observation.status": "registered preliminary final amended corrected cancelled entered-in-error unknown".split(),  # noqa: SIM905 - a line of words
    "Task.status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error".split(),  # noqa: SIM905 - a line of words
}
_ABSTRACT = {"Resource", "DomainResource"}


def problems(resource: dict) -> list[str]:
    """What is invalid in a resource, as "Condition.code: missing" (path, error type); empty where it is valid.

    No text holds a value of the resource. An unknown resource type gives ["resourceType: unknown"].
    """
    from pydantic import ValidationError

    resource_type = resource.get("resourceType")
    if not isinstance(resource_type, str) or (model := _model(resource_type)) is None:
        return ["resourceType: unknown"]
    try:
        instance = model.model_validate(resource)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        return [f"{_path(resource_type, detail['loc'])}: {detail['type']}" for detail in details]
    except KeyError:  # what the models raise for an unknown type in `contained` or in an entry
        return [f"{resource_type}: holds a resource of an unknown type"]
    except RecursionError:
        return [f"{resource_type}: nested too deeply"]
    return [f"{path}: object_type" for path in _objects_as_text(resource, instance, resource_type)]


def foreign_codes(resource: dict) -> list[str]:
    """Where a resource that problems() finds nothing in has a code outside a required value set, as "Patient.gender: code".

    Required bindings of codes only: "to be conformant, the concept in this element SHALL be from the specified value set"
    (terminologies.html#required). Incoming records are not asked this, as a doubtful code there is for facts to judge.
    """
    return list(
        _foreign_codes(
            _model(resource["resourceType"]).model_validate(resource), resource["resourceType"]
        )
    )


def _foreign_codes(node: Any, path: str) -> Iterator[str]:
    from pydantic import BaseModel

    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from _foreign_codes(item, f"{path}[{position}]")
    elif isinstance(node, BaseModel):
        for attribute, field in type(node).model_fields.items():
            value, element = getattr(node, attribute), field.alias or attribute
            codes = _extra(field).get("enum_values") or ()
            inner = f"{node.get_resource_type()}.{element}"  # type: ignore[attr-defined]
            if codes and "+" in codes:  # the models name the first few
                codes = _MORE_CODES.get(inner, ())
            if codes and "Code()" in repr(field.annotation):
                found = value if isinstance(value, list) else [value]
                if not {*codes, None}.issuperset(found):
                    yield f"{path}.{element}: code"
            else:
                yield from _foreign_codes(value, f"{path}.{element}")


def warm(resource_types: Iterable[str]) -> None:
    """Load the models of these types now, at start-up, rather than in the first request."""
    for resource_type in resource_types:
        _model(resource_type)


def is_resource_type(name: str) -> bool:
    """Is this the name of a resource type of the standard, offered here or not?"""
    return _model(name) is not None


@lru_cache(maxsize=256)
def mandatory_elements(resource_type: str) -> frozenset[str]:
    """The elements that a resource of this type must have; of a choice that must be made, each way to make it."""
    return frozenset(
        field.alias or name
        for name, field in _model(resource_type).model_fields.items()
        for extra in [_extra(field)]
        if field.is_required() or extra.get("element_required") or extra.get("one_of_many_required")
    )


@lru_cache(maxsize=2048)
def reference_targets(resource_type: str, path: tuple[str, ...]) -> frozenset[str]:
    """The types that the reference at this path may be to, by the standard; empty for any type."""
    model, extra = _model(resource_type), dict[str, Any]()
    for step in path:
        field = next(
            field for name, field in model.model_fields.items() if (field.alias or name) == step
        )
        model, extra = _model_of(field.annotation), _extra(field)
    return frozenset(extra.get("enum_reference_types") or ()) - {"Resource"}


def _model_of(annotation: object) -> Any:
    """The model that an element's annotation names, such as ImagingStudySeriesType inside a list; None for a primitive."""
    from fhir.resources.R4B import get_fhir_model_class

    for inner in getattr(annotation, "__args__", ()):
        if (model := _model_of(inner)) is not None:
            return model
    name = getattr(annotation, "__name__", "")
    try:
        return get_fhir_model_class(name.removesuffix("Type")) if name.endswith("Type") else None
    except (KeyError, ValueError):
        return None


def _extra(field: Any) -> dict[str, Any]:
    """What fhir.resources adds to an element of a model: codes, targets of references, whether it must be there."""
    return field.json_schema_extra or {}


@lru_cache(maxsize=256)
def summary_elements(resource_type: str) -> frozenset[str]:
    """The elements that the standard marks as part of a summary."""
    return frozenset(_model(resource_type).summary_elements_sequence())


@lru_cache(maxsize=256)
def _model(resource_type: str) -> Any:
    """The model of a resource type; None for unknown names, data types and abstract types."""
    from fhir.resources.R4B import get_fhir_model_class
    from fhir.resources.R4B.resource import Resource

    try:
        model = get_fhir_model_class(resource_type)
    except (KeyError, ValueError, ImportError):
        return None
    return model if issubclass(model, Resource) and resource_type not in _ABSTRACT else None


def _path(resource_type: str, location: tuple) -> str:
    """The place as FHIR writes it. A name that no element could have is input, and is not repeated."""
    path = resource_type
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step if _ELEMENT_NAME.fullmatch(str(step)) else '?'}"
    return path


def _objects_as_text(raw: Any, read: object, path: str) -> Iterator[str]:
    """Paths where text stands for an object: the models would parse JSON inside a string, FHIR does not."""
    from pydantic import BaseModel

    if isinstance(read, list) and isinstance(raw, list):
        for position, (raw_item, item) in enumerate(zip(raw, read, strict=False)):
            yield from _objects_as_text(raw_item, item, f"{path}[{position}]")
    elif isinstance(read, BaseModel) and not isinstance(raw, dict):
        yield path
    elif isinstance(read, BaseModel):
        for name, field in type(read).model_fields.items():
            element = field.alias or name
            if element in raw and element != "resourceType":
                yield from _objects_as_text(raw[element], getattr(read, name), f"{path}.{element}")
