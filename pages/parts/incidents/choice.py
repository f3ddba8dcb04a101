"""Which incident is open on the page; the URL says it: ?incident=ID, ?from_episode=ID, or new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.incidents import IncidentsReport, IncidentView
from core.ports.alerts import Episode
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.view import View

NEW = "new"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page opens.

    Attributes:
        opened: an incident; None where there is none to show.
        opening: the form of a new one is shown.
        episodes: alerts that a new one is opened from.
        said: what in the URL could not be followed, as a sentence; '' where all could.
    """

    opened: IncidentView | None
    opening: bool = False
    episodes: tuple[Episode, ...] = ()
    said: str = ""


def look_at(incident: str) -> None:
    """Open an incident, or NEW: a button's callback."""
    st.query_params["incident"] = incident
    st.query_params.pop("from_episode", None)


def chosen(found: IncidentsReport, view: View) -> Choice:
    """What the URL names, else the newest that has not recovered, else the newest."""
    asked, episode = st.query_params.get("incident", ""), st.query_params.get("from_episode", "")
    if asked == NEW:
        return Choice(None, opening=True)
    if asked:
        opened = _everywhere(found, view, lambda one: str(one.incident.incident_id) == asked)
        said = "" if opened else f"{found.service} has no incident {asked}."
        return Choice(opened or _first(found), said=said)
    if episode:
        return _of_episode(found, view, episode)
    return Choice(_first(found), opening=not found.incidents and not found.rehearsed)


def _of_episode(found: IncidentsReport, view: View, asked: str) -> Choice:
    """The incident that an alert belongs to; the form of a new one where it belongs to none."""
    opened = _everywhere(
        found, view, lambda one: any(str(alert.episode_id) == asked for alert in one.alerts)
    )
    if opened is not None:
        return Choice(opened)
    recent = data.recent_alerts(found.service)
    named = () if isinstance(recent, Problem) else recent
    episodes = tuple(one for one in named if str(one.episode_id) == asked)
    said = "" if episodes else f"{found.service} had no alert {asked} lately."
    return Choice(None, opening=True, episodes=episodes, said=said)


def _first(found: IncidentsReport) -> IncidentView | None:
    return next(iter((*found.running, *found.incidents, *found.rehearsed)), None)


def _everywhere(
    found: IncidentsReport, view: View, wanted: Callable[[IncidentView], bool]
) -> IncidentView | None:
    """An incident of the view's window, else one that was closed before."""
    return _in(found, wanted) or _in(data.every_incident(view).report, wanted)


def _in(
    found: IncidentsReport | None, wanted: Callable[[IncidentView], bool]
) -> IncidentView | None:
    views = () if found is None else (*found.incidents, *found.rehearsed)
    return next((one for one in views if wanted(one)), None)
