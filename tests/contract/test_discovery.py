"""GET /cds-services and its prefetch templates (CDS Hooks 2.0.1 §Discovery, §Prefetch Template; acceptance checks 1, 32, 33, 42)."""

import json
import re
import shutil
import sys
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
import yaml

from cds_service.cli.new import files
from cds_service.content import cards_folder, examples_folder
from cds_service.demo.sandbox.http.routes import create_sandbox
from cds_service.demo.sandbox.search import search
from cds_service.facts.extraction import Reading
from cds_service.fhir.record import Record
from cds_service.guideline.loading.loader import load_library
from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS
from tests.contract.conformance import marks
from tests.contract.helpers import (
    CASES,
    DAY,
    REFERRAL,
    empties,
    post,
    render,
    request_for,
    without_uuids,
)

# The hooks' own pages, table "Context": fields marked "Prefetch Token: Yes" (and required, so that every client can fill them).
TOKEN_FIELDS = {hook: {"userId", "patientId"} for hook in SERVICE}
USER_TOKENS = {
    "userPractitionerId",
    "userPractitionerRoleId",
    "userPatientId",
    "userRelatedPersonId",
}
# FHIR R4, the search parameters of each type, by kind; only the kinds that the standard's subset allows.
R4 = {
    "Condition": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "clinical-status": "token",
        "verification-status": "token",
        "onset-date": "date",
        "recorded-date": "date",
    },
    "Observation": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "status": "token",
        "date": "date",
    },
    "Procedure": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "status": "token",
        "date": "date",
    },
    "ImagingStudy": {
        "patient": "reference",
        "subject": "reference",
        "modality": "token",
        "status": "token",
        "started": "date",
    },
    "DiagnosticReport": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "status": "token",
        "date": "date",
        "issued": "date",
    },
    "ServiceRequest": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "status": "token",
        "intent": "token",
        "authored": "date",
    },
    "MedicationRequest": {
        "patient": "reference",
        "subject": "reference",
        "code": "token",
        "status": "token",
        "intent": "token",
        "authoredon": "date",
    },
    "MedicationAdministration": {
        "patient": "reference",
        "subject": "reference",
        "code": "token",
        "status": "token",
        "effective-time": "date",
    },
    "MedicationStatement": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "code": "token",
        "status": "token",
        "effective": "date",
    },
    "ResearchSubject": {
        "patient": "reference",
        "individual": "reference",
        "study": "reference",
        "status": "token",
        "date": "date",
    },
    "DocumentReference": {
        "patient": "reference",
        "subject": "reference",
        "category": "token",
        "type": "token",
        "status": "token",
        "date": "date",
        "period": "date",
    },
    "Encounter": {
        "patient": "reference",
        "subject": "reference",
        "class": "token",
        "type": "token",
        "reason-code": "token",
        "status": "token",
        "date": "date",
    },
    "Appointment": {
        "patient": "reference",
        "actor": "reference",
        "service-type": "token",
        "service-category": "token",
        "reason-code": "token",
        "appointment-type": "token",
        "status": "token",
        "date": "date",
    },
}
TOKEN = re.compile(r"\{\{(.*?)\}\}")
LINE = 8000  # what servers take as a request line at least (RFC 9110 §4.1); nginx and Apache take some 8,190 bytes


@pytest.fixture(scope="module")
def found(app):
    return app.test_client().get("/cds-services").get_json()


@pytest.fixture(scope="module")
def all_templates(templates):
    return [
        (hook, key, template) for hook, keys in templates.items() for key, template in keys.items()
    ]


# ---------------------------------------------------------------------------------------------------- the answer


@pytest.mark.requirement("A2", "A9", "B1", "B2", "B13", "K1")
def test_an_object_with_services(client):
    """§Discovery: GET {baseUrl}/cds-services is always available; 200; an object with `services`, an array."""
    answer = client.get("/cds-services")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert (
        set(answer.get_json()) == {"services"}
        and isinstance(answer.get_json()["services"], list)
        and answer.get_json()["services"]
    )


