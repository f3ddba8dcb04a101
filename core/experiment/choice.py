"""Which experiments a service has, how each was defined at a moment, and which one to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.experiment.definition import as_fields, parse
from core.experiment.settings import default_definition, of_rows
from core.ports import Amendment, ExperimentDefinition, ExperimentReader, ExperimentRows


@dataclass(frozen=True, slots=True)
class Known:
    """An experiment that has rows, a definition, or both.

    Attributes:
        definition: as it stood at the moment asked for; the default where nobody had defined it.
        is_default: nobody had.
        rows: None where there were none.
        amendments: made up to that moment, oldest first.
    """

    definition: ExperimentDefinition
    is_default: bool
    rows: ExperimentRows | None
    amendments: tuple[Amendment, ...]

    @property
    def ends_on(self) -> date:
        """Its planned last day, or the day on which it was stopped."""
        one = self.definition
        planned = one.starts_on + timedelta(days=one.planned_days - 1)
        return planned if one.stopped_on is None else min(one.stopped_on, planned)


def in_utc(as_of: datetime) -> datetime:
    """A moment in UTC, where days are counted.

    Raises:
        ValueError: as_of has no zone.

    >>> in_utc(datetime.fromisoformat("2026-06-01T02:00+03:00")).date().isoformat()
    '2026-05-31'
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of == {as_of}, must have a time zone")
    return as_of.astimezone(UTC)


def known_experiments(reader: ExperimentReader, service: str, as_of: datetime) -> tuple[Known, ...]:
    """Every experiment of a service, the latest start first.

    Args:
        reader: the store.
        service: whose.
        as_of: in UTC: its day is the first that is not over.
    """
    rows = {one.experiment: one for one in reader.experiments(service, as_of.date())}
    defined = {one.experiment: one for one in reader.definitions(service)}
    found = []
    for name in {**rows, **defined}:
        amendments = reader.amendments(service, name) if name in defined else ()
        then = None
        if name in defined:
            then = as_it_was(defined[name], amendments, as_of)
        if then is None and name not in rows:
            continue
        found.append(
            Known(
                of_rows(service, rows[name]) if then is None else then,
                then is None,
                rows.get(name),
                tuple(one for one in amendments if one.amended_at <= as_of),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda one: (-one.definition.starts_on.toordinal(), one.definition.experiment),
        )
    )


def as_it_was(
    definition: ExperimentDefinition, amendments: tuple[Amendment, ...], as_of: datetime
) -> ExperimentDefinition | None:
    """A definition without the amendments after a moment; None where it did not exist yet.

    An amendment whose `before` is empty defined an experiment that had already begun.
    """
    for amendment in reversed(amendments):
        if amendment.amended_at <= as_of:
            break
        if not amendment.before:
            return None
        definition = _restored(definition, amendment.before)
    return definition


def chosen(known: tuple[Known, ...], service: str, today: date, experiment: str | None) -> Known:
    """The experiment asked for; else the running one with the latest start.

    Where none runs it is the one that began last, else the next to begin, else an empty one.

    Raises:
        ValueError: the service has no experiment of that name.
    """
    if experiment is not None:
        for one in known:
            if one.definition.experiment == experiment:
                return one
        names = ", ".join(one.definition.experiment for one in known) or "none"
        raise ValueError(f"experiment == {experiment!r}, must be one of: {names}")
    begun = [one for one in known if one.definition.starts_on < today]
    running = [one for one in begun if one.ends_on >= today]
    if running or begun:
        return (running or begun)[0]
    if known:
        return known[-1]
    return Known(default_definition(service, "", (), today), True, None, ())


def _restored(definition: ExperimentDefinition, before: Mapping[str, Any]) -> ExperimentDefinition:
    """The definition with the fields of an amendment put back."""
    fields = as_fields(definition)
    then = parse(fields | {name: before[name] for name in before if name in fields})
    return replace(definition, **{name: getattr(then, name) for name in fields})
