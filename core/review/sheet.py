"""The review laid out: sections of words, tables and charts, the same for every form it takes.

HTML, PDF and the dashboard's own page draw this and nothing else, so that none can say more or less
than another. Texts are plain text: whoever draws them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import wording
from core.review.values import ActionLine, Direction, Review
from core.status import Status
from core.timeframe import Window

#: How many risks are told in full: a review takes five minutes.
TOP_RISKS = 8
#: How many milestones ahead are told; of those that are met, the last one is.
NEAREST = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        below: a second, quieter line.
        status: drawn as icon, word and colour before the text, which may be empty.
        word: stands for the status's own word; '' for that.
        strong: drawn heavier.
    """

    text: str
    below: str = ""
    status: Status | None = None
    word: str = ""
    strong: bool = False

    @property
    def said(self) -> str:
        """The word of its status, as it begins a line; '' without a status."""
        word = "" if self.status is None else self.word or self.status.word
        return f"{word[:1].upper()}{word[1:]}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows.

    Attributes:
        widths: of the columns, relative to one another.
        label: what it holds, for readers who cannot see it.
    """

    label: str
    headers: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: its finding above it, why it is shown below.

    Attributes:
        key: of the chart, see `core.review.values.ChartLine`.
    """

    key: str
    title: str
    alt: str
    why: str


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence or two."""

    text: str


Block = Table | Figure | Words


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the review under its heading."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A review ready to be drawn.

    Attributes:
        facts: as-of, data-through, window: one line.
        lead: the goal and what it is judged against, in parts, each in a language of its own.
        notice: what to know before trusting the numbers; '' where there is nothing.
    """

    title: str
    headline: str
    facts: str
    lead: tuple[str, ...]
    notice: str
    sections: tuple[Section, ...]


def sheet(review: Review) -> Sheet:
    """Lay a review out."""
    through = "no data"
    if review.data_through is not None:
        through = f"data through {wording.clock(review.data_through)}"
    facts = [
        f"as of {wording.clock(review.as_of)}",
        through,
        Window.parse(review.window).last,
    ]
    return Sheet(
        title=review.title,
        headline=f"{review.headline}.",
        facts=" · ".join(facts),
        lead=_lead(review),
        notice=_stale(review),
        sections=(
            _criteria(review),
            _changes(review),
            _charts(review),
            _milestones(review),
            _risks(review),
            _decisions(review),
            _actions(review),
        ),
    )


def _lead(review: Review) -> tuple[str, ...]:
    if not review.goal:
        return ("No goal has been set for this service.",)
    end = "" if review.goal.endswith((".", "!", "?")) else "."
    parts = ["Goal:", f"{review.goal}{end}"]
    if review.due_on is not None:
        parts.append(f"Judged against {review.milestone}, due {wording.short_date(review.due_on)}.")
    return tuple(parts)


def _stale(review: Review) -> str:
    if not review.stale:
        return ""
    if review.data_through is None:
        return "There are no data: nothing below is proven."
    return (
        f"Stale: the newest complete minute is {wording.clock(review.data_through)}. "
        "The numbers below are the last known ones."
    )


def _criteria(review: Review) -> Section:
    if not review.criteria:
        return Section("criteria", "Criteria", (Words("No criterion has been set."),))
    rows = tuple(
        (
            Cell(line.name, strong=True),
            Cell("", status=line.status),
            Cell(line.value, f"target {line.target}" if line.target else "no target", strong=True),
            Cell(line.sentence, " ".join([*map(_sentence, line.reasons), line.settles]).strip()),
        )
        for line in review.criteria
    )
    headers = ("Criterion", "Verdict", "Value", "What it rests on")
    return Section("criteria", "Criteria", (Table("Criteria", headers, (5, 3, 5, 9), rows),))


def _changes(review: Review) -> Section:
    if review.before is None:
        words = "This is the first review of this service: there is none to compare it with."
        return Section("changes", "Changes since the last review", (Words(words),))
    heading = f"Changes since the review of {wording.short_date(review.before.as_of)}"
    if review.changes is None:
        words = (
            "That review was kept by another version of Greenlight: what has changed is unknown."
        )
        return Section("changes", heading, (Words(words),))
    if not review.changes:
        return Section("changes", heading, (Words("Nothing has changed."),))
    rows = tuple(
        (
            Cell(change.name, change.about, strong=True),
            Cell(_sentence(change.said).rstrip(".")),
            Cell(
                "" if change.direction is Direction.NEITHER else change.direction.value,
                strong=change.direction is Direction.WORSE,
            ),
        )
        for change in review.changes
    )
    headers = ("What", "Change", "It got")
    return Section("changes", heading, (Table("Changes", headers, (8, 11, 3), rows),))


