"""Server CPU of the plan's pages with 500 tasks and 200 risks, as a multiple of an empty page's.

`python -m tests.bench.bench_plan` prints one JSON object. Of each page the first part is shown, and
of Milestones the table of all tasks, too. The target is at most 3.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from core import milestones, scope
from core.ports.plan import DIRECTIONS, STAGES
from core.timeframe import MINUTE, floor_to
from db.engine import Role
from db.readers.milestones import SqlPlanReader
from tests.bench.bench_pages import EMPTY, ROOT, TARGET, cpu_of_reruns
from tests.bench.databases import database
from tests.bench.streamlit_server import serve

SERVICE = "planned"
TASKS, RISKS = 500, 200
#: What is measured: the page, and what its address carries beside the service.
SHOWN = {
    "milestones": ("milestones", ""),
    "milestones_tasks": ("milestones", "&part=Tasks"),
    "scope": ("scope", ""),
    "risks": ("risks", ""),
}
_ROUNDS_OF_REPORTS = 7
#: Four milestones, twelve stages, five directions; every second task waits for the one before it,
#: a third is done, and each is frozen in a baseline three days before it is planned to end now.
_FILL = (
    """insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""",
    """insert into team.milestone (service, name, due_on, hands, request_id, changed_by, changed_at)
    select :service, 'M' || number, cast(:today as date) + 40 * number, 8, 'm' || number,
        'Анна', :at
    from generate_series(1, 4) as number""",
    """insert into team.task (service, title, stage, direction, milestone, owner, ideal_days,
        planned_start, planned_end, started_on, done_on, priority, depends_on, created_by,
        created_at, request_id, changed_by, changed_at)
    select :service, 'Задача ' || number, (cast(:stages as text[]))[1 + number % 12],
        (cast(:directions as text[]))[1 + number % 5], 'M' || 1 + number % 4,
        'Owner ' || number % 9, 1 + number % 7,
        cast(:today as date) - 120 + number / 2, cast(:today as date) - 110 + number / 2,
        case when number <= :tasks / 3 then cast(:today as date) - 120 + number / 2 end,
        case when number <= :tasks / 3
            then least(cast(:today as date), cast(:today as date) - 112 + number / 2 + number % 5)
            end,
        1 + number % 5, '{}', 'Анна', :at, 't' || number, 'Анна', :at
    from generate_series(1, :tasks) as number""",
    """update team.task later set depends_on = array[earlier.task_id] from team.task earlier
    where later.service = :service and earlier.service = :service
      and later.task_id = earlier.task_id + 1 and later.task_id % 2 = 0""",
    """insert into team.baseline (service, name, frozen_by, frozen_at, request_id, changed_by,
        changed_at)
    values (:service, 'first', 'Анна', :at, 'b', 'Анна', :at)""",
    """insert into team.baseline_task (baseline_id, task_id, title, milestone, ideal_days,
        planned_start, planned_end)
    select baseline_id, task_id, title, milestone, ideal_days, planned_start,
        greatest(planned_end - 3, planned_start)
    from team.task cross join team.baseline where task.service = :service""",
    """insert into team.risk (service, title, probability, consequence, owner, prevention,
        mitigation, plan_b, line_due_on, review_on, created_by, created_at, request_id,
        changed_by, changed_at)
    select :service, 'Риск ' || number, 1 + number % 3, 1 + number / 3 % 3, 'Owner ' || number % 9,
        'Prevent it', 'Mitigate it', 'Plan B', cast(:today as date) + 10 + number % 90,
        cast(:today as date) - 5 + number % 60, 'Анна', :at, 'r' || number, 'Анна', :at
    from generate_series(1, :risks) as number""",
    "analyze",
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        script = folder / "empty.py"
        script.write_text(EMPTY)
        with database(folder) as store:
            _fill(store.engine(Role.OWNER))
            figures = _reports(store.engine(Role.APP))
            address = store.url().render_as_string(hide_password=False)
            with serve(script, {}) as server:
                empty = statistics.median(cpu_of_reruns(server, "", ""))
            pages = {}
            with serve(ROOT / "app.py", {"DATABASE_URL": address}) as server:
                for name, (page, more) in SHOWN.items():
                    query = f"service={SERVICE}{more}"
                    pages[name] = statistics.median(cpu_of_reruns(server, query, page))
    print(
        json.dumps(
            {
                "bench": "plan",
                **figures,
                "empty_page_ms": empty * 1000,
                **{f"{name}_ms": cpu * 1000 for name, cpu in pages.items()},
                **{f"{name}_ratio": cpu / empty for name, cpu in pages.items()},
                "target_ratio": TARGET,
                "met": all(cpu / empty <= TARGET for cpu in pages.values()),
            }
        )
    )


def _fill(owner: Engine) -> None:
    at = floor_to(datetime.now(UTC), MINUTE) - timedelta(hours=1)
    asked: dict[str, Any] = {"service": SERVICE, "at": at, "today": at.date()}
    asked |= {"tasks": TASKS, "risks": RISKS}
    asked |= {"stages": list(STAGES), "directions": list(DIRECTIONS)}
    with owner.begin() as connection:
        for statement in _FILL:
            connection.execute(text(statement), asked)


def _reports(app: Engine) -> dict[str, float]:
    """CPU of this process for a report, its queries included; no criteria are judged."""
    at, reader = datetime.now(UTC), SqlPlanReader(app)
    areas: dict[str, Callable[[], object]] = {
        "milestones": lambda: milestones.report(reader, (), SERVICE, at),
        "scope": lambda: scope.report(reader, SERVICE, at),
    }

    def cpu(report: Callable[[], object]) -> float:
        found = []
        for _ in range(_ROUNDS_OF_REPORTS):
            began = time.process_time()
            report()
            found.append(time.process_time() - began)
        return 1e3 * statistics.median(found)

    return {f"{name}_report_ms": cpu(report) for name, report in areas.items()}


if __name__ == "__main__":
    main()
