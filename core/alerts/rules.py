"""Rules as data: what may be checked, with which parameters, and what is wrong with a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.alerts import parameters as read
from core.fields import Fields, FieldsError
from core.ports.alerts import SEVERITIES, AlertRule

#: The rule_id that alerts of drills have; no rule may be called so.
DRILL = "drill"
#: A wait longer than this is a slip of the keyboard.
LONGEST_WAIT_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a rule may have looked at.

    Attributes:
        name: in rules, e.g. 'burn'.
        kind: one of `core.ports.alerts.RULE_KINDS`.
        title: what it finds, for the form and the list of rules.
        needs: the areas of `core.alerts.inputs` that it is evaluated from.
        read: reads and validates its parameters, typed.
    """

    name: str
    kind: str
    title: str
    needs: frozenset[str]
    read: Callable[[Fields], Any]


def _check(name: str, kind: str, title: str, needs: str, reader: Callable[[Fields], Any]) -> Check:
    return Check(name, kind, title, frozenset(needs.split()), reader)


_ALL = (
    _check("burn", "slo_burn", "an error budget burns too fast", "serving", read.burn),
    _check("rows", "liveness", "nobody writes serving minutes", "serving", read.quiet),
    _check(
        "heartbeat",
        "liveness",
        "an instance has stopped beating, or beats and writes nothing",
        "heartbeats serving",
        read.quiet,
    ),
    _check("tables", "liveness", "a metric table went quiet", "tables", read.tables),
    _check("worker", "liveness", "the worker went quiet or fails", "worker", read.quiet),
    _check("errors", "counter", "a share of the letters gets no answer", "serving", read.errors),
    _check(
        "load",
        "counter",
        "more load than was ever carried within the SLO",
        "serving carried",
        read.load,
    ),
    _check("traffic_vanished", "counter", "letters stopped coming", "serving", read.vanished),
    _check(
        "certified_precision",
        "quality",
        "the threshold in use is not certified for the target of precision",
        "quality",
        read.nothing,
    ),
    _check(
        "early_warning",
        "quality",
        "the scores let expect a fall of precision or recall",
        "quality",
        read.nothing,
    ),
    _check("drift", "quality", "the scores have drifted", "quality", read.drift),
    _check(
        "complaints",
        "product",
        "complaints per letter are outside of their weekly pattern",
        "product",
        read.weekly,
    ),
    _check("guardrail", "product", "an A/B test harms a guardrail", "experiment", read.nothing),
    _check(
        "sample_ratio",
        "product",
        "an A/B test's users are not split as planned",
        "experiment",
        read.nothing,
    ),
    _check(
        "shadow_visible",
        "product",
        "a shadow run changes what users see",
        "shadow",
        read.hours,
    ),
    _check("milestone_overdue", "plan", "a milestone is over and not met", "plan", read.overdue),
    _check("red_line", "plan", "a red line is crossed", "", read.red_line),
    _check("risk_red_lines", "plan", "a risk's red line is crossed", "risks", read.nothing),
)
CHECKS: Mapping[str, Check] = {check.name: check for check in _ALL}
_RED_LINE_NEEDS = {
    "reliability": "reports",
    "quality": "quality",
    "experiment": "experiment",
    "criteria": "plan",
}


def parameters_of(rule: AlertRule) -> Any:
    """A rule's parameters as its check reads them: one of the classes of `core.alerts.parameters`.

    Raises:
        FieldsError: some are wrong, or there is no such check.
    """
    check = CHECKS.get(rule.check)
    if check is None:
        raise FieldsError({"check": f"There is no check {rule.check!r}."})
    return read.read(check.read, rule.parameters)


def needs(rule: AlertRule) -> frozenset[str]:
    """The areas of `core.alerts.inputs` that a rule is evaluated from; none if it is wrong.

    >>> given = {"rule_id": "load", "name": "Load", "check": "load", "severity": "ticket"}
    >>> sorted(needs(rule_of("search", given | {"parameters": {"factor": 1.0}})))
    ['carried', 'serving']
    """
    check = CHECKS.get(rule.check)
    if check is None:
        return frozenset()
    if check.name != "red_line":
        return check.needs
    area = str(rule.parameters.get("path", "")).partition(".")[0]
    return frozenset({_RED_LINE_NEEDS[area]}) if area in _RED_LINE_NEEDS else frozenset()


