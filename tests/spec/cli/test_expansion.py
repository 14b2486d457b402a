"""Codes of a hospital's own edition of SNOMED CT: asked of a terminology server, written to a file, read again through the site file."""

import json
from datetime import date

import pytest
import yaml
from click.testing import CliRunner

from cds_service.cli.expansion import Expansion, ExpansionError, expand, terminology_server, written
from cds_service.cli.group import main
from cds_service.errors import ContentError
from cds_service.guideline.loading.loader import load_library
from cds_service.terminology.systems import SNOMED
from cds_service.terminology.value_set import ValueSet
from tests.faults.stub import Stub, http, says, silent

# A small hierarchy; the codes have right check digits and mean nothing here. 71388002 has a child and a grandchild, 387713003 shares one with 225358003.
BELOW = {
    "71388002": ["225358003", "387713003", "363679005"],
    "387713003": ["363679005"],
    "225358003": ["363679005"],
    "54302000": [],
}
SETS = {"one": ValueSet("one", {(SNOMED, "71388002"): ("procedure", "", "Procedure")}, ())}


def serves(page: int = 1000, **more):
    """A terminology server with that hierarchy."""

    def behave(connection, asked, stub):
        parameters = dict(asked.parameters)
        codes = BELOW[parameters["url"].rpartition("<")[2]]
        offset = int(parameters["offset"])
        contains = [
            {"system": SNOMED, "code": code, "display": f"Term {code}"}
            for code in codes[offset : offset + page]
        ]
        expansion = {
            "total": len(codes),
            "parameter": [
                {
                    "name": "version",
                    "valueUri": "http://snomed.info/sct|http://snomed.info/sct/11000146104",
                }
            ],
            **({"contains": contains} if contains else {}),
            **more,
        }
        connection.sendall(
            http(
                json.dumps(
                    {"resourceType": "ValueSet", "status": "active", "expansion": expansion}
                ).encode()
            )
        )

    return behave


def rows(behave, sets=SETS, token="") -> tuple[Expansion, Stub]:
    with Stub(behave) as stub:
        return expand(sets, terminology_server(stub.base, token, 2.0)), stub


@pytest.mark.parametrize("page", [1000, 2, 1])
def test_descendants_get_the_meaning_of_their_ancestor_page_by_page(page):
    found, stub = rows(serves(page), token="canary-token")
    assert [(row["code"], row["value"], row["display"]) for row in found.rows["one"]] == [
        ("225358003", "procedure", "Term 225358003"),
        ("363679005", "procedure", "Term 363679005"),
        ("387713003", "procedure", "Term 387713003"),
    ]
    assert found.versions == {"http://snomed.info/sct|http://snomed.info/sct/11000146104"}
    assert stub.tokens == {"Bearer canary-token"}
    assert dict(stub.asked[0].parameters)["url"] == "http://snomed.info/sct?fhir_vs=ecl/<71388002"


def test_what_the_set_lists_already_keeps_its_own_meaning():
    sets = {
        "one": ValueSet(
            "one", {**SETS["one"].codes, (SNOMED, "387713003"): ("surgery", "", "Surgery")}, ()
        )
    }
    found, _ = rows(serves(), sets)
    assert [row["code"] for row in found.rows["one"]] == ["225358003"]
    assert found.ambiguous == ["one: 363679005 Term 363679005"], (
        "it stands below procedure and below surgery"
    )


def test_sides_are_kept_and_two_sides_are_ambiguous():
    left, right = ("breast", "left", "x"), ("breast", "right", "x")
    found, _ = rows(serves(), {"one": ValueSet("one", {(SNOMED, "225358003"): left}, ())})
    assert found.rows["one"][0]["side"] == "left"
    found, _ = rows(
        serves(),
        {"one": ValueSet("one", {(SNOMED, "225358003"): left, (SNOMED, "387713003"): right}, ())},
    )
    assert found.rows == {} and len(found.ambiguous) == 1


def test_other_systems_and_empty_sets_are_not_asked_for():
    found, stub = rows(
        serves(),
        {
            "one": ValueSet("one", {("http://loinc.org", "24606-6"): ("x", "", "x")}, ()),
            "two": ValueSet("two", {(SNOMED, "54302000"): ("", "", "")}, ()),
        },
    )
    assert found.rows == {} and len(stub.asked) == 1


