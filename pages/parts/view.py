"""What a page shows: service, window and as-of.

The URL carries all three, so that a link shows what its sender saw.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

import streamlit as st

from core import wording
from core.timeframe import MINUTE, Window, floor_to, parse_as_of, write_time

WINDOWS = ("1h", "6h", "1d", "7d", "30d", "90d")
DEFAULT_WINDOW = "30d"
_KEYS = ("service", "window", "as_of")
_REMEMBERED = "remembered_view"
_CURRENT = "view"
_WANTED = "wanted_page"


@dataclass(frozen=True, slots=True)
class View:
    """What the reader looks at.

    Attributes:
        as_of: the moment everything is seen from.
        live: as_of is the clock's, because the URL names none.
        notices: what in the URL could not be followed, as sentences.
    """

    service: str
    window: Window
    as_of: datetime
    live: bool
    notices: tuple[str, ...]

    def query(self) -> dict[str, str]:
        """The view as query parameters; as-of only where it is not the clock's."""
        query = {"service": self.service, "window": str(self.window)}
        return query if self.live else query | {"as_of": write_time(self.as_of)}

    def frozen(self) -> dict[str, str]:
        """The view as query parameters that always show the same."""
        return self.query() | {"as_of": write_time(self.as_of)}


def read(asked: MutableMapping[str, str], services: Sequence[str], now: datetime) -> View:
    """Read a view from query parameters; what cannot be followed becomes a notice.

    Args:
        asked: query parameters.
        services: the known services, the default one first; at least one.
        now: the clock.
    """
    notices = []
    service = asked.get("service", services[0])
    if service not in services:
        nearest = get_close_matches(service, services, n=1, cutoff=0.4) or [services[0]]
        notices.append(f"No service is called “{service}”. This is {nearest[0]}.")
        service = nearest[0]
    window = Window.parse(DEFAULT_WINDOW)
    if "window" in asked:
        try:
            window = Window.parse(asked["window"])
        except ValueError:
            notices.append(
                f"“{asked['window']}” is no window: write a number and m, h or d, up to 400d. "
                f"This is the {window.last}."
            )
    as_of, live = floor_to(now, MINUTE), True
    if "as_of" in asked:
        try:
            as_of, live = parse_as_of(asked["as_of"]), False
        except ValueError:
            notices.append(
                f"“{asked['as_of']}” is no time: write it as {write_time(as_of)}. This is now."
            )
        if as_of > now + 5 * MINUTE:
            notices.append(f"{wording.clock(as_of)} has not come yet. This is now.")
            as_of, live = floor_to(now, MINUTE), True
    return View(service, window, as_of, live, tuple(notices))


def choose(services: Sequence[str], now: datetime, *, controls: bool = True) -> View:
    """The view of this run: the URL's, else what this reader last looked at.

    Args:
        services: the known services, the default one first; at least one.
        now: the clock.
        controls: let the reader choose another one, in the sidebar.
    """
    remembered: dict[str, str] = st.session_state.setdefault(_REMEMBERED, {})
    for key in _KEYS:
        if key in st.query_params:
            remembered[key] = st.query_params[key]
    view = read(remembered, services, now)
    if controls:
        _controls(view, services)
    remember(view.query())
    st.session_state[_CURRENT] = view
    return view


def current(page: str) -> View:
    """The view that app.py has chosen for this run.

    Until app.py has run once in a server's life, Streamlit takes the folder pages/ for its own kind
    of multipage app and runs a page without app.py. That one visitor takes a detour through app.py.
    """
    if _CURRENT not in st.session_state:
        st.session_state[_WANTED] = (page, st.query_params.to_dict())
        st.switch_page("app.py")
    view: View = st.session_state[_CURRENT]
    return view


def resume() -> None:
    """Go on to the page that a detour through app.py was for."""
    wanted = st.session_state.pop(_WANTED, None)
    if wanted is not None:
        page, query = wanted
        st.switch_page(page, query_params=query)


def remember(query: dict[str, str]) -> None:
    """Make a view the one that the URL shows."""
    st.session_state[_REMEMBERED] = dict(query)
    kept = {key: value for key, value in st.query_params.items() if key not in _KEYS}
    wanted = kept | query
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def narrow(view: View, moment: datetime) -> None:
    """Look at the stretch around a moment, about a tenth of the present window."""
    length = max(floor_to_window(view.window.length / 10), timedelta(minutes=30))
    end = floor_to(moment + length / 2, MINUTE)
    remember(
        {
            "service": view.service,
            "window": str(Window(length)),
            "as_of": write_time(min(end, view.as_of)),
        }
    )


def floor_to_window(length: timedelta) -> timedelta:
    """A length cut to whole hours, or to whole minutes below one."""
    hour = timedelta(hours=1)
    step = hour if length >= hour else MINUTE
    return length // step * step


def _controls(view: View, services: Sequence[str]) -> None:
    windows = list(WINDOWS)
    if str(view.window) not in windows:
        windows.append(str(view.window))
    st.session_state["choice_service"] = view.service
    st.session_state["choice_window"] = str(view.window)
    with st.sidebar:
        st.selectbox(
            "Service", services, key="choice_service", on_change=_chosen, args=("service",)
        )
        st.segmented_control(
            "Window",
            windows,
            key="choice_window",
            required=True,
            on_change=_chosen,
            args=("window",),
        )
        if view.live:
            st.caption(f"As of now, {wording.clock(view.as_of)}")
        else:
            st.caption(f"As of {wording.clock(view.as_of)}")
            st.button(
                "Back to now", icon=":material/update:", on_click=_back_to_now, width="stretch"
            )


def _chosen(key: str) -> None:
    chosen = st.session_state.get(f"choice_{key}")
    if chosen:
        st.session_state[_REMEMBERED][key] = chosen
        st.query_params[key] = chosen


def _back_to_now() -> None:
    for key in ("as_of", "window"):
        st.session_state[_REMEMBERED].pop(key, None)
        if key in st.query_params:
            del st.query_params[key]
