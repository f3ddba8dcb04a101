"""One text is one row, and groups that share letters are in one split."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Engine, text

from core.false_reports.retraining import SetSettings
from core.ports.false_reports import RetrainingSet
from db.team.retraining_queries import ASIDE
from tests.db.team.report_rows import Report
from tests.db.team.retraining_sets.judged_groups import (
    ALL_AGAIN,
    made,
    put,
    reported,
    reports_in,
    rows,
)


def test_one_text_is_one_row_however_often_and_with_whatever_numbers_it_came(app: Engine):
    put(
        app,
        Report("a", "g", text="Order 17:\n sent, total 20 USD"),
        Report("b", "g", text="Order 4:  sent, total\u00a07 USD"),
        Report("c", "g", text="ORDER 4: sent, total 7 USD"),
    )

    found = made(app)

    kept = {row["report_id"]: row["reports"] for _, row in rows(app, found.set_id) if row}
    assert kept == {"a": 2, "c": 1}
    assert found.manifest["reports"] == 3
    assert found.manifest["counts"]["raw"] == 3
    assert found.manifest["counts"]["deduplicated"] == 2


def test_every_white_space_and_digit_that_is_set_aside_is_and_no_other_sign(app: Engine):
    put(
        app,
        Report("plain", "g", text="oneword"),
        *(Report(f"aside{ord(sign)}", "g", text=f"{sign}one{sign}{sign}word") for sign in ASIDE),
        *(Report(f"sign{ord(sign)}", "g", text=f"one{sign}word") for sign in "\u2003\u0663-_%'О"),
        Report("capital", "g", text="Oneword"),
    )

    found = made(app)

    kept = {row["report_id"]: row["reports"] for _, row in rows(app, found.set_id) if row}
    assert kept.pop("plain") == 1 + len(ASIDE) == 23
    assert set(kept) == {"capital", *(f"sign{ord(sign)}" for sign in "\u2003\u0663-_%'О")}


def test_a_group_keeps_its_split_in_later_sets_and_no_group_is_in_both(app: Engine):
    put(app, *(one for number in range(30) for one in reported(f"early{number}-", 2)))
    first = made(app, request="1")
    put(app, *(one for number in range(30) for one in reported(f"late{number}-", 2)))
    both = made(app, ALL_AGAIN, request="2")

    def splits(of: RetrainingSet) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for split, row in rows(app, of.set_id):
            assert row is not None
            found.setdefault(row["group_id"], set()).add(split)
        return found

    early, every = splits(first), splits(both)
    assert set(map(len, every.values())) == {1}
    assert {group_id: every[group_id] for group_id in early} == early
    assert sum("test" in split for split in early.values()) == 6
    assert sum("test" in split for split in every.values()) == 12


def test_groups_that_share_a_letter_or_are_near_duplicates_are_never_parted(app: Engine):
    pairs = 25
    groups = put(
        app,
        *(
            Report(f"{kind}{number}", text=f"{kind} text {chr(97 + number)}", kind=kind)
            for number in range(pairs)
            for kind in ("false_positive", "false_negative")
        ),
    )
    hashes = np.arange(40, dtype=np.int64)
    with app.begin() as connection:
        for number in range(pairs):
            pair = [groups[f"false_{way}{number}"] for way in ("positive", "negative")]
            if number % 2:
                connection.execute(
                    text("""insert into team.report_letter select (jsonb_populate_record(letter,
                        jsonb_build_object('report_id', 'again' || report_id, 'text', 'of ' ||
                        report_id, 'letter_key', 'shared' || cast(:number as text)))).*
                        from team.report_letter as letter where group_id = any(:pair)"""),
                    {"pair": pair, "number": number},
                )
                continue
            for group_id in pair:
                connection.execute(
                    text("""insert into team.report_group_band
                        select service, kind, 1, :number, group_id from team.report_group
                        where group_id = :group_id"""),
                    {"number": number, "group_id": group_id},
                )
                connection.execute(
                    text("update team.report_group set shingles = :some where group_id = :id"),
                    {
                        "some": (hashes[: 30 + group_id % 2] + 100 * number).tobytes(),
                        "id": group_id,
                    },
                )

    found = made(app, SetSettings(test_percent=50))

    split = {row["group_id"]: split for split, row in rows(app, found.set_id) if row}
    together = [
        split[groups[f"false_positive{number}"]] == split[groups[f"false_negative{number}"]]
        for number in range(pairs)
    ]
    assert all(together)
    assert set(split.values()) == {"train", "test"}


def test_bands_that_meet_by_chance_do_not_tie_groups_together(app: Engine):
    groups = put(app, *(one for number in range(40) for one in reported(f"g{number}-")))
    with app.begin() as connection:
        connection.execute(
            text("""insert into team.report_group_band
                select service, kind, 1, 7, group_id from team.report_group""")
        )
        for number, group_id in enumerate(groups.values()):
            connection.execute(
                text("update team.report_group set shingles = :some where group_id = :id"),
                {"some": (np.arange(9) + 100 * number).tobytes(), "id": group_id},
            )

    assert made(app).manifest["splits"]["test"]["groups"] == 8


def test_a_letter_that_is_confirmed_both_ways_is_left_out_of_both_groups(app: Engine):
    put(
        app,
        Report("a", text="one text", letter_key="same"),
        Report("b", text="another text", kind="false_negative", letter_key="same"),
        Report("c", text="a third text"),
    )
    found = made(app)
    assert reports_in(app, found.set_id) == {"c"}
    assert found.manifest["exclusions"][0]["reason"] == "contradictory"
