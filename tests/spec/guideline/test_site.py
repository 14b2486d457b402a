"""A hospital's own file (CDS_SITE_FILE, docs/site.md): what each member does to the service as it answers, and what every fault says."""

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cds_service.casebook.render import hook_request, render
from cds_service.cli.group import main
from cds_service.content import cards_folder
from cds_service.errors import ContentError
from cds_service.guideline.loading.loader import load_library
from cds_service.guideline.loading.shape import SiteShape
from cds_service.guideline.loading.site import MOST
from cds_service.rendering.trace import EXTENSION
from cds_service.web import create_app
from tests.cases import all_cases
from tests.conftest import SERVICE, SETTINGS, keys
from tests.distribution.servers import environment, free_ports

pytestmark = pytest.mark.full

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs" / "site-example.yaml"
GUIDELINE = "nipple_discharge"
LOCAL = "urn:oid:2.16.840.1.113883.2.4.99.1"
CASES = {case.id: case for case in all_cases()}
# Patients: what the content says of them without a site file.
WAITING = "six-weeks-normal-imaging"  # dischargeWatchfulWaiting
REFERRAL = "bloody-discharge-for-five-months"  # ductoscopyReferral
OLD_IMAGING = "imaging-a-few-days-too-old"  # breastImagingFirst
ORDERED = "ductoscopy-ordered-with-bi-rads-5"  # order hooks: ductoscopyContraindicated


