"""What people fill in of a risk: read, and every wrong field named. A rank is never typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from core.fields import Fields, FieldsError
from core.ports.risks import RedLine, Risk
from core.risks.measures import AREAS, DEFAULT_WINDOW, OPERATORS, WINDOWED, WINDOWS
from core.risks.scale import APPROVED_FROM, LEAST, MOST

_OF_MEASURE = ("line_path", "line_operator", "line_value")
#: More than so many at once is a slip of the clipboard.
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class PlannedRisk:
    """A risk as it was filled in; see `core.ports.risks.Risk`."""

    title: str
    task: str
    statement: str
    milestone_id: str
    task_id: str
    probability: int
    consequence: int
    owner: str
    prevention: str
    mitigation: str
    plan_b: str
    review_on: date
    line: RedLine | None
    accepted: bool
    approver: str
    accepted_on: date | None


#: The fields of a red line, as a form calls them, which has them among its own.
_OF_LINE = {f"line_{one.name}": one.name for one in fields(RedLine)}
RISK_FIELDS = tuple(
    name
    for one in fields(PlannedRisk)
    for name in (_OF_LINE if one.name == "line" else (one.name,))
)


def fields_of(risk: Risk | PlannedRisk) -> dict[str, object]:
    """A risk as the fields of a form, see `parse_risk`; its columns in the store are called so."""
    line = risk.line or RedLine()
    of_line = {field: getattr(line, name) for field, name in _OF_LINE.items()}
    return {name: of_line[name] if name in of_line else getattr(risk, name) for name in RISK_FIELDS}


def parse_risk(given: Mapping[str, object], today: date) -> PlannedRisk:
    """Read the fields of a risk: RISK_FIELDS.

    Args:
        given: the fields; title, probability, consequence, owner and review_on must be there.
        today: nothing was accepted after it.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    found = _risk(form, given, today)
    if form.problems or found is None:
        raise FieldsError(form.problems)
    return found


def parse_risks(given: Sequence[Mapping[str, object]], today: date) -> tuple[PlannedRisk, ...]:
    """Read several risks: all of them, or none.

    Raises:
        FieldsError: a field is wrong; each is named, as 'risks[1].owner'; or there is none.
    """
    if not given:
        raise FieldsError({"risks": "Are missing: choose at least one."})
    if len(given) > MOST_AT_ONCE:
        raise FieldsError({"risks": f"Are too many at once: at most {MOST_AT_ONCE}."})
    form = Fields({"risks": list(given)})
    found = [_risk(below, one, today) for below, one in zip(form.each("risks"), given, strict=True)]
    if form.problems:
        raise FieldsError(form.problems)
    return tuple(one for one in found if one is not None)


def parse_said(given: object, field: str, question: str) -> str:
    """A text that must be there, such as why a risk is closed.

    Raises:
        FieldsError: it is missing or cannot be stored.
    """
    form = Fields({field: given})
    said = form.text(field)
    if not said:
        form.refuse(field, f"Is missing: {question}")
    if form.problems:
        raise FieldsError(form.problems)
    return said


def parse_review(given: object, today: date) -> date:
    """The day of the next review: not before today.

    Raises:
        FieldsError: it is missing, no day, or over.
    """
    form = Fields({"review_on": given})
    day = form.day("review_on")
    if day is not None and day < today:
        form.refuse("review_on", "Must not be over.")
    if form.problems or day is None:
        raise FieldsError(form.problems)
    return day


def _risk(form: Fields, given: Mapping[str, object], today: date) -> PlannedRisk | None:
    before = len(form.problems)
    if "rank" in given:
        form.refuse("rank", "Is computed from probability and consequence, and never typed.")
    form.refuse_unknown((*RISK_FIELDS, "rank"))
    title, owner = form.name("title"), form.name("owner")
    probability = form.whole("probability", LEAST, MOST)
    consequence = form.whole("consequence", LEAST, MOST)
    review_on = form.day("review_on")
    texts = {name: form.text(name) for name in ("prevention", "mitigation", "plan_b")}
    names = {
        name: (form.name(name) if form.has(name) else None) or ""
        for name in ("task", "statement", "milestone_id", "task_id")
    }
    line = _line(form)
    rank = None if probability is None or consequence is None else probability * consequence
    accepted, approver, accepted_on = _acceptance(form, given, rank, today)
    if (
        len(form.problems) > before
        or title is None
        or owner is None
        or probability is None
        or consequence is None
        or review_on is None
    ):
        return None
    return PlannedRisk(
        title=title,
        probability=probability,
        consequence=consequence,
        owner=owner,
        review_on=review_on,
        line=line,
        accepted=accepted,
        approver=approver,
        accepted_on=accepted_on,
        **texts,
        **names,
    )


def _line(form: Fields) -> RedLine | None:
    if form.has("line_due_on"):
        for field in _OF_MEASURE:
            if form.has(field):
                form.refuse(field, "A red line is a day or a measure's value, not both.")
        day = form.day("line_due_on")
        return None if day is None else RedLine(day)
    if not any(form.has(field) for field in _OF_MEASURE):
        return None
    path, operator = form.name("line_path"), form.name("line_operator", OPERATORS)
    value = form.number("line_value")
    area, _, rest = (path or "").partition(".")
    if path is not None and (area not in AREAS or not rest):
        form.refuse("line_path", f"Must begin with one of {', '.join(AREAS)} and a dot.")
    window = form.name("line_window", WINDOWS) if form.has("line_window") else DEFAULT_WINDOW
    if path is None or operator is None or value is None or window is None:
        return None
    return RedLine(None, path, operator, value, window if area in WINDOWED else DEFAULT_WINDOW)


def _acceptance(
    form: Fields, given: Mapping[str, object], rank: int | None, today: date
) -> tuple[bool, str, date | None]:
    accepted = given.get("accepted") or False
    if not isinstance(accepted, bool):
        form.refuse("accepted", "Must be true or false.")
        return False, "", None
    approver = form.name("approver") if form.has("approver") else None
    accepted_on = form.day("accepted_on") if form.has("accepted_on") else None
    if accepted_on is not None and accepted_on > today:
        form.refuse("accepted_on", "Must not lie ahead.")
    if not accepted:
        for field in ("approver", "accepted_on"):
            if form.has(field):
                form.refuse(field, "Belongs to an acceptance, and the risk is not accepted.")
    elif rank is not None and rank >= APPROVED_FROM:
        why = f"Is missing: rank {rank} is accepted by an approver, on a day."
        for field in ("approver", "accepted_on"):
            if not form.has(field):
                form.refuse(field, why)
    return accepted, approver or "", accepted_on
