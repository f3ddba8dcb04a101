"""The README's pictures: every page in both themes, from a running demo.

`python -m tests.browser.screenshots [ADDRESS] [WIDTH ...]`; without an address, a filled store and
a server of its own are started.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from core.timeframe import write_time
from tests.bench.bench_pages import filled
from tests.bench.streamlit_server import serve
from tests.browser.chromium import chromium, open_page, settle

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
PAGES = {
    "overview": "",
    "quality": "quality",
    "experiment": "experiment",
    "reliability": "reliability",
    "false_reports": "false_reports",
    "alerts": "alerts?tab=history",
    "oncall": "oncall",
    "incidents": "incidents",
    "documentation": "documentation",
    "criteria": "criteria",
    "milestones": "milestones",
    "scope": "scope",
    "risks": "risks",
    "life_cycle": "life_cycle",
    "review": "?view=review",
}
_HEIGHT = """() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"""


def take(browser: Browser, address: str, query: str, widths: list[int]) -> None:
    """Take every page in both themes at each width, in full length."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width in widths:
        for theme in ("light", "dark"):
            for name, path in PAGES.items():
                page = open_page(browser, theme, width)
                page.goto(f"{address}/{path}{'&' if '?' in path else '?'}{query}")
                settle(page)
                height = int(page.evaluate(_HEIGHT))
                page.set_viewport_size({"width": width, "height": height})
                settle(page)
                suffix = "" if len(widths) == 1 else f"_{width}"
                page.screenshot(path=FOLDER / f"{name}_{theme}{suffix}.png")
                page.context.close()


def main() -> None:
    """Take the pictures."""
    address = sys.argv[1] if len(sys.argv) > 1 else None
    widths = [int(width) for width in sys.argv[2:]] or [1280]
    with chromium() as browser:
        if address:
            take(browser, address, "service=newsletters", widths)
            return
        with tempfile.TemporaryDirectory(prefix="greenlight-pictures-") as scratch:
            folder = Path(scratch)
            folder.chmod(0o755)  # as root, the server runs as another user, who must get in
            with (
                filled(folder) as (store, as_of),
                serve(ROOT / "app.py", {"DATABASE_URL": store}) as server,
            ):
                query = f"service=newsletters&as_of={write_time(as_of)}"
                take(browser, f"http://localhost:{server.port}", query, widths)


if __name__ == "__main__":
    main()
