"""The experiment report as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.experiment import ExperimentReport, sentences
from core.experiment.effects import Effect, Interval
from core.experiment.words import range_words, signed
from core.printout.listing import UNKNOWN, Listing, whole

_EFFECT = ("", "lift", "ordinary 95 %", "always valid", "verdict")


def experiment(found: ExperimentReport) -> tuple[Listing, ...]:
    """The verdict, what it rests on, guardrails, segments and warnings."""
    about = found.experiment or "no experiment"
    if found.data_through is not None:
        about += f", {found.days} days, the last {wording.long_date(found.data_through)}"
    headline = f"{found.service}: {sentences.headline(found)}"
    facts = Listing(headline, f"{about}.", ("", found.experiment or found.service), _facts(found))
    listings = [facts]
    if found.main.effect.lift is not None:
        listings.append(Listing("Lifts", "", _EFFECT, _effects(found)))
    if found.detail.segments:
        adjusted = "Intervals and p-values are adjusted for how many there are (Holm)."
        rows = tuple(
            (f"{one.dimension} {one.value}", *_effect(one.effect, None), whole(one.users))
            for one in found.detail.segments
        )
        headers = ("segment", "lift", "interval", "always valid", "users")
        listings.append(Listing("Segments", adjusted, headers, rows))
    if found.warnings:
        said = tuple((sentence,) for sentence in found.warnings)
        listings.append(Listing("Before you trust these numbers", "", ("warning",), said))
    return tuple(listings)


def _facts(found: ExperimentReport) -> tuple[tuple[str, str], ...]:
    split, definition = found.split, found.definition
    planned = "by default: nobody defined it" if found.is_default else definition.frozen_by
    return (
        ("verdict", found.outcome.value),
        ("settled by", sentences.settles(found) or "nothing is open"),
        ("defined", planned or UNKNOWN),
        ("variants", ", ".join(f"{one.name} {one.share:.3g}" for one in definition.variants)),
        ("margin", signed(definition.primary.margin, definition.primary.direction)),
        ("complete days", f"{found.days} of {definition.planned_days}"),
        ("users", whole(found.main.users)),
        ("sample ratio", UNKNOWN if split.p is None else f"p = {split.p:.3g}: {split.verdict}"),
        ("planned end", wording.long_date(found.schedule.ends_on)),
    )


def _effects(found: ExperimentReport) -> tuple[tuple[str, ...], ...]:
    main, detail = found.main, found.detail
    rows = [
        (
            main.effect.metric.label,
            *_effect(main.effect, main.effect.always_valid),
            found.outcome.value,
        )
    ]
    if detail.cuped is not None:
        effect = detail.cuped.effect
        rows.append((f"{effect.metric.label}, CUPED", *_effect(effect, None), "beside the verdict"))
    rows += [
        (
            f"guardrail: {held.effect.metric.label}",
            *_effect(held.effect, held.effect.always_valid),
            sentences.guardrail_words(held),
        )
        for held in main.guardrails
    ]
    return tuple(rows)


def _effect(effect: Effect, always_valid: Interval | None) -> tuple[str, str, str]:
    if effect.lift is None:
        return UNKNOWN, effect.missing, ""
    return (
        signed(effect.lift, effect.metric.good, 2),
        _range(effect.fixed),
        _range(always_valid),
    )


def _range(one: Interval | None) -> str:
    if one is None:
        return ""
    return range_words(one.low, one.high, 2)
