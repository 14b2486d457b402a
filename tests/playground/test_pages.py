"""The playground's pages and what they draw, without a browser: the sandbox is real and is read over HTTP."""

import json
import re
import urllib.request
import uuid
from datetime import date

import pytest

from cds_service.casebook.render import render
from cds_service.fhir.resource_types import KEYS
from tests.cases import all_cases
from tests.distribution.servers import post

EXAMPLES = [case for case in all_cases() if case.example]
FIRST = "bloody-discharge-for-five-months"
FHIR_JSON = {"Content-Type": "application/fhir+json"}
ENGLISH = {"Accept-Language": "en"}


def hook(fhir, patient=FIRST, name="patient-view", **context):
    return {
        "hook": name,
        "hookInstance": str(uuid.uuid4()),
        "fhirServer": fhir,
        "context": {"userId": "Practitioner/1", "patientId": patient, **context},
    }


def answered(demo, fhir, request, language="nl"):
    """(answer of the service, the page's piece that draws it)."""
    service = f"breast-{request['hook']}"
    headers = {"Accept-Language": language}
    answer = demo.post(f"/cds-services/{service}", json=request, headers=headers)
    body = {
        "service": service,
        "request": request,
        "response": answer.get_json(),
        "status": answer.status_code,
    }
    return answer.get_json(), demo.post("/playground/answers", json=body, headers=headers)


def test_the_gallery_shows_every_example_with_its_cards(demo):
    page = demo.get("/").text
    for case in EXAMPLES:
        entry = re.search(
            rf'<li class="example">\s*<h4><a href="/patients/{case.id}">.*?</li>\s*(?=<li class="example">|</ul>)',
            page,
            re.DOTALL,
        )
        assert entry, case.id
        for name, expected in case.expect.items():
            shown = re.search(rf"<code>{name}</code>:(.*?)</li>", entry[0], re.DOTALL)[1]
            assert sorted(
                re.findall(r'class="chip (?:info|warning|critical)">(\w+)<', shown)
            ) == sorted(expected), (case.id, name)


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.id)
def test_every_patient_has_a_page(demo, case):
    page = demo.get(f"/patients/{case.id}")
    patient = render(case, date.today()).resources[0]["name"][0]
    assert (
        page.status_code == 200
        and f"{patient['given'][0]} {patient['family']}" in page.text
        and case.example.split()[0] in page.text
    )
    for resource in (r for r in render(case, date.today()).resources if r["resourceType"] in KEYS):
        assert f'data-reference="{resource["resourceType"]}/{resource["id"]}"' in page.text


def test_pages_say_what_they_may_load_and_hold_nothing_inline(demo, fhir):
    for path in ("/", "/own", f"/patients/{FIRST}", "/patients/nobody"):
        page = demo.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert (
            "script-src 'self';" in policy
            and "style-src 'self';" in policy
            and "unsafe" not in policy
            and "default-src 'none'" in policy
        )
        assert fhir.removesuffix("/fhir") in policy
        assert (
            re.findall(r"<script(?![^>]*(?:src=\"/static/|type=\"application/json\"))", page.text)
            == []
        )
        assert re.findall(r"\son\w+=|\sstyle=|javascript:", page.text) == []


def test_nobody_is_404_and_a_sandbox_that_is_down_is_told(demo, library):
    from functools import partial

    from cds_service.demo.playground.routes import blueprint
    from cds_service.settings import Settings
    from cds_service.web import create_app

    assert demo.get("/patients/nobody").status_code == 404
    down = create_app(
        Settings(), library, front=partial(blueprint, fhir="http://127.0.0.1:9/fhir")
    ).test_client()
    page = down.get(f"/patients/{FIRST}")
    assert page.status_code == 404 and "Niet (volledig) gelezen: patient, conditions" in page.text


