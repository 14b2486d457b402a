"""The playground in a real browser: gallery, patient, hook, card, accept, settled; override; language; own Bundle; hostile names.

The demo runs as `make demo` starts it: gunicorn with the service and the sandbox FHIR server, the record in the sandbox's memory.
"""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.distribution.servers import at_a_terminal, environment, free_ports, post

FIRST = "bloody-discharge-for-five-months"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>**vet** [x](javascript:alert(1)) \u202egnod"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(address of the service, base of the sandbox, path of the database)."""
    port, database = free_ports(2), tmp_path_factory.mktemp("demo") / "feedback.db"
    command = [sys.executable, "-m", "cds_service", "demo", "--port", str(port)]
    process = subprocess.Popen(
        at_a_terminal(*command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(CDS_DATABASE_URL=f"sqlite:///{database}"),
    )
    for line in process.stdout:
        if line.startswith("curl "):
            break
    yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}/fhir", database
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def page(browser):
    """A page of a Dutch reader."""
    context = browser.new_context(locale="nl-NL")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def seen(page):
    """What went wrong in the page: refused by its policy, thrown by a script, not found."""
    found = []
    page.on(
        "console", lambda message: found.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def opened(page, demo, patient, hook=None):
    """The page of a patient as the example was written, its first hook answered."""
    for entry in json.load(
        urllib.request.urlopen(f"{demo[1]}/ServiceRequest?patient={patient}")
    ).get("entry", []):
        urllib.request.urlopen(urllib.request.Request(entry["fullUrl"], method="DELETE"))
    post(
        demo[1],
        json.load(urllib.request.urlopen(f"{demo[0]}/playground/examples/{patient}")),
        {"Content-Type": "application/fhir+json"},
    )
    page.goto(f"{demo[0]}/patients/{patient}")
    answered(page)
    if hook:
        page.check(f"input[name=hook][value={hook}]")
        answered(page)


def answered(page):
    page.wait_for_selector("#answers[aria-busy=false]")


def cards(page):
    return page.locator("article.card .indicator code").all_text_contents()


def feedback_rows(database):
    with sqlite3.connect(database) as connection:
        return connection.execute(
            "select recommendation, outcome, coalesce(reason_code, '') from feedback order by id"
        ).fetchall()


def test_from_the_gallery_to_the_reason_in_three_steps(page, demo, seen):
    page.goto(demo[0])
    page.get_by_role("link", name="Begin bij een vrouw met bloederige tepeluitvloed").click()
    answered(page)
    assert cards(page) == ["ductoscopyReferral"], (
        "the hook fired by itself, as when an EHR opens the chart"
    )
    tree = page.locator("details.recommendation[data-key=ductoscopyReferral]")
    assert tree.get_attribute("open") is not None
    row = tree.locator("li", has_text="Mammografie zonder verdenking")
    assert (
        row.locator(".truth").inner_text() == "ja"
        and "BI-RADS 2" in row.locator(".evidence").inner_text()
    )
    row.locator(".evidence a").click()
    resource = page.locator(".resource:target pre")
    assert (
        resource.is_visible()
        and json.loads(resource.inner_text())["resourceType"] == "DiagnosticReport"
    )
    unknown = tree.locator("li.unknown").first
    assert "ontbreekt" in unknown.inner_text()


def test_the_silent_ones_stand_in_the_tree_too(page, demo, seen):
    opened(page, demo, FIRST)
    silent = page.locator("details.recommendation[data-key=breastImagingFirst]")
    assert silent.locator("summary .verdict").first.inner_text() == "niet van toepassing"
    silent.locator("> summary").click()
    assert silent.locator("li.not-met").count() >= 1


def test_what_is_accepted_changes_the_record_and_the_advice_settles(page, demo, seen):
    opened(page, demo, FIRST)
    before = len(feedback_rows(demo[2]))
    page.get_by_role("button", name="Verwijzen voor ductoscopie").click()
    page.wait_for_selector(".settled")
    assert cards(page) == []
    assert "De feedback is verstuurd." in page.locator("#state").inner_text()
    orders = json.load(urllib.request.urlopen(f"{demo[1]}/ServiceRequest?patient={FIRST}"))
    assert [entry["resource"]["status"] for entry in orders["entry"]] == ["draft"]
    assert page.locator("#record .mark.order").count() == 1, "the timeline shows the new order"
    tree = page.locator("details.recommendation[data-key=ductoscopyReferral]")
    assert tree.locator("summary .verdict").first.inner_text() == "al beantwoord"
    assert feedback_rows(demo[2])[before:] == [("ductoscopyReferral", "accepted", "")]
    page.get_by_role("button", name="Opnieuw beginnen").click()
    page.wait_for_selector("article.card")
    assert cards(page) == ["ductoscopyReferral"]
    assert (
        json.load(urllib.request.urlopen(f"{demo[1]}/ServiceRequest?patient={FIRST}"))["total"] == 0
    )


def test_an_order_is_replaced_by_what_the_card_offers(page, demo, seen):
    """order-sign: the order goes, the new ones come to the desk and into the record, and the hook has nothing more to say."""
    opened(page, demo, "ductoscopy-ordered-before-any-imaging")
    page.check("input[name=hook][value=order-sign]")
    page.wait_for_selector("article.card")
    answered(page)
    assert cards(page) == ["breastImagingFirst"]
    for _ in range(4):
        buttons = page.locator("button.accept")
        if not buttons.count():
            break
        buttons.first.click()
        expect(page.locator("#state")).to_contain_text("De feedback is verstuurd.")
        page.evaluate("() => { document.querySelector('#state').textContent = '' }")
    assert page.locator("button.accept").count() == 0
    assert page.locator("#drafts").inner_text().count("Mammografie") == 1


def test_orders_are_picked_for_order_select(page, demo, seen):
    opened(page, demo, "ductoscopy-ordered-with-bi-rads-5", "order-select")
    assert len(cards(page)) >= 1
    for box in page.locator("#drafts input[type=checkbox]").all():
        box.uncheck()
    page.get_by_role("button", name="Hook vuren").click()
    page.wait_for_selector(".settled")
    assert cards(page) == [], "nothing is selected, so nothing is judged"
    page.select_option("#another", label="FDG-PET/CT, Stadiëring")
    assert "FDG-PET/CT, Stadiëring" in page.locator("#drafts").inner_text()


def test_an_override_is_sent_with_its_reason(page, demo, seen):
    opened(page, demo, FIRST)
    before = len(feedback_rows(demo[2]))
    page.locator(".override summary").click()
    page.select_option(".override select", label="Patiënt ziet ervan af")
    page.get_by_role("button", name="Reden versturen").click()
    page.wait_for_selector("article.overridden")
    assert "als feedback verstuurd" in page.locator("article .feedback").inner_text()
    assert feedback_rows(demo[2])[before:] == [
        ("ductoscopyReferral", "overridden", "patient-refuses")
    ]
    assert page.locator("button.accept").is_disabled()


def test_what_would_change_the_advice_can_be_tried_without_touching_the_record(page, demo, seen):
    opened(page, demo, FIRST)
    before = urllib.request.urlopen(f"{demo[1]}/DiagnosticReport?patient={FIRST}").read()
    tree = page.locator("details.recommendation[data-key=ductoscopyReferral]")
    tree.get_by_role("button", name="Wat zou dit veranderen?").click()
    flip = tree.locator(
        ".flips li", has=page.locator("del", has_text="Echografie, BI-RADS 1")
    ).filter(has=page.locator("ins", has_text="BI-RADS 4"))
    assert flip.locator(".verdict").inner_text() == "uitgesloten"
    flip.get_by_role("button", name="Probeer").click()
    supposed = tree.locator(".supposed")
    expect(supposed.locator(".verdict").first).to_have_text("uitgesloten")
    assert supposed.locator("li.met", has_text="BI-RADS 4 of hoger").count() == 1
    assert "ductoscopyContraindicated" in supposed.inner_text(), (
        "another recommendation would speak"
    )
    # By hand: suppose that the discharge is milky.
    for select in tree.locator(".suppose-form select").all():
        select.select_option("")
    first = tree.locator(".suppose-form select").first
    milky = first.locator("option", has_text="melkachtig").first.get_attribute("value")
    first.select_option(milky)
    tree.get_by_role("button", name="Beoordeel opnieuw").click()
    expect(tree.locator(".supposed .verdict").first).to_have_text("niet van toepassing")
    assert urllib.request.urlopen(f"{demo[1]}/DiagnosticReport?patient={FIRST}").read() == before
    assert cards(page) == ["ductoscopyReferral"], "the cards of the record stand as they were"


def test_the_language_is_switched_and_remembered(page, demo, seen):
    opened(page, demo, FIRST)
    page.get_by_role("link", name="English").click()
    answered(page)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("article.card h3").inner_text().startswith("Nipple discharge (left breast)")
    page.goto(demo[0])
    assert page.get_by_role("heading", name="Example patients").is_visible()
    page.get_by_role("link", name="Nederlands").click()
    assert page.get_by_role("heading", name="Voorbeeldpatiënten").is_visible()


def test_the_raw_request_repeats_the_answer_from_a_shell(page, demo, seen):
    opened(page, demo, FIRST)
    line = page.locator("#raw-curl").text_content()
    url, body = re.search(r"curl -s (\S+)", line)[1], json.loads(re.search(r"-d '(.*)'$", line)[1])
    status, answer = post(url, body, {"Accept-Language": "nl"})
    assert (
        status == 200
        and answer["cards"][0]["summary"] == page.locator("article.card h3").inner_text()
    )
    assert (
        json.loads(page.locator("#raw-response").text_content())["cards"][0]["summary"]
        == answer["cards"][0]["summary"]
    )


OWN = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:6e1a4e0c-6d8f-4a7e-9c43-1f1a7c0f2a11",
            "resource": {
                "resourceType": "Patient",
                "gender": "female",
                "birthDate": "1970-02-03",
                "name": [{"family": HOSTILE, "given": ["Anna"]}],
            },
        },
        {
            "resource": {
                "resourceType": "Condition",
                "subject": {"reference": "urn:uuid:6e1a4e0c-6d8f-4a7e-9c43-1f1a7c0f2a11"},
                "clinicalStatus": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                            "code": "active",
                        }
                    ]
                },
                "code": {"text": f"Bloederige tepeluitvloed links {HOSTILE}"},
                "onsetDateTime": "2026-01-05",
            }
        },
    ],
}


