"""What to do, by kind of alert: the runbooks that a service starts with, as markdown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunbookText:
    """A runbook as it is seeded; from then on it belongs to the team.

    Attributes:
        body: markdown, written by hand; nothing from a letter or a user goes into it.
    """

    runbook_id: str
    title: str
    body: str


DEFAULT_RUNBOOKS = (
    RunbookText(
        "runbook-slo-burn",
        "The error budget burns",
        """\
**What it means.** Letters fail, or take too long, so fast that the month's budget will not last.
The sentence of the alert says how fast, since when, where, and how long the budget lasts.

1. **Acknowledge**, so that the others know that somebody is on it.
2. **Where?** On the Latency and SLA page: is it one datacenter, one instance, one version? The
   alert names a place only if it holds nine tenths of the bad letters and the rest is well.
3. **What changed?** A release in the hour before: roll it back first and ask why afterwards.
   No release: look at load (above what was ever carried?) and at what the service depends on.
4. **One datacenter only:** take it out, if the others have shown that they carry the peak
   (Latency and SLA, "if one datacenter is lost"). One instance only: restart or remove it.
5. **All of it, under load:** shed load or switch off what is dear before more letters fail.
6. **Over?** A page resets by itself about five minutes after the fault (`page_slow`: thirty).
   A ticket that follows a page of the same objective is the same fault.

*Unknown* is not over: rows are missing. Follow the liveness runbook at the same time.
""",
    ),
    RunbookText(
        "runbook-liveness",
        "Something went quiet",
        """\
**What it means.** Rows or heartbeats that should come do not. Nothing is known of that part of the
service: neither that it fails nor that it works.

1. **Is the service down, or only its reporting?** Ask the service itself, not the dashboard.
2. **Nobody writes:** the store is unreachable for the writers, or the service is down. Writers keep
   a buffer on disk and replay it: do not delete it. Late rows are counted when they come.
3. **One instance:** is its process alive? A machine that is to stay away must be stopped in order
   (`stopped_at` is set): only then nothing is expected of it.
4. **A table:** who writes it? `cli.py check` names tables, keys and what is wrong with them.
5. **The worker:** its log says why. One worker leads; another takes over once it is gone.
   Start one with `cli.py worker`.

While this fires, alerts that need the data are *unknown* and stay open. That is right.
""",
    ),
    RunbookText(
        "runbook-counters",
        "Errors, load, traffic",
        """\
**What it means.** A plain count is out of its range, whether or not the objective is in danger yet.

- **Errors:** which instance, which version, which error? Look at the service's log of that minute.
- **Load above what was ever carried:** nobody knows that this load can be carried. Have somebody
  watch latency; prepare to shed load. If it holds for five minutes within the objectives, the
  alert ends by itself: then it *has* been carried.
- **Traffic vanished:** the service runs, but letters do not come. Look upstream: routing, the
  balancer, a mistaken switch, a release of the caller. Errors cannot show here, since nobody asks.
""",
    ),
    RunbookText(
        "runbook-quality",
        "Quality of the decisions",
        """\
**What it means.** The classifier may decide worse than it did. False positives hide letters that
people wait for: precision first.

1. **Certified precision lost:** raise the threshold to the certified one shown on the Quality
   page. Where none is certified: more labels, or the last good version.
2. **Early warning, drift:** these come from scores, without labels. They are a reason to look, not
   a proof. Which segment, since which hour? Was there a release, a campaign, a new kind of letter?
3. **Have labels made** where the plan on the Quality page says that they tell most.
4. Collect the false decisions for retraining.
""",
    ),
    RunbookText(
        "runbook-product",
        "Users, the A/B test, the shadow run",
        """\
**What it means.** Something that users feel has changed.

- **Complaints outside the weekly pattern:** is the count of letters right? Which segment? Compare
  with releases and with campaigns of large senders. Fewer complaints than usual may be a broken
  button.
- **Guardrail harmed:** the test may end now; who owns it decides, and writes the decision down.
- **Sample ratio off:** no result of this test counts until the cause is found: assignment, logging,
  a filter after the split. Do not correct it by weights.
- **Shadow run visible to users:** switch the candidate off *now*. A shadow run that changed
  anything for a user has failed.
""",
    ),
    RunbookText(
        "runbook-plan",
        "The plan",
        """\
**What it means.** A day has passed, or a measure is where plan B was to begin.

- **Red line:** open plan B. That was decided when there was time to think; do not decide it again.
  A risk's plan B stands beside it on the Risks page. End it there, with what came of it: until then
  this alert stays.
- **Milestone overdue:** which criteria are open, and what would settle them? Simplify the task,
  find extra hands, or move the date: with its owner, and written down.
""",
    ),
)
