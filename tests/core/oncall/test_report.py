"""The on-call report: who is on call now, said in a sentence, and what is wrong with what comes."""

from __future__ import annotations

import json

import pytest

from core import oncall
from core.ports.oncall import OnCallReader
from tests.fakes_oncall import DAY, HANDOVER, WEEK, MemoryOnCall, override, rota

NOW = HANDOVER + DAY


def found(reader: OnCallReader, *services: str) -> oncall.OnCallReport:
    return oncall.report(reader, services, NOW)


def test_who_is_on_call_now_is_one_sentence():
    made = found(MemoryOnCall({"mail": rota("Анна", "Борис")}), "mail")
    assert made.headline == "Анна is on call for mail until 8 Jun 2026 07:00 UTC"
    assert made.duty("mail").sentence == f"{made.headline}."
    assert [shift.member for shift in made.duty("mail").upcoming[:2]] == ["Борис", "Анна"]
    assert made.warnings == ()


def test_whoever_stands_in_is_named_with_whose_week_it_is():
    stands_in = override("Глеб", HANDOVER, HANDOVER + 2 * DAY)
    made = found(MemoryOnCall({"mail": rota("Анна")}, {"mail": [stands_in]}), "mail")
    assert made.duty("mail").sentence == (
        "Глеб is on call for mail until 3 Jun 2026 07:00 UTC, instead of Анна."
    )
    assert made.duty("mail").overrides == (stands_in,)


def test_nobody_now_comes_before_everything_else():
    reader = MemoryOnCall({"mail": rota("Анна"), "search": rota("")})
    made = found(reader, "mail", "search", "ads")
    assert made.headline == "Nobody is on call now for search and ads"
    assert made.duty("search").sentence == (
        "Nobody is on call for search until 8 Jun 2026 07:00 UTC. Nobody has this week."
    )
    assert made.duty("ads").sentence == "Nobody is on call for ads: it has no rota."
    assert made.warnings[0] == (
        "Nobody is on call for ads now and for at least 14 days. The service has no rota."
    )


def test_a_gap_to_come_is_warned_about():
    made = found(MemoryOnCall({"mail": rota("Анна", "")}), "mail")
    assert made.headline == (
        "Somebody is on call for every service now, but nobody for mail from 8 Jun 2026 07:00 UTC"
    )
    assert made.warnings == (
        (
            "Nobody is on call for mail from 8 Jun 2026 07:00 UTC to 15 Jun 2026 07:00 UTC. "
            "Nobody has this week."
        ),
    )


def test_double_duty_is_a_note_and_no_warning():
    made = found(MemoryOnCall({"mail": rota("Анна"), "search": rota("Анна")}), "mail", "search")
    assert made.headline == "Somebody is on call for every service, for the next 14 days as well"
    assert made.warnings == ()
    assert made.notes == (
        "Анна is on call for mail and search at once from 07:00 UTC to 8 Jun 2026 07:00 UTC.",
        (
            "Анна is on call for mail and search at once from 8 Jun 2026 07:00 UTC to "
            "15 Jun 2026 07:00 UTC."
        ),
        (
            "Анна is on call for mail and search at once from 15 Jun 2026 07:00 UTC to "
            "16 Jun 2026 07:00 UTC."
        ),
    )


@pytest.mark.parametrize(
    ("members", "said"), [((), "the rota is empty"), (("Анна",), "the rota has not begun")]
)
def test_a_rota_without_a_shift_says_why(members: tuple[str, ...], said: str):
    reader = MemoryOnCall({"mail": rota(*members)})
    made = oncall.report(reader, ["mail"], HANDOVER - WEEK)
    assert made.duty("mail").sentence == f"Nobody is on call for mail: {said}."
    assert made.duty("mail").now is None


def test_without_services_the_report_says_so():
    assert found(MemoryOnCall()).headline == "There is no service to watch yet"


def test_a_service_that_was_not_asked_for_is_a_mistake():
    with pytest.raises(KeyError):
        found(MemoryOnCall(), "mail").duty("search")


def test_the_calendar_holds_the_present_shift_and_those_to_come():
    made = found(MemoryOnCall({"mail": rota("Анна", "Борис")}), "mail", "ads")
    feed = made.calendar(member="Борис")
    assert feed.count("BEGIN:VEVENT") == 4
    assert "Анна" not in feed
    assert made.calendar().count("BEGIN:VEVENT") == len(made.duty("mail").shifts)


def test_the_evidence_says_what_the_report_says():
    stands_in = override("", HANDOVER, HANDOVER + 2 * DAY, reason="power cut")
    made = found(MemoryOnCall({"mail": rota("Анна")}, {"mail": [stands_in]}), "mail", "ads")
    written = json.loads(json.dumps(oncall.evidence(made), allow_nan=False))
    mail, ads = written["services"]
    assert (mail["now"]["member"], mail["now"]["scheduled"]) == (None, "Анна")
    assert mail["gaps"][0] == {
        "start": "2026-06-02T07:00Z",
        "end": "2026-06-03T07:00Z",
        "why": "An override says nobody.",
    }
    assert mail["rota"]["members"] == ["Анна"]
    assert (ads["rota"], ads["now"]) == (None, None)
    assert written["sentence"] == "Nobody is on call now for mail and ads."