MEMBERS = {
    "hook": "REQUIRED (B4)",
    "id": "REQUIRED (B7)",
    "description": "REQUIRED (B6)",
    "title": "RECOMMENDED (B5)",
    "usageRequirements": "OPTIONAL (B9)",
    "version": "RECOMMENDED in 3.0 (B10)",
}


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(member, id=f"{member}: {level}", marks=marks(level))
        for member, level in MEMBERS.items()
    ],
)
def test_every_service_has(found, member):
    """§Discovery>Response: hook, id and description are REQUIRED non-blank strings; Inferno 7-16."""
    assert all(
        isinstance(service[member], str) and service[member].strip()
        for service in found["services"]
    )


@pytest.mark.requirement("B15")
def test_no_service_has_a_member_of_our_own(found):
    """§Discovery>Response: what stands there is what the standard defines, and no extension."""
    assert {member for service in found["services"] for member in service} == {*MEMBERS, "prefetch"}


@pytest.mark.requirement("B7", "B12")
def test_each_hook_has_one_service_with_an_id_of_its_own(found):
    """The id is the {id} of the URL, so it needs no encoding; the sandbox stores services by URL (check 42: no duplicate (id, hook), ids distinct)."""
    assert {service["id"]: service["hook"] for service in found["services"]} == {
        id: hook for hook, id in SERVICE.items()
    }
    assert len(found["services"]) == len(SERVICE)
    assert all(re.fullmatch(r"[a-z0-9-]+", service["id"]) for service in found["services"])


@pytest.mark.requirement("B10", "B11")
def test_the_version_is_that_of_the_standard_and_hook_versions_are_left_out(found):
    """S3 §Discovery>Response: `version` is semver; `hookVersion` SHALL equal the published one, which disagrees with itself: not sent."""
    assert {service["version"] for service in found["services"]} == {"2.0.1"}
    assert not any("hookVersion" in service for service in found["services"])


@pytest.mark.requirement("A3", "A4", "A5")
def test_nothing_is_null_or_empty(found):
    """§Use of JSON: no null and no empty value; optional fields without a value are left out."""
    assert empties(found) == []


@pytest.mark.requirement("B1")
@pytest.mark.parametrize("path", ["/cds-services/", "//cds-services", "/cds-services//"])
def test_slashes_do_not_matter(client, found, path):
    """Check 44: with and without trailing slash the same answer, no redirect."""
    answer = client.get("/cds-services", environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.get_json()) == (200, found)


@pytest.mark.requirement("B3")
def test_no_services_is_an_empty_list(library, clock):
    """§Discovery>Response: no services: 200 and {"services": []}."""
    answer = (
        create_app(SETTINGS, replace(library, guidelines=()), clock)
        .test_client()
        .get("/cds-services")
    )
    assert (answer.status_code, answer.get_json()) == (200, {"services": []})


# ---------------------------------------------------------------------------------------------------- the templates


def parts(template: str) -> tuple[str, list[tuple[str, str]]]:
    """Type and (parameter, value) pairs; a read has none."""
    kind, _, query = template.partition("?")
    return kind.partition("/")[0], [
        tuple(pair.split("=", 1)) for pair in query.split("&")
    ] if query else []


def rule(name: str, clause: str):
    """One rule for all templates: the test's id is its name, its clause stands beside it."""
    return pytest.param(RULES[name], id=f"{name}: {clause}", marks=marks(clause))


RULES = {
    "read or search": lambda hook, t: re.fullmatch(
        r"[A-Z][A-Za-z]+(/\{\{[A-Za-z.]+\}\}|\?[^?\s#]+)", t
    ),
    "tokens": lambda hook, t: all(
        token.removeprefix("context.") in TOKEN_FIELDS[hook]
        if "." in token
        else token in USER_TOKENS
        for token in TOKEN.findall(t)
    ),
    "whole values": lambda hook, t: (
        "{" not in TOKEN.sub("", t)
        and all("{{" not in v or TOKEN.fullmatch(v) for _, v in parts(t)[1])
    ),
    "no encounter": lambda hook, t: "encounterId" not in t,
    "no FHIRPath": lambda hook, t: all(
        re.fullmatch(r"(context\.)?[A-Za-z]+", token) for token in TOKEN.findall(t)
    ),
    "known type": lambda hook, t: parts(t)[0] == "Patient" or parts(t)[0] in R4,
    "subset": lambda hook, t: all(
        name in ("_count", "_sort") or name in R4[parts(t)[0]] for name, _ in parts(t)[1]
    ),
    "dates": lambda hook, t: all(
        re.match(r"(eq|lt|gt|ge|le)?\d{4}", v)
        for n, v in parts(t)[1]
        if R4[parts(t)[0]].get(n) == "date"
    ),
    "no repetition": lambda hook, t: len({name for name, _ in parts(t)[1]}) == len(parts(t)[1]),
    "of the patient": lambda hook, t: (
        t == "Patient/{{context.patientId}}" or ("patient", "{{context.patientId}}") in parts(t)[1]
    ),
    "relative": lambda hook, t: "://" not in t.split("?")[0] and not t.startswith("/"),
    "length": lambda hook, t: (
        len(t) <= 4000
        and len(quote(t.replace("{{context.patientId}}", "x" * 64), safe="?&=")) <= LINE
    ),
}


