"""The service's own OpenAPI document as a judge of requests and answers: JSON Schema 2020-12, formats included."""

import re
from functools import cache

from jsonschema import Draft202012Validator
from referencing.jsonschema import EMPTY_REGISTRY

from cds_service.web.openapi import document
from tests.conftest import SETTINGS

DOCUMENT = document(SETTINGS)


@cache
def schema(name: str) -> Draft202012Validator:
    """A validator for one of components/schemas."""
    return _validator({"$ref": f"#/components/schemas/{name}"})


def _validator(what: dict) -> Draft202012Validator:
    # The formats that need no further library; `date-time` is looked at by the contract tests.
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(
        {**what, "components": DOCUMENT["components"]},
        format_checker=checker,
        registry=EMPTY_REGISTRY,
    )


@cache
def operation(method: str, path: str) -> dict | None:
    """What the document says of a method at a path; None where it knows none."""
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return operations.get(method.lower())
    return None


@cache
def _answer(method: str, path: str, status: int) -> Draft202012Validator | None:
    told = (operation(method, path) or {}).get("responses", {}).get(str(status))
    if told is None:
        return None
    if "$ref" in told:
        told = DOCUMENT["components"]["responses"][told["$ref"].rpartition("/")[2]]
    return _validator(told["content"]["application/json"]["schema"])


def faults_of_answer(method: str, path: str, status: int, body: object) -> list[str]:
    """What the document does not foresee in an answer. Methods and addresses that it does not know are answered 401, 404 or 405."""
    if operation(method, path) is None:
        return (
            []
            if status in (400, 401, 404, 405) and schema("OperationOutcome").is_valid(body)
            else [f"{status} for {method} {path}"]
        )
    validator = _answer(method, path, status)
    if validator is None:
        return [f"{status} is not foreseen for {method} {path}"]
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in validator.iter_errors(body)
    ]
