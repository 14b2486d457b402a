"""The path for a cluster in docs/population.md: the code that stands there, on Dask's local processes, gives what DuckDB gives."""

import json
import re
from datetime import date
from pathlib import Path

import dask
import pytest
from click.testing import CliRunner

from cds_service.cli.group import main
from cds_service.population.export import SHARED, open_export
from cds_service.population.judging import How
from tests.house.source import ROOT
from tests.population.exports import DAY, populace, rows_of, written

PAGE = (ROOT / "docs" / "population.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("scheduler", ["processes", "synchronous"])
def test_the_code_of_the_page_gives_the_rows_of_a_run(tmp_path, scheduler):
    resources = [r for _, record in populace()[::3] for r in record.resources]
    resources += [
        {
            "resourceType": "Medication",
            "id": "m",
            "ingredient": [{"itemReference": {"reference": "Substance/s"}}],
        },
        {"resourceType": "Substance", "id": "s"},
        {"resourceType": "Patient", "id": "medicated"},
        {
            "resourceType": "MedicationRequest",
            "id": "r",
            "subject": {"reference": "Patient/medicated"},
            "medicationReference": {"reference": "Medication/m"},
        },
    ]
    folder = written(tmp_path / "export", resources)
    with (folder / "Condition.ndjson").open("ab") as file:
        file.write(b'{"half": \n{"resourceType": "Condition", "id": "nobodys"}\n{"\xff": 1}\n')
    result = CliRunner().invoke(
        main,
        [
            "evaluate",
            str(folder),
            "--into",
            str(tmp_path / "out"),
            "--workers",
            "1",
            "--today",
            DAY.isoformat(),
        ],
    )
    assert result.exit_code == 1, result.output

    names: dict = {}
    exec(compile(BLOCKS[0], "docs/population.md", "exec"), names)
    export = open_export(folder)
    files = [
        str(path)
        for kind, group in export.files.items()
        if kind not in SHARED
        for path in group
        if path.stat().st_size
    ]
    shared = [str(path) for kind in SHARED for path in export.files.get(kind, ())]
    with dask.config.set(scheduler=scheduler, num_workers=2):
        rows, lost = names["population"](files, shared, How(DAY, export.unread))
        found, lost = dask.compute(rows.map(json.dumps), lost)
    expected = rows_of(tmp_path / "out")
    assert {row["patient"]: row for row in map(json.loads, found)} == expected and len(
        found
    ) == len(expected) > 50
    assert expected["medicated"]["resources"] == 4
    assert lost == 3


def test_the_example_of_the_page_names_what_exists():
    from cds_service.settings import Settings

    names = {"How": How, "date": date, "Settings": Settings, "Path": Path}
    first = BLOCKS[1].splitlines()[0]
    exec(compile(first, "docs/population.md", "exec"), names)
    assert names["how"].day == DAY and len(BLOCKS) == 2