@pytest.mark.parametrize(
    "asserted",
    [
        rule("read or search", "a template is a FHIR read or search, relative to fhirServer (D1)"),
        rule(
            "tokens", "only context fields marked Prefetch Token: Yes, or the four user tokens (D3)"
        ),
        rule("whole values", "a token is {{...}} and stands for a whole value (D2)"),
        rule(
            "no encounter",
            "encounterId is OPTIONAL and the sandbox never sends it, so it is never needed (check 32)",
        ),
        rule("no FHIRPath", "2.0 tokens only: root-level primitive fields (D4, D18, D19)"),
        rule("known type", "a FHIR R4 resource type (D8)"),
        rule(
            "subset",
            "R4 parameters of kind reference, token without modifier, date; _count and _sort (D6, D7)",
        ),
        rule("dates", "dates with eq, lt, gt, ge, le only (D6)"),
        rule(
            "no repetition",
            "the sandbox merges a repeated parameter into an OR: never repeat one (D7)",
        ),
        rule("of the patient", "every template asks for data of the context patient (D5)"),
        rule("relative", "relative to fhirServer (D1)"),
        rule("length", "a GET with it fits the usual request line limits, however it is encoded"),
    ],
)
def test_every_template_obeys(all_templates, asserted):
    """CDS Hooks 2.0.1 §Prefetch Template, §Prefetch tokens, §Prefetch query restrictions (D1-D7)."""
    assert [t for hook, _, t in all_templates if not asserted(hook, t)] == []


@pytest.mark.requirement("D8")
def test_condition_is_not_asked_by_status(all_templates):
    """S3 §Example prefetch templates fixed `Condition ... status=active`: R4 knows only clinical-status."""
    assert [
        t for _, _, t in all_templates if t.startswith("Condition") and re.search(r"[?&]status=", t)
    ] == []


@pytest.mark.requirement("B8")
def test_keys_are_plain_plurals_and_mean_one_query_on_every_hook(templates):
    """Decision 11: patient, conditions, observations ...; the same key never means two queries, so a client may cache it."""
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", key) for keys in templates.values() for key in keys)
    assert len({(key, t) for keys in templates.values() for key, t in keys.items()}) == len(
        {key for keys in templates.values() for key in keys}
    )
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
    services = (
        create_app(SETTINGS, load_library(root), clock)
        .test_client()
        .get("/cds-services")
        .get_json()["services"]
    )
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


def test_a_second_folder_adds_its_queries_and_takes_them_away_again(
    content, clock, found, client, templates
):
    """One guideline = one folder: adding or deleting it changes discovery and nothing else (decision 26)."""
    original = {service["hook"]: service["prefetch"] for service in found["services"]}
    request = request_for(REFERRAL, "patient-view", templates, clock)
    cards = without_uuids(post(client, "patient-view", request).get_json()["cards"])
    second = content / "second"
    for name, text in files("second").items():
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text(text, encoding="utf-8")
    facts = {
        "label": {"nl": "Allergie", "en": "Allergy"},
        "value_set": "scan",
        "read": {"AllergyIntolerance": ["code"]},
    }
    edit(second / "facts.yaml", lambda written: written.update(allergy=facts))

    def on_order_sign_only(written):
        written["facts"].append("allergy")
        for recommendation in written["recommendations"]:
            for when in recommendation["when"]:
                when["hooks"] = ["order-sign"]

    edit(second / "guideline.yaml", on_order_sign_only)
    with_second = {
        hook: service["prefetch"] for hook, service in discovered(content, clock).items()
    }
    added = {"allergyIntolerances": "AllergyIntolerance?patient={{context.patientId}}&_count=500"}
    assert not any(added.keys() & keys.keys() for keys in original.values()), (
        "a type that nothing else reads"
    )
    assert with_second == {**original, "order-sign": {**original["order-sign"], **added}}
    shutil.rmtree(second)
    again = create_app(SETTINGS, load_library(content), clock).test_client()
    assert again.get("/cds-services").get_json() == found
    assert without_uuids(post(again, "patient-view", request).get_json()["cards"]) == cards


