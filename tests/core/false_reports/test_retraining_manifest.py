"""What a set says of itself, in its manifest and on its card."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from core.false_reports.retraining import (
    Chosen,
    Confirmation,
    DistinctText,
    Exclusion,
    Funnel,
    Selection,
    SetSettings,
)
from core.false_reports.retraining_card import card
from core.false_reports.retraining_manifest import (
    COLUMNS,
    GREENLIGHT,
    Content,
    Number,
    corrected,
    in_order,
    manifest,
    successor,
)
from core.ports.false_reports import RetrainingSet
from core.text.residual import missed_share

NOW = datetime(2026, 6, 11, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


def described(service: str = "mail", **given: Any) -> dict[str, Any]:
    texts = [
        DistinctText(1, "false_positive", "a", "r1", "k1", "ru", 3, True),
        DistinctText(2, "false_negative", "b", "r2", "k2", "", 1, True),
    ]
    selection = Selection(
        (Chosen("train", texts[0]), Chosen("test", texts[1])),
        (Exclusion("rejected", 2, 7),),
        Funnel(11, 9, 9, 9, 2, 2),
    )
    plain: dict[str, Any] = {
        "number": Number(3),
        "parent": "mail-2",
        "by": "Анна",
        "at": NOW,
        "settings": SetSettings(),
        "confirmed": {
            1: Confirmation(("Анна", "Борис"), NOW),
            2: Confirmation(("Анна",), NOW),
        },
        "agreement": {"n": 12, "raw": 0.96, "alpha": -0.02},
    }
    found = manifest(selection, service=service, **plain | given)
    content = Content()
    for one in selection.chosen:
        row = {
            "group_id": one.text.group_id,
            "reports": one.text.reports,
            "kind": one.text.kind,
            "language": one.text.language,
            "model_version": "bert-3",
            "anonymiser": "greenlight 1",
            "text": "[PERSON_1] and [PERSON_2] of [CARD_1], not [this_1]",
        }
        content.add(one.split, row)
    return found | content.told({"train": "ab", "test": "cd"})


def test_the_version_in_manifests_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == GREENLIGHT


def test_a_manifest_counts_what_is_in_the_set():
    found = described()
    assert (found["set"], found["parent"], found["corrects"]) == ("mail-3", "mail-2", None)
    assert (found["letters"], found["groups"], found["reports"]) == (2, 2, 4)
    assert found["labels"] == {"false": 1, "true": 1}
    assert found["splits"]["test"] == {"letters": 1, "groups": 1, "json_lines_sha256": "cd"}
    assert found["counts"]["raw"] == 11
    assert found["exclusions"] == [
        {
            "reason": "rejected",
            "groups": 2,
            "reports": 7,
            "sentence": "Reviewers found that the decision was right.",
        }
    ]
    assert (found["reviewers"], found["created_at"]) == (2, "2026-06-11T09:00:00+00:00")


def test_what_is_likely_left_follows_from_what_was_replaced():
    found = described()["residual_risk"]
    assert found["replaced"] == {"PERSON": 4, "CARD": 2}
    person, card_number = missed_share("PERSON"), missed_share("CARD")
    left = 4 * person / (1 - person) + 2 * card_number / (1 - card_number)
    assert found["likely_left"] == pytest.approx(left, abs=0.001)
    assert found["likely_left_per_1000_letters"] == pytest.approx(500 * left, abs=0.001)
    nothing = Content().told({"train": "", "test": ""})["residual_risk"]
    assert nothing["sentence"].endswith("cannot be estimated.")


def test_times_in_it_are_utc_wherever_it_was_made():
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    assert described(at=moscow)["created_at"] == "2026-06-11T09:00:00+00:00"
    with pytest.raises(ValueError, match="must have a time zone"):
        described(at=NOW.replace(tzinfo=None))


def test_a_correction_keeps_how_the_set_was_made_and_counts_what_is_gone():
    found = corrected(described(), number=Number(3, 1), by="Вера", at=NOW, withdrawn=1)
    assert (found["set"], found["parent"], found["corrects"]) == ("mail-3.1", "mail-3", "mail-3")
    assert (found["withdrawn"], found["counts"]["exported"], found["counts"]["raw"]) == (1, 1, 11)
    assert not {"letters", "splits", "languages"} & set(found)


def test_a_row_that_another_letter_keeps_is_withdrawn_from_and_not_gone():
    found = corrected(described(), number=Number(3, 1), by="Вера", at=NOW, withdrawn=2, kept=1)
    assert (found["withdrawn"], found["counts"]["exported"]) == (2, 1)


def test_the_newest_correction_takes_the_place_of_all_before():
    def one(number: Number, corrects: str | None) -> RetrainingSet:
        name = number.of("mail")
        return RetrainingSet(name, NOW, "a", "", 1, (1,), {"corrects": corrects}, 0)

    every = [
        one(Number(1), None),
        one(Number(1, 1), "mail-1"),
        one(Number(1, 2), "mail-1.1"),
        one(Number(2), None),
    ]
    assert [successor(every, found.set_id) for found in every] == [
        *("mail-1.2", "mail-1.2"),
        *(None, None),
    ]


def test_a_row_has_the_order_of_the_files_and_its_times_all_their_digits():
    row: dict[str, Any] = {column.name: 1 for column in reversed(COLUMNS)}
    row |= {column.name: "2026-06-01T12:00:00+03:00" for column in COLUMNS if column.type == "time"}
    row["threshold"] = None
    found = in_order(row)
    assert list(found) == [column.name for column in COLUMNS]
    assert found["predicted_at"] == "2026-06-01T09:00:00.000000+00:00"
    assert (found["threshold"], repr(found["score"])) == (None, "1.0")


@pytest.mark.parametrize(
    "time",
    [
        "2026-06-01T09:00:00+00:00",
        "2026-06-01T09:00:00.5+00:00",
        "2026-06-01T09:00:00.123456+00:00",
        "2026-06-01T09:00:00.000001+00:00",
        "2026-06-01 09:00:00.5+00:00",
        "2026-06-01T09:00:00,5+00:00",
        "2026-06-01T09:00:00.1234567+00:00",
        "2026-06-01T09:00+00:00",
        "2026-06-01T09:00:00Z",
        "2026-06-01T12:30:00.25+03:30",
        "2026-12-31T23:00:00-05:00",
        "0001-01-01T00:00:00+00:00",
    ],
)
def test_a_time_is_written_as_python_writes_it_in_whatever_form_it_came(time: str):
    row = {column.name: time if column.type == "time" else 1 for column in COLUMNS}
    plainly = datetime.fromisoformat(time).astimezone(UTC).isoformat(timespec="microseconds")
    assert in_order(row)["reported_at"] == plainly


def test_a_card_tells_what_whoever_trains_must_know():
    written = card(described())
    header = written.split("---\n")[1]
    assert 'pretty_name: "mail-3"\nlanguage:\n- "ru"\n' in header
    assert "- n<1K\n" in header
    assert "It follows mail-2." in written
    assert "| 11 | reports of false decisions |" in written
    assert "| 7 | 2 | Reviewers found that the decision was right. |" in written
    assert "96.0 % of the pairs of votes are equal; Krippendorff's alpha is -0.02." in written
    assert "by its recall as it was measured: about 1, where 6 were replaced." in written
    assert "greenlight 1" in written
    assert "refuses to export this version" in written
    assert "have been withdrawn" not in written


def test_a_card_of_a_correction_counts_the_withdrawn():
    assert "2 letters have been withdrawn since" in card(described() | {"withdrawn": 2})
    assert "1 letter has been withdrawn since" in card(described() | {"withdrawn": 1})


def test_a_card_says_what_was_not_measured():
    written = card(described(agreement=None))
    assert "How far reviewers agree was not measured." in written
    alone = {"n": 1, "raw": 1.0, "alpha": None}
    assert "alpha cannot be computed" in card(described(agreement=alone))


def test_names_cannot_act_in_a_card():
    service = '"\n---\n# evil <b> [x](http://x.example)\u202e'
    written = card(described(service, by="*Анна*", parent=""))
    assert written.count("\n---\n") == 1
    assert "\n# evil" not in written
    assert "<b>" not in written.split("---\n", 2)[2].replace("\\<b\\>", "")
    assert "\\*Анна\\*" in written
    assert "\u202e" not in written


def test_a_language_that_is_no_code_is_counted_and_not_declared():
    found = described() | {"languages": {"ru\n- evil": 3, "en": 1}}
    written = card(found)
    assert 'language:\n- "en"\nlicense' in written
    assert "| ru - evil | 3 |" in written
