"""Takes pictures of every page from a freshly made site: ``make screenshots``.

All of them, at three widths in both schemes, go to ``var/screenshots/``; those of ``KEPT`` go to ``docs/images/`` as well,
with few colours and small. Needs Chromium (``CHROMIUM`` names it when it is not on the path) and the
development packages.
"""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
ALL = ROOT / "var" / "screenshots"
CONTENT = ROOT / "docs" / "screenshots_content.py"
ARTICLE = "/articles/recovery-from-disconnection/"
WIDTHS = {"phone": 360, "tablet": 768, "desktop": 1280}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 900
MOST_BYTES = 60_000
KEPT = frozenset(
    (
        *("index-desktop-light", "index-desktop-dark", "index-phone-light", "index-tablet-dark"),
        *("article-desktop-light", "article-desktop-dark", "article-phone-dark"),
        *("faq-desktop-light", "faq-phone-light", "faq-tablet-dark"),
        *("conversation-desktop-light", "conversation-desktop-dark"),
        *("conversation-phone-light", "conversation-phone-dark"),
        *("form-desktop-light", "form-phone-dark"),
        *("search-desktop-light", "search-phone-dark", "archive-desktop-light"),
        *("missing-desktop-light", "missing-phone-dark", "print"),
    )
)
Show = Callable[[Page, str], None]


@contextmanager
def running_site() -> Iterator[str]:
    """Serve a new site from a folder that is thrown away, with something to see; yield its address."""
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
        manage = [sys.executable, str(ROOT / "manage.py")]
        server = subprocess.Popen(
            [*manage, "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(port)
            fill = [*manage, "shell", "-v0", "-c", CONTENT.read_text()]
            subprocess.run(fill, env=environment, cwd=ROOT, check=True)
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


# --- What is shown -----------------------------------------------------------------------


def at(path: str) -> Show:
    """Show a page from its top."""

    def show(page: Page, site: str) -> None:
        page.goto(site + path)

    return show


def down_to(part: str, above: int = 24) -> Show:
    """Show the article with this part at the top of the window."""

    def show(page: Page, site: str) -> None:
        page.goto(site + ARTICLE)
        page.locator(part).evaluate(
            "(element, above) => scrollTo(0, element.getBoundingClientRect().top + scrollY - above)",
            above,
        )

    return show


def questions(page: Page, site: str) -> None:
    """Show the questions, one of them opened by its address."""
    page.goto(site + ARTICLE)
    opened = page.locator("#faq details").nth(1).get_attribute("id")
    page.goto(f"{site}{ARTICLE}#{opened}")
    page.evaluate(
        "scrollTo(0, document.querySelector('#faq').getBoundingClientRect().top + scrollY - 40)"
    )


def form_with_errors(page: Page, site: str) -> None:
    """Show what a reader sees who typed an address that is none."""
    page.goto(site + ARTICLE)
    page.locator("textarea[name=comment]").fill("What I typed stays here, *every* word of it.")
    page.locator("input[name=author]").fill("Ann")
    page.locator("input[name=email]").fill("ann@nowhere")
    page.get_by_role("button", name="Post Comment").click()
    page.locator("#errors").wait_for()
    page.evaluate(
        "scrollTo(0, document.querySelector('#respond').getBoundingClientRect().top + scrollY)"
    )


VIEWS: dict[str, Show] = {
    "index": at("/"),
    "article": at(ARTICLE),
    "faq": questions,
    "conversation": down_to("#responses"),
    "form": form_with_errors,
    "missing": at("/articles/recovery-from-disconection/"),
    "search": at("/search/?q=contact"),
    "archive": at("/archive/"),
}
MAY_BE_MISSING = ("search", "archive")


def take_all(browser: Browser, site: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the PNG of every view, at every width, in both schemes."""
    there = [name for name in VIEWS if name not in MAY_BE_MISSING or is_there(browser, site, name)]
    for device, width in WIDTHS.items():
        for scheme in SCHEMES:
            for name in there:
                page = browser.new_page(
                    viewport={"width": width, "height": HEIGHT}, color_scheme=scheme
                )
                VIEWS[name](page, site)
                yield f"{name}-{device}-{scheme}", page.screenshot()
                page.close()
    yield "print", on_paper(browser, site)


def is_there(browser: Browser, site: str, name: str) -> bool:
    """Say whether the site has this page."""
    page = browser.new_page()
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status))
    VIEWS[name](page, site)
    page.close()
    return answers[0] == 200


def on_paper(browser: Browser, site: str) -> bytes:
    """Return the first sheet of the printed article and the one before the last, side by side, as a PNG."""
    page = browser.new_page()
    page.goto(site + ARTICLE)
    paper = page.pdf(
        format="A4", margin={"top": "18mm", "right": "18mm", "bottom": "18mm", "left": "18mm"}
    )
    page.close()
    document = pypdfium2.PdfDocument(paper)
    sheets = [document[number].render(scale=1).to_pil() for number in (0, len(document) - 2)]
    width, height = sheets[0].size
    whole = Image.new("RGB", (2 * width + 24, height + 16), "#d5d7dc")
    for place, sheet in enumerate(sheets):
        whole.paste(sheet, (8 + place * (width + 8), 8))
    written = io.BytesIO()
    whole.save(written, "PNG")
    return written.getvalue()


def small(picture: bytes) -> bytes:
    """Return the picture with as many colours as fit into ``MOST_BYTES``."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (64, 32, 16, 8):
        written = io.BytesIO()
        # Reconsidered (kmeans), or the few pixels of the thread would lose their red.
        few = image.quantize(colours, kmeans=3, dither=Image.Dither.NONE)
        few.save(written, "PNG", optimize=True)
        if written.tell() <= MOST_BYTES:
            break
    return written.getvalue()


def main() -> None:
    """Take every picture."""
    for folder in (IMAGES, ALL):
        folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with running_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, picture in take_all(browser, site):
            (ALL / f"{name}.png").write_bytes(picture)
            if name in KEPT:
                (IMAGES / f"{name}.png").write_bytes(small(picture))
        browser.close()


if __name__ == "__main__":
    main()
