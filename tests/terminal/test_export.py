"""`cli.py export`: a review as a file, of a moment or as it was kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL, text

import cli
from db.engine import Role, Store
from db.review_export import pack
from db.team.reviews import keep_review
from db.terminal.export import export
from db.terminal.surroundings import Surroundings
from tests.fakes_review import drawn, review

Terminal = Callable[..., Result]

AS_OF = "2026-06-01T12:00Z"
LATER = datetime(2026, 6, 1, 13, tzinfo=UTC)
DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")


@pytest.fixture
def terminal(database: URL) -> Terminal:
    """Runs the command on the test's store; a traceback fails the test."""
    address = database.render_as_string(hide_password=False)

    def run(*arguments: str) -> Result:
        around = Surroundings(cli.open_store, cli.now)
        result = CliRunner().invoke(export, arguments, obj=around, env={"DATABASE_URL": address})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


@pytest.fixture
def newsletters(store: Store) -> Store:
    """A store of one service that has written next to nothing."""
    know(store, "newsletters")
    return store


def know(store: Store, service: str) -> None:
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(DEPLOYED, {"service": service, "at": LATER - timedelta(days=2)})


def test_a_review_is_written_as_one_html_file(
    terminal: Terminal, newsletters: Store, tmp_path: Path
):
    out = tmp_path / "review.html"
    done = terminal("--as-of", AS_OF, "--out", str(out))
    assert done.exit_code == 0, done.stderr
    assert f"Wrote {out}" in done.stderr
    written = out.read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>")
    assert "Review of newsletters, 1 June 2026" in written
    assert "No goal has been set for this service." in written


def test_the_same_moment_is_the_same_file(terminal: Terminal, newsletters: Store, tmp_path: Path):
    for kind in ("html", "pdf"):
        paths = [tmp_path / f"{at}.{kind}" for at in range(2)]
        for path in paths:
            terminal("--as-of", AS_OF, "--format", kind, "--out", str(path))
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_kept_review_is_handed_out_as_it_was_kept(
    terminal: Terminal, newsletters: Store, tmp_path: Path
):
    packed = pack(drawn(review()))
    app = newsletters.engine(Role.APP)
    kept = keep_review(app, packed, by="Анна", at=LATER, request_id="a")
    out = tmp_path / "review.pdf"
    asked = ("--review", str(kept.review_id), "--format", "pdf")
    terminal(*asked, "--out", str(out))
    assert out.read_bytes() == packed.files["pdf"]
    done = terminal(*asked, "--out", "-")
    assert done.stdout_bytes == packed.files["pdf"]


def test_what_cannot_be_exported_is_a_sentence(
    terminal: Terminal, newsletters: Store, tmp_path: Path
):
    out = str(tmp_path / "x.html")
    for arguments, said in (
        (("--review", "7"), "There is no kept review 7."),
        (("--service", "x"), "No service is called x."),
        (("--as-of", "soon"), "must be a time such as"),
    ):
        done = terminal(*arguments, "--out", out)
        assert done.exit_code == 2
        assert said in done.stderr
    done = terminal("--as-of", AS_OF, "--out", str(tmp_path / "missing" / "x.html"))
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


def test_of_several_services_one_has_to_be_named(
    terminal: Terminal, newsletters: Store, tmp_path: Path
):
    know(newsletters, "search")
    done = terminal("--out", str(tmp_path / "x.html"))
    assert done.exit_code == 2
    assert done.stderr.strip() == ("Say which service with --service: one of newsletters, search.")
