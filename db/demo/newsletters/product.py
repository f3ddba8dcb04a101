"""Business metrics of the simulated mail service, a number a day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from db.demo.newsletters import experiment, traffic
from db.demo.newsletters.columns import Columns
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.story import HISTORY_DAYS, SERVICE, Scenario, minute_number

#: Users who come in a month; a variant of the experiment holds 5 % of them.
MONTHLY_USERS = 100_000_000
#: Complaints per letter fall by this much from the first day to the anchor, whatever the folder
#: does.
OTHER_IMPROVEMENTS = 0.045
#: Active users of a week and a month against those of a day.
WEEK_RATIO, MONTH_RATIO = 1.38, 1.72
SUBSCRIPTIONS_PER_USER, SUBSCRIPTION_GROWTH = 0.052, 0.12


def days(scenario: Scenario, first_ago: int, last_ago: int) -> Columns:
    """Rows of metrics.product_day of whole days.

    Complaints follow the letters, fall slowly as other things improve, and fall by the experiment's
    true lift for the share of users that it treats.

    Args:
        scenario: whose.
        first_ago: the first day, in days before the anchor's.
        last_ago: the last day; 1 is the day before the anchor's, 0 and below are days of live.

    Returns:
        One row a day and metric.
    """
    rows = [row for ago in range(first_ago, last_ago - 1, -1) for row in _day(scenario, ago)]
    return {
        "service": SERVICE,
        "day": np.array([row[0] for row in rows], dtype="datetime64[D]"),
        "metric": np.array([row[1] for row in rows], dtype=object),
        "segment": "all",
        "value": np.array([row[2] for row in rows]),
    }


def _day(scenario: Scenario, ago: int) -> list[tuple[object, str, float]]:
    start = scenario.midnight(ago)
    first = minute_number(start)
    draw = generator(scenario.seed, Stream.PRODUCT, first // 1440)
    letters = traffic.expected(scenario, np.arange(first, first + 1440)).sum()
    letters *= np.exp(0.004 * draw.standard_normal())
    past = min(max(1 - ago / HISTORY_DAYS, 0.0), 1.0)
    per_letter = float(experiment.PLATFORM_SHARES @ experiment.COMPLAINTS_PER_LETTER)
    rate = (
        per_letter
        * (1 - OTHER_IMPROVEMENTS * past)
        * (1 + _treated(scenario, ago) * experiment.lift())
    )
    users = letters / experiment.LETTERS_PER_DAY * np.exp(0.004 * draw.standard_normal())
    sessions_a_day = float(experiment.PLATFORM_SHARES @ experiment.SESSIONS_PER_DAY)
    sessions = users * sessions_a_day * np.exp(0.003 * draw.standard_normal())
    seconds = float(
        experiment.PLATFORM_SHARES * experiment.SESSIONS_PER_DAY @ experiment.SECONDS_PER_SESSION
    )
    revenue = float(experiment.PLATFORM_SHARES @ experiment.REVENUE_PER_DAY)
    level = traffic.FIRST_LEVEL + (1 - traffic.FIRST_LEVEL) * past
    steady = 1440 * traffic.MEAN_RPM * level / experiment.LETTERS_PER_DAY
    values = {
        "complaints": letters * rate * np.exp(0.008 * draw.standard_normal()),
        "letters": letters,
        "active_users_day": users,
        "active_users_week": steady * WEEK_RATIO * np.exp(0.002 * draw.standard_normal()),
        "active_users_month": steady * MONTH_RATIO * np.exp(0.001 * draw.standard_normal()),
        "sessions": sessions,
        "session_seconds": sessions * seconds / sessions_a_day * (1 - 0.02 * past),
        "revenue_ads": users * revenue * np.exp(0.012 * draw.standard_normal()),
        "revenue_subscriptions": steady * SUBSCRIPTIONS_PER_USER * (1 + SUBSCRIPTION_GROWTH * past),
    }
    return [(start.date(), metric, float(np.rint(value))) for metric, value in values.items()]


def _treated(scenario: Scenario, ago: int) -> float:
    """Share of all users whom the experiment had moved to the folder by the end of a day."""
    day = scenario.midnight(ago).date() - experiment.first_day(scenario)
    seen = experiment.FIRST_SEEN[: max(day // timedelta(days=1) + 1, 0)].sum()
    return float(seen) * experiment.USERS / MONTHLY_USERS
