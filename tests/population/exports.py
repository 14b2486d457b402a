"""Exports made of the cases: what a server would write of their patients."""

import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cds_service.casebook.model import Case, PatientRecord
from cds_service.casebook.render import render
from cds_service.fhir.resource_types import KEYS
from tests.cases import all_cases

DAY = date(2026, 6, 15)


def populace() -> list[tuple[Case, PatientRecord]]:
    """Every third case that can stand on one day with the others, with its record; all of them with CORPUS_EVERYTHING."""
    cases = [case for case in all_cases() if not case.day_of_month]
    return [
        (case, render(case, DAY))
        for case in (cases if os.environ.get("CORPUS_EVERYTHING") else cases[::3])
    ]


def written(folder: Path, resources: Iterable[dict], every_type: bool = True) -> Path:
    """An export with a file for each type; with an empty one where there is nothing, if `every_type`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {kind: [] for kind in KEYS} if every_type else {}
    for resource in resources:
        lines.setdefault(resource["resourceType"], []).append(json.dumps(resource) + "\n")
    for kind, mine in lines.items():
        (folder / f"{kind}.ndjson").write_text("".join(mine), encoding="utf-8")
    return folder


def rows_of(folder: Path) -> dict[str, dict]:
    """Patient id -> row of a run that was finished."""
    lines = (folder / "patients.ndjson").read_text(encoding="utf-8").splitlines()
    rows = {row["patient"]: row for row in map(json.loads, lines)}
    assert len(rows) == len(lines), "every patient once"
    return rows