def rule_of(service: str, given: Mapping[str, Any], revision: int = 1) -> AlertRule:
    """Read a rule that somebody filled in.

    Args:
        service: whose rule it is.
        given: rule_id, name, check, parameters, severity, wait_minutes, owner, runbook_id, enabled.
            Owner and runbook may be empty: that is shown as a configuration error, not refused, or
            a rule could not be written down before its owner is found.
        revision: the one that it becomes.

    Raises:
        FieldsError: with a sentence for each missing or wrong field.
    """
    form = Fields(given)
    form.refuse_unknown(_RULE_FIELDS)
    rule_id, name = form.name("rule_id"), form.name("name")
    if rule_id == DRILL:
        form.refuse("rule_id", f"{DRILL!r} is what alerts of drills are called.")
    severity = form.name("severity", SEVERITIES)
    wait = form.whole("wait_minutes", 0, LONGEST_WAIT_MINUTES) if form.has("wait_minutes") else 0
    owner = form.name("owner") if form.has("owner") else ""
    runbook = form.name("runbook_id") if form.has("runbook_id") else ""
    enabled = given.get("enabled", True)
    if not isinstance(enabled, bool):
        form.refuse("enabled", "Must be true or false.")
    chosen = form.name("check", tuple(CHECKS))
    inner: Fields | None = Fields({}, "parameters.", form.problems)
    if form.has("parameters"):
        inner = form.below("parameters")
    if chosen is not None and inner is not None:
        CHECKS[chosen].read(inner)
    if form.problems or rule_id is None or name is None or chosen is None or severity is None:
        raise FieldsError(form.problems)
    return AlertRule(
        service=service,
        rule_id=rule_id,
        name=name,
        kind=CHECKS[chosen].kind,
        check=chosen,
        parameters=dict(given.get("parameters") or {}),
        severity=severity,
        wait=timedelta(minutes=wait or 0),
        owner=owner or "",
        runbook_id=runbook or "",
        enabled=bool(enabled),
        revision=revision,
    )


_RULE_FIELDS = (
    *("rule_id", "name", "check", "parameters", "severity"),
    *("wait_minutes", "owner", "runbook_id", "enabled"),
)


@dataclass(frozen=True, slots=True)
class ConfigurationError:
    """What is wrong with a rule, in a sentence."""

    rule_id: str
    sentence: str


def configuration_errors(
    rules: Iterable[AlertRule], runbooks: Iterable[str] | None = None
) -> tuple[ConfigurationError, ...]:
    """Rules that nobody answers for, that say nothing of what to do, or that cannot be evaluated.

    Args:
        rules: all of a service; those that are switched off are not looked at.
        runbooks: ids of the runbooks that exist; None where they are not known.
    """
    known = None if runbooks is None else frozenset(runbooks)
    found: list[ConfigurationError] = []
    for rule in rules:
        if not rule.enabled:
            continue
        said = []
        if not rule.owner:
            said.append("It has no owner: nobody answers for it.")
        if not rule.runbook_id:
            said.append("It has no runbook: nobody knows what to do.")
        elif known is not None and rule.runbook_id not in known:
            said.append(f"Its runbook {rule.runbook_id} does not exist.")
        said += _unreadable(rule)
        found += [ConfigurationError(rule.rule_id, sentence) for sentence in said]
    return tuple(found)


def _unreadable(rule: AlertRule) -> list[str]:
    try:
        parameters_of(rule)
    except FieldsError as error:
        return [f"{field}: {said}" for field, said in error.problems.items()]
    if CHECKS[rule.check].kind != rule.kind:
        return [f"Its check {rule.check} is of kind {CHECKS[rule.check].kind}, not {rule.kind}."]
    return []
