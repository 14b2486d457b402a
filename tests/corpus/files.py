"""The outside FHIR files beside the checkout (../shared/corpus): what they hold, made the data of one patient.

Files are named by their path in MANIFEST.tsv. Nothing of their content stands in this project.
"""

import copy
import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cds_service.fhir.resource_types import KEYS
from tests.house.source import ROOT

FOLDER = ROOT.parent / "shared" / "corpus"
EVERYTHING = bool(os.environ.get("CORPUS_EVERYTHING"))  # set by `make corpus`
beside_the_checkout = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the corpus is not beside the checkout (../shared/corpus)"
)
SUBJECTS = ("subject", "patient", "beneficiary", "individual")


@cache
def names() -> tuple[str, ...]:
    """Every file, in the order of its name; none where the corpus is not there."""
    if not FOLDER.is_dir():
        return ()
    listed = (
        line.split("\t")[0]
        for line in (FOLDER / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    )
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")}
    return tuple(sorted(found | {name for name in listed if (FOLDER / name).is_file()}))


def large() -> list[Path]:
    return sorted((FOLDER / "large").glob("*.json.gz")) if FOLDER.is_dir() else []


def sample(every: int, start: int = 0) -> tuple[str, ...]:
    """Every so many-th file; all of them in `make corpus`."""
    return names() if EVERYTHING else names()[start::every]


def parsed(name: str) -> object:
    """The JSON of a file, None where it is none (the validator's own tests hold broken ones)."""
    try:
        return json.loads((FOLDER / name).read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None


def opened(path: Path) -> object:
    with gzip.open(path) as file:
        return json.load(file)


def resources(node: object) -> Iterator[dict]:
    """The resources in a file: of Bundles, Parameters and hook requests those inside."""
    if isinstance(node, list):
        for item in node:
            yield from resources(item)
    elif isinstance(node, dict) and "hook" in node:
        yield from resources([node.get("prefetch"), node.get("context")])
    elif isinstance(node, dict) and isinstance(node.get("resourceType"), str):
        if node["resourceType"] == "Bundle":
            entries = node.get("entry")
            yield from resources(
                [e.get("resource") for e in entries if isinstance(e, dict)]
                if isinstance(entries, list)
                else []
            )
        elif node["resourceType"] == "Parameters":
            parameters = node.get("parameter")
            yield from resources(
                [p.get("resource") for p in parameters if isinstance(p, dict)]
                if isinstance(parameters, list)
                else []
            )
        else:
            yield node
    elif isinstance(node, dict):
        yield from resources(list(node.values()))


def of_patient(node: object, patient_id: str) -> list[dict]:
    """What a file holds, as the data of one patient: every subject is this one, also where none is named, and no Patient is left."""
    found = []
    for resource in resources(node):
        if resource["resourceType"] == "Patient":
            continue
        rewritten = _rewritten(copy.deepcopy(resource), patient_id)
        if rewritten["resourceType"] in KEYS and not any(
            isinstance(rewritten.get(key), dict) for key in SUBJECTS
        ):
            rewritten["subject"] = {"reference": f"Patient/{patient_id}"}
        found.append(rewritten)
    return found


def _rewritten(resource: dict, patient_id: str) -> dict:
    for key in SUBJECTS:
        if isinstance(resource.get(key), dict):  # noqa: SIM114 - one object, or the list that two of them may be
            resource[key] = {"reference": f"Patient/{patient_id}"}
        elif isinstance(resource.get(key), list) and key in ("subject", "patient"):
            resource[key] = {"reference": f"Patient/{patient_id}"}
    for participant in (
        resource.get("participant") or [] if isinstance(resource.get("participant"), list) else []
    ):
        actor = participant.get("actor") if isinstance(participant, dict) else None
        if isinstance(actor, dict) and "Patient/" in str(actor.get("reference")):
            actor["reference"] = f"Patient/{patient_id}"
    if isinstance(resource.get("contained"), list):
        resource["contained"] = [
            _rewritten(one, patient_id)
            if isinstance(one, dict) and one.get("resourceType") != "Patient"
            else one
            for one in resource["contained"]
        ]
    return resource
