"""The truth that the simulated rows were drawn from, as rows of team.simulated_truth."""

from __future__ import annotations

from collections.abc import Iterator

from db.demo.newsletters import experiment, latency, population, story, traffic
from db.demo.newsletters.population import Population
from db.demo.newsletters.serving import version_shares
from db.demo.newsletters.story import BERT_4, Scenario, minute_number
from db.demo.newsletters.texts import LEFT_AFTER_TRAINING, TOPICS

#: Where the anchor is kept for a fill that was cut off and for live after a restart.
ANCHOR = "anchor"
HISTORY = "history_days"
SEED = "seed"

Truth = tuple[str, float, str]


def of_scenario(scenario: Scenario) -> tuple[Truth, ...]:
    """What has to be known before the first row: anchor, seed and length of the history."""
    return (
        (
            ANCHOR,
            float(minute_number(scenario.anchor) * 60),
            f"seconds since 1970: {scenario.anchor.isoformat()}; live begins there",
        ),
        (SEED, float(scenario.seed), "everything that looks like chance follows from it"),
        (HISTORY, float(scenario.days), "days of simulated history before the anchor's own day"),
    )


def all_quantities(scenario: Scenario, letters: Population) -> tuple[Truth, ...]:
    """Every (quantity, value, note) of the simulation."""
    return (
        *of_scenario(scenario),
        *population.truths(letters, version_shares(scenario, min(30, max(scenario.days, 1)))),
        *_experiment(scenario),
        *_traffic(),
        *_history(),
        *_reports(),
        *_events(scenario),
    )


def _experiment(scenario: Scenario) -> Iterator[Truth]:
    yield "lift", experiment.lift(), "complaints per letter, treatment against control, all users"
    for platform, lift in zip(experiment.PLATFORMS, experiment.lifts(), strict=True):
        yield f"lift:platform:{platform}", float(lift), f"the same on {platform}"
    per_user = (1 + experiment.lift()) * (1 + experiment.LETTERS_LIFT) - 1
    yield "lift:complaints_per_user_day", per_user, "complaints per user-day"
    yield "lift:letters_per_user_day", experiment.LETTERS_LIFT, "letters per user-day"
    yield "lift:sessions_per_user_day", experiment.SESSIONS_LIFT, "sessions per user-day"
    yield "lift:seconds_per_session", experiment.SECONDS_LIFT, "length of a session"
    yield "lift:revenue_per_user_day", experiment.REVENUE_LIFT, "revenue per user-day"
    yield "experiment_split", 0.5, "planned share of users in treatment"
    yield "experiment_days", float(story.EXPERIMENT_DAYS), "planned length of the test in days"
    started = minute_number(scenario.midnight(story.EXPERIMENT_DAYS_AGO)) * 60.0
    yield "experiment_started", started, "seconds since 1970"


def _traffic() -> Iterator[Truth]:
    yield "mean_rpm", float(traffic.MEAN_RPM), "letters a minute on average at the anchor"
    yield "peak_rpm", float(max(traffic.CAMPAIGNS.values())), "letters a minute in the busiest hour"
    error_rate = traffic.ERRORS * (1 + traffic.ERRORS_LOAD)
    yield "error_rate", error_rate, "errors a letter at average load, outside of incidents"
    slow_rate = traffic.SLOW * (1 + traffic.SLOW_LOAD)
    yield (
        "slow_rate",
        slow_rate,
        "slow letters an answered one at average load, outside of incidents",
    )
    yield "target_ms", latency.TARGET_MS, "the latency that slow is counted by"


def _history() -> Iterator[Truth]:
    yield (
        "score_days",
        float(story.SCORE_DAYS),
        "days before the anchor with score histograms: older ones would only cost disk",
    )
    yield "label_days", float(story.LABEL_DAYS), "days before the anchor with labels"
    yield "report_days", float(story.REPORT_DAYS), "days before the anchor with false reports"


def _reports() -> Iterator[Truth]:
    for topic in TOPICS:
        before, after = topic.weight
        note = f"reports of {topic.name} a letter under {BERT_4}, against those under bert-3"
        yield f"report_ratio:{BERT_4}:{topic.name}", after / before, note
    yield (
        "report_ratio:retrained",
        LEFT_AFTER_TRAINING,
        "the same for a topic whose letters a later model was trained on, against bert-4",
    )
    for at, version in enumerate(story.VERSIONS):
        right = sum(topic.weight[at] for topic in TOPICS if not topic.mistaken)
        share = right / sum(topic.weight[at] for topic in TOPICS)
        yield f"reports_right:{version}", share, f"share of reports of {version} that are right"


def _events(scenario: Scenario) -> Iterator[Truth]:
    for event in story.EVENTS:
        yield (
            f"event:{event.name}:starts",
            minute_number(scenario.starts(event)) * 60.0,
            event.note,
        )
        yield f"event:{event.name}:minutes", float(event.minutes), "how long it lasted"
