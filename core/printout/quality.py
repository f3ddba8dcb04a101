"""The quality report as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.printout.listing import UNKNOWN, Listing, share, whole
from core.quality import QualityReport, sentences
from core.quality.settings import MEASURES
from core.quality.slices import SliceQuality
from core.quality.thresholds import CurvePoint

_INTERVAL = ("", "value", "at least", "at most", "labels", "target", "verdict")


def quality(found: QualityReport) -> tuple[Listing, ...]:
    """Measures, what they rest on, versions and segments, and which labels to give next."""
    through = found.freshness.data_through
    until = "no data" if through is None else f"scores through {wording.clock(through)}"
    about = f"Last {found.window.words} at {wording.clock(found.freshness.as_of)}, {until}."
    listings = [
        Listing(
            f"{found.service}: {sentences.headline(found)}", about, _INTERVAL, _measures(found)
        ),
        Listing("Labels, thresholds and letters", "", ("", found.service), _facts(found)),
    ]
    if found.by_version:
        headers = ("slice", "letters", "labels", "precision", "recall")
        rows = [_slice("version", part) for part in found.by_version]
        rows += [_slice("segment", part) for part in found.by_segment]
        adjusted = "Intervals are adjusted for how many there are (Bonferroni)."
        listings.append(Listing("Versions and segments", adjusted, headers, tuple(rows)))
    if found.plan is not None:
        headers = ("decision", "score", "letters", "labels", "to add")
        rows = [
            (
                "positive" if row.decision else "negative",
                f"{wording.score(row.score_from)} to {wording.score(row.score_to)}",
                whole(row.letters),
                whole(row.labels),
                whole(row.more),
            )
            for row in found.plan.rows
        ]
        title = f"Where {wording.whole(found.plan.suggested)} further labels are worth most"
        listings.append(Listing(title, sentences.plan_sentence(found), headers, tuple(rows)))
    if found.warnings:
        rows = [(sentence,) for sentence in found.warnings]
        listings.append(Listing("Before you trust these numbers", "", ("warning",), tuple(rows)))
    return tuple(listings)


def _measures(found: QualityReport) -> tuple[tuple[str, ...], ...]:
    rows = []
    for name in MEASURES:
        estimate = found.whole.measures[name]
        target = found.settings.targets.get(name)
        status = found.whole.statuses.get(name)
        rows.append(
            (
                name.replace("_", " "),
                share(estimate.value, 2),
                share(estimate.low, 2),
                UNKNOWN if estimate.high is None else wording.percent(estimate.high, 2, good="low"),
                whole(estimate.n),
                "" if target is None else wording.percent(float(target.value), 0),
                "" if status is None else status.word,
            )
        )
    return tuple(rows)


def _facts(found: QualityReport) -> tuple[tuple[str, str], ...]:
    thresholds, labels = found.thresholds, found.labels
    matrix = found.whole.confusion
    return (
        ("state", found.state),
        ("letters", whole(found.whole.letters)),
        ("decided positive", whole(found.whole.decided)),
        ("labels", whole(labels.count)),
        ("labels above the threshold", whole(labels.above)),
        ("label lag", sentences.lag_words(labels.lag)),
        ("share of labels that have come", share(labels.arrived_share, 1)),
        ("share without labels in their band", share(found.whole.unlabelled, 2)),
        ("model version in production", found.version or UNKNOWN),
        (
            "operating threshold",
            UNKNOWN if thresholds.operating is None else f"{thresholds.operating:.6g}",
        ),
        ("certified threshold", _point(thresholds.certified)),
        ("wrongly moved, about", whole(matrix.false_positives)),
        ("missed, about", whole(matrix.false_negatives)),
        ("early warning", sentences.early_title(found.early)),
    )


def _point(point: CurvePoint | None) -> str:
    if point is None:
        return "none"
    return f"{point.threshold:.6g}, recall {sentences.interval_words(point.recall)}"


def _slice(kind: str, part: SliceQuality) -> tuple[str, ...]:
    return (
        f"{kind} {part.key}",
        whole(part.letters),
        whole(part.labels),
        sentences.interval_words(part.measures["precision"]),
        sentences.interval_words(part.measures["recall"]),
    )
