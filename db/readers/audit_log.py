"""What people wrote, from every log of the schema team, as one log.

`team.audit` holds most of it. Logs that only grow hold the rest: they are united here, each read
from its newest end, so that a page costs the same however long the history is.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from core.ports.audit import Cursor, LogEntry, Search

# Each log as (at, number, service, by, subject, subject_id, before, after). What nobody did, as
# when an escalation fell due, is no entry.
_LOGS = {
    "audit": """
        select changed_at as at, change_id as number, service, changed_by as by, subject,
            subject_id, before, after
        from team.audit""",
    "experiment amendment": """
        select amended_at as at, amendment_id as number, service, amended_by as by,
            'experiment' as subject, experiment as subject_id, before,
            after || jsonb_build_object('reason of the amendment', reason) as after
        from team.experiment_amendment""",
    "experiment decision": """
        select decided_at as at, decision_id as number, service, decided_by as by,
            'experiment decision' as subject, experiment as subject_id, '{}'::jsonb as before,
            jsonb_build_object('decision', decision, 'note', note, 'as_of', as_of) as after
        from team.experiment_decision""",
    "alert acknowledgement": """
        select at, acknowledgement_id as number, service, by, 'alert' as subject,
            cast(episode_id as text) as subject_id, '{}'::jsonb as before,
            jsonb_build_object('acknowledged until', until, 'note', note) as after
        from team.alert_acknowledgement""",
    "alert act": """
        select at, act_id as number, service, by, 'alert' as subject,
            cast(episode_id as text) as subject_id, '{}'::jsonb as before,
            jsonb_build_object('act', kind, 'text', text, 'escalated to', escalate_to) as after
        from team.alert_act where by <> ''""",
    "alert silence": """
        select created_at as at, silence_id as number,
            coalesce(matchers ->> 'service', '') as service,
            author as by, 'silence' as subject, cast(silence_id as text) as subject_id,
            '{}'::jsonb as before, jsonb_build_object('matchers', matchers, 'reason', reason,
                'starts_at', starts_at, 'ends_at', ends_at) as after
        from team.alert_silence""",
    "alert silence end": """
        select ended_at as at, silence_id as number,
            coalesce(matchers ->> 'service', '') as service,
            ended_by as by, 'silence' as subject, cast(silence_id as text) as subject_id,
            jsonb_build_object('ends_at', ends_at) as before,
            jsonb_build_object('ends_at', ended_at) as after
        from team.alert_silence where ended_at is not null and ended_by <> ''""",
    "incident note": """
        select note.at, note_id as number, service, by, 'incident' as subject,
            cast(incident_id as text) as subject_id, '{}'::jsonb as before,
            jsonb_build_object('note', text) as after
        from team.incident_note as note join team.incident using (incident_id)""",
    "incident alert": """
        select added_at as at, link_id as number, incident.service, added_by as by,
            'incident' as subject, cast(incident_id as text) as subject_id, '{}'::jsonb as before,
            jsonb_build_object('alert added', link.episode_id) as after
        from team.incident_alert as link join team.incident using (incident_id)""",
    "incident alert end": """
        select removed_at as at, link_id as number, incident.service, removed_by as by,
            'incident' as subject, cast(incident_id as text) as subject_id, '{}'::jsonb as before,
            jsonb_build_object('alert taken out', link.episode_id) as after
        from team.incident_alert as link join team.incident using (incident_id)
        where removed_at is not null""",
    "review": """
        select decided_at as at, review_id as number, service, reviewer as by,
            'report group' as subject, cast(group_id as text) as subject_id,
            '{}'::jsonb as before, jsonb_build_object('verdict', verdict, 'reason', reason,
                'note', note, 'stage', stage) as after
        from team.report_review""",
    "review undone": """
        select undone_at as at, review_id as number, undo.service, undone_by as by,
            'report group' as subject, cast(group_id as text) as subject_id,
            jsonb_build_object('verdict', verdict) as before,
            jsonb_build_object('verdict', null) as after
        from team.report_review_undo as undo join team.report_review using (review_id)""",
    "second opinion": """
        select asked_at as at, ask_id as number, service, asked_by as by,
            'report group' as subject, cast(group_id as text) as subject_id,
            '{}'::jsonb as before, jsonb_build_object('second opinion asked', reason) as after
        from team.report_second_opinion""",
    "retraining set": """
        select created_at as at, cast(number as bigint) * 1000 + correction as number, service,
            created_by as by, 'retraining set' as subject, set_id as subject_id,
            '{}'::jsonb as before, jsonb_build_object('letters', letters, 'parent', parent) as after
        from team.retraining_set""",
    "withdrawal": """
        select withdrawn_at as at, row_number() over (order by withdrawn_at, service, letter_key)
            as number, service, withdrawn_by as by, 'letter' as subject, letter_key as subject_id,
            '{}'::jsonb as before, jsonb_build_object('withdrawn', reason) as after
        from team.withdrawal""",
}
_WANTED = """
    where (cast(:services as text[]) = '{}' or service = any(cast(:services as text[]))
            or (service = '' and :unowned))
        and (service <> '' or :unowned)
        and (cast(:subjects as text[]) = '{}' or subject = any(cast(:subjects as text[])))
        and (cast(:names as text[]) = '{}'
            or exists (select from unnest(cast(:names as text[])) as name
                where position(name in by) > 0))
        and (cast(:since as timestamptz) is null or at >= :since)
        and (cast(:until as timestamptz) is null or at < :until)
        and (cast(:at as timestamptz) is null or at < :at or (at = :at
            and (log collate "C", number) < (cast(:log as text) collate "C", :number)))"""
_ENTRIES = text(
    "select * from ("
    + " union all ".join(
        f"""(select * from (select '{name}' as log, entry.* from ({rows}) as entry) as entry
        {_WANTED} order by at desc, number desc limit :limit)"""
        for name, rows in _LOGS.items()
    )
    + """) as entry
    order by at desc, log collate "C" desc, number desc limit :limit"""
)
_SUBJECTS = text("""
    with recursive found as (
        (select subject from team.audit order by subject collate "C" limit 1)
        union all
        select (select subject from team.audit where subject collate "C" > found.subject
                order by subject collate "C" limit 1)
        from found where found.subject is not null
    )
    select subject from found where subject is not null""")
#: What the other logs are about.
OTHERS = frozenset(
    {
        *("experiment", "experiment decision", "alert", "silence", "incident"),
        *("report group", "retraining set", "letter"),
    }
)


class SqlLogReader:
    """Reads what people wrote; fulfils `core.ports.audit.LogReader`."""

    def __init__(self, source: Engine) -> None:
        """Read from an engine."""
        self._source = source

    def entries(self, search: Search, after: Cursor | None, limit: int) -> tuple[LogEntry, ...]:
        """Entries, the newest first, that come after a cursor in that order."""
        asked = {
            "services": list(search.services),
            "unowned": search.unowned,
            "subjects": list(search.subjects),
            "names": _cases(search.by),
            "since": search.since,
            "until": search.until,
            "at": None if after is None else after.at,
            "log": "" if after is None else after.log,
            "number": 0 if after is None else after.number,
            "limit": limit,
        }
        with self._source.connect() as connection:
            rows = connection.execute(_ENTRIES, asked).mappings()
            return tuple(
                LogEntry(
                    row["at"],
                    row["log"],
                    row["number"],
                    row["service"],
                    row["by"],
                    row["subject"],
                    row["subject_id"],
                    row["before"],
                    row["after"],
                )
                for row in rows
            )

    def subjects(self) -> tuple[str, ...]:
        """What entries are about, in alphabetical order."""
        with self._source.connect() as connection:
            return tuple(sorted({*_kept(connection), *OTHERS}))


def _kept(connection: Connection) -> list[str]:
    return list(connection.execute(_SUBJECTS).scalars())


def _cases(name: str) -> list[str]:
    """A name in the ways it may be written: the database knows small letters of English alone."""
    given = name.strip()
    return (
        list(dict.fromkeys((given, given.lower(), given.title(), given.upper()))) if given else []
    )
