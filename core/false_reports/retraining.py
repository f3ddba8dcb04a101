"""What goes into a retraining set: which texts of which confirmed groups, and what stays out, why.

The unit is a distinct text of a group: texts that are equal but for white space and digits are one,
however many reports carry them. Its row says how many reports it stands for, so that whoever trains
may weigh it. Of a group with many wordings only so many are taken: a template that a sender varies
a thousand times would otherwise be what the model learns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.false_reports.retraining_split import TRAIN, assigned, linked
from core.fields import Fields, FieldsError

#: The kinds of reports, and what a letter of such a confirmed report truly is: a newsletter or not.
LABELS = {"false_positive": False, "false_negative": True}

#: Why letters stay out, in the order in which it is asked, and what a reader is told.
REASONS = {
    "waiting": "Their groups are not decided yet.",
    "rejected": "Reviewers found that the decision was right.",
    "withdrawn": "Their sender or receiver asked for erasure.",
    "unreadable": "Their texts could not be anonymised, or are empty.",
    "earlier": "Their groups are in an earlier set.",
    "straddling": "Their groups are near groups of both train and test of earlier sets.",
    "contradictory": "The same text or letter is confirmed both as a newsletter and as none.",
    "variants": "Their groups have more wordings than a set takes of one group.",
    "duplicate": "The same text is in the set already.",
}


class SetError(ValueError):
    """A set cannot be made, found, exported or corrected; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class SetSettings:
    """How a set is made.

    Attributes:
        cumulative: take groups of earlier sets again.
        test_percent: share of the groups that goes to the test split.
        variants: most texts of one group.
    """

    cumulative: bool = False
    test_percent: int = 20
    variants: int = 20

    def __post_init__(self) -> None:
        given = Fields({"test_percent": self.test_percent, "variants": self.variants})
        given.whole("test_percent", 0, 90)
        given.whole("variants", 1, 10_000)
        if given.problems:
            raise FieldsError(given.problems)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """By whom and when it was found that a group's decisions were false."""

    reviewers: tuple[str, ...]
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class GroupLetters:
    """What a group holds, counted.

    Attributes:
        reports: all of them.
        texts: distinct texts, erased and unreadable ones left out.
        withdrawn: reports whose letter was withdrawn.
        unreadable: reports without a text, though nobody withdrew it.
    """

    group_id: int
    kind: str
    reports: int
    texts: int
    withdrawn: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class DistinctText:
    """One distinct text of a group, and the report that stands for it.

    Attributes:
        digest: the same for texts that are equal but for white space and digits.
        reports: how many reports carry it.
        exemplar: whether the group's exemplar carries it.
        contested: it is the text of a letter that is confirmed as a report of the other kind too.
    """

    group_id: int
    kind: str
    digest: str
    report_id: str
    letter_key: str
    language: str
    reports: int
    exemplar: bool
    contested: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row of the set."""

    split: str
    text: DistinctText


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What stays out for one reason.

    Attributes:
        reason: a key of `REASONS`.
        groups: how many groups it touches.
        reports: how many reports.
    """

    reason: str
    groups: int
    reports: int

    @property
    def sentence(self) -> str:
        """The reason as a reader meets it."""
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True)
class Funnel:
    """From what came in to what goes out. Reports first, then distinct texts, step by step fewer.

    Attributes:
        raw: reports.
        deduplicated: distinct texts of their groups; an erased or unreadable report counts as one.
        anonymised: of these, texts that are there and went through this house's anonymiser.
        reviewed: of these, texts of groups that are decided.
        confirmed: of these, texts of groups whose decisions were found false.
        exported: rows of the set.
    """

    raw: int
    deduplicated: int
    anonymised: int
    reviewed: int
    confirmed: int
    exported: int


