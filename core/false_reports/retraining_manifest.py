"""What a retraining set says of itself: its number, its columns, and its manifest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.false_reports.retraining import (
    LABELS,
    Confirmation,
    Selection,
    SetSettings,
)
from core.false_reports.retraining_split import METHOD, SPLITS
from core.ports.false_reports import RetrainingSet
from core.text.residual import missed_share
from core.wording import about, whole

_PLACEHOLDER = re.compile(r"\[([A-Z]+)_\d{1,9}\]")
#: In every manifest, for programs that read it.
FORMAT = "greenlight retraining set 1"
#: This project's version, as pyproject.toml has it.
GREENLIGHT = "0.1.0"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the files: its name, its type ('string', 'bool', 'int', 'float' or 'time')."""

    name: str
    type: str
    meaning: str


COLUMNS = (
    Column("report_id", "string", "the report whose letter this is; a withdrawal names it"),
    Column("text", "string", "the letter, anonymised"),
    Column("label", "bool", "true: the letter is a newsletter, as reviewers found"),
    Column("kind", "string", "false_positive or false_negative: what the model did wrong"),
    Column("group_id", "int", "letters of one group are near-duplicates"),
    Column("reports", "int", "reports that carry this text, white space and digits aside"),
    Column("reviewers", "int", "people who confirmed the group"),
    Column("confirmed_at", "time", "when the group was confirmed"),
    Column("language", "string", "as the serving stack told it; may be empty"),
    Column("segment", "string", "as the serving stack told it; may be empty"),
    Column("source", "string", "user, assessor or shadow: who reported it"),
    Column("model_version", "string", "the model that was wrong"),
    Column("score", "float", "what it gave the letter"),
    Column("threshold", "float", "the threshold beside the score; empty where it was no number"),
    Column("predicted_at", "time", "when it decided, UTC"),
    Column("reported_at", "time", "when it was reported, UTC"),
    Column("anonymiser", "string", "name and version of the anonymiser of this text"),
)


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """The number of a set, and how often letters have been withdrawn from it since.

    >>> Number(3).of("newsletters"), Number(3, 1).of("newsletters")
    ('newsletters-3', 'newsletters-3.1')
    """

    number: int
    correction: int = 0

    def of(self, service: str) -> str:
        """The set_id."""
        return f"{service}-{self.number}" + (f".{self.correction}" if self.correction else "")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a set would be if it were made now.

    Attributes:
        set_id: the name that it would get.
        parent: the set that it would follow; '' where it would be the first.
        selection: what it would hold and what would stay out.
    """

    set_id: str
    parent: str
    selection: Selection


def manifest(
    selection: Selection,
    *,
    service: str,
    number: Number,
    parent: str,
    by: str,
    at: datetime,
    settings: SetSettings,
    confirmed: Mapping[int, Confirmation],
    agreement: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The manifest of a new set, but for what only its frozen rows tell.

    Args:
        selection: what the set holds.
        service: whose set it is.
        number: its number.
        parent: the set before it; '' for the first.
        by: who makes it.
        at: now.
        settings: how it was chosen.
        confirmed: at least every group in the set.
        agreement: how far reviewers agreed, as plain values; None where it was not measured.
    """
    groups = selection.groups
    return {
        "format": FORMAT,
        "greenlight": GREENLIGHT,
        "service": service,
        "set": number.of(service),
        "parent": parent,
        "corrects": None,
        "created_at": _moment(at),
        "created_by": by,
        "kind": "cumulative" if settings.cumulative else "incremental",
        "counts": asdict(selection.funnel),
        "exclusions": [
            asdict(left_out) | {"sentence": left_out.sentence} for left_out in selection.exclusions
        ],
        "split": {"method": METHOD, "by": "group", "test_percent": settings.test_percent},
        "variants": settings.variants,
        "reviewers": len({name for group_id in groups for name in confirmed[group_id].reviewers}),
        "agreement": agreement,
        "withdrawn": 0,
        "schema": [asdict(column) for column in COLUMNS],
    }


class Content:
    """What the frozen rows of a set tell of it: fed row by row, in the order of the files."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._reports = 0
        self._replaced: Counter[str] = Counter()
        self._groups: dict[str, set[int]] = {split: set() for split in SPLITS}
        self._of: dict[str, Counter[str]] = {
            name: Counter() for name in ("kind", "language", "model_version", "anonymiser")
        }

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Count a row."""
        self._rows[split] += 1
        self._reports += row["reports"]
        self._replaced.update(_PLACEHOLDER.findall(row["text"]))
        self._groups[split].add(row["group_id"])
        for name, counted in self._of.items():
            counted[row[name]] += 1

    @property
    def rows(self) -> int:
        """How many there are."""
        return self._rows.total()

    def told(self, lines: Mapping[str, str]) -> dict[str, Any]:
        """The part of a manifest that follows from the rows.

        Args:
            lines: by split, the SHA-256 of its JSON lines: another library may write another
                parquet of the same rows, but their JSON is what this project makes it.
        """
        kinds = self._of["kind"]
        return {
            "letters": self.rows,
            "reports": self._reports,
            "groups": len(set().union(*self._groups.values())),
            "labels": {
                str(label).lower(): sum(
                    count for kind, count in kinds.items() if LABELS[kind] is label
                )
                for label in (False, True)
            },
            "kinds": _most_first(kinds),
            "languages": _most_first(self._of["language"]),
            "model_versions": _most_first(self._of["model_version"]),
            "anonymisers": _most_first(self._of["anonymiser"]),
            "residual_risk": _residual_risk(self._replaced, self.rows),
            "splits": {
                split: {
                    "letters": self._rows[split],
                    "groups": len(self._groups[split]),
                    "json_lines_sha256": lines[split],
                }
                for split in SPLITS
            },
        }