def test_a_pasted_bundle_with_a_hostile_name_stays_text(page, demo, seen):
    page.goto(f"{demo[0]}/own")
    page.fill("#bundle", json.dumps(OWN))
    page.get_by_role("button", name="Laden en openen").click()
    page.wait_for_selector("#answers[aria-busy=false]")
    assert "<img src=x" in page.locator("h1").inner_text(), "the name is shown as it was written"
    assert page.title() != "owned"
    assert cards(page) == ["breastImagingFirst"]
    assert (
        page.locator(
            "main img, main script:not([type='application/json']), article a[href^='javascript']"
        ).count()
        == 0
    )
    assert page.locator("article.card strong", has_text="vet").count() == 0
    page.goto(demo[0])
    page.wait_for_selector("#own-list li")
    assert "<img src=x" in page.locator("#own-list").inner_text() and page.title() == "MammaCards"


def test_what_the_sandbox_does_not_keep_is_told(page, demo, seen):
    patient = {
        "resourceType": "Patient",
        "id": "own-claims",
        "gender": "female",
        "name": [{"family": "Vermeer"}],
    }
    claim = {
        "resourceType": "Claim",
        "id": "c1",
        "status": "active",
        "patient": {"reference": "Patient/own-claims"},
    }
    page.goto(f"{demo[0]}/own")
    page.fill("#bundle", json.dumps([patient, claim]))
    page.get_by_role("button", name="Laden en openen").click()
    page.wait_for_selector("#answers[aria-busy=false]")
    assert "Claim" in page.locator(".notice").first.inner_text()
    assert page.locator(".settled").is_visible()


