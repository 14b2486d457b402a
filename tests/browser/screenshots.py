"""The pictures of the README, taken from the running demo: `make screenshots`."""

import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium
from tests.distribution.servers import environment, free_ports

DOCS = Path(__file__).resolve().parents[2] / "docs"
PATIENT = "bloody-discharge-for-five-months"


def shot(page: Page, name: str, first: str, last: str) -> None:
    """From the top of one element to the bottom of another, with a little air around it."""
    page.evaluate("() => scrollTo(0, 0)")
    top, bottom = page.locator(first).first.bounding_box(), page.locator(last).first.bounding_box()
    height = bottom["y"] + bottom["height"] - top["y"]
    page.screenshot(
        path=DOCS / name,
        full_page=True,
        clip={
            "x": 0,
            "y": top["y"] - 12,
            "width": page.viewport_size["width"],
            "height": height + 24,
        },
    )
    print(DOCS / name)


def main() -> None:
    """Start the demo, open its pages in English, write the pictures to docs/."""
    port = free_ports(2)
    demo = subprocess.Popen(
        [sys.executable, "-m", "cds_service", "demo", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        while not demo.stdout.readline().startswith("curl "):
            pass
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            page = browser.new_context(
                locale="en-GB", viewport={"width": 1120, "height": 800}
            ).new_page()
            page.goto(f"http://127.0.0.1:{port}/patients/{PATIENT}")
            page.wait_for_selector("#answers[aria-busy=false] article")
            shot(page, "patient.png", "h1", "article.card tbody tr:nth-child(6)")
            tree = page.locator("details.recommendation").first
            tree.get_by_role("button", name="What would change this?").click()
            page.wait_for_selector(".what-if-body")
            shot(page, "why.png", "#tree-title", ".flips li:nth-child(5)")
            browser.close()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(20)


if __name__ == "__main__":
    main()
