"""GET /cds-services and its prefetch templates (CDS Hooks 2.0.1 §Discovery, §Prefetch Template; acceptance checks 1, 32, 33, 42)."""

import json
import re
import shutil
import sys
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import yaml

from cds_service.content import cards_folder, examples_folder
from cds_service.facts.extraction import Reading
from cds_service.fhir.record import Record
from cds_service.fhir.search import search
from cds_service.guideline.library import load_library
from cds_service.web import create_app
from cds_service.web.sandbox import create_sandbox
from tests.conftest import SERVICE, SETTINGS
from tests.contract.helpers import DAY, PAIRS, REFERRAL, empties, post, request_for, render, without_uuids

# The hooks' own pages, table "Context": fields marked "Prefetch Token: Yes" (and required, so that every client can fill them).
TOKEN_FIELDS = {hook: {"userId", "patientId"} for hook in SERVICE}
USER_TOKENS = {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
# FHIR R4, the search parameters of each type, by kind; only the kinds that the standard's subset allows.
R4 = {
    "Condition": {"patient": "reference", "subject": "reference", "category": "token", "code": "token", "clinical-status": "token",
                  "verification-status": "token", "onset-date": "date", "recorded-date": "date"},
    "Observation": {"patient": "reference", "subject": "reference", "category": "token", "code": "token", "status": "token", "date": "date"},
    "Procedure": {"patient": "reference", "subject": "reference", "category": "token", "code": "token", "status": "token", "date": "date"},
    "ImagingStudy": {"patient": "reference", "subject": "reference", "modality": "token", "status": "token", "started": "date"},
    "DiagnosticReport": {"patient": "reference", "subject": "reference", "category": "token", "code": "token", "status": "token",
                         "date": "date", "issued": "date"},
    "ServiceRequest": {"patient": "reference", "subject": "reference", "category": "token", "code": "token", "status": "token",
                       "intent": "token", "authored": "date"},
    "MedicationRequest": {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "authoredon": "date"},
}  # fmt: skip
TOKEN = re.compile(r"\{\{(.*?)\}\}")


@pytest.fixture(scope="module")
def found(app):
    return app.test_client().get("/cds-services").get_json()


@pytest.fixture(scope="module")
def all_templates(templates):
    return [(hook, key, template) for hook, keys in templates.items() for key, template in keys.items()]


# ---------------------------------------------------------------------------------------------------- the answer


def test_an_object_with_services(client):
    """§Discovery: GET {baseUrl}/cds-services is always available; 200; an object with `services`, an array."""
    answer = client.get("/cds-services")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert set(answer.get_json()) == {"services"} and isinstance(answer.get_json()["services"], list) and answer.get_json()["services"]


@pytest.mark.parametrize("member, level", [("hook", "REQUIRED"), ("id", "REQUIRED"), ("description", "REQUIRED"), ("title", "RECOMMENDED"),
                                           ("usageRequirements", "OPTIONAL"), ("version", "RECOMMENDED in 3.0")])  # fmt: skip
def test_every_service_has(found, member, level):
    """§Discovery>Response: hook, id and description are REQUIRED non-blank strings; Inferno 7-16."""
    assert all(isinstance(service[member], str) and service[member].strip() for service in found["services"])


def test_each_hook_has_one_service_with_an_id_of_its_own(found):
    """The id is the {id} of the URL, so it needs no encoding; the sandbox stores services by URL (check 42: no duplicate (id, hook), ids distinct)."""
    assert {service["id"]: service["hook"] for service in found["services"]} == {id: hook for hook, id in SERVICE.items()}
    assert len(found["services"]) == len(SERVICE)
    assert all(re.fullmatch(r"[a-z0-9-]+", service["id"]) for service in found["services"])


def test_the_version_is_that_of_the_standard_and_hook_versions_are_left_out(found):
    """S3 §Discovery>Response: `version` is semver; `hookVersion` SHALL equal the published one, which disagrees with itself: not sent."""
    assert {service["version"] for service in found["services"]} == {"2.0.1"}
    assert not any("hookVersion" in service for service in found["services"])


def test_nothing_is_null_or_empty(found):
    """§Use of JSON: no null and no empty value; optional fields without a value are left out."""
    assert empties(found) == []


@pytest.mark.parametrize("path", ["/cds-services/", "//cds-services", "/cds-services//"])
def test_slashes_do_not_matter(client, found, path):
    """Check 44: with and without trailing slash the same answer, no redirect."""
    answer = client.get("/cds-services", environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.get_json()) == (200, found)


def test_no_services_is_an_empty_list(library, clock):
    """§Discovery>Response: no services: 200 and {"services": []}."""
    answer = create_app(SETTINGS, replace(library, guidelines=()), clock).test_client().get("/cds-services")
    assert (answer.status_code, answer.get_json()) == (200, {"services": []})


# ---------------------------------------------------------------------------------------------------- the templates


def parts(template: str) -> tuple[str, list[tuple[str, str]]]:
    """Type and (parameter, value) pairs; a read has none."""
    kind, _, query = template.partition("?")
    return kind.partition("/")[0], [tuple(pair.split("=", 1)) for pair in query.split("&")] if query else []


def rule(name: str, clause: str):
    """One rule for all templates: the test's id is its name, its clause stands beside it."""
    return pytest.param(RULES[name], id=f"{name}: {clause}")


RULES = {
    "read or search": lambda hook, t: re.fullmatch(r"[A-Z][A-Za-z]+(/\{\{[A-Za-z.]+\}\}|\?[^?\s#]+)", t),
    "tokens": lambda hook, t: all(token.removeprefix("context.") in TOKEN_FIELDS[hook] if "." in token else token in USER_TOKENS for token in TOKEN.findall(t)),
    "whole values": lambda hook, t: "{" not in TOKEN.sub("", t) and all("{{" not in v or TOKEN.fullmatch(v) for _, v in parts(t)[1]),
    "no encounter": lambda hook, t: "encounterId" not in t,
    "no FHIRPath": lambda hook, t: all(re.fullmatch(r"(context\.)?[A-Za-z]+", token) for token in TOKEN.findall(t)),
    "known type": lambda hook, t: parts(t)[0] == "Patient" or parts(t)[0] in R4,
    "subset": lambda hook, t: all(name in ("_count", "_sort") or name in R4[parts(t)[0]] for name, _ in parts(t)[1]),
    "dates": lambda hook, t: all(re.match(r"(eq|lt|gt|ge|le)?\d{4}", v) for n, v in parts(t)[1] if R4[parts(t)[0]].get(n) == "date"),
    "no repetition": lambda hook, t: len({name for name, _ in parts(t)[1]}) == len(parts(t)[1]),
    "of the patient": lambda hook, t: t == "Patient/{{context.patientId}}" or ("patient", "{{context.patientId}}") in parts(t)[1],
    "relative": lambda hook, t: "://" not in t.split("?")[0] and not t.startswith("/"),
    "length": lambda hook, t: len(t) <= 4000,
}


@pytest.mark.parametrize("holds", [
    rule("read or search", "a template is a FHIR read or search, relative to fhirServer (§Prefetch Template)"),
    rule("tokens", "only context fields marked Prefetch Token: Yes, or the four user tokens (§Prefetch tokens)"),
    rule("whole values", "a token is {{...}} and stands for a whole value"),
    rule("no encounter", "encounterId is OPTIONAL and the sandbox never sends it, so it is never needed (check 32)"),
    rule("no FHIRPath", "2.0 tokens only: root-level primitive fields (§Prefetch tokens)"),
    rule("known type", "a FHIR R4 resource type"),
    rule("subset", "R4 parameters of kind reference, token without modifier, date; _count and _sort (§Prefetch query restrictions)"),
    rule("dates", "dates with eq, lt, gt, ge, le only (§Prefetch query restrictions)"),
    rule("no repetition", "the sandbox merges a repeated parameter into an OR: never repeat one"),
    rule("of the patient", "every template asks for data of the context patient"),
    rule("relative", "relative to fhirServer (§Prefetch Template)"),
    rule("length", "a GET with it fits the usual request line limits"),
])  # fmt: skip
def test_every_template_obeys(all_templates, holds):
    """CDS Hooks 2.0.1 §Prefetch Template, §Prefetch tokens, §Prefetch query restrictions (D1-D7)."""
    assert [t for hook, _, t in all_templates if not holds(hook, t)] == []


def test_condition_is_not_asked_by_status(all_templates):
    """S3 §Example prefetch templates fixed `Condition ... status=active`: R4 knows only clinical-status."""
    assert [t for _, _, t in all_templates if t.startswith("Condition") and re.search(r"[?&]status=", t)] == []


def test_keys_are_plain_plurals_and_mean_one_query_on_every_hook(templates):
    """Decision 11: patient, conditions, observations ...; the same key never means two queries, so a client may cache it."""
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", key) for keys in templates.values() for key in keys)
    assert len({(key, t) for keys in templates.values() for key, t in keys.items()}) == len({key for keys in templates.values() for key in keys})
    assert all(keys["patient"] == "Patient/{{context.patientId}}" for keys in templates.values())


# ---------------------------------------------------------------------------------------------------- templates derive from content


@pytest.fixture
def content(tmp_path, monkeypatch):
    """A copy of cards/ that may be changed; the Python of new folders is found in it."""
    root = tmp_path / "cards"
    shutil.copytree(cards_folder(), root, ignore=shutil.ignore_patterns("__pycache__"))
    package = sys.modules["cds_service.cards"]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(root)])
    before = set(sys.modules)
    yield root
    for name in set(sys.modules) - before:
        if name.startswith("cds_service.cards."):
            del sys.modules[name]


