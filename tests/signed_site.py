"""A dashboard that asks for sign-in, a local identity provider, and a browser without a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from db import web_sign_in
from tests.bench.streamlit_server import serve
from tests.external_server import free_port

ROOT = Path(__file__).parents[1]
#: How long anything may take on a machine that does ten other things, s.
PATIENCE_SECONDS = 180.0
SECRET = "a cookie secret that is long enough, for tests alone"
_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY


@dataclass(frozen=True)
class SignedSite:
    """A running dashboard that asks for sign-in.

    Attributes:
        address: where it is, without a slash at the end.
        provider: where the identity provider is.
    """

    address: str
    provider: str

    def cookie(self, email: str, *, secret: str = SECRET, **claims: Any) -> str:
        """The cookie of a sign-in, as Streamlit makes it after the provider's answer."""
        import json

        said = {
            "email": email,
            "iat": int(time.time()),
            "origin": self.address,
            "is_logged_in": True,
            "provider": "default",
        }
        value = json.dumps(said | claims)
        return create_signed_value(secret, "_streamlit_user", value).decode()

    @contextmanager
    def tab(self, user_cookie: str | None, *, origin: str = "", session: str = "") -> Iterator[Tab]:
        """A browser tab of whoever holds a cookie, without the browser.

        Args:
            user_cookie: of a sign-in; None without one.
            origin: of the page that opens it; '' is the dashboard's own.
            session: an earlier tab's, to go on with it.
        """
        health = f"{self.address}/_stcore/health"
        with urllib.request.urlopen(health, timeout=PATIENCE_SECONDS) as answer:
            given = SimpleCookie(answer.headers["Set-Cookie"])
        xsrf = given["_streamlit_xsrf"].value
        cookies = {"_streamlit_xsrf": xsrf}
        if user_cookie is not None:
            cookies["_streamlit_user"] = user_cookie
        with connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(origin or self.address),
            subprotocols=[Subprotocol(one) for one in ("streamlit", xsrf, session) if one],
            additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
            max_size=None,
            open_timeout=PATIENCE_SECONDS,
        ) as connection:
            yield Tab(connection)


@dataclass
class Tab:
    """One session: what it was sent, and what it sends, widget by widget.

    Attributes:
        widgets: the id of each widget that was drawn, by kind and label.
        disabled: the ids of those that the browser would not let anybody use.
        texts: everything that was said as text, markdown, alert or heading.
        script: the server's own name of the page that is asked for, where it is known.
        session: how the server calls it.
        pages: the names that the server gave to the pages of the navigation, by their paths.
    """

    connection: ClientConnection
    widgets: dict[tuple[str, str], str] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    title: str = ""
    script: str = ""
    session: str = ""
    pages: dict[str, str] = field(default_factory=dict)

    def open(self, page: str = "", query: str = "", **values: Any) -> None:
        """Draw a page, or draw it again with what widgets hold.

        Args:
            page: its path.
            query: of its address.
            values: by widget id: True presses a button, a text fills a field.
        """
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        asked.rerun_script.page_script_hash = self.script
        asked.rerun_script.context_info.timezone = "UTC"
        asked.rerun_script.widget_states.widgets.extend(
            WidgetState(id=name, trigger_value=True)
            if value is True
            else WidgetState(id=name, string_value=value)
            for name, value in values.items()
        )
        self.connection.send(asked.SerializeToString())
        self.widgets, self.disabled, self.texts, self.title = {}, set(), [], ""
        while True:
            message = ForwardMsg.FromString(self.connection.recv(timeout=PATIENCE_SECONDS))
            if message.WhichOneof("type") == "delta":
                self._hear(message.delta.new_element)
            if message.WhichOneof("type") == "new_session":
                self.session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == "navigation":
                self.pages = {
                    one.url_pathname: one.page_script_hash for one in message.navigation.app_pages
                }
            if (
                message.WhichOneof("type") == "script_finished"
                and message.script_finished == _WHOLE
            ):
                return

    def widget(self, kind: str, label: str) -> str:
        """The id of a widget that was drawn, by how its label begins."""
        return next(
            name
            for (of, said), name in self.widgets.items()
            if of == kind and said.startswith(label)
        )

    @property
    def said(self) -> str:
        """All that the page says."""
        return "\n".join(self.texts)

    def _hear(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind is None:
            return
        drawn = getattr(element, kind)
        if getattr(drawn, "id", "") and getattr(drawn, "label", ""):
            self.widgets[kind, drawn.label] = drawn.id
            if getattr(drawn, "disabled", False):
                self.disabled.add(drawn.id)
        if kind == "selectbox":
            self.texts.extend(drawn.options)
        self.texts.append(str(getattr(drawn, "body", "")))
        if kind == "heading" and drawn.tag == "h1" and not self.title:
            self.title = drawn.body


@contextmanager
def provider() -> Iterator[str]:
    """A local OpenID provider where anybody signs in as whomever they name."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)],
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        _await(f"{address}/.well-known/openid-configuration")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def signed_site(environment: Mapping[str, str], folder: Path) -> Iterator[SignedSite]:
    """The dashboard on a store, with sign-in at a provider of its own."""
    port = free_port()
    address = f"http://localhost:{port}"
    with provider() as where:
        settings = {
            "GREENLIGHT_OIDC_METADATA_URL": f"{where}/.well-known/openid-configuration",
            "GREENLIGHT_OIDC_CLIENT_ID": "greenlight",
            "GREENLIGHT_OIDC_CLIENT_SECRET": "provider's",
            "GREENLIGHT_COOKIE_SECRET": SECRET,
            "GREENLIGHT_URL": address,
        }
        with serve(
            ROOT / "app.py",
            {**environment, **settings, "AUTHLIB_INSECURE_TRANSPORT": "1"},
            port=port,
            arguments=web_sign_in.arguments(settings, folder),
        ):
            yield SignedSite(address, where)


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def _await(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nobody answers at {address}")
