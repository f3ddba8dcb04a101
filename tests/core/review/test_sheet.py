"""The review laid out, before it is drawn."""

from dataclasses import replace

import pytest

from core.review import sheet
from core.review.sheet import Figure, Section, Table, Words
from core.review.values import Before, Change, Direction
from core.status import Status
from tests.fakes_review import NOON, RUSSIAN, action, criterion, milestone, review, risk


def section(key: str, **changed: object) -> Section:
    return next(one for one in sheet(review(**changed)).sections if one.key == key)


def text(found: Section) -> str:
    """All that a section says."""
    said = []
    for block in found.blocks:
        if isinstance(block, Table):
            said += [f"{cell.said} {cell.text} {cell.below}" for row in block.rows for cell in row]
        else:
            said.append(block.text if isinstance(block, Words) else block.title)
    return " | ".join(said)


def test_the_sections_come_in_the_order_of_a_review():
    keys = [one.key for one in sheet(review()).sections]
    assert keys == [
        *("criteria", "changes", "charts", "milestones", "risks", "decisions", "actions")
    ]


def test_its_head_says_the_finding_the_goal_and_what_it_rests_on():
    found = sheet(review())
    assert found.headline == "Newsletters: one criterion on target."
    assert found.lead == ("Goal:", f"{RUSSIAN}.", "Judged against Q1, due 1 Sep 2026.")
    assert found.facts == (
        "as of 1 Jun 2026 12:00 UTC · data through 1 Jun 2026 11:59 UTC · last 30 days"
    )
    assert found.notice == ""


def test_stale_data_are_said_above_all_numbers():
    assert sheet(review(stale=True)).notice.startswith("Stale: the newest complete minute is 1 Jun")
    assert "nothing below is proven" in sheet(review(stale=True, data_through=None)).notice


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("criteria", "No criterion has been set."),
        ("charts", "Nothing has been measured that could be drawn."),
        ("milestones", "No milestone is planned."),
        ("risks", "No risk is open."),
        ("decisions", "No decision was written down."),
        ("actions", "No action is open."),
    ],
)
def test_a_part_without_anything_says_so(part: str, said: str):
    assert text(section(part, **{part: ()})) == said


def test_the_first_review_has_nothing_to_compare_with():
    assert "This is the first review" in text(section("changes"))


def test_without_a_change_that_is_said():
    before = Before(1, NOON, "x")
    assert text(section("changes", before=before, changes=())) == "Nothing has changed."
    assert "unknown" in text(section("changes", before=before, changes=None))


def test_a_change_says_what_and_how_and_for_the_better_or_worse():
    change = Change("Risk", "Rack", "from rank 4 to 9", Direction.WORSE)
    found = section("changes", before=Before(1, NOON, "x"), changes=(change,))
    assert found.heading == "Changes since the review of 1 Jun 2026"
    assert "Rack Risk" in text(found)
    assert "From rank 4 to 9" in text(found)
    assert "worse" in text(found)


def test_a_criterion_shows_its_verdict_value_target_and_what_settles_it():
    line = criterion(status=Status.UNDECIDED, settles="About 850 more labels settle it.")
    said = text(section("criteria", criteria=(line,)))
    for part in ("Undecided", "99.12 %", "target at least 99 %", "About 850 more labels"):
        assert part in said


def test_the_eight_top_risks_are_told_and_the_others_counted():
    risks = tuple(risk(at, rank=9 if at < 10 else 4) for at in range(40))
    found = section("risks", risks=risks)
    table, rest = found.blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 8
    assert rest == Words("32 more of rank 4 to 9 are not shown here.")
    assert section("risks", risks=risks[:9]).blocks[1] == Words(
        "One more of rank 9 is not shown here."
    )


def test_of_milestones_that_are_met_the_last_one_is_told():
    lines = (milestone(), milestone(name="Q0", met=True), milestone(name="Q-1", met=True))
    said = text(section("milestones", milestones=lines))
    assert "Q0" in said
    assert "Q-1" not in said


@pytest.mark.parametrize(
    ("days", "said"),
    [(1, "1 day behind the baseline"), (-3, "3 days ahead of"), (0, "as in the"), (None, "2026 ")],
)
def test_a_slip_is_said_against_the_baseline(days: int | None, said: str):
    assert said in text(section("milestones", milestones=(milestone(slip_days=days),)))


def test_an_overdue_action_says_so_and_done_ones_come_below():
    said = text(
        section("actions", actions=(action(overdue=True),), done=(action(2, done_on=NOON.date()),))
    )
    assert "10 Jun 2026 overdue" in said
    assert "Done lately:" in said
    assert "1 Jun 2026" in said


def test_a_chart_says_why_it_is_shown():
    (figure,) = section("charts").blocks
    assert figure == Figure("budget", "The budget holds", "45 % is left.", "At most 20 ms")
    two = replace(review().charts[0], key="b")
    assert section("charts", charts=(*review().charts, two)).heading == (
        "The two charts that matter"
    )