def test_a_hook_that_no_guideline_speaks_on_is_not_offered(content, clock):
    """Templates and services follow guideline.yaml: no recommendation on order-select, no service for it."""

    def quiet(written):
        for recommendation in written["recommendations"]:
            for when in recommendation["when"]:
                when["hooks"] = [hook for hook in when["hooks"] if hook != "order-select"]

    *others, last = sorted(content.glob("*/guideline.yaml"))
    for guideline in others:
        edit(guideline, quiet)
    assert set(discovered(content, clock)) == set(SERVICE), (
        "one guideline that speaks on it is enough"
    )
    edit(last, quiet)
    assert set(discovered(content, clock)) == {"patient-view", "order-sign"}


NOT_READ = {
    "ImagingStudy": "imagingStudies",
    "ServiceRequest": "serviceRequests",
    "Procedure": "procedures",
    "ResearchSubject": "researchSubjects",
    "Appointment": "appointments",
}


def test_types_that_no_fact_reads_are_not_asked_for(content, clock, found):
    """Data minimisation: what the content does not read is not in a template."""
    assert all(
        set(NOT_READ.values()) <= service["prefetch"].keys() for service in found["services"]
    )
    for facts in content.glob("*/facts.yaml"):

        def forget(written):
            for fact in written.values():
                kept = {kind: paths for kind, paths in fact["read"].items() if kind not in NOT_READ}
                fact["read"] = kept or {"Condition": ["code"]}

        edit(facts, forget)
    offered = discovered(content, clock)
    assert offered and not any(
        set(NOT_READ.values()) & service["prefetch"].keys() for service in offered.values()
    )


# ---------------------------------------------------------------------------------------------------- templates at work


@pytest.fixture(scope="module")
def sandbox():
    bundles = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(examples_folder().glob("*.json"))
    ]
    patients = [
        e["resource"]["id"]
        for b in bundles
        for e in b["entry"]
        if e["resource"]["resourceType"] == "Patient"
    ]
    return create_sandbox(bundles).test_client(), patients


def whose(resource: dict) -> list[str]:
    """The patients that a resource is about, by the element that R4 gives its type."""
    if resource["resourceType"] == "Appointment":
        actors = [
            participant["actor"]["reference"]
            for participant in resource["participant"]
            if "actor" in participant
        ]
        return [actor for actor in actors if actor.startswith("Patient/")]
    return [
        resource[{"ResearchSubject": "individual"}.get(resource["resourceType"], "subject")][
            "reference"
        ]
    ]


@pytest.mark.requirement("D1", "D6", "D8")
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
                assert (answer.status_code, answer.json["resourceType"], answer.json["id"]) == (
                    200,
                    "Patient",
                    patient,
                )
                continue
            if by == "GET":
                answer = server.get(f"/fhir/{kind}?{urlencode(pairs)}", headers=strict)
            else:
                answer = server.post(f"/fhir/{kind}/_search", data=dict(pairs), headers=strict)
            assert (answer.status_code, answer.json["resourceType"], answer.json["type"]) == (
                200,
                "Bundle",
                "searchset",
            ), template
            for entry in answer.json.get("entry", []):
                assert (entry["resource"]["resourceType"], whose(entry["resource"])) == (
                    kind,
                    [f"Patient/{patient}"],
                )
                seen.add(kind)
    assert {
        "Condition",
        "DiagnosticReport",
        "Procedure",
        "Observation",
        "ServiceRequest",
    } <= seen, "the examples show every query at work"