@pytest.mark.parametrize(
    "language, met, unknown",
    [
        ("nl", "ja", "ontbreekt: of de uitvloed spontaan optreedt"),
        ("en", "met", "missing: whether the discharge is spontaneous"),
    ],
)
def test_the_tree_tells_every_criterion_with_its_evidence(demo, fhir, language, met, unknown):
    answer, drawn = answered(demo, fhir, hook(fhir), language)
    tree = re.search(r'data-key="ductoscopyReferral".*?</details>', drawn.text, re.DOTALL)[0]
    truths = {
        c["id"]: c["truth"]
        for c in answer["cards"][0]["extension"]["org.mammacards.evaluation"]["criteria"]
    }
    assert (
        tree.count('<li class="met">') == sum(t == "met" for t in truths.values())
        and f'<span class="truth">{met}</span>' in tree
    )
    assert (
        tree.count('<li class="unknown">') == sum(t == "unknown" for t in truths.values())
        and unknown in tree
    )
    for e in (
        e
        for c in answer["cards"][0]["extension"]["org.mammacards.evaluation"]["criteria"]
        for e in c.get("evidence", [])
    ):
        assert f'href="#{e["reference"].replace("/", "-")}"' in tree


def test_what_the_service_refused_is_drawn_with_its_reason(demo, fhir):
    _, drawn = answered(demo, fhir, hook(fhir) | {"context": {"userId": "Practitioner/1"}})
    assert (
        "status 400" in drawn.text
        and "context.patientId" in drawn.text
        and "recommendation" not in drawn.text
    )


def test_what_could_not_be_read_is_drawn(demo, fhir):
    request = hook(fhir) | {"fhirServer": "https://elsewhere.example.org/fhir"}
    _, drawn = answered(demo, fhir, request)
    assert "status 412" in drawn.text and "niet gelezen" in drawn.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": []},
        {"request": {}, "service": "none", "status": 200},
        {"request": {}, "service": "breast-patient-view", "status": 200},
    ],
)
def test_a_malformed_call_of_the_page_is_refused_gently(demo, body):
    answer = demo.post("/playground/answers", json=body)
    assert (
        answer.status_code in (400, 404) and answer.get_json()["resourceType"] == "OperationOutcome"
    )


HOSTILE = "<b onclick=x>vet</b> [klik](javascript:alert(1)) <script>alert(1)</script>"


def test_text_of_a_record_is_never_html(demo, fhir):
    """Names, words of findings and report texts go through every page as text."""
    resources = [
        {
            "resourceType": "Patient",
            "id": "hostile",
            "gender": "female",
            "birthDate": "1970-01-01",
            "name": [{"family": HOSTILE}],
        },
        {
            "resourceType": "Condition",
            "id": "hostile-1",
            "subject": {"reference": "Patient/hostile"},
            "code": {"text": f"Bloederige tepeluitvloed links {HOSTILE}"},
            "onsetDateTime": str(date.today()),
        },
        {
            "resourceType": "DiagnosticReport",
            "id": "hostile-2",
            "status": "final",
            "subject": {"reference": "Patient/hostile"},
            "code": {"text": f"Mammografie {HOSTILE}"},
            "conclusion": f"BI-RADS 2 links {HOSTILE}",
            "effectiveDateTime": str(date.today()),
        },
    ]
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in resources
    ]
    status, _ = post(
        fhir, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, FHIR_JSON
    )
    assert status == 200
    page = demo.get("/patients/hostile").text
    answer, drawn = answered(demo, fhir, hook(fhir, "hostile"))
    assert [c["source"]["topic"]["code"] for c in answer["cards"]] == ["breastImagingFirst"]
    for text in (page, drawn.text):
        assert "&lt;b onclick" in text or "vet" in text
        assert not re.search(r"<b[ >]|<script>|href=\"javascript|<[^>]+ on\w+=", text)


def what_if(demo, fhir, suppose=(), recommendation="ductoscopyReferral", patient=FIRST):
    body = {
        "service": "breast-patient-view",
        "request": hook(fhir, patient),
        "recommendation": recommendation,
        "suppose": list(suppose),
    }
    return demo.post("/playground/what-if", json=body)