def discovered(root, clock) -> dict:
    services = create_app(SETTINGS, load_library(root), clock).test_client().get("/cds-services").get_json()["services"]
    return {service["hook"]: service for service in services}


def edit(path, change) -> None:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(written)
    path.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_a_copy_of_the_content_is_offered_alike(content, clock, found):
    """Control for the tests below: the copy itself changes nothing."""
    assert list(discovered(content, clock).values()) == found["services"]


def test_without_a_guideline_folder_no_service_is_offered(content, clock):
    """Decision 26: deleting a guideline folder changes discovery and nothing else; §Discovery: none is {"services": []}."""
    for path in content.glob("*/guideline.yaml"):
        shutil.rmtree(path.parent)
    assert discovered(content, clock) == {}


def test_a_second_folder_adds_its_queries_and_takes_them_away_again(content, clock, found, client, templates):
    """One guideline = one folder: adding or deleting it changes discovery and nothing else (decision 26)."""
    original = {service["hook"]: service["prefetch"] for service in found["services"]}
    request = request_for(REFERRAL, "patient-view", templates, clock)
    cards = without_uuids(post(client, "patient-view", request).get_json()["cards"])
    second = content / "second"
    shutil.copytree(content / "nipple_discharge", second)
    facts = {"label": {"nl": "Middel", "en": "Drug"}, "value_set": "ductoscopy", "read": {"MedicationRequest": ["medicationCodeableConcept"]}}
    edit(second / "facts.yaml", lambda written: written.update(drug=facts))

    def on_order_sign_only(written):
        written["facts"].append("drug")
        for recommendation in written["recommendations"]:
            recommendation["when"] = [w for w in recommendation["when"] if "order-sign" in w["hooks"]]
            for when in recommendation["when"]:
                when["hooks"] = ["order-sign"]
        written["recommendations"] = [r for r in written["recommendations"] if r["when"]]

    edit(second / "guideline.yaml", on_order_sign_only)
    with_second = {hook: service["prefetch"] for hook, service in discovered(content, clock).items()}
    added = {"medicationRequests": "MedicationRequest?patient={{context.patientId}}&_count=500"}
    assert with_second == {**original, "order-sign": {**original["order-sign"], **added}}
    shutil.rmtree(second)
    assert list(discovered(content, clock).values()) == found["services"]
    again = create_app(SETTINGS, load_library(content), clock).test_client()
    assert without_uuids(post(again, "patient-view", request).get_json()["cards"]) == cards