def _charts(review: Review) -> Section:
    if not review.charts:
        words = "Nothing has been measured that could be drawn."
        return Section("charts", "Charts that matter", (Words(words),))
    figures = tuple(Figure(one.key, one.title, one.alt, one.why) for one in review.charts)
    count = wording.number_word(len(figures))
    heading = "The chart that matters" if len(figures) == 1 else f"The {count} charts that matter"
    return Section("charts", heading, figures)


def _milestones(review: Review) -> Section:
    if not review.milestones:
        return Section("milestones", "Milestones", (Words("No milestone is planned."),))
    ahead = [line for line in review.milestones if not line.met][:NEAREST]
    met = [line for line in review.milestones if line.met][:1]
    rows = tuple(
        (
            Cell(line.name, strong=True),
            Cell("", status=line.status, word=line.state),
            Cell(
                "no date" if line.due_on is None else wording.short_date(line.due_on),
                _slip(line.slip_days),
            ),
            Cell(line.sentence, line.forecast),
        )
        for line in (*ahead, *met)
    )
    headers = ("Milestone", "Verdict", "Due", "State and forecast")
    return Section("milestones", "Milestones", (Table("Milestones", headers, (6, 3, 4, 9), rows),))


def _slip(days: int | None) -> str:
    if not days:
        return "" if days is None else "as in the baseline"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'behind' if days > 0 else 'ahead of'} the baseline"


def _risks(review: Review) -> Section:
    if not review.risks:
        return Section("risks", "Top risks", (Words("No risk is open."),))
    top = review.risks[:TOP_RISKS]
    rows = tuple(
        (
            Cell(str(line.rank), strong=True),
            Cell(line.title, line.alarm),
            Cell(line.owner or "nobody"),
            Cell(line.band, line.missing),
        )
        for line in top
    )
    headers = ("Rank", "Risk", "Owner", "What it asks for")
    blocks: tuple[Block, ...] = (Table("Top risks", headers, (2, 9, 4, 7), rows),)
    left = len(review.risks) - len(top)
    if left:
        more = f"{wording.number_word(left).capitalize()} more of rank {review.risks[-1].rank}"
        same = review.risks[TOP_RISKS].rank == review.risks[-1].rank
        span = "" if same else f" to {review.risks[TOP_RISKS].rank}"
        blocks += (Words(f"{more}{span} {'is' if left == 1 else 'are'} not shown here."),)
    return Section("risks", "Top risks", blocks)


def _decisions(review: Review) -> Section:
    if not review.decisions:
        since = "" if review.before is None else " since then"
        words = f"No decision was written down{since}."
        return Section("decisions", "Decisions taken", (Words(words),))
    rows = tuple(
        (
            Cell(line.text, line.why, strong=True),
            Cell(line.decided_by),
            Cell(wording.short_date(line.decided_on)),
        )
        for line in review.decisions
    )
    headers = ("Decision", "Decided by", "On")
    return Section("decisions", "Decisions taken", (Table("Decisions", headers, (13, 5, 4), rows),))


def _actions(review: Review) -> Section:
    blocks: list[Block] = []
    headers = ("Action", "Owner", "Due")
    if review.actions:
        blocks.append(Table("To do", headers, (13, 5, 4), _action_rows(review.actions)))
    else:
        blocks.append(Words("No action is open."))
    if review.done:
        blocks.append(Words("Done since the last review:" if review.before else "Done lately:"))
        done = ("Action", "Owner", "Done")
        blocks.append(Table("Done", done, (13, 5, 4), _action_rows(review.done)))
    return Section("actions", "Actions", tuple(blocks))


def _action_rows(lines: Sequence[ActionLine]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            Cell(line.text),
            Cell(line.owner, strong=True),
            Cell(
                wording.short_date(line.done_on or line.due_on),
                "overdue" if line.overdue else "",
                strong=line.overdue,
            ),
        )
        for line in lines
    )


def _sentence(words: str) -> str:
    """Words as a sentence: a capital letter and a full stop."""
    end = "" if words.endswith((".", "!", "?")) else "."
    return f"{words[:1].upper()}{words[1:]}{end}"