FAULTS = {
    "an error": says(http(b'{"resourceType": "OperationOutcome"}', "500 Internal Server Error")),
    "no expansion": says(http(b'{"resourceType": "ValueSet"}')),
    "no JSON": says(http(b"{")),
    "a login page": says(http(b"<html>", content_type="text/html")),
    "a redirect": says(
        http(b"{}", "302 Found", "application/fhir+json", "Location: http://127.0.0.1:1/")
    ),
    "fewer than promised": serves(contains=[]),
    "too many": serves(total=30_000),
    "a code that is none": serves(contains=[{"system": SNOMED, "code": "12345", "display": "x"}]),
    "nothing at all": silent,
}


@pytest.mark.parametrize("behave", FAULTS.values(), ids=list(FAULTS))
def test_a_server_that_fails_gives_a_message_and_no_codes(behave, monkeypatch):
    with Stub(behave) as stub, pytest.raises(ExpansionError) as told:
        expand(SETS, terminology_server(stub.base, "canary-token", 0.5))
    assert "terminology server" in str(told.value) or "too wide" in str(told.value)
    assert "canary" not in str(told.value)


def test_the_file_is_read_through_the_site_file(tmp_path):
    """One way for codes of one's own: what the command writes is what `code_files` reads, checked like the rest."""
    (tmp_path / "descendants.yaml").write_text(
        written(
            Expansion(
                {
                    "breast_biopsy": [
                        {"system": SNOMED, "code": "387713003", "display": 'Surgery: "x"'}
                    ]
                }
            ),
            "https://tx.example.org/fhir",
            date(2026, 11, 28),
        )
    )
    (tmp_path / "site.yaml").write_text("name: Ziekenhuis X\ncode_files: [descendants.yaml]\n")
    plain, own = load_library(), load_library(site=tmp_path / "site.yaml")
    assert own.named_sets["breast_biopsy"].coding(SNOMED, "387713003") and not plain.named_sets[
        "breast_biopsy"
    ].coding(SNOMED, "387713003")
    assert [g.version for g in own.guidelines] != [g.version for g in plain.guidelines], (
        "the content version changes with the file"
    )


@pytest.mark.parametrize(
    "content, words",
    [
        ("no_such_set: [{system: 'http://snomed.info/sct', code: '387713003'}]", "no_such_set"),
        ("breast_biopsy: [{system: 'http://snomed.info/sct', code: '387713004'}]", "check digit"),
        ("breast_biopsy: nothing", "breast_biopsy"),
        ("- a list", "descendants.yaml"),
        (None, "descendants.yaml"),
    ],
)
def test_a_faulty_file_of_codes_is_told(tmp_path, content, words):
    if content is not None:
        (tmp_path / "descendants.yaml").write_text(content)
    (tmp_path / "site.yaml").write_text("name: Ziekenhuis X\ncode_files: [descendants.yaml]\n")
    with pytest.raises(ContentError) as told:
        load_library(site=tmp_path / "site.yaml")
    assert words in str(told.value)


@pytest.mark.full
def test_the_command_writes_a_file_with_its_origin(tmp_path):
    BELOW["122548005"] = ["363679005"]
    biopsies = [
        code
        for system, code in load_library().named_sets["breast_biopsy"].codes
        if system == SNOMED
    ]
    for code in biopsies:
        BELOW.setdefault(code, [])
    with Stub(serves()) as stub:
        told = CliRunner().invoke(
            main,
            ["expand", stub.base, "--set", "breast_biopsy", "--into", str(tmp_path / "out.yaml")],
        )
    assert told.exit_code == 0, told.output
    text = (tmp_path / "out.yaml").read_text(encoding="utf-8")
    assert (
        text.startswith(
            f"# SNOMED CT codes below those of the value sets, asked of {stub.base} on "
        )
        and "11000146104" in text
    )
    assert set(yaml.safe_load(text) or {}) <= {"breast_biopsy"}
    assert (
        CliRunner()
        .invoke(main, ["expand", stub.base, "--set", "nothing", "--into", str(tmp_path / "x")])
        .exit_code
        == 2
    )