def _residual_risk(replaced: Mapping[str, int], letters: int) -> dict[str, Any]:
    """What the anonymiser has likely left; see `core.text.residual.residual_risk`."""
    shares = {kind: missed_share(kind) for kind in replaced}
    left = sum(count * shares[kind] / (1 - shares[kind]) for kind, count in replaced.items())
    return {
        "replaced": _most_first(replaced),
        "likely_left": round(left, 3),
        "likely_left_per_1000_letters": round(1_000 * left / letters, 3) if letters else 0.0,
        "sentence": (
            f"Personal details likely left in these letters, by its recall as it was measured: "
            f"about {about(left)}, where {whole(sum(replaced.values()))} were replaced."
            if replaced
            else "No letter holds a placeholder, so what is left cannot be estimated."
        ),
    }


def corrected(
    before: Mapping[str, Any],
    *,
    number: Number,
    by: str,
    at: datetime,
    withdrawn: int,
    kept: int = 0,
) -> dict[str, Any]:
    """The manifest of a set from which letters were withdrawn, but for what its rows tell.

    Args:
        before: the manifest of the version before.
        number: of the new version.
        by: who withdrew them.
        at: now.
        withdrawn: rows of the version before whose letters were withdrawn.
        kept: of these, rows that other letters of the same text keep.
    """
    unchanged = {name: value for name, value in before.items() if name not in _TOLD}
    return unchanged | {
        "set": number.of(before["service"]),
        "parent": before["set"],
        "corrects": before["set"],
        "created_at": _moment(at),
        "created_by": by,
        "counts": dict(before["counts"])
        | {"exported": before["counts"]["exported"] - (withdrawn - kept)},
        "withdrawn": before["withdrawn"] + withdrawn,
    }


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"at == {at}, must have a time zone")
    return at.astimezone(UTC).isoformat()


def _most_first(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


_TOLD = frozenset(Content().told(dict.fromkeys(SPLITS, "")))


def sentence(found: Mapping[str, Any]) -> str:
    """What a set is, in a sentence of its manifest.

    >>> sentence({"letters": 1200, "groups": 310, "set": "newsletters-3", "reviewers": 2})
    'newsletters-3: 1,200 letters of 310 groups, confirmed by 2 reviewers.'
    """

    def many(number: int, one: str) -> str:
        return f"{number:,} {one}{'' if number == 1 else 's'}"

    return (
        f"{found['set']}: {many(found['letters'], 'letter')} of {many(found['groups'], 'group')}, "
        f"confirmed by {many(found['reviewers'], 'reviewer')}."
    )


def successor(sets: Iterable[RetrainingSet], set_id: str) -> str | None:
    """The set that is to be used instead, since letters were withdrawn; None where none is.

    Args:
        sets: all of the service.
        set_id: one of them.
    """
    corrects = {found.manifest["corrects"]: found.set_id for found in sets}
    newest = set_id
    while newest in corrects:
        newest = corrects[newest]
    return None if newest == set_id else newest


def in_order(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its columns in the order of the files, whatever order a store gave them.

    Times are ISO 8601 in UTC to the microsecond.
    """
    found = {name: row[name] for name in _NAMES}
    for name in _TIMES:
        found[name] = _to_the_microsecond(found[name])
    for name in _FLOATS:
        if found[name] is not None:
            found[name] = float(found[name])
    return found


_NAMES = tuple(column.name for column in COLUMNS)
_TIMES = tuple(column.name for column in COLUMNS if column.type == "time")
_FLOATS = tuple(column.name for column in COLUMNS if column.type == "float")


def _to_the_microsecond(time: str) -> str:
    # As PostgreSQL writes UTC, only zeros may be missing. There are three times a row.
    if (
        time.endswith("+00:00")
        and time[10] == "T"
        and time[19] in "+."
        and len(time) <= _TIME_SIGNS
    ):
        fraction = time[20:-6] if time[19] == "." else ""
        return f"{time[:19]}.{fraction:0<6}+00:00"
    return datetime.fromisoformat(time).astimezone(UTC).isoformat(timespec="microseconds")


_TIME_SIGNS = len("2026-06-01T00:00:00.000000+00:00")
