"""What strangers on the same machine do to a dashboard: each in a process of its own, until it is told to stop."""

import os
import select
import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle
from multiprocessing.synchronize import Event

from playwright.sync_api import Error, Page, sync_playwright

FRAMES, EXPORTS, IDLE, SLOW = 40, 60, 250, 50
HEADERS = 100 * 2**20  # bytes
PATHS = (
    "/explain?period=all",
    "/performance?period=30d",
    "/export/holdings.csv?period=all",
    "/charts/light/values.svg?",
)
Attack = Callable[[int, Event], None]


def connect(port: int) -> socket.socket:
    """A connection, on which no wait is long."""
    return socket.create_connection(("127.0.0.1", port), timeout=2)


# --------------------------------------------------------------------------------------------------- another origin


class OtherPage(BaseHTTPRequestHandler):
    """A page of another origin, full of frames of ours."""

    ours = 0
    numbers = count()

    def do_GET(self) -> None:
        """Answer with the page."""
        body = "".join(
            f"<iframe src='http://127.0.0.1:{self.ours}{path}&n={next(self.numbers)}'></iframe>"
            for path, _ in zip(cycle(PATHS), range(FRAMES), strict=False)
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the browser has left
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def show_frames(port: int, stop: Event) -> None:
    """Chromium on a page of another origin with 40 frames of ours, again and again."""
    OtherPage.ours = port
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtherPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "the soak of strangers needs Chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        for host in cycle(("localhost", "127.0.0.1")):  # another site, and another origin of our own
            if stop.is_set():
                break
            _show(page, f"http://{host}:{server.server_address[1]}/")
        browser.close()
    server.shutdown()


def _show(page: Page, url: str) -> None:
    with suppress(Error):  # what does not load is no matter
        page.goto(url, wait_until="load", timeout=5_000)


# ------------------------------------------------------------------------------------------------------ connections


def abort_exports(port: int, stop: Event) -> None:
    """60 exports at once, none of which anybody waits for."""
    while not stop.is_set():
        links = []
        for number in range(EXPORTS):
            with suppress(OSError):
                links.append(connect(port))
                path = f"/export/{('holdings', 'series', 'explanations')[number % 3]}.csv?period=all"
                links[-1].sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.5)
        for link in links:
            link.close()


def sit_idle(port: int, stop: Event) -> None:
    """250 connections that ask nothing, opened again when they are closed."""
    _keep_open(port, stop, IDLE, b"", lambda _: None, pause=0.5)


def drip(port: int, stop: Event) -> None:
    """50 requests that come byte by byte."""
    beginning = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    _keep_open(port, stop, SLOW, beginning, lambda link: link.send(b"x"), pause=0.1)


def _keep_open(
    port: int, stop: Event, most: int, beginning: bytes, go_on: Callable[[socket.socket], object], pause: float
) -> None:
    links: set[socket.socket] = set()
    while not stop.wait(pause):
        closed = set(select.select(links, [], [], 0)[0])  # nothing is ever answered to them
        for link in links:
            try:
                go_on(link)
            except OSError:
                closed.add(link)
        for link in closed:
            link.close()
        links -= closed
        with suppress(OSError):
            while len(links) < most:
                link = connect(port)
                links.add(link)
                link.sendall(beginning)


def flood(port: int, stop: Event) -> None:
    """100 MB of headers, on as many connections as it takes."""
    sent = 0
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 200) for number in range(50))
    while not stop.is_set() and sent < HEADERS:
        with suppress(OSError), connect(port) as link:
            link.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            while not stop.is_set():
                sent += link.send(lines)
    stop.wait()


ATTACKS: dict[str, Attack] = {
    f"{FRAMES} frames of another origin": show_frames,
    f"{EXPORTS} aborted exports": abort_exports,
    f"{IDLE} idle connections": sit_idle,
    f"{SLOW} slow requests": drip,
    "100 MB of headers": flood,
}


def attack(name: str, port: int, stop: Event) -> None:
    """One attack, at a lower priority: what is measured is what the dashboard gives away, not what strangers burn."""
    os.nice(10)
    ATTACKS[name](port, stop)
