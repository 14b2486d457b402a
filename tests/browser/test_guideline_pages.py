"""The guideline pages in a real browser: axe-core, a narrow screen, the keyboard, paper, and drawings in which every text stays in its box."""

import os
import threading

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases import loaded

PATHS = [f"/guidelines/{g.id}/{r.key}" for g in loaded().guidelines for r in g.recommendations]
OTHERS = [
    "/",
    "/guidelines/nipple_discharge",
    "/guidelines/nipple_discharge/patient-information",
    "/guidelines/shared/value_sets/birads",
]

# Every text of a group lies within its frame; frames, and texts outside them, do not overlap; nothing leaves the sheet.
STRAY = """() => {
    const wrong = [], near = 1
    const inside = (a, b) => a.x >= b.x - near && a.y >= b.y - near && a.x + a.width <= b.x + b.width + near && a.y + a.height <= b.y + b.height + near
    const apart = (a, b) => a.x + a.width <= b.x + near || b.x + b.width <= a.x + near || a.y + a.height <= b.y + near || b.y + b.height <= a.y + near
    for (const svg of document.querySelectorAll('svg.diagram')) {
        const sheet = svg.viewBox.baseVal, frames = [...svg.querySelectorAll('rect')].map(r => r.getBBox())
        for (const group of svg.querySelectorAll('g')) {
            const frame = group.querySelector('rect').getBBox()
            const texts = [...group.querySelectorAll('text')]
            if (!texts.length) wrong.push('an empty box')
            for (const text of texts) if (!inside(text.getBBox(), frame)) wrong.push('out of its box: ' + text.textContent)
            for (const a of texts) for (const b of texts) if (a !== b && !apart(a.getBBox(), b.getBBox())) wrong.push('over another text: ' + a.textContent)
        }
        for (const text of svg.querySelectorAll(':scope > text'))
            if (!frames.every(frame => apart(text.getBBox(), frame))) wrong.push('over a box: ' + text.textContent)
        frames.forEach((a, i) => frames.forEach((b, j) => { if (i < j && !apart(a, b)) wrong.push('two boxes overlap') }))
        for (const part of svg.querySelectorAll('rect, text')) if (!inside(part.getBBox(), sheet)) wrong.push('off the sheet: ' + part.textContent)
    }
    return wrong
}"""


class _Silent(WSGIRequestHandler):
    def log(self, *_):
        pass


@pytest.fixture(scope="module")
def address(library):
    server = make_server(
        "127.0.0.1", 0, create_app(Settings(), library), threaded=True, request_handler=_Silent
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all pages of this module; what its console complains about is kept in `complaints`."""
    context = browser.new_context()
    opened = context.new_page()
    opened.complaints = []
    opened.on(
        "console",
        lambda message: (
            opened.complaints.append(message.text)
            if message.type == "error" and "favicon" not in message.location["url"]
            else None
        ),
    )
    yield opened
    context.close()


# All pages of recommendations have one template: of each guideline the first is examined, in `make corpus` (CORPUS_EVERYTHING) every one.
AXED = (
    PATHS + OTHERS
    if os.environ.get("CORPUS_EVERYTHING")
    else [*{path.rpartition("/")[0]: path for path in reversed(PATHS)}.values(), *OTHERS]
)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_nothing_serious_is_found_and_no_text_leaves_its_box(tab, address, violations, path):
    for language in ("nl", "en"):
        tab.goto(f"{address}{path}?language={language}")
        assert tab.evaluate(STRAY) == [], language
        assert (tab.locator("svg.diagram").count() > 0) is (path in PATHS)
    if path in AXED:
        tab.evaluate("document.querySelectorAll('details').forEach((part, n) => part.open = n < 2)")
        assert violations(tab) == []
    assert tab.complaints == [], "the policy refuses nothing that a page asks for"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_a_narrow_screen_needs_no_scrolling_sideways(tab, address, path):
    """What is wide scrolls in a box of its own, which the keyboard reaches."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto(f"{address}{path}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    stuck = "[...document.querySelectorAll('.wide')].filter(part => part.scrollWidth > part.clientWidth && part.tabIndex !== 0).length"
    assert tab.evaluate(stuck) == 0
    tab.set_viewport_size({"width": 1280, "height": 720})


def test_the_keyboard_reaches_content_drawing_and_codes(tab, address):
    tab.goto(f"{address}{PATHS[0]}")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    reached = set()
    for _ in range(400):
        tab.keyboard.press("Tab")
        reached.add(
            tab.evaluate("document.activeElement.className || document.activeElement.tagName")
        )
    assert {"wide drawing", "wide", "A", "SUMMARY"} <= reached


@pytest.mark.parametrize("path", [PATHS[0], "/guidelines/nipple_discharge"])
def test_pages_print(tab, address, path):
    tab.goto(f"{address}{path}")
    tab.emulate_media(media="print")
    assert not tab.locator("nav[aria-label=MammaCards]").is_visible()
    paper = tab.pdf(format="A4")
    assert paper.startswith(b"%PDF") and len(paper) > 20_000
    tab.emulate_media(media="screen")


def test_the_checks_would_find_something(tab, violations):
    tab.set_content(
        "<title>x</title><img src=x><button></button><svg class=diagram viewBox='0 0 9 9'><g><rect width=5 height=5 /><text y=5>much too long</text></g></svg>"
    )
    assert any(
        "button-name" in found for found in violations(tab)
    ) and "out of its box: much too long" in tab.evaluate(STRAY)
    tab.complaints.clear()
