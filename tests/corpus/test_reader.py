"""Agreement with a reader: what a clinician takes from outside files (reader.txt) is what the service takes from them, with side and date.

Compared are the facts on the disease, its treatment and its imaging; orders and what belongs to one guideline have tests of their own.
"""

from datetime import datetime
from datetime import time as clock_time
from pathlib import Path

import pytest

from cds_service.cds_hooks.request import HookRequest
from cds_service.decision.decide import prefetch_templates
from cds_service.decision.gather import gather
from cds_service.facts.extraction import Reading
from tests.conftest import SETTINGS
from tests.contract.helpers import DAY
from tests.corpus.files import beside_the_checkout, of_patient, parsed

pytestmark = beside_the_checkout
COMPARED = {
    "cancer_diagnosis",
    "lesion",
    "breast_imaging",
    "breast_biopsy",
    "receptor",
    "tumour_stage",
    "cancer_surgery",
    "radiotherapy",
    "systemic_treatment",
    "bone_protection",
    "general_condition",
    "scan",
}
# Nothing in the table: an examination of the breast is told as breast_imaging; chest films of fifty years interest nobody here.
TOLD_BEFORE = {"mri_breast", "chest_xray"}


def expected() -> dict[str, tuple[set[tuple], list[tuple]]]:
    """file -> (facts that are read, (facts that are not, why))."""
    found: dict[str, tuple[set[tuple], list[tuple]]] = {}
    name = ""
    for line in (Path(__file__).parent / "reader.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if "|" not in line:
            name = line.strip()
            found[name] = (set(), [])
            continue
        fact, _, why = line.removeprefix("missed:").partition(" because ")
        told = tuple(part.strip() for part in fact.split("|"))
        if line.startswith("missed:"):
            found[name][1].append((told, why))
        else:
            found[name][0].add(told)
    return found


TABLE = expected()


def read(library, name: str) -> set[tuple]:
    """(fact, value, side, first day) of what the service reads from a file; of what is told often the first day only."""
    wanted = prefetch_templates(library, "patient-view") | prefetch_templates(library, "order-sign")
    record = gather(
        HookRequest(
            "patient-view",
            "1",
            "p",
            "Practitioner/1",
            {"all": of_patient(parsed(name), "p"), **dict.fromkeys(wanted)},
        ),
        wanted,
        None,
    )
    reading = Reading(
        record,
        datetime.combine(DAY, clock_time(12), SETTINGS.timezone),
        SETTINGS.timezone,
        library.value_sets,
        library.readers,
        index=library.index,
    )
    first: dict[tuple, str] = {}
    for definition in (
        library.fact_definitions("patient-view") | library.fact_definitions("order-sign")
    ).values():
        for fact in reading.facts(definition).facts if definition.name in COMPARED else ():
            if fact.value in TOLD_BEFORE:
                continue
            sure = {"met": "", "not-met": "no ", "unknown": "perhaps "}[fact.asserted.value]
            past = (
                "past " if fact.current.value == "not-met" and fact.asserted.value == "met" else ""
            )
            category = "".join(f" BI-RADS {m.value}" for m in fact.attributes.get("birads", ())[:1])
            told = (
                fact.name,
                f"{sure}{past}{fact.value or 'yes'}{category}",
                "-" if fact.side.value == "unknown" else fact.side.value,
            )
            first[told] = min(first.get(told, "9999"), str(fact.when)[:10] or "9999")
    return {(*told, "-" if day == "9999" else day) for told, day in first.items()}


def test_the_table_is_of_thirty_files_of_varied_origin():
    assert len(TABLE) >= 30 and len({name.split("/")[0] for name in TABLE}) >= 8


@pytest.mark.parametrize("name", TABLE)
def test_the_service_agrees_with_the_reader(library, name):
    assert sorted(read(library, name)) == sorted(TABLE[name][0])


@pytest.mark.parametrize(
    "name, fact",
    [
        pytest.param(
            name, fact, marks=pytest.mark.xfail(strict=True, reason=why), id=f"{name}: {fact[1]}"
        )
        for name, (_, missed) in TABLE.items()
        for fact, why in missed
    ],
)
def test_what_stands_there_and_is_not_read(library, name, fact):
    assert fact in read(library, name)
