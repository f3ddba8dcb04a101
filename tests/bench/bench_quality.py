"""The whole quality report over a million labels and a year of scores, against Evidently.

    python -m tests.bench.bench_quality

fills a database, on the server at DATABASE_URL or on an embedded one, asks for the report of the
year from the store to the last sentence, and has Evidently's ClassificationQuality read the very
same million labelled rows in memory, in an environment of its own, in the same run. It prints one
JSON object. The report may take at most a tenth of Evidently's time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from core.quality import QualityReport
from core.timeframe import Window
from db.engine import Role, Store
from db.reports import quality_report
from db.worker import Worker
from tests.bench.databases import database

HERE = Path(__file__).parent
SERVICE = "newsletters"
END = datetime(2026, 6, 1, tzinfo=UTC)
LABELS = 1_000_000
ROUNDS = 5
ALLOWED = 0.1

#: A year of hours, two segments, 110 bins; a new version every half year. Letters by bin fall off
#: from two hills, one for each kind of letter.
SCORES = """
    with year as (select cast(:end as timestamptz) as ends)
    insert into metrics.score_hour
    select :service, hour, case when hour < ends - interval '180 days' then 'v1' else 'v2' end,
        segment, bin >= 15, bin,
        cast(1000 + 200000 * exp(-power((bin + 22) / 14.0, 2))
            + 60000 * exp(-power((bin - 30) / 12.0, 2)) as int),
        hour + interval '1 hour'
    from year,
        generate_series(ends - interval '365 days', ends - interval '1 hour', '1 hour') as hour,
        unnest(array['en', 'ru']) as segment, generate_series(-55, 54) as bin"""
#: Labels spread evenly over the year and the bins; a letter's chance to be positive follows from
#: its bin, and labels come hours to days later.
LABELLED = """
    with year as (select cast(:end as timestamptz) as ends)
    insert into metrics.labelled_letter
    select :service, case when at < ends - interval '180 days' then 'v1' else 'v2' end,
        'l' || n, at, at + interval '1 hour' * (2 + 40 * random()),
        case when n % 3 = 0 then 'en' else 'ru' end,
        1 / (1 + exp(-(bin + random()) / 10.0)), bin >= 15,
        random() < 1 / (1 + exp(-0.18 * (bin - 3))),
        0.001 + 0.004 * (n % 2), '', at + interval '2 days'
    from (select n, ends, ends - interval '365 days' + interval '1 second' * (n * 31.4) as at,
              -55 + n % 110 as bin
          from year, generate_series(1, :labels) as n) as drawn
    where at < ends"""


def fill(store: Store) -> None:
    """A year of scores and a million labels, rolled up."""
    asked = {"service": SERVICE, "end": END}
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("select setseed(0.5)"))
        connection.execute(text(SCORES), asked)
        connection.execute(text(LABELLED), asked | {"labels": LABELS})
        connection.execute(text("analyze metrics.score_hour, metrics.labelled_letter"))
    worker = Worker(store, now=lambda: END)
    while worker.tick().pending:
        pass
    worker.close()


def asked(engine: Engine) -> tuple[QualityReport, float]:
    """The report and the seconds it took."""
    begun = time.perf_counter()
    found = quality_report(engine, SERVICE, Window.parse("365d"), END)
    return found, time.perf_counter() - begun


def evidently(engine: Engine, folder: Path) -> list[float]:
    """Seconds of Evidently's runs over the same rows."""
    python = Path(sys.prefix) / "peers" / "evidently"
    if not (python / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", python], check=True)
    subprocess.run(
        [
            *(python / "bin" / "python", "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", "-r", HERE / "evidently_requirements.txt"),
        ],
        check=True,
        stdout=sys.stderr,
    )
    with engine.connect() as connection:
        rows = connection.execute(
            text("select score, decision, label from metrics.labelled_letter")
        ).all()
    scores, decisions, labels = zip(*rows, strict=True)
    table = pa.table(
        {
            "score": pa.array(scores),
            "decision": pa.array([int(decision) for decision in decisions]),
            "label": pa.array([int(label) for label in labels]),
        }
    )
    path = folder / "labels.parquet"
    pq.write_table(table, path)
    done = subprocess.run(
        [python / "bin" / "python", HERE / "evidently_run.py", path],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    seconds: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        with database(folder) as store:
            fill(store)
            engine = store.engine(Role.APP)
            seconds = [asked(engine)[1] for _ in range(ROUNDS)]
            found, _ = asked(engine)
            peer = evidently(engine, folder)
    ratio = statistics.median(seconds) / statistics.median(peer)
    print(
        json.dumps(
            {
                "bench": "quality",
                "labels": found.labels.count,
                "letters": found.whole.letters,
                "report_seconds": statistics.median(seconds),
                "evidently_seconds": statistics.median(peer),
                "ratio": ratio,
                "target_ratio": ALLOWED,
                "met": ratio <= ALLOWED,
            }
        )
    )


if __name__ == "__main__":
    main()