@dataclass(frozen=True, slots=True)
class Selection:
    """What a set holds, in the order of its files.

    Attributes:
        chosen: train before test; by group within, the text of its exemplar first.
        exclusions: what stays out, in the order of `REASONS`; together with the rows they account
            for every report.
        funnel: how few of how many.
    """

    chosen: tuple[Chosen, ...]
    exclusions: tuple[Exclusion, ...]
    funnel: Funnel

    @property
    def groups(self) -> tuple[int, ...]:
        """The groups in it, ascending."""
        return tuple(sorted({row.text.group_id for row in self.chosen}))

    def counts(self, of: str) -> dict[str, int]:
        """Rows by 'kind', 'language' or 'split', the most frequent first."""
        found = Counter(
            row.split if of == "split" else str(getattr(row.text, of)) for row in self.chosen
        )
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def select(
    groups: Iterable[GroupLetters],
    texts: Iterable[DistinctText],
    *,
    confirmed: Collection[int],
    rejected: Collection[int],
    earlier: Mapping[int, str],
    links: Iterable[Sequence[int]],
    settings: SetSettings,
    service: str,
) -> Selection:
    """Choose a set's rows.

    Args:
        groups: every group of the service.
        texts: the distinct texts of at least the confirmed groups.
        confirmed: groups whose decisions were found false.
        rejected: groups whose decisions were found right.
        earlier: the split of every group that an earlier set holds.
        links: groups that must not be parted: they hold the same letter, or their exemplars are
            near-duplicates. Each entry names two or more.
        settings: how the set is made.
        service: whose set it is; the split depends on it.
    """
    tally = _Tally()
    funnel: Counter[str] = Counter()
    taken: dict[int, str] = {}
    parts = linked(links)
    split_apart = _straddling(parts, earlier)
    for group in groups:
        reason = _reason(group.group_id, confirmed, rejected, earlier, settings)
        if reason is None and _is_split_apart(group.group_id, parts, split_apart, earlier):
            reason = "straddling"
        readable = group.reports - group.withdrawn - group.unreadable
        funnel["raw"] += group.reports
        funnel["deduplicated"] += group.texts + group.withdrawn + group.unreadable
        funnel["anonymised"] += group.texts
        decided = group.group_id in confirmed or group.group_id in rejected
        funnel["reviewed"] += group.texts if decided else 0
        funnel["confirmed"] += group.texts if group.group_id in confirmed else 0
        tally.leave_out("withdrawn", group.group_id, group.withdrawn)
        tally.leave_out("unreadable", group.group_id, group.unreadable)
        if reason is None:
            taken[group.group_id] = group.kind
        else:
            tally.leave_out(reason, group.group_id, readable)
    kept = _kept([text for text in texts if text.group_id in taken], settings, tally)
    splits = assigned(
        {text.group_id: text.kind for text in kept},
        parts=parts,
        earlier=earlier,
        test_percent=settings.test_percent,
        key=service,
    )
    chosen = tuple(
        Chosen(splits[text.group_id], text)
        for text in sorted(kept, key=lambda text: splits[text.group_id] != TRAIN)
    )
    return Selection(
        chosen,
        tally.exclusions(),
        Funnel(**{**dict.fromkeys(Funnel.__slots__, 0), **funnel, "exported": len(chosen)}),
    )


class _Tally:
    """Counts what stays out."""

    def __init__(self) -> None:
        self._groups: defaultdict[str, set[int]] = defaultdict(set)
        self._reports: Counter[str] = Counter()

    def leave_out(self, reason: str, group_id: int, reports: int) -> None:
        if reports:
            self._groups[reason].add(group_id)
            self._reports[reason] += reports

    def exclusions(self) -> tuple[Exclusion, ...]:
        return tuple(
            Exclusion(reason, len(self._groups[reason]), self._reports[reason])
            for reason in REASONS
            if self._reports[reason]
        )


def _reason(
    group_id: int,
    confirmed: Collection[int],
    rejected: Collection[int],
    earlier: Mapping[int, str],
    settings: SetSettings,
) -> str | None:
    if group_id not in confirmed:
        return "rejected" if group_id in rejected else "waiting"
    return "earlier" if group_id in earlier and not settings.cumulative else None


def _straddling(parts: Mapping[int, int], earlier: Mapping[int, str]) -> set[int]:
    """Parts of which earlier sets have put one group into train and another into test."""
    splits: defaultdict[int, set[str]] = defaultdict(set)
    for group_id, split in earlier.items():
        splits[parts.get(group_id, group_id)].add(split)
    return {part for part, found in splits.items() if len(found) > 1}


def _is_split_apart(
    group_id: int, parts: Mapping[int, int], split_apart: set[int], earlier: Mapping[int, str]
) -> bool:
    """Whether the group would have near-duplicates in the other split: of such, train alone stays.

    Groups are linked by reports that came after they were exported; both keep their splits.
    """
    return parts.get(group_id, group_id) in split_apart and earlier.get(group_id) != TRAIN


def _kept(
    texts: Sequence[DistinctText], settings: SetSettings, tally: _Tally
) -> list[DistinctText]:
    """The texts that become rows, by group; of every group the exemplar's first."""
    labels: defaultdict[str, set[bool]] = defaultdict(set)
    for text in texts:
        labels[text.digest].add(LABELS[text.kind])
    kept: list[DistinctText] = []
    seen: set[str] = set()
    of_group: Counter[int] = Counter()
    for text in sorted(texts, key=_rank):
        if text.contested or len(labels[text.digest]) > 1:
            tally.leave_out("contradictory", text.group_id, text.reports)
        elif text.digest in seen:
            tally.leave_out("duplicate", text.group_id, text.reports)
        elif of_group[text.group_id] == settings.variants:
            tally.leave_out("variants", text.group_id, text.reports)
        else:
            kept.append(text)
            seen.add(text.digest)
            of_group[text.group_id] += 1
            tally.leave_out("duplicate", text.group_id, text.reports - 1)
    return kept


def _rank(text: DistinctText) -> tuple[int, bool, int, str]:
    return text.group_id, not text.exemplar, -text.reports, text.report_id
