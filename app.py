"""The web entry: page configuration, where the store is, navigation. Nothing else."""

import gc
import os
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from pages.parts import data, states, view
from pages.parts.data import Problem
from pages.parts.on_call import on_call

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

page = st.navigation(
    {
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
    }
)
view.resume()
known = data.services()
if isinstance(known, Problem):
    states.stop_failed(known)
if not known:
    states.empty()
chosen = view.choose(known, data.now())
with st.sidebar:
    on_call(chosen.service)
_settle()
page.run()
