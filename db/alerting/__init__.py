"""The evaluation of alerts: every minute, all services, by the one worker that leads.

Every service is looked at by itself: its areas are read in one snapshot, its rules say what they
say, and what that makes of its alerts is stored in one transaction together with what it has to
tell. So a worker that is killed leaves a service either evaluated or not, and the one that takes
over evaluates the rest of the minute. Nothing is evaluated twice for a minute.

**Minutes that nobody evaluated** (no worker ran) are not evaluated afterwards: an alert fires when
somebody can be told, not when it would have. The signals look back by themselves, so that little is
lost: what still holds fires at the first evaluation, with the time since which it has held, and a
budget that burned meanwhile is seen by the longer policies for as long as their short windows
reach, half an hour (page_slow) to six hours (ticket_slow) after its end. That nobody evaluated is
itself to be seen: in team.alert_evaluation, on every page, and outside by the dead man's switch.
"""

from db.alerting.evaluation import Alerting, Outcome, evaluate

__all__ = ["Alerting", "Outcome", "evaluate"]
