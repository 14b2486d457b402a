"""Whose a line is: Python (for other engines) and DuckDB's SQL say the same of whatever a line may hold."""

import json
import random
from collections import Counter

from cds_service.population.export import open_export, unparsable_lines
from cds_service.population.grouping import engine, group, patients_of
from cds_service.population.judging import owners
from tests.population.exports import written

REFERENCES = [
    "Patient/a",
    "Patient/b/_history/1",
    "https://x.example/fhir/Patient/c",
    "urn:uuid:d",
    "#p",
    "Patient/",
    "Patient",
    "a",
    "Group/a",
    "Patient/a?x",
    "Patient/a#b",
    "",
    None,
    5,
    True,
    ["Patient/a"],
    {"x": 1},
    "x/Patient/e/",
    "Patient/Patient/f",
    " Patient/a",
    "Patient/é",
    "Patient/a\n",
    "http://Patient/z/_history/",
    "patient/a",
    "urn:uuid:",
    "Patient/a/_history/1/2",
    "Practitioner/x",
    "Patient/n ull",
    'Patient/q"uote',
]
TYPES = [
    "Condition",
    "Appointment",
    "Encounter",
    "ResearchSubject",
    "Patient",
    "Organization",
    None,
    7,
    {},
    [],
]


def invented(chance: random.Random, number: int) -> dict:
    def element():
        told = chance.choice(REFERENCES)
        return chance.choice(
            [
                {"reference": told},
                {"reference": told},
                told,
                [{"reference": told}],
                {"display": "x"},
            ]
        )

    resource = {
        "resourceType": chance.choice(TYPES),
        "id": chance.choice([f"r{number}", "x/y", "", "é"]),
    }
    resource |= {
        name: element()
        for name in ("subject", "patient", "beneficiary", "individual")
        if chance.random() < 0.4
    }
    if chance.random() < 0.5:
        resource["participant"] = chance.choice(
            [[{"actor": element()}, {"actor": element()}, 3], {"actor": element()}, [], None, "x"]
        )
    return resource


def test_python_and_duckdb_agree_on_invented_lines(tmp_path):
    chance = random.Random(3)
    lines = [json.dumps(invented(chance, number)) for number in range(3000)]
    folder = written(tmp_path / "export", [])
    (folder / "Condition.ndjson").write_text("\n".join(lines))
    export = open_export(folder)
    with engine(500_000_000, 1, tmp_path / "spill") as connection:
        grouped = group(export, tmp_path / "lines", 4, connection, lambda _: None)
        found = [
            (patient, line)
            for part in grouped.lines
            for patient, mine in patients_of(tmp_path / "lines", part, connection)
            for line in mine
        ]
    expected = [(owner, line) for line in lines for owner in owners(line)]
    assert Counter(found) == Counter(expected) and len(expected) > 300
    assert (
        sum(grouped.unparsable.values())
        == len(list(unparsable_lines(export.files["Condition"])))
        > 100
    )
