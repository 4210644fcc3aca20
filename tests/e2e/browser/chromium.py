"""A real Chromium, Debian's own package, and what a page did in it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Dialog, Page, sync_playwright

HERE = Path(__file__).resolve().parent
FONTS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium without a window; what it needs is installed on first use."""
    if shutil.which("chromium") is None or not FONTS.exists():
        subprocess.run(["sh", str(HERE / "chromium.sh")], check=True)
    with sync_playwright() as driver:
        # root may not use its sandbox; all that it opens is a file of ours
        started = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            yield started
        finally:
            started.close()


@dataclass
class Watched:
    """What must stay empty while a page is used."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """URLs beyond the page itself."""
    dialogs: list[str] = field(default_factory=list)

    def watch(self, page: Page, own: str) -> None:
        """Note what the page does; `own` is the one URL that it is."""
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self._asked(request.url, own))
        page.on("dialog", self._dialog)

    def _asked(self, url: str, own: str) -> None:
        if url.partition("#")[0] != own:
            self.requests.append(url)

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()
