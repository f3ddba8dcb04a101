"""Sign-in as the environment asks for it, written down the way Streamlit reads it.

Streamlit takes the settings of its sign-in from a secrets file alone. So whoever starts the web
server writes one, for this user's eyes only, and names it on the command line.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_METADATA = "GREENLIGHT_OIDC_METADATA_URL"
_ID, _SECRET = "GREENLIGHT_OIDC_CLIENT_ID", "GREENLIGHT_OIDC_CLIENT_SECRET"
_REDIRECT, _SCOPE = "GREENLIGHT_OIDC_REDIRECT_URI", "GREENLIGHT_OIDC_SCOPE"
_COOKIE = "GREENLIGHT_COOKIE_SECRET"
#: Where the identity provider sends people back to, below the dashboard's address.
CALLBACK = "/oauth2callback"
#: A shorter one could be guessed.
SHORTEST_SECRET = 32


class SignInError(ValueError):
    """The settings of sign-in cannot be followed; the message names the variable."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in.

    Attributes:
        metadata_url: the provider's, ending in /.well-known/openid-configuration.
        redirect_uri: this dashboard's, as the provider knows it.
        cookie_secret: signs the cookies; '' has one made and kept beside the store.
        scope: what the provider is asked for.
    """

    metadata_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    cookie_secret: str
    scope: str


def sign_in(environment: Mapping[str, str]) -> SignIn | None:
    """Read the settings; None where none of them is there.

    Args:
        environment: GREENLIGHT_OIDC_METADATA_URL, GREENLIGHT_OIDC_CLIENT_ID and
            GREENLIGHT_OIDC_CLIENT_SECRET say with whom; GREENLIGHT_OIDC_REDIRECT_URI is
            GREENLIGHT_URL with /oauth2callback if left out; GREENLIGHT_OIDC_SCOPE asks for more
            than 'openid email profile'; GREENLIGHT_COOKIE_SECRET signs the cookies, and has to be
            the same for every web server of a dashboard.

    Raises:
        SignInError: some are missing or wrong.
    """
    given = {name: environment.get(name, "").strip() for name in (_METADATA, _ID, _SECRET)}
    if not any(given.values()):
        return None
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise SignInError(f"Sign-in needs {' and '.join(missing)}, too.")
    base = environment.get("GREENLIGHT_URL", "").rstrip("/")
    redirect = environment.get(_REDIRECT, "").strip() or (f"{base}{CALLBACK}" if base else "")
    for name, address in ((_METADATA, given[_METADATA]), (_REDIRECT, redirect)):
        if not _is_safe(address):
            raise SignInError(
                f"{name} is {address!r}: it has to be https://, or http:// on this machine."
            )
    if not redirect.endswith(CALLBACK):
        raise SignInError(f"{_REDIRECT} is {redirect!r}: it has to end in {CALLBACK}.")
    secret = environment.get(_COOKIE, "").strip()
    if secret and len(secret) < SHORTEST_SECRET:
        raise SignInError(f"{_COOKIE} has to have at least {SHORTEST_SECRET} characters.")
    scope = environment.get(_SCOPE, "").strip() or "openid email profile"
    return SignIn(given[_METADATA], given[_ID], given[_SECRET], redirect, secret, scope)


def arguments(environment: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """What the web server's command line needs for sign-in; nothing where nobody signs in.

    Args:
        environment: see `sign_in`.
        folder: where this process keeps its own files.

    Raises:
        SignInError: the settings cannot be followed.
        OSError: the file cannot be written.
    """
    wanted = sign_in(environment)
    if wanted is None:
        return ()
    return ("--secrets.files", str(write_secrets(wanted, folder)))


def write_secrets(wanted: SignIn, folder: Path) -> Path:
    """Write the secrets file; nobody but this user can read it, at no moment."""
    folder.mkdir(parents=True, exist_ok=True)
    cookie_secret = wanted.cookie_secret or _kept_secret(folder / "cookie_secret")
    fields = {
        "redirect_uri": wanted.redirect_uri,
        "cookie_secret": cookie_secret,
        "client_id": wanted.client_id,
        "client_secret": wanted.client_secret,
        "server_metadata_url": wanted.metadata_url,
    }
    # A text of JSON is one of TOML.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    scope = json.dumps(wanted.scope, ensure_ascii=False)
    lines.append(f'client_kwargs = {{ scope = {scope}, prompt = "select_account" }}')
    file = folder / "web_secrets.toml"
    _write_private(file, "[auth]\n" + "\n".join(lines) + "\n")
    return file


def _kept_secret(file: Path) -> str:
    """The secret that was made before, so that a restart signs nobody out."""
    try:
        kept = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        kept = ""
    if len(kept) < SHORTEST_SECRET:
        kept = secrets.token_urlsafe(48)
        _write_private(file, kept)
    return kept


def _write_private(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    new.replace(file)


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))
