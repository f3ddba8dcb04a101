"""What each process imports: what only some commands or pages need does not weigh on all."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What draws, typesets, sends, reads letters or learns: each takes a second, or tens of megabytes.
HEAVY = {"typst", "vl_convert", "apprise", "pymorphy3", "phonenumbers", "sklearn", "authlib"}
WORKER = "import db.worker, db.metrics_export, db.notifications.hook, db.team.recorder, db.dead_man"
# As app.py does, without running it.
WEB = """
from pages.parts import data, naming, states, view
from pages.parts.access import gate
from pages.parts.on_call import on_call
from pages.parts.review import reading
"""


@pytest.mark.parametrize(
    ("imports", "spared"),
    [
        ("import cli", HEAVY | {"sqlalchemy", "numpy", "scipy", "pandas", "altair", "streamlit"}),
        (WORKER, HEAVY | {"streamlit", "pandas", "altair", "alembic", "scipy.optimize"}),
        ("import db.reports", HEAVY | {"streamlit", "pandas", "altair", "alembic"}),
        (WEB, HEAVY | {"alembic", "prometheus_client", "scipy.optimize"}),
    ],
    ids=["terminal", "worker", "reports", "web"],
)
def test_a_process_imports_nothing_heavy_that_it_may_never_need(imports: str, spared: set[str]):
    asked = f"{imports}\nimport sys\nprint(*sorted(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert spared & set(said.stdout.split()) == set()
