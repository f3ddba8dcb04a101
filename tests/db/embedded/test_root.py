"""Root starts the server as another user, and leaves the modes of folders alone."""

import os
import pwd
import shutil
from pathlib import Path

import pytest

from db import embedded
from db.embedded import binaries
from db.embedded.account import Account
from tests.db.embedded.clients import ClientError
from tests.db.embedded.places import Place, needs_root, other_user

pytestmark = needs_root


def modes(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mode for path in folder.parents}


def test_root_drops_to_another_user_and_leaves_the_modes_of_folders_alone(place: Place) -> None:
    before = modes(place.data)
    with embedded.join(place.folder):
        assert Path(f"/proc/{place.server()}").stat().st_uid == other_user() != 0
    assert modes(place.data) == before


def test_a_folder_closed_to_the_servers_user_gets_its_data_elsewhere(new_place: Place) -> None:
    new_place.root.chmod(0o700)
    before = modes(new_place.folder)
    client = new_place.client()
    assert new_place.data.is_relative_to(binaries.ELSEWHERE)
    assert (new_place.folder / new_place.data.name).readlink() == new_place.data
    assert str(new_place.folder) in (new_place.data.parent / "README").read_text()
    client("sql(KEPT)")
    client.end()
    assert not (new_place.data / "postmaster.pid").exists()
    assert modes(new_place.folder) == before

    (
        new_place.folder / new_place.data.name
    ).unlink()  # as when the folder is deleted and made again
    again = new_place.client()
    assert again("sql('select id from letter')") == "7"
    again("server.leave()")

    gone = new_place.data.parent.rename(f"{new_place.data.parent}-moved")
    with pytest.raises(embedded.EmbeddedError, match="which is gone"):
        embedded.join(new_place.folder)
    gone.rename(str(gone).removesuffix("-moved"))


def test_data_that_a_closed_folder_now_keeps_from_its_server_is_not_replaced(
    place: Place,
) -> None:
    place.root.chmod(0o700)
    try:
        with pytest.raises(embedded.EmbeddedError, match="cannot reach"):
            embedded.join(place.folder)
    finally:
        place.root.chmod(0o755)


def test_programs_closed_to_the_servers_user_are_copied_to_where_it_reaches_them(
    place: Place,
) -> None:
    closed = place.root / "closed"
    site = closed / "lib" / "site-packages"
    original = binaries.choose(Account.own(), None).folder
    package = original.parents[1]
    shutil.copytree(original.parent, site / package.name / original.parent.name)
    if (libraries := package.with_name(f"{package.name}.libs")).is_dir():
        shutil.copytree(libraries, site / libraries.name)
    closed.chmod(0o700)
    here = site / package.name / original.parent.name / "bin"
    client = place.client(joined=False)
    client(f"join({str(place.folder)!r}, {str(here)!r})")
    copied = Path(f"/proc/{place.server()}/exe").readlink()
    assert copied.is_relative_to(binaries.ELSEWHERE)
    client("server.leave()")
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(binaries.ELSEWHERE / copied.relative_to(binaries.ELSEWHERE).parts[0])


def test_a_user_without_a_name_is_told_what_is_missing(new_place: Place) -> None:
    os.chown(new_place.root, 12345, -1)
    nameless = new_place.client(joined=False, uid=12345)
    with pytest.raises(ClientError, match="user 12345 a line in /etc/passwd"):
        nameless(f"join({str(new_place.folder)!r})")


def test_a_store_of_another_user_is_refused_by_name(place: Place) -> None:
    place.client()
    stranger = place.client(joined=False, uid=12345)
    owner = pwd.getpwuid(place.data.stat().st_uid).pw_name
    with pytest.raises(ClientError, match=f"belongs to the user {owner}"):
        stranger(f"join({str(place.folder)!r})")


def test_root_carries_on_with_the_store_of_an_ordinary_user_as_that_user(new_place: Place) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(new_place.root, nobody, -1)
    theirs = new_place.client(joined=False, uid=nobody)
    theirs(f"join({str(new_place.folder)!r})")
    theirs("server.leave()")
    with embedded.join(new_place.folder):
        assert Path(f"/proc/{new_place.server()}").stat().st_uid == nobody
    assert theirs(f"join({str(new_place.folder)!r})")
