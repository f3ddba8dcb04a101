"""The review of reported groups, as people do it: claim a group, vote, take a vote back.

The order in which groups are handed out is worked out in `core.false_reports.queue` and passed in;
whether a group may be handed out, or voted on, is decided here on the rows as they are now, under a
lock on the group.
"""

from db.team.report_reviews.claims import LEASE, claim, claim_next, extend, release
from db.team.report_reviews.conflict import ReviewConflictError
from db.team.report_reviews.decisions import Bulk, Refused, decide, decide_many
from db.team.report_reviews.second_thoughts import ask_second_opinion, undo

__all__ = [
    "LEASE",
    "Bulk",
    "Refused",
    "ReviewConflictError",
    "ask_second_opinion",
    "claim",
    "claim_next",
    "decide",
    "decide_many",
    "extend",
    "release",
    "undo",
]
