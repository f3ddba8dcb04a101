"""What happened to the simulated service, and when: what pages, tests and truth agree on.

Everything is told in days before the fill's anchor: day 0 is the anchor's own day in UTC, day 26
the one 26 midnights earlier. What happens at a given moment thus depends on the anchor and on
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

SERVICE = "newsletters"
#: The seed of everything drawn; another seed gives another service with the same story. Of sixteen
#: tried, one whose experiment is estimated within half a standard error: an ordinary case to show.
SEED = 8
HISTORY_DAYS = 120
#: Instance rows are kept this long (the store's default), so only here the doubled fleet is filled
#: in.
FLEET_DOUBLED_DAYS_AGO = 14
#: Score histograms reach back this far: enough for a 30-day window; older ones would only cost
#: disk.
SCORE_DAYS = 35
LABEL_DAYS = 60
REPORT_DAYS = 60

#: Days on which the simulated reviewers sat down: first for the retraining set, for which they
#: looked at its topics alone, then for whatever the queue handed out.
SET_REVIEW_DAYS_AGO = range(25, 20, -1)
REVIEW_DAYS_AGO = range(19, 9, -1)
#: The retraining set that bert-4 was trained on in the end: made in the evening of the last of the
#: days before it.
RETRAINING_SET = "newsletters-1"
SET_MADE = timedelta(days=20, hours=5)

BERT_3, BERT_4 = "bert-3", "bert-4"
VERSIONS = (BERT_3, BERT_4)
DATACENTERS = ("dc1", "dc2", "dc3")

EXPERIMENT = "newsletters-folder"
EXPERIMENT_DAYS_AGO = 19
EXPERIMENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Instance:
    """One inference instance: the writer of one row a minute.

    Attributes:
        datacenter: index into DATACENTERS.
    """

    name: str
    datacenter: int


FIRST_CANARY, SECOND_CANARY = "dc1-canary", "dc1-canary-2"
#: In the order of the contract's key. Instances b came when the fleet was doubled; canaries come
#: and go.
INSTANCES = (
    Instance("dc1-a", 0),
    Instance("dc1-b", 0),
    Instance(FIRST_CANARY, 0),
    Instance(SECOND_CANARY, 0),
    Instance("dc2-a", 1),
    Instance("dc2-b", 1),
    Instance("dc3-a", 2),
    Instance("dc3-b", 2),
)
#: What a canary takes of its datacenter's letters.
CANARY_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch of whole minutes.

    Attributes:
        days_ago: midnights between it and the anchor.
        starts: time of day, UTC.
        minutes: its length.
        note: what a reader is told.
    """

    name: str
    days_ago: int
    starts: time
    minutes: int
    note: str


SLOW_DISK = Event(
    "slow_incident", 60, time(16, 5), 35,
    "simulated: a noisy neighbour on the feature store; 0.35 % of the letters took over 20 ms",
)  # fmt: skip
DRILL = Event(
    "drill", 45, time(7, 30), 20,
    "simulated: a drill; dc3 was drained on purpose and dc1 and dc2 carried its letters",
)  # fmt: skip
MAINTENANCE = Event(
    "maintenance", 40, time(1, 0), 120,
    "simulated: planned exchange of network switches in dc1",
)  # fmt: skip
#: While dc1 is being drained for maintenance, some of its letters are lost.
DRAINING_MINUTES = 8
SHADOW = Event(
    "shadow", 34, time(0, 0), 7 * 1440,
    "simulated: bert-4 scored every letter beside bert-3 for a week",
)  # fmt: skip
CANARY_SLOW = Event(
    "canary_slow", 26, time(11, 20), 50,
    "simulated: a tenth of dc1; its cache filled up and p99.99 left 20 ms",
)  # fmt: skip
#: Minutes of the first canary before its cache was full.
CANARY_GOOD_MINUTES = 10
CANARY_FIXED = Event(
    "canary_fixed", 12, time(11, 0), 25 * 60,
    "simulated: a tenth of dc1, now with a bounded cache",
)  # fmt: skip
#: When each datacenter went over to bert-4.
RELEASES = (
    Event("release_dc1", 11, time(12, 0), 1, "simulated: bert-4 released in dc1"),
    Event("release_dc2", 11, time(12, 30), 1, "simulated: bert-4 released in dc2"),
    Event("release_dc3", 11, time(13, 0), 1, "simulated: bert-4 released in dc3"),
)
FLEET_DOUBLED = Event(
    "fleet_doubled", FLEET_DOUBLED_DAYS_AGO, time(0, 0), 1,
    "simulated: from three instances to six, two a datacenter",
)  # fmt: skip
DATACENTER_LOST = Event(
    "datacenter_lost", 9, time(14, 20), 6,
    "simulated: dc2 lost its network; two minutes of errors on all its letters, then dc1 and dc3 "
    "carried them",
)  # fmt: skip
#: Minutes until the balancer took dc2's letters elsewhere.
BALANCER_MINUTES = 2
GAP = Event(
    "gap", 4, time(3, 17), 11,
    "simulated: the collector of metrics was down; the service worked, no rows were written",
)  # fmt: skip

EVENTS = (
    SLOW_DISK,
    DRILL,
    MAINTENANCE,
    SHADOW,
    CANARY_SLOW,
    CANARY_FIXED,
    FLEET_DOUBLED,
    *RELEASES,
    DATACENTER_LOST,
    GAP,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_number(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return (moment - _EPOCH) // timedelta(minutes=1)


def moment_of(minute: int) -> datetime:
    """The moment a numbered minute starts."""
    return _EPOCH + timedelta(minutes=minute)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated service: its anchor, its seed, and how much history it gets.

    Attributes:
        anchor: where the filled history ends and live begins; aware, UTC, a whole minute.
        days: days of history before the anchor's own day; fewer for tests.
    """

    anchor: datetime
    seed: int = SEED
    days: int = HISTORY_DAYS

    def __post_init__(self) -> None:
        if self.anchor.tzinfo is None or self.anchor != moment_of(minute_number(self.anchor)):
            raise ValueError(f"anchor == {self.anchor}, must be a whole minute with a time zone")
        if not 0 <= self.days <= HISTORY_DAYS:
            raise ValueError(f"days == {self.days}, must lie in 0..{HISTORY_DAYS}")

    def midnight(self, days_ago: int) -> datetime:
        """The start of a day, UTC; negative for days after the anchor's."""
        today = self.anchor.astimezone(UTC).replace(hour=0, minute=0)
        return today - timedelta(days=days_ago)

    def starts(self, event: Event) -> datetime:
        """When an event begins."""
        at = event.starts
        return self.midnight(event.days_ago) + timedelta(hours=at.hour, minutes=at.minute)

    def ends(self, event: Event) -> datetime:
        """The first moment after an event."""
        return self.starts(event) + timedelta(minutes=event.minutes)

    def has(self, event: Event) -> bool:
        """Whether the history is long enough for an event to lie in it."""
        return self.days >= event.days_ago

    @property
    def has_reviews(self) -> bool:
        """Whether the history is long enough for reports to have been reviewed in it."""
        return self.days > SET_REVIEW_DAYS_AGO[0]

    @property
    def first_moment(self) -> datetime:
        """Where the filled history begins."""
        return self.midnight(self.days)
