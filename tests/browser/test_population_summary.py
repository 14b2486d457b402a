"""The summary of a population run in a real browser, from its file: axe-core, and a narrow screen."""

import pytest
from click.testing import CliRunner

from cds_service.cli.group import main
from tests.population.exports import DAY, populace, written


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    """A summary in which everything is said that can be said."""
    folder = tmp_path_factory.mktemp("population")
    export = written(
        folder / "export",
        [r for _, record in populace()[::20] for r in record.resources],
        every_type=False,
    )
    with (export / "Condition.ndjson").open("a") as file:
        file.write('{"resourceType": "Condition", "id": "nobodys"}\n{half\n')
    result = CliRunner().invoke(
        main,
        [
            "evaluate",
            str(export),
            "--into",
            str(folder / "out"),
            "--workers",
            "1",
            "--today",
            DAY.isoformat(),
            "--unread",
            "Procedure",
        ],
    )
    assert result.exit_code == 1, result.output
    return folder / "out" / "summary.html"


def test_axe_finds_nothing_serious_in_the_summary(page, violations, summary):
    page.goto(summary.as_uri())
    assert page.locator("section.attention li").count() >= 3 and page.locator("table").count() > 5
    assert violations(page) == []


def test_the_summary_fits_a_narrow_screen(page, summary):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(summary.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
