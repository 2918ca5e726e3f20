"""A real browser for the tests of pages."""

import shutil
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="no page was tested: no playwright")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, LAPTOP = 360, 1200


class Window:
    """A page that is shown, and all that it asked for or complained of."""

    def __init__(self, page: "sync_api.Page") -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))


def launch(playwright: "sync_api.Playwright") -> "sync_api.Browser":
    """Headless Chromium: playwright's own where it is installed, else the system's."""
    system = shutil.which("chromium") or shutil.which("google-chrome")
    own = playwright.chromium.executable_path
    found = own if Path(own).exists() else system
    if found is None:
        pytest.skip("no Chromium here; `playwright install chromium` brings one")
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
