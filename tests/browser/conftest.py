"""A real browser: Debian's Chromium, driven by Playwright. `CHROMIUM` names another one.

Where a machine has none these tests are skipped; in CI (`CI` is set) that is a failure, since .ci/run installs it.
"""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Nothing that would look for the network; as root, and in a container, there is no sandbox of the browser's own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The path of the browser; None where there is none."""
    return (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip(
            "there is no Chromium on this machine; install it (Debian: apt-get install chromium) or name it in CHROMIUM"
        )
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def violations():
    """What axe-core finds wrong with the page that a browser shows: `violations(page)` -> lines "rule: element", serious and critical ones only."""
    axe = Axe()

    def found(page) -> list[str]:
        results = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:120]}"
            for rule in results
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]

    return found