def test_what_would_change_the_advice_and_what_follows(demo, fhir):
    page = what_if(demo, fhir).text
    flip = re.search(
        r"<del>Echografie, BI-RADS 1[^<]*</del> → <ins>Echografie, BI-RADS 4.*?</li>",
        page,
        re.DOTALL,
    )[0]
    assert "uitgesloten" in flip
    chosen = json.loads(re.search(r'data-suppose="([^"]*)"', flip)[1].replace("&#34;", '"'))
    tried = what_if(demo, fhir, chosen).text
    supposed = tried[tried.index('class="supposed"') :]
    assert 'class="verdict contraindicated"' in supposed and "ductoscopyContraindicated" in supposed
    assert [c["source"]["topic"]["code"] for c in answered(demo, fhir, hook(fhir))[0]["cards"]] == [
        "ductoscopyReferral"
    ], "nothing was written"


@pytest.mark.parametrize(
    "suppose, recommendation",
    [(["nonsense"], "ductoscopyReferral"), ([], "none"), (["<script>"], "ductoscopyReferral")],
)
def test_what_cannot_be_supposed_is_told_gently(demo, fhir, suppose, recommendation):
    answer = what_if(demo, fhir, suppose, recommendation)
    assert answer.status_code == 400 and answer.get_json()["resourceType"] == "OperationOutcome"
    assert "nonsense" not in answer.text and "script" not in answer.text


def test_starting_over_brings_the_example_as_it_was_written(demo):
    bundle = demo.get(f"/playground/examples/{FIRST}").get_json()
    assert bundle["type"] == "transaction" and {e["resource"]["id"] for e in bundle["entry"]} == {
        r["id"] for r in render(_case(FIRST), date.today()).resources
    }
    assert demo.get("/playground/examples/nobody").status_code == 404


def _case(name):
    return next(case for case in EXAMPLES if case.id == name)


@pytest.mark.parametrize(
    "path", ["/patients/x", "/own", "/playground/examples/x", "/fhir/Patient", "/fhir/metadata"]
)
def test_production_has_none_of_it(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/playground/answers", "/playground/what-if"])
def test_production_draws_nothing(client, path):
    assert client.post(path, json={}).status_code == 404


# --- accepted advice settles: for every example and hook


def carry_out(fhir, action, drafts):
    """As the page's script does it: record and desk."""
    if action["type"] == "create":
        _, saved = post(
            f"{fhir}/{action['resource']['resourceType']}", action["resource"], FHIR_JSON
        )
        return [*drafts, saved]
    urllib.request.urlopen(
        urllib.request.Request(f"{fhir}/{action['resourceId']}", method="DELETE")
    )
    return [d for d in drafts if f"{d['resourceType']}/{d['id']}" != action["resourceId"]]


PLAYED = [(case, name) for case in EXAMPLES for name in case.expect]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case, name", PLAYED, ids=[f"{case.id}-{name}" for case, name in PLAYED])
def test_advice_that_is_followed_settles(demo, fhir, case, name):
    """Suggestions are accepted one by one; after at most six the service offers none that it offered before."""
    record = render(case, date.today())
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in record.resources
    ]
    post(fhir, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, FHIR_JSON)
    drafts, accepted = list(record.draft_orders), []
    for _ in range(7):
        context = {}
        if name != "patient-view":
            context["draftOrders"] = {
                "resourceType": "Bundle",
                "entry": [{"resource": d} for d in drafts],
            }
        if name == "order-select":
            context["selections"] = [f"{d['resourceType']}/{d['id']}" for d in drafts]
        cards = demo.post(
            f"/cds-services/breast-{name}", json=hook(fhir, case.id, name, **context)
        ).get_json()["cards"]
        offered = [s for card in cards for s in card.get("suggestions", [])]
        again = {s["label"] for s in offered} & set(accepted)
        assert not again, f"offered again after it was followed: {again}"
        if not offered:
            break
        accepted.append(offered[0]["label"])
        for action in offered[0]["actions"]:
            drafts = carry_out(fhir, action, drafts)
    else:
        pytest.fail(f"still offering after {accepted}")
    _clean(fhir, case.id)


def _clean(fhir, patient):
    """Orders that were accepted leave the sandbox again, so that the hooks of one case do not see each other."""
    found = json.load(urllib.request.urlopen(f"{fhir}/ServiceRequest?patient={patient}&_count=200"))
    for entry in found.get("entry", []):
        urllib.request.urlopen(
            urllib.request.Request(
                f"{fhir}/ServiceRequest/{entry['resource']['id']}", method="DELETE"
            )
        )
