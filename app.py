"""The web entry: page configuration, where the store is, sign-in, navigation. Nothing else."""

import gc
import os
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.access import Permission, Person, may
from pages.parts import data, naming, states, view
from pages.parts.access import gate
from pages.parts.data import Problem
from pages.parts.on_call import on_call
from pages.parts.review import reading

HERE = Path(__file__).parent


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """Spare what was imported by now from the collection that Streamlit runs after every script."""
    gc.collect()
    gc.freeze()


st.set_page_config(
    page_title="Greenlight",
    page_icon=str(HERE / "pages/parts/icon.png"),
    layout="wide",
    initial_sidebar_state=230,
)
st.html(HERE / "pages/parts/style.css")
folder = Path(os.environ.get("GREENLIGHT_DATA") or HERE / ".data")
data.connect(os.environ.get("DATABASE_URL"), folder, lambda: datetime.now(UTC))
gate.settle(os.environ)
someone = data.person()

pages = {
    "": [
        st.Page("pages/overview.py", title="Overview", icon=":material/flag:", default=True),
    ],
    "Measure": [
        st.Page(
            "pages/quality.py",
            title="Quality",
            icon=":material/target:",
            url_path="quality",
        ),
        st.Page(
            "pages/experiment.py",
            title="Experiment",
            icon=":material/science:",
            url_path="experiment",
        ),
        st.Page(
            "pages/reliability.py",
            title="Latency and SLA",
            icon=":material/speed:",
            url_path="reliability",
        ),
        st.Page(
            "pages/false_reports.py",
            title="False reports",
            icon=":material/report:",
            url_path="false_reports",
        ),
    ],
    "Operate": [
        st.Page(
            "pages/alerts.py",
            title="Alerts",
            icon=":material/notifications_active:",
            url_path="alerts",
        ),
        st.Page(
            "pages/oncall.py",
            title="On-call",
            icon=":material/support_agent:",
            url_path="oncall",
        ),
        st.Page(
            "pages/incidents.py",
            title="Incidents",
            icon=":material/local_fire_department:",
            url_path="incidents",
        ),
        st.Page(
            "pages/documentation.py",
            title="Documentation",
            icon=":material/menu_book:",
            url_path="documentation",
        ),
    ],
    "Plan": [
        st.Page(
            "pages/criteria.py",
            title="Goals and criteria",
            icon=":material/flag_circle:",
            url_path="criteria",
        ),
        st.Page(
            "pages/milestones.py",
            title="Milestones",
            icon=":material/event_upcoming:",
            url_path="milestones",
        ),
        st.Page(
            "pages/scope.py",
            title="Scope",
            icon=":material/grid_on:",
            url_path="scope",
        ),
        st.Page(
            "pages/risks.py",
            title="Risks",
            icon=":material/crisis_alert:",
            url_path="risks",
        ),
        st.Page(
            "pages/life_cycle.py",
            title="Life cycle",
            icon=":material/cycle:",
            url_path="life_cycle",
        ),
        st.Page(
            "pages/review.py",
            title="Review",
            icon=":material/rate_review:",
            url_path="review",
        ),
    ],
}
if isinstance(someone, Person) and may(someone, Permission.INSPECT):
    pages["Administration"] = [
        st.Page("pages/audit.py", title="Audit log", icon=":material/history:", url_path="audit")
    ]
    if may(someone, Permission.ADMINISTER):
        pages["Administration"].append(
            st.Page(
                "pages/members.py", title="Members", icon=":material/group:", url_path="members"
            )
        )
shown = isinstance(someone, Person) and not reading.asked(st.query_params)
page = st.navigation(pages, position="sidebar" if shown else "hidden", expanded=True)
data.enter(page.url_path or "overview")
view.resume()
me = gate.admit(someone, page, [one for group in pages.values() for one in group])
known = data.services()
if isinstance(known, Problem):
    states.stop_failed(known)
known = naming.with_named(known)
if not known:
    states.empty()
if reading.asked(st.query_params):
    reading.show(known)
    _settle()
    st.stop()
chosen = view.choose(known, data.now())
with st.sidebar:
    on_call(chosen.service)
    gate.told(me)
_settle()
page.run()