def test_a_hook_that_no_guideline_speaks_on_is_not_offered(content, clock):
    """Templates and services follow guideline.yaml: no recommendation on order-select, no service for it."""

    def quiet(written):
        for recommendation in written["recommendations"]:
            for when in recommendation["when"]:
                when["hooks"] = [hook for hook in when["hooks"] if hook != "order-select"]

    edit(content / "nipple_discharge" / "guideline.yaml", quiet)
    assert set(discovered(content, clock)) == {"patient-view", "order-sign"}


@pytest.mark.parametrize("read, key", [("ImagingStudy", "imagingStudies"), ("ServiceRequest", "serviceRequests"), ("Procedure", "procedures")])
def test_a_type_that_no_fact_reads_is_not_asked_for(content, clock, read, key):
    """Data minimisation: what the content does not read is not in a template."""
    for facts in content.glob("*/facts.yaml"):

        def forget(written):
            for name in [name for name, fact in written.items() if set(fact["read"]) == {read}]:
                written[name]["read"] = {"Condition": ["code"]}
            for fact in written.values():
                fact["read"].pop(read, None)

        edit(facts, forget)
    offered = discovered(content, clock)
    assert offered and all(key not in service["prefetch"] for service in offered.values())


# ---------------------------------------------------------------------------------------------------- templates at work


@pytest.fixture(scope="module")
def sandbox():
    bundles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(examples_folder().glob("*.json"))]
    patients = [e["resource"]["id"] for b in bundles for e in b["entry"] if e["resource"]["resourceType"] == "Patient"]
    return create_sandbox(bundles).test_client(), patients


