"""Topics of reported letters, refreshed now and then by the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from core.text.topics import MOST_GROUPS, Clusters, cluster

#: Clustering thousands of letters takes seconds, and reviewers need no new topics by the minute.
EVERY = timedelta(minutes=10)

_DUE = text("""
    select state.service, state.last_topic, held.groups, held.versions
    from team.report_intake state
    cross join lateral (
        select count(*) as groups, coalesce(sum(version), 0) as versions
        from team.report_group where service = state.service) as held
    where (state.topics_at is null or state.topics_at <= :before)
        and (held.groups, held.versions) <> (state.topic_groups, state.topic_versions)
    order by state.service collate "C" """)
_EXEMPLARS = text("""
    select held.group_id, letter.text
    from team.report_group held
    join team.report_letter letter
        on letter.service = held.service and letter.report_id = held.exemplar
    where held.service = :service and letter.text <> '' and letter.withdrawn_at is null
    order by held.group_id desc limit :most""")
_BEFORE = text("""
    select group_id, topic_id from team.report_group where service = :service and topic_id > 0""")
_ASSIGN = text("""
    update team.report_group held set topic_id = found.topic_id
    from unnest(cast(:group_ids as bigint[]), cast(:topic_ids as integer[]))
        as found (group_id, topic_id)
    where held.service = :service and held.group_id = found.group_id
        and held.topic_id <> found.topic_id""")
_FORGET = text("""
    update team.report_group set topic_id = 0
    where service = :service and topic_id > 0 and topic_id <> all(:topic_ids)""")
_DROP = text("delete from team.report_topic where service = :service")
_KEEP = text("""
    insert into team.report_topic (service, topic_id, words, refreshed_at)
    values (:service, :topic_id, :words, :at)""")
_DONE = text("""
    update team.report_intake set topics_at = :at, topic_groups = :groups,
        topic_versions = :versions, last_topic = greatest(last_topic, :last_topic)
    where service = :service""")


def refresh(engine: Engine, as_of: datetime) -> int:
    """Sort the groups of every service into topics, where there is something new to sort.

    At most every ten minutes, and only if reports have joined or left groups since; both are read
    from the store, so that it does not matter which worker leads.

    Args:
        engine: the store, as greenlight_worker.
        as_of: now.

    Returns:
        How many services were done.
    """
    with engine.begin() as connection:
        due = connection.execute(_DUE, {"before": as_of - EVERY}).all()
    for service, last_topic, groups, versions in due:
        with engine.begin() as connection:
            asked = {"service": service, "most": MOST_GROUPS}
            exemplars = {row.group_id: row.text for row in connection.execute(_EXEMPLARS, asked)}
            rows = connection.execute(_BEFORE, asked)
            before = {row.group_id: row.topic_id for row in rows}
        found = cluster(exemplars, before, last_topic=last_topic)
        with engine.begin() as connection:
            _store(connection, service, found, as_of)
            connection.execute(
                _DONE,
                {
                    "service": service,
                    "at": as_of,
                    "groups": groups,
                    "versions": versions,
                    "last_topic": max(found.words, default=0),
                },
            )
    return len(due)


def _store(connection: Connection, service: str, found: Clusters, at: datetime) -> None:
    group_ids = sorted(found.topics)
    topic_ids = [found.topics[group_id] for group_id in group_ids]
    asked = {"service": service, "group_ids": group_ids, "topic_ids": topic_ids}
    connection.execute(_ASSIGN, asked)
    connection.execute(_FORGET, {"service": service, "topic_ids": sorted(found.words)})
    connection.execute(_DROP, {"service": service})
    for topic_id, words in found.words.items():
        connection.execute(
            _KEEP, {"service": service, "topic_id": topic_id, "words": list(words), "at": at}
        )
