"""The inbox: one group after the other, by keys, and many at once from a list."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.charts.tokens import Palette
from core.false_reports import FalseReportsReport, Stage
from core.false_reports.reviews import OTHER, REASONS, Progress
from core.false_reports.words import counted, topic_name
from core.ports import Claim, Letter
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports import acts, letter, listing
from pages.parts.false_reports.desk import Desk, desk_of, name_field, who, why_not
from pages.parts.forms import reads_only
from pages.parts.markdown import plain
from pages.parts.view import View

TOPIC = "topic"
_ASKS = {
    "false_positive": "The model took this letter for a newsletter. The report says it is none.",
    "false_negative": "The model took this letter for none. The report says it is a newsletter.",
}
_STAGES = {
    "first": "First look: nobody has voted on it.",
    "second": "Second opinion: what the first reviewer said is not shown.",
    "adjudication": "Adjudication: two people could not settle it.",
}


def topic_asked(found: FalseReportsReport) -> int | None:
    """The topic that the URL asks for; None where it asks for none, or for one there is not."""
    asked = st.query_params.get(TOPIC, "")
    known = {topic.topic_id for topic in found.topics}
    return int(asked) if asked.isdecimal() and len(asked) < 10 and int(asked) in known else None


@st.fragment
def inbox(found: FalseReportsReport, view: View, theme: Palette) -> None:
    """Everything a reviewer works with. It runs by itself: a vote draws nothing else anew."""
    desk, topic = desk_of(view.service), topic_asked(found)
    begun = desk.begun
    left, right = st.columns([3, 2], gap="medium")
    refused = why_not(view)
    with right:
        if not reads_only():
            _reviewer(found)
            if not desk.begun or desk.claim is None:
                _start(found, desk, topic, refused)
            else:
                _buttons(found, desk, topic, refused)
            _undo(found, desk, refused)
    with left:
        told(desk)
        _topic_line(found, topic)
        if desk.claim is None:
            _nothing_at_hand(found, desk, topic)
        else:
            _at_hand(found, desk.claim, theme)
    listing.waiting(found, desk, topic, refused)
    if st.session_state.get("inbox_begun", begun) != begun:
        st.session_state["inbox_begun"] = begun
        st.rerun()
    st.session_state["inbox_begun"] = begun


def told(desk: Desk) -> None:
    """What became of the last click, as text: it may hold names as people typed them."""
    good, sentence, lines = desk.told
    if not sentence:
        return
    icon = ":blue[:material/check_circle:]" if good else ":orange[:material/sync_problem:]"
    with st.container(border=not good, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", wrap=False):
            st.markdown(icon, width="content")
            st.text(sentence, width="stretch")
        for line in lines:
            st.text(f"• {line}")


def _reviewer(found: FalseReportsReport) -> None:
    name_field()
    mine = next((one for one in found.standings.progress if one.reviewer == who()), None)
    if mine is not None:
        st.caption(_progress(mine, found))


def _progress(mine: Progress, found: FalseReportsReport) -> str:
    verdicts = (
        f"{wording.whole(mine.confirmed)} confirmed, {wording.whole(mine.rejected)} rejected, "
        f"{wording.whole(mine.unsure)} unsure"
    )
    said = [f"{wording.whole(mine.today)} today, {counted(mine.votes, 'vote')} in all", verdicts]
    if mine.median_seconds is not None:
        said.append(f"median {mine.median_seconds:.0f} s a vote")
    return " · ".join([*said, f"as of {wording.clock(found.as_of, found.as_of)}"])


def _start(found: FalseReportsReport, desk: Desk, topic: int | None, refused: str) -> None:
    st.button(
        "Next group" if desk.begun else "Start reviewing",
        key="inbox_next",
        type="primary",
        icon=":material/play_arrow:",
        shortcut="N",
        width="stretch",
        disabled=bool(refused),
        on_click=acts.start,
        args=(found, desk, topic),
    )
    if refused:
        st.caption(refused)
    else:
        st.caption("Keys work while no field has the focus: Tab leaves it.")


def _buttons(found: FalseReportsReport, desk: Desk, topic: int | None, refused: str) -> None:
    """Every button of the group at hand. Their keys name it, so that none acts on the next one."""
    held, token, off = desk.claim, desk.token, bool(refused)
    assert held is not None
    kind = _kind(found, held)

    def button(label: str, key: str, act: object, *more: object, **look: object) -> None:
        st.button(
            label,
            key=f"{act.__name__}·{'·'.join(map(str, more))}·{token}",  # type: ignore[attr-defined]
            shortcut=key,
            width="stretch",
            wrap=True,
            on_click=act,  # type: ignore[arg-type]
            args=(found, desk, *more),
            **({"disabled": off} | look),  # type: ignore[arg-type]
        )

    button("Confirm: the report is right", "Y", acts.vote, topic, "confirm", type="primary")
    noted = bool(str(st.session_state.get(acts.note_key(desk), "")).strip())
    for number, (reason, words) in enumerate(REASONS.items(), 1):
        needs = reason == OTHER and not noted
        label = f"Reject: {words[kind][0].lower()}{words[kind][1:]}"
        button(label, str(number), acts.vote, topic, "reject", reason, disabled=off or needs)
    button("Unsure", "U", acts.vote, topic, "unsure")
    st.text_input(
        "Note",
        key=acts.note_key(desk),
        max_chars=500,
        placeholder="Needed for 5 and O",
        disabled=off,
    )
    one, two = st.columns(2, gap="xsmall")
    with one:
        button("Skip", "S", acts.skip, topic)
        button("Keep it longer", "K", acts.keep)
    with two:
        button("Second opinion", "O", acts.second_opinion, disabled=off or not noted)
        button("Stop", "X", acts.stop)
    if refused:
        st.caption(refused)


def _undo(found: FalseReportsReport, desk: Desk, refused: str) -> None:
    st.button(
        "Undo",
        key=f"undo·{len(desk.history)}·{desk.token}",
        icon=":material/undo:",
        shortcut="Z",
        width="stretch",
        disabled=bool(refused) or not desk.history,
        on_click=acts.take_back,
        args=(found, desk),
    )


def _topic_line(found: FalseReportsReport, topic: int | None) -> None:
    if topic is None:
        return
    of = next(one for one in found.topics if one.topic_id == topic)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Only topic **{plain(topic_name(topic, of.words))}**", width="content")
        st.button("All topics", key="all_topics", type="tertiary", on_click=_all_topics)


def _all_topics() -> None:
    st.query_params.pop(TOPIC, None)


def _nothing_at_hand(found: FalseReportsReport, desk: Desk, topic: int | None) -> None:
    with st.container(border=True):
        left = acts.order_of(found, desk, topic).group_ids.size
        of = "" if topic is None else " of this topic"
        if found.stage is Stage.UNTAKEN:
            st.markdown("The worker has taken no report yet: nothing can be reviewed before that.")
        elif not left:
            st.markdown(f"Nothing{of} waits for you.")
            st.caption("New groups come with new reports, and as others ask for second opinions.")
        elif desk.begun:
            st.markdown(f"No group{of} is free for you at this moment.")
            st.caption("Others are looking at them, or your vote is on them already.")
        else:
            wait = "waits" if left == 1 else "wait"
            st.markdown(f"**{counted(left, 'group').capitalize()}**{of} {wait} for a vote.")
            st.caption(
                "You are handed one at a time, for 10 minutes; nobody else gets it meanwhile. "
                "Mostly the one that hurts most people, now and then one at random: only those "
                "tell how many reports are right."
            )


def _at_hand(found: FalseReportsReport, held: Claim, theme: Palette) -> None:
    letters = data.letters(found.service, [held.exemplar])
    if isinstance(letters, Problem):
        st.error(plain(letters.sentence), icon=":material/cloud_off:")
        return
    if not letters:
        st.caption("This letter is not there any more: skip it.")
        return
    (shown,) = letters
    st.markdown(f"**Group {held.group_id}.** {_ASKS[shown.kind]}")
    st.caption(
        f"{_STAGES[held.stage]} Yours until {wording.clock(held.leased_until, held.claimed_at)}."
    )
    whole = False
    if len(shown.text) > letter.FIRST:
        whole = st.toggle(
            f"Show all {wording.whole(len(shown.text))} characters",
            key=f"whole·{held.group_id}",
        )
    letter.show(shown.text, theme, key="letter_at_hand", whole=whole)
    st.caption(plain(_facts(found, held, shown)))
    if held.stage == "adjudication":
        _earlier(found, held)


def _facts(found: FalseReportsReport, held: Claim, shown: Letter) -> str:
    origin = (
        ("segment", shown.segment),
        ("language", shown.language),
        ("from", shown.sender_domain),
    )
    said = [
        f"score {wording.score(shown.score)}, threshold {wording.score(shown.threshold)}",
        shown.model_version,
        *(f"{name} {value}" for name, value in origin if value),
    ]
    at = _row(found, held.group_id)
    if at is not None:
        groups = found.groups
        people = counted(int(groups.reporters[at]), "person", "people")
        said.insert(0, f"reported by {people}, {counted(int(groups.reports[at]), 'report')}")
        topic = int(groups.topics[at])
        named = next((one.words for one in found.topics if one.topic_id == topic), ())
        if topic:
            said.append(f"topic {topic_name(topic, named)}")
    return " · ".join(said)


def _earlier(found: FalseReportsReport, held: Claim) -> None:
    """Who adjudicates sees what the first two said; nobody else does."""
    votes = data.votes(found.service, held.group_id)
    if isinstance(votes, Problem):
        st.error(plain(votes.sentence), icon=":material/cloud_off:")
        return
    for one in votes:
        why = REASONS[one.reason][_kind(found, held)] if one.reason else ""
        said = ". ".join(part for part in (why, one.note) if part)
        st.text(f"{one.reviewer}: {one.verdict}" + (f". {said}" if said else ""))


def _kind(found: FalseReportsReport, held: Claim) -> str:
    at = _row(found, held.group_id)
    return found.groups.kinds[at] if at is not None else "false_positive"


def _row(found: FalseReportsReport, group_id: int) -> int | None:
    """The row of a group in the report; None for one that came since."""
    at = int(found.groups.group_ids.searchsorted(group_id))
    there = at < found.groups.group_ids.size and int(found.groups.group_ids[at]) == group_id
    return at if there else None
