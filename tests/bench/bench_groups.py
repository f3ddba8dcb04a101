"""How quick the intake of reports is; `python -m tests.bench.bench_groups [letters]`.

One JSON object. A hundred thousand synthetic letters are taken from metrics.false_report, once with
the anonymiser and once without; then a million stand in the tables (or as many as are asked for),
put there by COPY in their groups, and 200 further letters are looked up one by one, half of them of
the hottest template. Seconds, and milliseconds a look-up: the queries and the comparison, without
the reading of the letter. `order_dependence` is how many of 1,000 pairs of letters are together in
one order of arrival and apart in another, over those that are together in either.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import Engine, text

from core.text.anonymise import Anonymised, anonymise
from core.text.normalise import words
from core.text.signature import Signature, signature, to_bytes
from db.engine import Role, Store
from db.team.report_intake import take
from db.team.report_intake.arrivals import Arrival
from db.team.report_intake.letters import Clean, cursor
from db.team.report_intake.placing import Placing
from tests.bench.databases import database
from tests.bench.letters import letters, of_templates

TAKEN = 100_000
STORED = 1_000_000
LOOKED_UP = 200
#: Letters that are taken with the real anonymiser; it alone costs most of the time.
ANONYMISED = 5_000
ORDERED = 2_000
AT = datetime(2026, 6, 1, tzinfo=UTC)
SERVICE = "newsletters"
_GROUPS = "report_group (service, group_id, kind, exemplar, shingles, shingles_of, created_at)"
_BANDS = "report_group_band (service, kind, band, hash, group_id)"
_LETTERS = (
    "report_letter (service, report_id, group_id, text, anonymiser, kind, source, letter_key, "
    "reporter_key, language, segment, sender_domain, model_version, score, threshold, "
    "predicted_at, reported_at, source_written_at, taken_at)"
)


def write(engine: Engine, service: str, texts: Sequence[str]) -> None:
    """Put letters where the serving stack writes them."""
    rows = [
        (service, f"r{at:07}", AT, AT, "false_positive", "user", f"k{at}", "", "v", 0.9, 0.5, said,
         "theirs 1")
        for at, said in enumerate(texts)
    ]  # fmt: skip
    with engine.begin() as connection, cursor(connection) as writing:
        execute_values(
            writing,
            "insert into metrics.false_report (service, report_id, reported_at, predicted_at, "
            "kind, source, letter_key, reporter_key, model_version, score, threshold, text, "
            "anonymiser) values %s",
            rows,
            page_size=1000,
        )


def plain(said: str) -> Anonymised:
    """No anonymiser at all."""
    return Anonymised(said, ())


def taking(store: Store) -> dict[str, Any]:
    """Seconds for taking, without and with the anonymiser."""
    owner, worker = store.engine(Role.OWNER), store.engine(Role.WORKER)
    write(owner, "taken", letters(TAKEN, seed=1))
    begun, busy = time.perf_counter(), time.process_time()
    outcome = take(worker, AT, anonymise=plain)
    seconds, own = time.perf_counter() - begun, time.process_time() - busy
    some = letters(ANONYMISED, seed=2)
    begun = time.perf_counter()
    for said in some:
        anonymise(said)
    each = (time.perf_counter() - begun) / ANONYMISED
    return {
        "letters": outcome.taken,
        "groups": outcome.groups_made,
        "seconds": round(seconds, 1),
        "cpu_seconds_here": round(own, 1),
        "anonymiser_letters_per_second": round(1 / each),
        "seconds_with_anonymiser": round(seconds + each * TAKEN, 1),
    }


def fill(engine: Engine, texts: Sequence[tuple[int, str]]) -> None:
    """Put letters into the intake's tables, by COPY: the first of each template makes its group."""
    groups: dict[int, int] = {}
    with engine.begin() as connection, cursor(connection) as writing:
        for first in range(0, len(texts), 50_000):
            made, bands, held = StringIO(), StringIO(), StringIO()
            for at, (template, said) in enumerate(texts[first : first + 50_000], first):
                if template not in groups:
                    groups[template] = len(groups) + 1
                    _group(made, bands, groups[template], at, signature(words(said)))
                held.write(
                    f"{SERVICE}\tr{at}\t{groups[template]}\t{'x' * 400}\tgreenlight 1\t"
                    f"false_positive\tuser\tk{at}\t\tru\tru\tshop.example\tv\t0.9\t0.5\t"
                    f"{AT}\t{AT}\t{AT}\t{AT}\n"
                )
            for data, table in ((made, _GROUPS), (bands, _BANDS), (held, _LETTERS)):
                data.seek(0)
                writing.copy_expert(f"copy team.{table} from stdin", data)
    with engine.begin() as connection:
        connection.execute(
            text("select setval(pg_get_serial_sequence('team.report_group', 'group_id'), :last)"),
            {"last": len(groups) + 1},
        )
    # As autovacuum does to tables that were filled: statistics, and pages marked as visible.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("vacuum analyze team.report_group, team.report_group_band, team.report_letter")
        )


