"""Taking reports: anonymised once more, put into groups of near-duplicates, stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.text.anonymise import anonymise as house_anonymise
from db.failures import Failure, classify, reason
from db.rollup import SENTENCES, Schedule
from db.team.report_intake import arrivals
from db.team.report_intake.arrivals import Arrival, Look
from db.team.report_intake.groups import Groups
from db.team.report_intake.letters import (
    Anonymise,
    Clean,
    Kept,
    clean,
    kept,
    store,
    store_new,
    troubles,
    without_withdrawn,
)
from db.team.report_intake.placing import Placing

log = logging.getLogger(__name__)

#: Reports of one transaction: enough for the store to be quick, few enough for a worker that is
#: told to stop to do so soon.
BATCH_ROWS = 1000
#: "green" and a number; two intakes at once take turns.
INTAKE_LOCK = 0x677265656E08

#: A table that was just filled has no statistics yet: the planner would scan it whole.
_SESSION = text("""
    select set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
           set_config('max_parallel_workers_per_gather', '0', true),
           set_config('lock_timeout', '10s', true), set_config('statement_timeout', '10min', true)
""")
_LOCK = text("select pg_advisory_xact_lock(:key)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an intake did.

    Attributes:
        taken: reports that came or were corrected, and are now in a group.
        pending: reports that are still to be taken.
        groups_made: groups that did not exist before.
        renewed: reports passed again because the anonymiser has a new version.
        erased: reports whose text was erased.
        errors: a sentence for every text that could not be anonymised.
        delays: a sentence for what failed in passing; it is tried again next time.
    """

    taken: int = 0
    pending: int = 0
    groups_made: int = 0
    renewed: int = 0
    erased: int = 0
    errors: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()


