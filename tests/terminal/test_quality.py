"""Quality on the terminal, on rows whose precision and recall are known."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sklearn.metrics import precision_score, recall_score
from sqlalchemy import text

from core.stats.scores import score_at
from db.engine import Role, Store

Terminal = Callable[..., Result]
AS_OF = datetime(2026, 6, 3, 12, tzinfo=UTC)
HOURS = 24
#: Letters an hour, labels and positive ones of each bin.
BINS = {-30: (9_000, 60, 0), 10: (1_000, 80, 20), 22: (400, 100, 98), 40: (600, 50, 50)}
HEADER = (
    "model_version,letter_id,predicted_at,labelled_at,segment,score,decision,label,"
    "inclusion_probability"
)


@pytest.fixture
def labelled(store: Store) -> Store:
    """A day of scores of service 'mail' with labels, one in four of the last hour."""
    scores = text(
        "insert into metrics.score_hour (service, hour, model_version, segment, decision, bin, "
        "letters) values ('mail', :hour, 'v1', 'ru', :decision, :bin, :letters)"
    )
    label = text(
        "insert into metrics.labelled_letter (service, model_version, letter_id, predicted_at, "
        "labelled_at, segment, score, decision, label, inclusion_probability) values ('mail', "
        "'v1', :letter, :at, :given, 'ru', :score, :decision, :label, 0.01)"
    )
    first = AS_OF - HOURS * timedelta(hours=1)
    with store.engine(Role.SERVING).begin() as connection:
        for number, (letters, labels, positives) in BINS.items():
            for hour in range(HOURS):
                asked = {"hour": first + timedelta(hours=hour), "decision": number >= 20}
                connection.execute(scores, asked | {"bin": number, "letters": letters})
            for at in range(labels):
                moment = first + timedelta(minutes=7 * at)
                connection.execute(
                    label,
                    {
                        "letter": f"{number}/{at}",
                        "at": moment,
                        "given": moment + timedelta(minutes=30),
                        "score": float(score_at(number, 0.5)),
                        "decision": number >= 20,
                        "label": at < positives,
                    },
                )
    return store


def evidence(terminal: Terminal, *arguments: str) -> dict:
    result = terminal(
        *("evidence", "quality", "--service", "mail", "--as-of", AS_OF.isoformat()),
        *("--window", "1d", "--format", "json", *arguments),
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_points_are_scikit_learns_with_weights(labelled: Store, terminal: Terminal) -> None:
    found = evidence(terminal)
    truth, decided, weight = [], [], []
    for number, (letters, labels, positives) in BINS.items():
        truth += [at < positives for at in range(labels)]
        decided += [number >= 20] * labels
        weight += [HOURS * letters / labels] * labels
    asked = {"sample_weight": np.array(weight)}
    assert found["precision"]["value"] == pytest.approx(
        precision_score(truth, decided, **asked), abs=1e-12
    )
    assert found["recall"]["value"] == pytest.approx(
        recall_score(truth, decided, **asked), abs=1e-12
    )
    assert found["labels"] == 290
    assert found["population"] == HOURS * 11_000
    assert found["data_through"] == "2026-06-03T11:00Z"


def test_a_part_can_be_asked_for(labelled: Store, terminal: Terminal) -> None:
    assert evidence(terminal, "--segment", "ru")["labels"] == 290
    assert evidence(terminal, "--version", "v2")["state"] == "no_scores"


@pytest.mark.parametrize("style", ["table", "markdown"])
def test_people_read_sentences_and_tables(labelled: Store, terminal: Terminal, style: str) -> None:
    asked = ("--service", "mail", "--as-of", AS_OF.isoformat(), "--window", "1d")
    result = terminal("evidence", "quality", *asked, "--format", style)
    assert result.exit_code == 0
    assert "99/70" in result.stdout
    assert "worth most" in result.stdout


def test_labels_of_a_file_are_stored_and_the_refused_are_told(
    labelled: Store, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "labels.csv"
    good = "v1,new-1,2026-06-03T10:00:00Z,2026-06-03T10:30:00Z,ru,0.905,true,false,0.01"
    bad = "v1,new-2,2026-06-03T10:00:00Z,2026-06-03T10:30:00Z,ru,1.5,true,false,0.01"
    file.write_text("\n".join([HEADER, good, bad]))
    result = terminal("labels", str(file), "--service", "mail")
    assert result.exit_code == 1
    assert "1 inserted" in result.output
    assert "score" in result.output
    assert evidence(terminal)["labels"] == 291
    again = terminal("labels", str(file), "--service", "mail", "--format", "json")
    assert json.loads(again.stdout)["unchanged"] == 1


def test_a_strict_import_writes_all_or_nothing(
    labelled: Store, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "labels.csv"
    good = "v1,new-1,2026-06-03T10:00:00Z,2026-06-03T10:30:00Z,ru,0.905,true,false,0.01"
    file.write_text("\n".join([HEADER, good, good]))
    result = terminal("labels", str(file), "--service", "mail", "--strict")
    assert result.exit_code == 1
    assert "Nothing is written" in result.output
    assert evidence(terminal)["labels"] == 290


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "labels.parquet"
    file.write_text("this is no parquet")
    result = terminal("labels", str(file), "--service", "mail")
    assert result.exit_code == 2
    assert "labels.parquet" in result.output
    assert "Traceback" not in result.output