def _group(made: StringIO, bands: StringIO, group_id: int, at: int, signed: Signature) -> None:
    shingles = to_bytes(signed.shingles).hex()
    made.write(f"{SERVICE}\t{group_id}\tfalse_positive\tr{at}\t\\\\x{shingles}\tr{at}\t{AT}\n")
    for band, value in enumerate(signed.bands.tolist()):
        bands.write(f"{SERVICE}\tfalse_positive\t{band}\t{value}\t{group_id}\n")


def look_ups(engine: Engine, texts: Sequence[str]) -> list[float]:
    """Milliseconds for finding the group of each letter, one by one."""
    found = []
    with engine.connect() as connection:
        connection.execute(text("select set_config('enable_seqscan', 'off', false)"))
        for at, said in enumerate(texts):
            came = Arrival(
                f"new{at}", "false_positive", "user", f"new{at}", "", "ru", "ru", "shop.example",
                "v", 0.9, 0.5, AT, AT, said, AT,
            )  # fmt: skip
            letter = Clean(came, said, "greenlight 1", {}, "", signature(words(said)))
            begun = time.perf_counter()
            Placing(connection, SERVICE, [letter]).place(letter)
            found.append(1000 * (time.perf_counter() - begun))
    return found


def looking_up(store: Store, stored: int) -> dict[str, Any]:
    """Look-ups in a store of many letters."""
    owner, worker = store.engine(Role.OWNER), store.engine(Role.WORKER)
    texts = of_templates(stored + LOOKED_UP * 10, seed=3)
    fill(owner, texts[:stored])
    fresh = texts[stored:]
    hot = [said for template, said in fresh if template == 0][: LOOKED_UP // 2]
    others = [said for template, said in fresh if template != 0][: LOOKED_UP // 2]
    look_ups(worker, others[:5])  # the first connection plans
    times = {"hottest": look_ups(worker, hot), "others": look_ups(worker, others)}
    everything = times["hottest"] + times["others"]
    with owner.connect() as connection:
        groups = connection.execute(text("select count(*) from team.report_group")).scalar_one()
    return {
        "letters": stored,
        "groups": groups,
        "looked_up": len(everything),
        "median_ms": round(statistics.median(everything), 2),
        "worst_ms": round(max(everything), 2),
        "hottest_median_ms": round(statistics.median(times["hottest"]), 2),
    }


def order_dependence(store: Store) -> dict[str, Any]:
    """How much the groups depend on the order in which letters arrive."""
    owner, worker = store.engine(Role.OWNER), store.engine(Role.WORKER)
    texts = letters(ORDERED, seed=4)
    rng = random.Random(5)
    found: list[set[tuple[int, int]]] = []
    for number in range(2):
        order = list(range(ORDERED))
        if number:
            rng.shuffle(order)
        write(owner, f"order {number}", [texts[at] for at in order])
        take(worker, AT, anonymise=plain)
        with worker.connect() as connection:
            rows = connection.execute(
                text("select report_id, group_id from team.report_letter where service = :s"),
                {"s": f"order {number}"},
            ).all()
        members: defaultdict[int, list[int]] = defaultdict(list)
        for report_id, group_id in rows:
            members[group_id].append(order[int(report_id[1:])])
        found.append({pair for one in members.values() for pair in combinations(sorted(one), 2)})
    together, differ = found[0] | found[1], found[0] ^ found[1]
    return {"pairs": len(together), "differ": round(len(differ) / len(together), 4)}


def main() -> None:
    """Measure and print."""
    stored = int(sys.argv[1]) if len(sys.argv) > 1 else STORED
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # as root the server is another user's, and must find its way in
        with database(Path(folder)) as store:
            found = {"taking": taking(store), "order_dependence": order_dependence(store)}
            with store.engine(Role.OWNER).begin() as connection:
                connection.execute(
                    text(
                        "truncate metrics.false_report, team.report_intake, team.report_letter, "
                        "team.report_group_band; truncate team.report_group cascade"
                    )
                )
            found["look_up"] = looking_up(store, stored)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
