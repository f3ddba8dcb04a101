"""What the entry gives its commands: the store that the environment names, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from db.terminal.printing import Refused, refuse_unknown

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from db.engine import Store

Report = TypeVar("Report")
AnyWindow = TypeVar("AnyWindow")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command finds around it.

    Attributes:
        open_store: opens the store that the environment names; with migrated=False, at whatever
            revision it is.
        now: the clock.
    """

    open_store: Callable[..., AbstractContextManager[Store]]
    now: Callable[[], datetime]

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The store as the web server works on it; a wrong field is said as a sentence."""
        from core.fields import FieldsError
        from db.engine import Role

        with self.open_store() as store:
            try:
                yield store.engine(Role.APP)
            except FieldsError as error:
                wrong = [f"{field}: {said}" for field, said in error.problems.items()]
                raise Refused("\n".join(wrong)) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One look at the store: no tick of the worker falls between its numbers."""
        from db.engine import Role
        from db.readers.snapshot import snapshot

        with self.open_store() as store, snapshot(store.engine(Role.APP)) as connection:
            yield connection

    def of_services(
        self,
        report: Callable[[Connection, str, AnyWindow, datetime], Report],
        as_of: datetime | None,
        service: str | None,
        window: AnyWindow,
    ) -> list[Report]:
        """A report of one service or of all, from one snapshot."""
        from db.readers.overview import SqlOverviewReader

        moment = as_of or self.now()
        with self.snapshot() as connection:
            known = SqlOverviewReader(connection).services()
            refuse_unknown(known, service)
            names = known if service is None else (service,)
            return [report(connection, name, window, moment) for name in names]