@pytest.mark.parametrize(
    "pasted, said",
    [
        ("no json", "JSON"),
        ("{}", "precies één Patient"),
        (
            json.dumps(
                {
                    "resourceType": "Bundle",
                    "entry": [
                        {
                            "resource": {
                                "resourceType": "Patient",
                                "id": "x",
                                "birthDate": "geen datum",
                            }
                        }
                    ],
                }
            ),
            "Patient.birthDate",
        ),
    ],
)
def test_what_cannot_be_pasted_is_told(page, demo, pasted, said):
    page.goto(f"{demo[0]}/own")
    page.fill("#bundle", pasted)
    page.get_by_role("button", name="Laden en openen").click()
    page.wait_for_selector("#own-problems p")
    assert said in page.locator("#own-problems").inner_text()


def test_a_patient_who_is_not_there(page, demo):
    page.goto(f"{demo[0]}/patients/nobody")
    assert page.get_by_role("heading", name="Deze patiënt is er niet").is_visible()


def test_the_policy_admits_nothing_inline(page, demo):
    """A script that some text smuggled in would not run: the page's own policy forbids it."""
    opened(page, demo, FIRST)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = \"document.title = 'owned'\"; document.body.append(s) }"
    )
    page.evaluate(
        "() => { document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"document.title='owned'\">`) }"
    )
    page.wait_for_timeout(200)
    assert page.title() != "owned"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/own",
        f"/patients/{FIRST}",
        "/patients/metastases-biopsied-receptors-of-the",
        "/patients/nobody",
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_serious(page, demo, violations, path, language):
    page.goto(f"{demo[0]}{path}?language={language}")
    if "/patients/" in path and "nobody" not in path:
        answered(page)
        page.evaluate(
            "() => { for (const node of document.querySelectorAll('main details')) node.open = true }"
        )
        page.locator("button.what-if").first.click()
        page.wait_for_selector(".what-if-body")
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/", "/own", f"/patients/{FIRST}"])
def test_a_narrow_screen_does_not_scroll_sideways(page, demo, path):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{demo[0]}{path}")
    if "/patients/" in path:
        answered(page)
        page.locator("button.what-if").first.click()
        page.wait_for_selector(".what-if-body")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360


def test_the_keyboard_reaches_everything(page, demo):
    """Without a mouse: skip to the content, fire, open the tree, accept."""
    opened(page, demo, FIRST)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("#fire").focus()
    page.keyboard.press("Enter")
    answered(page)
    assert page.evaluate("() => document.activeElement.id") == "answers", "the answer has the focus"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert "accept" in reached and "what-if" in reached and "SUMMARY" in reached


def test_on_paper_the_advice_stands_without_its_buttons(page, demo):
    opened(page, demo, FIRST)
    page.emulate_media(media="print")
    assert (
        page.locator("article.card h3").is_visible() and page.locator("svg.timeline").is_visible()
    )
    assert (
        not page.locator("button.accept").is_visible()
        and not page.locator("#hook-form").is_visible()
    )