@pytest.mark.parametrize("by", ["GET", "POST _search"])
def test_every_template_runs_on_a_strict_fhir_server(sandbox, all_templates, by):
    """Check 33: with the tokens filled, a valid FHIR read or search, refused by no server that is strict (Prefer: handling=strict)."""
    server, patients = sandbox
    strict = {"Prefer": "handling=strict", "Accept": "application/fhir+json"}
    seen = set()
    assert len(patients) >= 20
    for patient in patients:
        for template in {t for _, _, t in all_templates}:
            kind, pairs = parts(template.replace("{{context.patientId}}", patient))
            if not pairs:
                answer = server.get(f"/fhir/{kind}/{patient}", headers=strict)
                assert (answer.status_code, answer.json["resourceType"], answer.json["id"]) == (200, "Patient", patient)
                continue
            if by == "GET":
                answer = server.get(f"/fhir/{kind}?{urlencode(pairs)}", headers=strict)
            else:
                answer = server.post(f"/fhir/{kind}/_search", data=dict(pairs), headers=strict)
            assert (answer.status_code, answer.json["resourceType"], answer.json["type"]) == (200, "Bundle", "searchset"), template
            for entry in answer.json.get("entry", []):
                assert (entry["resource"]["resourceType"], entry["resource"]["subject"]) == (kind, {"reference": f"Patient/{patient}"})
                seen.add(kind)
    assert {"Condition", "DiagnosticReport", "Procedure", "Observation", "ServiceRequest"} <= seen, "the examples show every query at work"


def run_templates(templates: dict, resources: list[dict], patient: str) -> dict[str, list[dict]]:
    """What a stock R4 server finds for each key."""
    found = {}
    for key, template in templates.items():
        kind, pairs = parts(template.replace("{{context.patientId}}", patient))
        found[key] = search(resources, kind, pairs, strict=True) if pairs else [r for r in resources if r["resourceType"] == kind]
    return found


def used_by_content(library, hook, case, resources, clock) -> list[dict]:
    """The resources of a record from which any fact of the hook's guidelines is read."""
    by_type: dict = {}
    for resource in resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
    reading = Reading(Record(case.id, by_type, {}), clock(), SETTINGS.timezone, library.value_sets, library.readers)
    for definition in library.fact_definitions(hook).values():
        reading.facts(definition)
    return list(reading.relevant.values())


def is_out_of_reach(resource: dict, templates: dict) -> bool:
    """Decision 11: an Observation that carries neither a listed category nor a listed code is out of reach of prefetch."""
    if resource["resourceType"] != "Observation":
        return False
    asked = [dict(parts(t)[1]) for t in templates.values() if t.startswith("Observation")]
    listed = {value for query in asked for name in ("category", "code") for value in query.get(name, "").split(",")}
    carried = [c for node in [*resource.get("category", []), resource["code"]] for c in node.get("coding", [])]
    return not any({c.get("code"), f"{c.get('system')}|{c.get('code')}"} & listed for c in carried)


def test_templates_filter_away_nothing_that_the_content_can_read(library, templates, clock):
    """Templates lose no resource that a fact is read from, over all cases, except Observations out of reach (decision 11)."""
    lost, excused, used = [], set(), 0
    for case, hook in PAIRS:
        record = render(case, DAY)
        clock.day = record.today
        found = {id(r) for group in run_templates(templates[hook], record.resources, case.id).values() for r in group}
        for resource in used_by_content(library, hook, case, record.resources, clock):
            used += 1
            if id(resource) not in found:
                (excused.add if is_out_of_reach(resource, templates[hook]) else lost.append)(f"{case.id}: {resource['id']}")
    assert lost == []
    assert used > 500, "the content reads the cases"
    assert len(excused) <= 3, "the exception stays an exception"


def test_prefetch_by_template_gives_the_same_cards_as_the_whole_record(client, templates, clock):
    """The answer from what a server finds equals the answer from the whole record (one case depends on data out of reach)."""
    differing = set()
    for case, hook in PAIRS[::3]:
        if case.unread:
            continue
        request = request_for(case.id, hook, templates, clock)
        whole = post(client, hook, request).get_json()
        record = render(case, DAY)
        for key, resources in run_templates(templates[hook], record.resources, case.id).items():
            entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
            request["prefetch"][key] = resources[0] if key == "patient" else {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        if without_uuids(post(client, hook, request).get_json()["cards"]) != without_uuids(whole["cards"]):
            differing.add(case.id)
    assert differing <= {"category-as-a-component"}, "its Observation has no category and the code of the examination"

