"""Two web servers behind Debian's nginx with TLS, as docs/deployment/nginx.conf has it.

A visitor stays with one server; when it is killed, the page comes back by itself on the other.
"""

import http.client
import os
import re
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.response import addinfourl

import pytest
import streamlit
from playwright.sync_api import Browser, Page
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core.timeframe import write_time
from tests.bench.streamlit_server import Server, rerun, serve
from tests.browser.chromium import PATIENCE_SECONDS, click, open_page, redrawn, settle
from tests.browser.conftest import Site, environment
from tests.debian import needed
from tests.external_server import free_port

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "docs/deployment/nginx.conf"
#: The test alone has nginx say which server answered.
SERVED_BY = "X-Served-By"


@dataclass(frozen=True)
class Balanced:
    """nginx before two web servers.

    Attributes:
        address: https, without a slash at the end.
        plain_port: where nginx listens without TLS.
        servers: the web servers behind it.
        log: what nginx complained about.
    """

    address: str
    plain_port: int
    servers: tuple[Server, Server]
    log: Path


def certificate(folder: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def configured(folder: Path, plain: int, secure: int, ports: tuple[int, int]) -> Path:
    """The documented configuration, at this test's ports, inside a whole nginx.conf."""
    written = WRITTEN.read_text()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "server_name greenlight.example;": "server_name localhost;",
        "127.0.0.1:8501": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:8502": f"127.0.0.1:{ports[1]}",
        "/etc/ssl/greenlight": str(folder),
        # On a busy machine a web server may come late to a connection.
        "proxy_connect_timeout 5s;": "proxy_connect_timeout 60s;",
        "server_tokens off;": f"server_tokens off; add_header {SERVED_BY} $upstream_addr always;",
    }
    for documented, here in changes.items():
        assert documented in written
        written = written.replace(documented, here)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "worker_processes 1;\nevents { worker_connections 512; }\n"
        "http {\n"
        f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"access_log off;\n{written}\n}}\n"
    )
    return whole


@contextmanager
def nginx(folder: Path, configuration: Path) -> Iterator[None]:
    found = needed("nginx")
    process = subprocess.Popen(
        [found, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        assert process.poll() is None, (folder / "error.log").read_text()
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def reach(address: str, cookie: str = "") -> addinfourl:
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting())
    )
    request = urllib.request.Request(address, headers={"Cookie": cookie} if cookie else {})
    answer: addinfourl = opener.open(request, timeout=PATIENCE_SECONDS)
    return answer


