"""Somebody in front of a page, in this process: what the page's own code shows."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")
_KINDS = ("title", "header", "subheader", "markdown", "caption", "text", "warning", "info", "error")


class Visitor:
    """One session of the web server, with the web server's own connections and caches."""

    def __init__(self, store: URL, service: str, page: str = "overview") -> None:
        os.environ["DATABASE_URL"] = store.render_as_string(hide_password=False)
        self._service = service
        self._app = AppTest.from_file(APP, default_timeout=300)
        self._ask()
        if page != "overview":
            self._app.run()
            self._app.switch_page(f"pages/{page}.py")
            self._ask()

    def look(self) -> str:
        """Draw the page anew; everything that it says in words. It never breaks."""
        self._app.run()
        assert not self._app.exception, [one.value for one in self._app.exception]
        return "\n".join(one.value for kind in _KINDS for one in self._app.get(kind))

    def trouble(self) -> str:
        """What the page says of the store, of what was drawn last; '' where it has no trouble."""
        said = [one.value for one in self._app.error]
        return said[0] if said else ""

    def _ask(self) -> None:
        self._app.query_params["service"] = self._service


def forget() -> None:
    """A web server that has just been started: nothing is cached, no connection is open."""
    st.cache_resource.clear()
    st.cache_data.clear()