@pytest.fixture
def write(tmp_path):
    """write(text) -> a site file of this text, after its name."""

    def written(text: str, name: str = "name: Ziekenhuis X\n") -> Path:
        path = tmp_path / "site.yaml"
        path.write_text(name + text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def client_of(clock):
    """client_of(site file, folder of content) -> a client of the application."""
    return lambda site=None, root=None: create_app(
        SETTINGS, load_library(root, site), clock
    ).test_client()


@pytest.fixture
def alone(tmp_path):
    """The content with one guideline only, so that other folders do not hide what is gone."""
    root = tmp_path / "cards"
    for folder in ("shared", GUIDELINE):
        shutil.copytree(
            cards_folder() / folder,
            root / folder,
            ignore=shutil.ignore_patterns("__pycache__", "*.py"),
        )
    return root


@pytest.fixture
def request_of(templates, clock):
    """request_of(case, hook) -> a complete request; the clock is set to the day of the case."""

    def made(case_id: str, hook: str = "patient-view") -> dict:
        record = render(CASES[case_id], date(2026, 6, 15))
        clock.day = record.today
        return hook_request(CASES[case_id], record, hook, prefetch_keys=templates[hook])

    return made


def ask(client, body: dict, path: str = "cds-services", **headers):
    return client.post(f"/{path}/{SERVICE[body['hook']]}", json=body, headers=headers)


def discovered(client) -> dict:
    return {
        service["hook"]: service["prefetch"]
        for service in client.get("/cds-services").get_json()["services"]
    }


def explained(client, body: dict) -> set[str]:
    return {
        told["recommendation"]
        for told in ask(client, body, "explain").get_json()["recommendations"]
    }


def version(answer) -> str:
    return answer.get_json()["cards"][0]["extension"][EXTENSION]["contentVersion"]


# --- the documentation


def test_the_example_of_the_documentation_works(client_of, request_of):
    client = client_of(EXAMPLE)
    assert keys(ask(client, request_of(REFERRAL))) == ["ductoscopyReferral"]
    assert keys(ask(client, request_of(OLD_IMAGING))) == ["ductoscopyReferral"]
    assert keys(ask(client, request_of(WAITING))) == []


def test_the_example_and_the_documentation_show_every_member():
    table = re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs" / "site.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert (
        table
        == list(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")))
        == list(SiteShape.model_fields)
    )


def test_the_command_of_the_documentation_runs():
    (line,) = re.findall(
        r"^cds-service (check .+?)\s+#",
        (ROOT / "docs" / "site.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    told = CliRunner().invoke(main, line.replace("site.yaml", str(EXAMPLE)).split())
    assert told.exit_code == 0, told.output
    assert (
        f"Ziekenhuis X: {GUIDELINE}.dischargeWatchfulWaiting switched off; imaging_window_months changed"
        in told.output
    )


# --- what is switched off


def test_a_recommendation_that_is_switched_off_is_nowhere(client_of, write, request_of):
    before, after = (
        client_of(),
        client_of(write(f"switched_off: [{GUIDELINE}.dischargeWatchfulWaiting]")),
    )
    body = request_of(WAITING)
    assert keys(ask(before, body)) == ["dischargeWatchfulWaiting"] and keys(ask(after, body)) == []
    assert explained(before, body) - explained(after, body) == {"dischargeWatchfulWaiting"}
    assert explained(after, body) < explained(before, body)
    assert keys(ask(after, request_of(REFERRAL))) == ["ductoscopyReferral"], (
        "the others speak as before"
    )
    assert discovered(after) == discovered(before)


def test_pages_do_not_offer_what_is_switched_off(client_of, write):
    before, after = (
        client_of(),
        client_of(write(f"switched_off: [{GUIDELINE}.dischargeWatchfulWaiting]")),
    )
    assert (
        "dischargeWatchfulWaiting" in before.get("/").text
        and "dischargeWatchfulWaiting" not in after.get("/").text
    )
    page = after.get(f"/guidelines/{GUIDELINE}").text
    assert (
        "Eigen keuzes van Ziekenhuis X" in page
        and "uitgeschakeld: <code>dischargeWatchfulWaiting</code>" in page
    )
    assert (
        "switched off"
        in after.get(f"/guidelines/{GUIDELINE}", headers={"Accept-Language": "en"}).text
    )
    assert "Ziekenhuis X" not in before.get(f"/guidelines/{GUIDELINE}").text


def test_a_whole_guideline_that_is_switched_off_is_as_if_it_were_not_there(
    client_of, write, alone, request_of
):
    path = write(f"switched_off: [{GUIDELINE}]")
    assert discovered(client_of(path, alone)) == {}
    shutil.rmtree(alone / GUIDELINE)
    whole, without = client_of(path), client_of()
    assert client_of(None, alone).get("/cds-services").get_json() == {"services": []}
    assert (
        without.get(f"/guidelines/{GUIDELINE}").status_code == 200
        and whole.get(f"/guidelines/{GUIDELINE}").status_code == 404
    )
    assert GUIDELINE not in whole.get("/").text


def test_every_recommendation_switched_off_is_the_whole_guideline(client_of, write, alone, library):
    (guideline,) = [g for g in library.guidelines if g.id == GUIDELINE]
    names = ", ".join(f"{GUIDELINE}.{r.key}" for r in guideline.recommendations)
    assert discovered(client_of(write(f"switched_off: [{names}]"), alone)) == {}


def test_a_hook_on_which_nothing_is_left_is_not_offered(client_of, write, alone, library):
    (guideline,) = [g for g in library.guidelines if g.id == GUIDELINE]
    ordered = ", ".join(f"{GUIDELINE}.{r.key}" for r in guideline.for_hook("order-sign"))
    client = client_of(write(f"switched_off: [{ordered}]"), alone)
    assert set(discovered(client)) == {"patient-view"}


# --- settings


def test_another_threshold_gives_another_verdict_and_stands_on_the_card(
    client_of, write, request_of
):
    body = request_of(OLD_IMAGING)
    client = client_of(write(f"settings: {{{GUIDELINE}: {{imaging_window_months: 12}}}}"))
    assert keys(ask(client_of(), body)) == ["breastImagingFirst"]
    answer = ask(client, body)
    assert keys(answer) == ["ductoscopyReferral"]
    lines = [
        line
        for line in answer.get_json()["cards"][0]["detail"].splitlines()
        if line.startswith("Instelling: ")
    ]
    assert any("12 maanden vóór het begin (Ziekenhuis X)." in line for line in lines)
    assert sum("Ziekenhuis X" in line for line in lines) == 1, (
        "what was not changed is not the hospital's"
    )
    assert (
        "12 months before it began (Ziekenhuis X)."
        in ask(client, body, **{"Accept-Language": "en"}).get_json()["cards"][0]["detail"]
    )
    assert (
        "instelling: beeldvorming telt voor deze klacht vanaf 12 maanden"
        in client.get(f"/guidelines/{GUIDELINE}").text
    )


def test_a_changed_setting_says_where_it_comes_from(write):
    library = load_library(site=write(f"settings: {{{GUIDELINE}: {{imaging_window_months: 12}}}}"))
    (guideline,) = [g for g in library.guidelines if g.id == GUIDELINE]
    assert guideline.settings["imaging_window_months"].source == "site file of Ziekenhuis X"
    assert "Ziekenhuis X" not in guideline.settings["observation_current_months"].source


# --- codes

ROW = (
    f'{{system: "{LOCAL}", code: "M-12", display: "Mammo lokaal", value: mammography, side: left}}'
)


def with_code(body: dict, code: dict) -> dict:
    """The request with a mammography report that says nothing but this code."""
    reports = [entry["resource"] for entry in body["prefetch"]["diagnosticReports"]["entry"]]
    (mammography,) = [r for r in reports if "mammogra" in str(r["code"]).lower()]
    mammography["code"] = code
    for key in ("conclusion", "imagingStudy"):
        mammography.pop(key, None)
    mammography["conclusionCode"] = [{"text": "BI-RADS 1"}]
    return body


@pytest.mark.parametrize(
    "row, code",
    [
        (ROW, {"coding": [{"system": LOCAL, "code": "M-12"}]}),
        (
            '{system: text, code: "blauwe kamer", value: mammography, side: left}',
            {"text": "Onderzoek blauwe kamer"},
        ),
        (
            '{system: "urn:oid:2.16.840.1.113883.6.96", code: "71651007", value: mammography}',
            {"text": "Mammografie links"},
        ),
    ],
    ids=["a code of one's own", "a word of one's own", "a row that the set has already"],
)
def test_an_own_code_is_read_like_those_of_the_content(client_of, write, request_of, row, code):
    body = with_code(request_of(REFERRAL), code)
    if "Mammografie" not in str(code):
        assert keys(ask(client_of(), body)) == ["breastImagingFirst"]
    answer = ask(client_of(write(f"codes: {{breast_examination: [{row}]}}")), body)
    assert keys(answer) == ["ductoscopyReferral"]


def test_the_side_of_an_own_code_counts(client_of, write, request_of):
    body = with_code(request_of(REFERRAL), {"coding": [{"system": LOCAL, "code": "M-12"}]})
    client = client_of(write(f"codes: {{breast_examination: [{ROW.replace('left', 'right')}]}}"))
    assert keys(ask(client, body)) == ["breastImagingFirst"], "an examination of the other breast"


def test_a_side_of_one_s_own_is_known_everywhere(write):
    site = write(
        f'codes: {{laterality: [{{system: "{LOCAL}", code: "LI", side: left}}], breast_examination: [{ROW}]}}'
    )
    sides = load_library(site=site).value_sets["laterality"]
    assert sides.coding(LOCAL, "LI").side == "left" and sides.coding(LOCAL, "M-12").side == "left"


def test_a_value_set_of_one_guideline_is_named_with_its_folder(client_of, write, request_of):
    body = request_of(REFERRAL)
    patient = {"reference": f"Patient/{body['context']['patientId']}"}
    done = {
        "resourceType": "Procedure",
        "id": "own",
        "status": "completed",
        "subject": patient,
        "performedDateTime": "2026-06-01",
        "code": {"coding": [{"system": LOCAL, "code": "D-1"}]},
        "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "80248007"}]}],
    }
    body["prefetch"]["procedures"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": done}],
    }
    assert keys(ask(client_of(), body)) == ["ductoscopyReferral"]
    client = client_of(
        write(f'codes: {{{GUIDELINE}.ductoscopy: [{{system: "{LOCAL}", code: "D-1"}}]}}')
    )
    assert keys(ask(client, body)) == []


# --- the hospital's protocol

PROTOCOL = f'protocols: {{{GUIDELINE}: {{label: {{nl: Ons protocol, en: Our protocol}}, url: "https://intranet.example.org/p?id=1"}}}}'


@pytest.mark.parametrize(
    "case, hook",
    [
        (REFERRAL, "patient-view"),
        (WAITING, "patient-view"),
        (OLD_IMAGING, "patient-view"),
        (ORDERED, "order-sign"),
    ],
)
def test_every_card_links_to_the_protocol(client_of, write, request_of, case, hook):
    body = request_of(case, hook)
    before, after = ask(client_of(), body), ask(client_of(write(PROTOCOL)), body)
    for card, own in zip(before.get_json()["cards"], after.get_json()["cards"], strict=True):
        link = {
            "label": "Ons protocol",
            "url": "https://intranet.example.org/p?id=1",
            "type": "absolute",
        }
        assert own["links"] == [*card.get("links", []), link]


def test_the_protocol_s_label_is_in_the_language_of_the_client(client_of, write, request_of):
    client = client_of(write(PROTOCOL))
    (card,) = ask(client, request_of(REFERRAL), **{"Accept-Language": "en"}).get_json()["cards"]
    assert card["links"][-1]["label"] == "Our protocol"
    assert (
        '<a href="https://intranet.example.org/p?id=1">Ons protocol</a>'
        in client.get(f"/guidelines/{GUIDELINE}").text
    )


# --- the version


def test_the_content_version_tells_site_files_apart(client_of, write, request_of):
    body = request_of(REFERRAL)
    told = [
        version(ask(client, body))
        for client in (
            client_of(),
            client_of(write("")),
            client_of(write(PROTOCOL)),
            client_of(write(PROTOCOL)),
        )
    ]
    assert len(set(told[:3])) == 3 and told[2] == told[3]
    assert len({text.partition("+")[0] for text in told}) == 1, "the guideline itself is the same"


# --- faults: what is wrong, the text of the file, what the message says

FAULTS = {
    "no name": ("name: ''", "name: String should match pattern"),
    "a name that is markup": ("name: '<b>'", "name: String should match pattern"),
    "an unknown member": (
        "name: X\nprotocol: {}",
        "protocol is not known here; did you mean protocols?",
    ),
    "a member that YAML takes for a truth": (
        "name: X\noff: []",
        "a key must be a text (on, off, yes, no and numbers: between quotes)",
    ),
    "an unknown recommendation": (
        f"switched_off: [{GUIDELINE}.ductoscopyReferal]",
        f"switched_off: no guideline or recommendation named {GUIDELINE}.ductoscopyReferal; did you mean {GUIDELINE}.ductoscopyReferral?",
    ),
    "a key without its guideline": (
        "switched_off: [ductoscopyReferral]",
        f"no guideline or recommendation named ductoscopyReferral; did you mean {GUIDELINE}.ductoscopyReferral?",
    ),
    "an unknown guideline": (
        "switched_off: [niple_discharge]",
        f"switched_off: no guideline or recommendation named niple_discharge; did you mean {GUIDELINE}?",
    ),
    "no list": (f"switched_off: {GUIDELINE}", "switched_off: Input should be a valid list"),
    "settings of an unknown guideline": (
        "settings: {niple_discharge: {imaging_window_months: 9}}",
        f"settings: no guideline named niple_discharge; did you mean {GUIDELINE}?",
    ),
    "an unknown setting": (
        f"settings: {{{GUIDELINE}: {{imaging_windw_months: 9}}}}",
        f"settings.{GUIDELINE}: no setting named imaging_windw_months; did you mean imaging_window_months?",
    ),
    "a setting that is no number": (
        f"settings: {{{GUIDELINE}: {{imaging_window_months: twelve}}}}",
        f"settings.{GUIDELINE}.imaging_window_months: Input should be a valid integer",
    ),
    "a setting that is a truth": (
        f"settings: {{{GUIDELINE}: {{imaging_window_months: yes}}}}",
        f"settings.{GUIDELINE}.imaging_window_months: Input should be a valid integer",
    ),
    "a setting of nothing": (
        f"settings: {{{GUIDELINE}: {{imaging_window_months: 0}}}}",
        f"settings.{GUIDELINE}.imaging_window_months: must be from 1 to {MOST['months']} months",
    ),
    "a setting of centuries": (
        f"settings: {{{GUIDELINE}: {{imaging_window_months: 601}}}}",
        f"must be from 1 to {MOST['months']} months",
    ),
    "an unknown value set": (
        f"codes: {{breast_examinations: [{ROW}]}}",
        "codes: no value set named breast_examinations; did you mean breast_examination?",
    ),
    "a guideline's set without its folder": (
        f'codes: {{ductoscopy: [{{system: "{LOCAL}", code: "1"}}]}}',
        f"codes: no value set named ductoscopy; did you mean {GUIDELINE}.ductoscopy?",
    ),
    "an unknown value": (
        f"codes: {{breast_examination: [{ROW.replace('mammography', 'mamography')}]}}",
        "codes.breast_examination: M-12: no value of this set named mamography; did you mean mammography?",
    ),
    "no value": (
        f'codes: {{breast_examination: [{{system: "{LOCAL}", code: "1"}}]}}',
        "codes.breast_examination: 1: value is missing; this set knows ",
    ),
    "an unknown side": (
        f"codes: {{breast_examination: [{ROW.replace('left', 'links')}]}}",
        "codes.breast_examination.0.side: Input should be '', 'left', 'right' or 'both'",
    ),
    "a code that is a number": (
        f'codes: {{breast_examination: [{{system: "{LOCAL}", code: 12, value: mammography}}]}}',
        "codes.breast_examination.0.code must be a text",
    ),
    "a code with a space at the end": (
        f'codes: {{breast_examination: [{{system: "{LOCAL}", code: "12 ", value: mammography}}]}}',
        "codes.breast_examination.0.code: String should match pattern",
    ),
    "a system that is no URI": (
        'codes: {breast_examination: [{system: local, code: "12", value: mammography}]}',
        "codes.breast_examination: 12: local is no code system URI",
    ),
    "a bad check digit": (
        'codes: {breast_examination: [{system: "http://snomed.info/sct", code: "71651008", value: mammography}]}',
        "71651008 is no SNOMED CT identifier (check digit)",
    ),
    "a bad check digit under another name": (
        'codes: {breast_examination: [{system: "urn:oid:2.16.840.1.113883.6.96", code: "71651008", value: mammography}]}',
        "71651008 is no SNOMED CT identifier (check digit)",
    ),
    "a code with another meaning": (
        'codes: {breast_examination: [{system: "http://snomed.info/sct", code: "71651007", value: ultrasound}]}',
        "codes.breast_examination: 71651007: this set has it already, with value mammography and side empty",
    ),
    "two meanings in the file itself": (
        f"codes: {{breast_examination: [{ROW}, {ROW.replace('left', 'right')}]}}",
        "codes.breast_examination: M-12: this set has it already, with value mammography and side left",
    ),
    "a term that matches everything": (
        'codes: {breast_examination: [{system: text, code: "*", value: mammography}]}',
        "codes.breast_examination: *: an empty term would match every text",
    ),
    "a misspelt member of a row": (
        f"codes: {{breast_examination: [{ROW.replace('display', 'dislay')}]}}",
        "codes.breast_examination.0.dislay is not known here; did you mean display?",
    ),
    "the protocol of an unknown guideline": (
        PROTOCOL.replace(GUIDELINE, "discharge"),
        "protocols: no guideline named discharge",
    ),
    "a label in one language": (
        PROTOCOL.replace(", en: Our protocol", ""),
        f"protocols.{GUIDELINE}.label: a text is needed in nl and en",
    ),
    "an address of this service": (
        PROTOCOL.replace("https://intranet.example.org", ""),
        f"protocols.{GUIDELINE}.url: an absolute http(s) address is needed",
    ),
    "an address that runs": (
        PROTOCOL.replace("https://intranet.example.org", "javascript:"),
        f"protocols.{GUIDELINE}.url: an absolute http(s) address is needed",
    ),
    "a key given twice": ("codes: {}\ncodes: {}", "the key 'codes' was already given on line"),
    "broken YAML": ("codes: [", "expected"),
    "a list": ("- x", "the file: Input should be a valid dictionary"),
    "an empty file": ("", "name is missing"),
}


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ContentError) as refused:
        load_library(site=path)
    return refused.value.faults


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text, words", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_told_with_its_place(write, text, words):
    path = write(
        text,
        name="name: Ziekenhuis X\n"
        if re.match("(switched_off|settings|codes|protocols):", text)
        else "",
    )
    (fault,) = faults_of(path)
    assert fault.startswith(str(path)) and words in fault, fault


def test_all_faults_are_told_at_once(write):
    """What is wrong in one member hides nothing of the others, whether it is of form or of meaning."""
    chosen = [
        "an unknown recommendation",
        "an unknown setting",
        "a bad check digit",
        "an address of this service",
        "an unknown member",
    ]
    told = faults_of(write("\n".join(FAULTS[name][0].removeprefix("name: X\n") for name in chosen)))
    assert len(told) == len(chosen)
    assert all(any(FAULTS[name][1] in fault for fault in told) for name in chosen), told


def test_faults_of_the_content_are_told_beside_those_of_the_file(write, alone):
    guideline = alone / GUIDELINE / "guideline.yaml"
    guideline.write_text(
        guideline.read_text(encoding="utf-8").replace(
            "hooks: [patient-view]", "hooks: [patient-views]", 1
        ),
        encoding="utf-8",
    )
    with pytest.raises(ContentError) as refused:
        load_library(alone, write(FAULTS["a bad check digit"][0]))
    assert [("patient-views" in fault, "71651008" in fault) for fault in refused.value.faults] == [
        (True, False),
        (False, True),
    ]


# --- as a person meets it


def run(*command: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(**env),
    )


START = ("-c", "import cds_service; cds_service.create_app()")
CHECK = ("-m", "cds_service", "check")
EVALUATE = (
    "-m",
    "cds_service",
    "evaluate",
    "fhir_examples/bloody-discharge-for-five-months.json",
    "--today",
    "2026-06-15",
)
SERVE = ("-m", "cds_service", "serve", "--bind")


def command_of(name: str) -> tuple[str, ...]:
    return (
        (*SERVE, f"127.0.0.1:{free_ports()}")
        if name == "serve"
        else {"start": START, "check": CHECK, "evaluate": EVALUATE}[name]
    )


@pytest.mark.parametrize("name", ["start", "check", "evaluate", "serve"])
def test_a_faulty_file_ends_with_exit_code_1(write, name):
    told = run(
        *command_of(name),
        CDS_SITE_FILE=str(write("switched_off: [nothing]\nsettings: {niple_discharge: {x: 1}}")),
    )
    assert told.returncode == 1, told.stderr
    assert "named nothing" in told.stderr and "named niple_discharge" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("name", ["start", "check", "evaluate", "serve"])
@pytest.mark.parametrize("file", ["nowhere.yaml", "docs"])
def test_a_file_that_is_not_there_ends_with_exit_code_3(name, file):
    told = run(*command_of(name), CDS_SITE_FILE=file)
    assert told.returncode == 3, told.stderr
    assert f"CDS_SITE_FILE: {file} cannot be read" in told.stderr and "Traceback" not in told.stderr


def test_check_takes_a_file_before_it_is_in_use(write):
    path = write("switched_off: [nothing]")
    told = CliRunner().invoke(main, ["check", "--site", str(path)])
    assert told.exit_code == 1 and str(path) in told.output
    assert CliRunner().invoke(main, ["check", "--site", "nowhere.yaml"]).exit_code == 2


def test_the_command_line_answers_as_the_service_does(write):
    arguments = [*EVALUATE[2:], "--json"]
    off = write(f"switched_off: [{GUIDELINE}.ductoscopyReferral]")
    assert "ductoscopyReferral" in CliRunner().invoke(main, arguments).output
    told = CliRunner().invoke(main, arguments, env={"CDS_SITE_FILE": str(off)})
    assert told.exit_code == 0 and '"cards": []' in told.output