@pytest.fixture(scope="module")
def balanced(site: Site) -> Iterator[Balanced]:
    """For all tests; the last of them kills a server."""
    with tempfile.TemporaryDirectory(prefix="greenlight-nginx-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # nginx's workers are another user
        yield from _balanced(site, folder)


def _balanced(site: Site, folder: Path) -> Iterator[Balanced]:
    certificate(folder)
    plain, secure = free_port(), free_port()
    with ExitStack() as ending:
        first, second = (
            ending.enter_context(serve(ROOT / "app.py", environment(site.database)))
            for _ in range(2)
        )
        configuration = configured(folder, plain, secure, (first.port, second.port))
        ending.enter_context(nginx(folder, configuration))
        address = f"https://localhost:{secure}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with reach(f"{address}/_stcore/health") as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline, (folder / "error.log").read_text()
                time.sleep(0.1)
        yield Balanced(address, plain, (first, second), folder / "error.log")


def server_cookie(answer: addinfourl) -> str:
    """The cookie by which nginx knows a visitor again, as it is sent back."""
    (cookie,) = (
        said.partition(";")[0]
        for said in answer.headers.get_all("Set-Cookie", [])
        if said.startswith("greenlight_server=")
    )
    return cookie


@contextmanager
def visitor(browser: Browser, balanced: Balanced, site: Site) -> Iterator[Page]:
    """A page that is finished, and that no policy of nginx's kept from anything."""
    page = open_page(browser, "light", ignore_https_errors=True)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    try:
        page.goto(
            f"{balanced.address}/reliability?service=newsletters&as_of={write_time(site.as_of)}"
        )
        settle(page)
        yield page
        assert refused == []
    finally:
        page.context.close()


def port_of(page: Page, balanced: Balanced) -> int:
    """The web server that a visitor is sent to."""
    answer = page.request.get(f"{balanced.address}/_stcore/health")
    assert answer.ok
    return int(answer.headers[SERVED_BY.lower()].rpartition(":")[2])


def kill(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=PATIENCE_SECONDS)


def test_answers_over_tls_carry_the_headers_that_protect(balanced: Balanced):
    with reach(f"{balanced.address}/") as answer:
        headers = answer.headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    cookies = headers.get_all("Set-Cookie", [])
    attributes = r"greenlight_server=[0-9a-f]{32}; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert [cookie for cookie in cookies if re.fullmatch(attributes, cookie)]
    assert re.fullmatch(r"nginx", headers["Server"])


def test_plain_http_is_sent_on_to_https(balanced: Balanced):
    connection = http.client.HTTPConnection(
        "127.0.0.1", balanced.plain_port, timeout=PATIENCE_SECONDS
    )
    connection.request("GET", "/quality?service=a", headers={"Host": "localhost"})
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 301
    assert answer.headers["Location"] == "https://localhost/quality?service=a"


def status(address: str) -> int:
    try:
        with reach(address) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_of_streamlits_own_addresses_those_alone_are_open_that_a_browser_needs(
    balanced: Balanced,
):
    closed = ("metrics", "metrics/", "%6detrics", "./metrics", "script-health-check", "agent/mcp")
    behind = f"http://127.0.0.1:{balanced.servers[0].port}"

    assert status(f"{behind}/_stcore/metrics") == 200
    for path in (*(f"/_stcore/{one}" for one in closed), "//_stcore/metrics"):
        assert status(balanced.address + path) == 404, path
    for path in ("/_stcore/health", "/_stcore/host-config", "/", "/reliability"):
        assert status(balanced.address + path) == 200, path


def test_the_open_addresses_are_those_that_streamlits_own_page_asks_for():
    pages = Path(streamlit.__file__).parent / "static/static/js"
    asked = {
        name
        for script in pages.glob("*.js")
        for name in re.findall(r"_stcore/([a-z_-]+)", script.read_text())
    }
    opened = re.search(r"\(\?!\((.+?)\)\$\|\((.+?)\)/\)", WRITTEN.read_text())

    assert opened
    assert asked == {*opened[1].split("|"), *opened[2].split("|")}


def test_a_visitor_stays_with_one_server_and_visitors_are_spread(balanced: Balanced):
    first_choice = []
    for number in range(24):
        with reach(f"{balanced.address}/_stcore/health") as answer:
            cookie = server_cookie(answer)  # Streamlit sets one of its own, too
            served_by = answer.headers[SERVED_BY]
        first_choice.append(served_by)
        if number < 6:
            for _ in range(4):
                again = reach(f"{balanced.address}/_stcore/health", cookie)
                with again:
                    assert again.headers[SERVED_BY] == served_by, balanced.log.read_text()
                    assert server_cookie(again) == cookie

    assert set(first_choice) == {f"127.0.0.1:{server.port}" for server in balanced.servers}


def test_when_a_server_is_killed_the_page_comes_back_by_itself_on_the_other(
    balanced: Balanced, browser: Browser, site: Site
):
    with visitor(browser, balanced, site) as page, load(balanced) as reruns:
        before = page.locator("h1").first.inner_text()
        there = port_of(page, balanced)
        here, other = sorted(balanced.servers, key=lambda server: server.port != there)
        assert here.port == there

        with redrawn(page):  # nobody but the other server can do that
            kill(here)

        assert port_of(page, balanced) == other.port
        assert page.locator("h1").first.inner_text() == before
        assert page.locator("[data-testid=stException]").count() == 0
        reruns.goes_on()
        click(page.get_by_role("link", name="Quality").first)
        page.wait_for_url("**/quality**")


class Load:
    """Visitors that re-run a page all the time, and come back when they lose their connection."""

    def __init__(self, balanced: Balanced, visitors: int) -> None:
        self._address = balanced.address.replace("https", "wss") + "/_stcore/stream"
        self._stop = threading.Event()
        self._done = [0] * visitors
        self.lost = [0] * visitors
        self._threads = [
            threading.Thread(target=self._visit, args=(number,)) for number in range(visitors)
        ]
        for thread in self._threads:
            thread.start()

    def goes_on(self) -> None:
        """Wait until every visitor has had another page."""
        before = list(self._done)
        deadline = time.monotonic() + 3 * PATIENCE_SECONDS  # all of them, on servers just begun
        while any(now <= then for now, then in zip(self._done, before, strict=True)):
            assert time.monotonic() < deadline, f"{before} pages, then {self._done}"
            time.sleep(0.1)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _visit(self, number: int) -> None:
        cookie = {"Cookie": f"greenlight_server={number:032x}"}
        while not self._stop.is_set():
            try:
                with connect(
                    self._address,
                    subprotocols=[Subprotocol("streamlit")],
                    ssl=trusting(),
                    additional_headers=cookie,
                    max_size=None,
                    proxy=None,
                ) as connection:
                    while not self._stop.is_set():
                        rerun(connection, "service=newsletters", "alerts")
                        self._done[number] += 1
                        self._stop.wait(0.5)
            except (OSError, WebSocketException):
                self.lost[number] += 1
                self._stop.wait(0.2)


@contextmanager
def load(balanced: Balanced, visitors: int = 6) -> Iterator[Load]:
    """Some visitors, spread over the servers, for the length of a block."""
    running = Load(balanced, visitors)
    try:
        running.goes_on()
        yield running
        assert sum(running.lost) > 0, "nobody was on the server that was killed"
    finally:
        running.stop()
