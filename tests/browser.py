"""A real browser to look at pages with, and a network of its own in which every request is counted.

Chromium is given one proxy for all hosts, loopback included, so whatever a page tries to fetch arrives here, wherever
it was bound. Nothing leaves the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ABSENT = "no Chromium here; on Debian type: sudo apt-get install chromium"
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
         "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--no-first-run", "--no-pings",
         "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--hide-scrollbars")  # fmt: skip
OF_THE_BROWSER = (".google.com", ".googleapis.com", ".gvt1.com")  # what Chromium asks its maker whatever it shows
ATTEMPTS = 3  # a page that sends the browser elsewhere as it is dumped may leave nothing to dump
CANARY = "http://canary.invalid"
"""The host that test pages try to reach; the path says what got through."""


@dataclass
class Network:
    """All that a browser can reach: a proxy that writes down every request and answers none of substance."""

    port: int
    requests: list[str] = field(default_factory=list)


@contextmanager
def network() -> Iterator[Network]:
    """Run the proxy."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            reached.requests.append(f"{self.command} {self.path}")
            self.send_response(502 if self.command == "CONNECT" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = do_CONNECT = answer

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        reached = Network(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield reached
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Visit:
    """What became of a page: the requests that it made, and its document after a few seconds of scripts."""

    requests: list[str]
    document: str

    @property
    def ran_a_script(self) -> bool:
        """Whether some script left its mark in the document."""
        return "<title>script-ran</title>" in self.document


def visit(
    page: Path | str, folder: Path, direct: str = "", milliseconds: int = 3000, picture: Path | None = None
) -> Visit:
    """Open ``page`` in a fresh browser whose profile is in ``folder``.

    ``direct`` is a host to reach without the proxy; ``picture`` is where to draw the page, instead of its document.
    """
    assert CHROMIUM, ABSENT
    address = page.resolve().as_uri() if isinstance(page, Path) else page
    with network() as reached:
        command = [CHROMIUM, "--headless", "--no-sandbox", *QUIET, f"--user-data-dir={folder / 'profile'}",
                   f"--proxy-server=http://127.0.0.1:{reached.port}", f"--proxy-bypass-list=<-loopback>;{direct}",
                   "--allow-file-access-from-files", "--timeout=20000",
                   f"--virtual-time-budget={milliseconds}"]  # fmt: skip
        command += [f"--screenshot={picture}", "--window-size=1100,1600"] if picture else ["--dump-dom"]
        environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        for _ in range(ATTEMPTS):
            done = subprocess.run([*command, address], env=environment, capture_output=True, text=True, timeout=100)
            if done.returncode == 0 and (picture or done.stdout):
                break
    assert done.returncode == 0, done.stderr[-2000:]
    assert picture or done.stdout, done.stderr[-2000:]
    return Visit(sorted(each for each in set(reached.requests) if not _is_of_the_browser(each)), done.stdout)


def _is_of_the_browser(request: str) -> bool:
    _, target = request.split(" ", 1)
    host = urlsplit(target if "//" in target else f"//{target}").hostname or ""
    return f".{host}".endswith(OF_THE_BROWSER)
