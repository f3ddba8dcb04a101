"""A missing program fails a test where it is expected to be, and skips it elsewhere."""

from pathlib import Path

import pytest

from tests import debian, external_server


@pytest.fixture(autouse=True)
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's own machine, with a program and without another."""
    monkeypatch.setattr(debian, "can_install", lambda: False)
    monkeypatch.delenv("CI", raising=False)
    programs = {"sh": ("dash", ("no-such-shell", "/bi*/sh")), "none": ("nothing", ("/bin/nön*",))}
    monkeypatch.setattr(debian, "PROGRAMS", programs)


def test_a_program_is_found_by_any_of_its_names_and_places():
    assert Path(debian.needed("sh")).name == "sh"
    assert debian.program("none") is None
    assert debian.missing() == ["nothing"]


def test_on_a_machine_of_ones_own_a_test_without_its_program_is_skipped_with_what_to_install():
    with pytest.raises(pytest.skip.Exception, match="none is not installed: apt-get install not"):
        debian.needed("none")


def test_in_continuous_integration_it_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="none is not installed: apt-get install not"):
        debian.needed("none")


def test_where_it_could_have_been_installed_it_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(debian, "can_install", lambda: True)
    with pytest.raises(pytest.fail.Exception, match="none is not installed"):
        debian.needed("none")


@pytest.mark.parametrize(("expected", "code"), [(True, 1), (False, 0)])
def test_so_does_the_run_on_an_external_server(
    monkeypatch: pytest.MonkeyPatch, expected: bool, code: int
):
    monkeypatch.setattr(debian, "PROGRAMS", {"initdb": ("postgresql", ("/nowhere/initdb",))})
    monkeypatch.setattr(debian, "can_install", lambda: expected)
    monkeypatch.setattr(external_server, "INSTALLED", Path("/nowhere"))
    assert external_server.main(["true"]) == code
