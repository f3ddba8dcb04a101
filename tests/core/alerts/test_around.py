"""What else happened when an alert began."""

from __future__ import annotations

from dataclasses import replace

from core.alerts.around import around
from tests.fakes import at, release
from tests.fakes_alerts import episode

IT = episode(1)


def test_releases_of_the_day_before_come_first_then_alerts_the_nearest_first():
    releases = [release(-1_500, "v40"), release(-40, "v41"), release(-700, "v42")]
    others = [
        IT,
        replace(episode(2), began_at=at(-50)),
        replace(episode(3), began_at=at(7)),
        replace(episode(4), began_at=at(-61)),
    ]
    found = around(IT, releases, others)
    named = [
        one.release.model_version if one.release else one.episode.episode_id  # type: ignore[union-attr]
        for one in found
    ]
    assert named == ["v41", "v42", 3, 2]
    assert [one.before for one in found] == [at(0) - one.at for one in found]


def test_a_release_after_the_end_is_left_out_and_one_while_it_runs_is_told():
    over = replace(IT, resolved_at=at(10))
    releases = [release(5, "v41"), release(11, "v42")]
    assert [one.at for one in around(over, releases, ())] == [at(5)]
    assert [one.at for one in around(IT, releases, ())] == [at(5), at(11)]


def test_what_says_the_same_is_no_news():
    ticket = episode(2, inhibited_by=IT.fingerprint)
    assert around(IT, (), [ticket]) == ()
    assert around(ticket, (), [IT]) == ()


def test_a_drill_is_told_beside_a_drill_alone():
    drill = episode(2, drill=True)
    assert around(IT, (), [drill]) == ()
    assert [one.episode for one in around(drill, (), [IT, episode(3, drill=True)])] == [
        IT,
        episode(3, drill=True),
    ]
