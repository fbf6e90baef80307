"""Takes the pictures in docs/images/ from a freshly made site: ``make screenshots``.

Needs Chromium (``CHROMIUM`` names it when it is not on the path) and the development packages.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
ARTICLE = "/articles/recovery-from-disconnection/"
WIDTHS = {"phone": 360, "desktop": 1280}


@contextmanager
def running_site() -> Iterator[str]:
    """Serve a new site with the demo from a folder that is thrown away; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "WEB_WORKERS": "1",
        }
        command = [sys.executable, str(ROOT / "manage.py"), "serve"]
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_for(port: int, seconds: float = 60) -> None:
    """Return when something answers at the port; give up after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the site did not start")


def take(browser: Browser, site: str) -> None:
    """Take the article's parts at both widths in both schemes, and the form with its errors."""
    for name, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.goto(site + ARTICLE)
            page.screenshot(path=IMAGES / f"article-{name}-{scheme}.png")
            page.locator("#responses").scroll_into_view_if_needed()
            page.locator("#responses").evaluate("element => element.scrollIntoView()")
            page.screenshot(path=IMAGES / f"conversation-{name}-{scheme}.png")
            page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page.goto(site + ARTICLE)
    page.locator("input[name=email]").fill("ann@nowhere")
    page.locator("textarea[name=comment]").fill("What I typed stays here.")
    page.locator("input[name=author]").fill("Ann")
    page.get_by_role("button", name="Post Comment").click()
    page.screenshot(path=IMAGES / "form-with-error.png")


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with running_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        take(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
