"""The settings of sign-in: read, refused by name, and written where nobody else can read them."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from db.web_sign_in import SignInError, arguments, sign_in

GIVEN = {
    "GREENLIGHT_OIDC_METADATA_URL": "https://id.example/.well-known/openid-configuration",
    "GREENLIGHT_OIDC_CLIENT_ID": "greenlight",
    "GREENLIGHT_OIDC_CLIENT_SECRET": 'a "secret" \\ с кириллицей',
    "GREENLIGHT_COOKIE_SECRET": "0123456789" * 4,
    "GREENLIGHT_URL": "https://greenlight.example/",
}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in GIVEN.items() if key != name}


def test_nothing_set_is_no_sign_in(tmp_path: Path):
    assert sign_in({"GREENLIGHT_URL": "https://greenlight.example"}) is None
    assert arguments({}, tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_the_redirect_is_below_the_dashboards_own_address():
    found = sign_in(GIVEN)
    assert found is not None
    assert found.redirect_uri == "https://greenlight.example/oauth2callback"


def test_what_streamlit_reads_is_what_was_set(tmp_path: Path):
    option, path = arguments(GIVEN, tmp_path)
    assert option == "--secrets.files"
    auth = tomllib.loads(Path(path).read_text(encoding="utf-8"))["auth"]
    assert auth["client_secret"] == GIVEN["GREENLIGHT_OIDC_CLIENT_SECRET"]
    assert auth["cookie_secret"] == GIVEN["GREENLIGHT_COOKIE_SECRET"]
    assert auth["client_kwargs"] == {"scope": "openid email profile", "prompt": "select_account"}


def test_nobody_else_can_read_the_files(tmp_path: Path):
    arguments(without("GREENLIGHT_COOKIE_SECRET"), tmp_path)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert modes == {"web_secrets.toml": 0o600, "cookie_secret": 0o600}


def test_a_secret_that_was_made_is_kept_so_that_a_restart_signs_nobody_out(tmp_path: Path):
    given = without("GREENLIGHT_COOKIE_SECRET")
    first = Path(arguments(given, tmp_path)[1]).read_text(encoding="utf-8")
    assert Path(arguments(given, tmp_path)[1]).read_text(encoding="utf-8") == first
    secret = tomllib.loads(first)["auth"]["cookie_secret"]
    assert len(secret) >= 32


@pytest.mark.parametrize(
    "name",
    [
        "GREENLIGHT_OIDC_METADATA_URL",
        "GREENLIGHT_OIDC_CLIENT_ID",
        "GREENLIGHT_OIDC_CLIENT_SECRET",
    ],
)
def test_what_is_missing_is_named(name: str):
    with pytest.raises(SignInError, match=name):
        sign_in(without(name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREENLIGHT_OIDC_METADATA_URL", "http://id.example/.well-known/openid-configuration"),
        ("GREENLIGHT_OIDC_METADATA_URL", "id.example"),
        ("GREENLIGHT_OIDC_REDIRECT_URI", "http://greenlight.example/oauth2callback"),
        ("GREENLIGHT_OIDC_REDIRECT_URI", "https://greenlight.example/"),
        ("GREENLIGHT_COOKIE_SECRET", "short"),
    ],
)
def test_what_is_unsafe_is_refused_by_name(name: str, value: str):
    with pytest.raises(SignInError, match=name):
        sign_in({**GIVEN, name: value})


def test_without_an_address_there_is_nowhere_to_come_back_to():
    with pytest.raises(SignInError, match="GREENLIGHT_OIDC_REDIRECT_URI"):
        sign_in(without("GREENLIGHT_URL"))


def test_a_message_never_repeats_a_secret():
    with pytest.raises(SignInError) as refused:
        sign_in({**GIVEN, "GREENLIGHT_COOKIE_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)