def run_templates(templates: dict, resources: list[dict], patient: str) -> dict[str, list[dict]]:
    """What a stock R4 server finds for each key."""
    found = {}
    for key, template in templates.items():
        kind, pairs = parts(template.replace("{{context.patientId}}", patient))
        found[key] = (
            search(resources, kind, pairs, strict=True)
            if pairs
            else [r for r in resources if r["resourceType"] == kind]
        )
    return found


def used_by_content(library, hook, case, resources, clock) -> list[dict]:
    """The resources of a record from which any fact of the hook's guidelines is read."""
    by_type: dict = {}
    for resource in resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
    reading = Reading(
        Record(case.id, by_type, {}),
        clock(),
        SETTINGS.timezone,
        library.value_sets,
        library.readers,
    )
    for definition in library.fact_definitions(hook).values():
        reading.facts(definition)
    return list(reading.relevant.values())


def is_out_of_reach(resource: dict, templates: dict) -> bool:
    """Decision 11: an Observation that carries neither a listed category nor a listed code is out of reach of prefetch."""
    if resource["resourceType"] != "Observation":
        return False
    asked = [dict(parts(t)[1]) for t in templates.values() if t.startswith("Observation")]
    listed = {
        value
        for query in asked
        for name in ("category", "code")
        for value in query.get(name, "").split(",")
    }
    carried = [
        c
        for node in [*resource.get("category", []), resource["code"]]
        for c in node.get("coding", [])
    ]
    return not any({c.get("code"), f"{c.get('system')}|{c.get('code')}"} & listed for c in carried)


# Cases whose record holds an Observation that is out of reach of prefetch: laboratory results are asked by code, and these have no verified one.
OUT_OF_REACH = {
    "chemotherapy-metastasis-in-icd-10-and": "receptors of the metastasis in words only",
    "recurrence-with-a-single-node": "the pathologist's number of positive nodes, which decides nothing (context)",
}


@pytest.fixture(scope="module")
def at_work(templates):
    """(case, one of its hooks for each set of templates, record, what these find by key, what they leave out), over all cases."""
    worked = []
    for case in CASES.values():
        record = render(case, DAY)
        for hook in {json.dumps(templates[hook]): hook for hook in case.expect}.values():
            found = run_templates(templates[hook], record.resources, case.id)
            held = {id(resource) for group in found.values() for resource in group}
            worked.append(
                (case, hook, record, found, [r for r in record.resources if id(r) not in held])
            )
    return worked


def test_templates_filter_away_nothing_that_the_content_can_read(
    at_work, library, templates, clock
):
    """Templates lose no resource that a fact is read from, over all cases, except Observations out of reach (decision 11)."""
    lost, excused, unused = [], set(), 0
    for case, hook, record, _, left_out in at_work:
        if not left_out:
            continue
        clock.day = record.today
        used = {
            id(resource)
            for resource in used_by_content(library, hook, case, record.resources, clock)
        }
        unused += sum(id(resource) not in used for resource in left_out)
        for resource in (r for r in left_out if id(r) in used):
            if is_out_of_reach(resource, templates[hook]):
                excused.add(case.id)
            else:
                lost.append(f"{case.id}: {resource['id']}")
    assert lost == []
    assert unused, "what nothing is read from is left out"
    assert excused == set(OUT_OF_REACH), "the exception stays an exception"


def test_prefetch_by_template_gives_the_same_cards_as_the_whole_record(
    at_work, client, templates, clock
):
    """The answer from what a server finds equals the answer from the whole record: every case of which the templates leave something out, on all
    its hooks, and every sixth of the rest."""
    differing, compared = set(), 0
    for number, (case, its_hook, _, found, left_out) in enumerate(at_work):
        if case.unread or not left_out and number % 6:
            continue
        for hook in case.expect if left_out else [its_hook]:
            request = request_for(case.id, hook, templates, clock)
            whole = post(client, hook, request).get_json()
            for key, resources in found.items():
                entries = [
                    {"resource": resource, "search": {"mode": "match"}} for resource in resources
                ]
                request["prefetch"][key] = (
                    resources[0]
                    if key == "patient"
                    else {"resourceType": "Bundle", "type": "searchset", "entry": entries}
                )
            compared += 1
            if without_uuids(post(client, hook, request).get_json()["cards"]) != without_uuids(
                whole["cards"]
            ):
                differing.add(case.id)
    assert compared > 150
    assert differing <= set(OUT_OF_REACH)
