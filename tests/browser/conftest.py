"""A real browser: Debian's Chromium, driven by Playwright. `CHROMIUM` names another one.

Where a machine has none these tests are skipped; in CI (`CI` is set) that is a failure, since .ci/run installs it.
"""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

# Nothing that would look for the network; as root, and in a container, there is no sandbox of the browser's own.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def chromium() -> str | None:
    """The path of the browser; None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium on this machine; install it (Debian: apt-get install chromium) or name it in CHROMIUM")
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()