def take(
    engine: Engine,
    as_of: datetime,
    *,
    proceed: Callable[[], bool] | None = None,
    anonymise: Anonymise = house_anonymise,
    schedule: Schedule | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Outcome:
    """Take every report that came or was corrected since the last time, oldest first.

    A report taken before as it stands is left alone, so doing it twice changes nothing; whatever
    the size of the batches, the groups are the same.

    Args:
        engine: the store, as greenlight_worker.
        as_of: now.
        proceed: asked before each batch but the first; when it says no, the rest stays for the
            next call.
        anonymise: what every text is passed through, whatever its producer did.
        schedule: how far back to look, and how often.
        batch_rows: reports of one transaction.

    Raises:
        DBAPIError: the store cannot be reached. Whatever else fails is tried again next time.
    """
    intake = _Intake(engine, as_of, anonymise, batch_rows)
    intake.run(schedule or Schedule(), proceed or (lambda: True))
    tally = intake.tally
    return Outcome(
        tally.taken,
        tally.pending,
        tally.groups_made,
        tally.renewed,
        tally.erased,
        tuple(troubled(engine)),
        tuple(tally.delays),
    )


def troubled(engine: Engine) -> list[str]:
    """Sentences about reports that are kept without their text: it could not be anonymised."""
    with engine.connect() as connection:
        return troubles(connection, SENTENCES)


@dataclass(slots=True)
class _Tally:
    """What has been done so far."""

    taken: int = 0
    pending: int = 0
    groups_made: int = 0
    renewed: int = 0
    erased: int = 0
    delays: list[str] = field(default_factory=list)


class _Intake:
    """One call of `take`."""

    def __init__(
        self, engine: Engine, as_of: datetime, anonymise: Anonymise, batch_rows: int
    ) -> None:
        self._engine = engine
        self._as_of = as_of
        self._anonymise = anonymise
        self._anonymiser = anonymise("").anonymiser
        self._batch_rows = batch_rows
        self.tally = _Tally()

    def run(self, schedule: Schedule, proceed: Callable[[], bool]) -> None:
        """Erase what is to be erased, then take batches of all services in turn."""
        with self._engine.connect() as connection:
            looks = [
                arrivals.look(connection, service, schedule)
                for service in arrivals.services(connection)
            ]
        for look in looks:
            self._attempt(look.service, partial(self._erase, look.service))
        looks.sort(key=lambda look: (look.after, look.service))  # who lags most comes first
        self._in_turn(looks, self._take_page, proceed)
        for look in looks:
            with self._engine.begin() as connection:
                connection.execute(_SESSION)
                self.tally.pending += look.pending(connection)
        if not self.tally.pending and proceed():
            self._in_turn(looks, self._renew, proceed)

    def _in_turn(
        self,
        looks: Sequence[Look],
        batch: Callable[[Look], bool],
        proceed: Callable[[], bool],
    ) -> None:
        """One batch of each service after another, until all are done or time is up."""
        left = list(looks)
        begun = False
        while left:
            for look in tuple(left):
                if begun and not proceed():
                    return
                begun = True
                if not self._attempt(look.service, partial(batch, look)):
                    left.remove(look)

    def _attempt(self, service: str, work: Callable[[], bool]) -> bool:
        """Do one thing; whether there is more of it. What fails in passing is left for later."""
        try:
            return work()
        except DBAPIError as error:
            if classify(error) is Failure.UNREACHABLE:
                raise
            sentence = f"Service {service!r}: reports are not taken yet: {reason(error)}."
            log.warning("%s", sentence)
            self.tally.delays.append(sentence)
            return False

    def _erase(self, service: str) -> bool:
        with self._transaction() as connection:
            groups = Groups(connection, service)
            erased = groups.erase()
            groups.mend()
        self.tally.erased += erased
        return False

    def _take_page(self, look: Look) -> bool:
        with self._engine.begin() as connection:
            connection.execute(_SESSION)
            came = look.page(connection, self._batch_rows)
        taken, made = self._store(look, came)
        self.tally.taken += taken
        self.tally.groups_made += made
        return bool(came)

    def _renew(self, look: Look) -> bool:
        with self._engine.begin() as connection:
            connection.execute(_SESSION)
            old = arrivals.outdated(connection, look.service, self._anonymiser, self._batch_rows)
        if not old:
            return False
        renewed, made = self._store(look, old, is_page=False)
        self.tally.renewed += renewed
        self.tally.groups_made += made
        return bool(renewed)

    def _store(
        self, look: Look, came: Sequence[Arrival], *, is_page: bool = True
    ) -> tuple[int, int]:
        """Take a batch. Returns how many reports were stored and groups made."""
        letters = clean(came, self._anonymise, self._anonymiser)
        with self._transaction() as connection:
            before = kept(connection, look.service, [one.report_id for one in came])
            due = [letter for letter in letters if self._is_due(letter, before)]
            made = 0
            for is_new, some in groupby(
                without_withdrawn(connection, look.service, due),
                key=lambda letter: letter.arrival.report_id not in before,
            ):
                run = list(some)
                if is_new:
                    made += self._take_new(connection, look.service, run)
                else:
                    made += self._take_again(connection, look.service, run, before)
            if is_page:
                look.advance(connection, list(came))
        return len(due), made

    def _is_due(self, letter: Clean, before: dict[str, Kept]) -> bool:
        """Whether nobody has taken the report meanwhile, as it stands or corrected."""
        known = before.get(letter.arrival.report_id)
        if known is None:
            return True
        at = letter.arrival.written_at
        is_corrected = at != known.source_written_at
        return at >= known.source_written_at and (
            is_corrected or known.anonymiser != self._anonymiser
        )

    def _take_new(self, connection: Connection, service: str, run: Sequence[Clean]) -> int:
        placing = Placing(connection, service, run)
        placed = [(letter, placing.place(letter)) for letter in run]
        made = placing.store(self._as_of)
        store_new(connection, service, placed, self._as_of)
        return made

    def _take_again(
        self,
        connection: Connection,
        service: str,
        run: Sequence[Clean],
        before: dict[str, Kept],
    ) -> int:
        groups, made = Groups(connection, service), 0
        for letter in run:
            known = before[letter.arrival.report_id]
            if known.withdrawn_at is not None:
                letter = letter.erased(known.withdrawn_at)  # noqa: PLW2901 - the same letter
            group_id, placing = groups.settle(letter, known)
            if placing is not None:
                made += placing.store(self._as_of)
            store(connection, service, [(letter, group_id)], self._as_of)
        return made

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction that no other intake shares; it sees what they have stored."""
        with self._engine.begin() as connection:
            connection.execute(_SESSION)
            connection.execute(_LOCK, {"key": INTAKE_LOCK})
            yield connection
