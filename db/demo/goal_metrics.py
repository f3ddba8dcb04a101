"""The lecture's way down from the goal to numbers, and the business metrics that it serves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from db.demo.newsletters.story import SERVICE
from db.team import audit

AUTHOR = "simulated: Polina"
COMPLAINTS = {
    "name": "Жалобы «это спам» (“this is spam” complaints)",
    "operator": "<=",
    "value": Decimal("-0.05"),
    "unit": "share",
    "note": "a letter, in the A/B test",
    "criterion_id": "complaints",
}
#: Below the complaints: what the service has to hold for them to fall.
TECHNICAL: tuple[dict[str, Any], ...] = (
    {
        "name": "Latency: time per letter",
        "operator": "<=",
        "value": Decimal(20),
        "unit": "ms",
        "note": "99.99 % of letters",
        "criterion_id": "latency",
    },
    {
        "name": "Load",
        "operator": ">=",
        "value": Decimal(1_500_000_000),
        "unit": "letters a day",
        "note": "about 1M a minute",
        "criterion_id": "load",
    },
    {
        "name": "Availability",
        "operator": ">=",
        "value": Decimal("0.9999"),
        "unit": "share",
        "note": "",
        "criterion_id": "load",
    },
)
#: Less time in sessions is good here: it is time spent on useless letters.
BUSINESS = (
    ("money", "Revenue, advertising", "revenue_ads", "up", "pays for the service"),
    ("money", "Revenue, subscriptions", "revenue_subscriptions", "up", "платят те, кому удобно"),
    (
        "time span",
        "Time in sessions",
        "session_seconds",
        "down",
        "less time goes to useless letters; меньше времени на ненужные письма",
    ),
    ("frequency", "Daily users (DAU)", "active_users_day", "up", "people come back"),
    ("frequency", "Weekly users (WAU)", "active_users_week", "up", "people come back"),
    ("frequency", "Monthly users (MAU)", "active_users_month", "up", "people stay"),
)


def seed_nodes(connection: Connection, goal_id: str, at: datetime) -> None:
    """Write the metrics below a goal.

    Args:
        connection: a transaction, as greenlight_app.
        goal_id: whose.
        at: when they were written.
    """
    common = {"service": SERVICE, "goal_id": goal_id}
    top = audit.add(
        connection,
        "goal node",
        COMPLAINTS | common | {"position": 1, "request_id": "demo node 1"},
        by=AUTHOR,
        at=at,
    )
    for number, node in enumerate(TECHNICAL, start=2):
        place = {
            "parent_id": top["node_id"],
            "position": number,
            "request_id": f"demo node {number}",
        }
        audit.add(connection, "goal node", node | common | place, by=AUTHOR, at=at)


def seed_business(connection: Connection, at: datetime) -> None:
    """Write the business metrics.

    Args:
        connection: a transaction, as greenlight_app.
        at: when they were written.
    """
    for kind, name, source, direction, why in BUSINESS:
        values = {
            "service": SERVICE,
            "kind": kind,
            "name": name,
            "source": source,
            "direction": direction,
            "why": why,
            "request_id": f"demo metric {source}",
        }
        audit.add(connection, "business metric", values, by=AUTHOR, at=at)
