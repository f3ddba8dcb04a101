"""People who sign in: a store that knows one of each role, and how one of them gets in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import URL, text

from db.engine import Role, Store
from db.team.members import save_member
from tests.conftest import administer, open_store
from tests.signed_site import now

SERVICES = ("mail", "search")
#: One of each role, and one who may see one service alone: address, name, role, services.
PEOPLE: tuple[tuple[str, str, str, list[str]], ...] = (
    ("anna@example.org", "Анна", "admin", []),
    ("mara@example.org", "Mara", "manager", []),
    ("boris@example.org", "Борис", "on-call", []),
    ("vera@example.org", "Вера", "viewer", []),
    ("gleb@example.org", "Глеб", "on-call", ["mail"]),
)
_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")


@contextmanager
def store_of_people(server_url: URL, migrated: str) -> Iterator[Store]:
    """A store of two services and five members, dropped afterwards."""
    name = f"greenlight_sign_in_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as opened:
        with opened.engine(Role.OWNER).begin() as owner:
            for service in SERVICES:
                owner.execute(_DEPLOYED, {"service": service, "at": now() - timedelta(hours=1)})
        app = opened.engine(Role.APP)
        for email, person, role, services in PEOPLE:
            given = {"email": email, "name": person, "role": role, "services": services}
            save_member(app, None, given, by="terminal", at=now())
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


def sign_in(page: Page, who: str) -> None:
    """Press the button, and say at the identity provider who one is."""
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("input[name=sub]").fill(who)
    page.get_by_role("button", name="Authorize").click()
