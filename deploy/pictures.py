"""`make pictures`: the README's pictures of the demo's first page, light and dark, as a browser shows it.

Needs Chromium. The demo goes on from where the last one stopped, and ends with this.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, FloatRect, sync_playwright

HERE = Path(__file__).resolve().parent.parent
PICTURES = HERE / "docs"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTH, HEIGHT = 1280, 900  # of the browser's window
MARGIN = 16  # below the first chart, where the picture ends
COLOURS = 64  # enough for lines and letters, and a third of the bytes


def main() -> int:
    """Take the pictures; returns the exit code."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        print("The pictures need Chromium. On Debian and Ubuntu, as root: apt-get install chromium", file=sys.stderr)
        return 2
    demo = subprocess.Popen(
        [sys.executable, "deploy/demo.py"], cwd=HERE, text=True, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        address = await_address(demo)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for scheme in SCHEMES:
                take_picture(browser, address, scheme)
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGINT)
            demo.communicate()
    return 0


def await_address(demo: "subprocess.Popen[str]") -> str:
    """Where the demo's page is, when it is there."""
    assert demo.stdout
    for line in demo.stdout:
        print(line, end="", flush=True)
        if line.startswith("ready: "):
            return line.split()[1]
    raise SystemExit("The demo ended before its page was there.")


def take_picture(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    """Write docs/overview-SCHEME.png: the first page down to its first chart."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    page.goto(address, wait_until="networkidle")
    chart = page.locator("picture").first.bounding_box()
    assert chart
    area: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": chart["y"] + chart["height"] + MARGIN}
    seen = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=area))).convert("RGB")
    file = PICTURES / f"overview-{scheme}.png"
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(HERE)}: {file.stat().st_size:,} bytes")
    page.close()


if __name__ == "__main__":
    sys.exit(main())
