"""A release that replaced a version, letters of both, and what became of reported groups."""

from __future__ import annotations

from core.false_reports.after_release import AfterRelease, after_releases
from core.false_reports.fate import Fate
from core.false_reports.release_counts import Known
from core.false_reports.settings import Settings
from core.ports import Release
from tests.fakes import SERVICE
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    ReportRow,
    Scored,
    at,
    release,
    retraining_set,
    run,
    scored,
)

OLD, NEW = "bert-3", "bert-4"
#: The old version serves 20 days, then the new one; letters are counted from START on.
RELEASED = at(20)
AS_OF = at(34)
DEPLOYED = [release(OLD, at(-30)), release(NEW, RELEASED)]
LETTERS = [*scored(OLD, at(0), RELEASED, 10_000), *scored(NEW, RELEASED, AS_OF, 10_000)]
RUNS = [run(NEW, at(15), "newsletters-1")]


def compared(
    rows: list[ReportRow],
    chosen: list[int],
    *,
    scores: list[Scored] | None = None,
    deployed: list[Release] | None = None,
) -> AfterRelease:
    """The newest release of a world."""
    return every(
        FakeFalseReportReader(
            rows,
            LETTERS if scores is None else scores,
            made=[retraining_set("newsletters-1", at(12), chosen)],
            deployments=DEPLOYED if deployed is None else deployed,
            runs=RUNS,
        ),
    )[0]


def every(reader: FakeFalseReportReader) -> tuple[AfterRelease, ...]:
    """All releases of a reader's world, the newest first."""
    return after_releases(
        reader,
        SERVICE,
        Known(
            groups=reader.groups(SERVICE, AS_OF),
            releases=reader.releases(SERVICE, AS_OF),
            runs=reader.runs,
            sets=reader.made,
            scored_from=reader.pulse(SERVICE, AS_OF).scored_from,
            as_of=AS_OF,
            settings=Settings(),
        ),
    )


def fate_of(found: AfterRelease, group: int) -> Fate:
    return found.known.fates.of(found.known.ids.tolist().index(group))
