"""What a cache is keyed by: a token that changes with whatever is read about a service."""

from __future__ import annotations

from sqlalchemy import text

from db.readers.snapshot import Source, snapshot

# Each entry is one look-up in an index, or a handful of rows. Beats count by the minute: they come
# every few seconds and nothing is drawn finer. Product metrics may be corrected for 7 days. What
# people decide has no time of writing, and is so little that its very text is the token; of logs
# that only grow, the newest entry is. A label, or a vote, may come in a transaction that began
# before the newest one's, so that more than the newest is looked at.
_WATERMARK = text("""
    select md5(concat_ws('|',
        (select max(rolled_at) from rollup.hour_state where service = :service),
        (select concat_ws(' ', count(*), date_trunc('minute', max(beat_at)), max(started_at),
             count(stopped_at), max(stopped_at))
         from metrics.heartbeat where service = :service),
        (select concat_ws(' ', count(*), max(written_at))
         from metrics.deployment where service = :service),
        (select concat_ws(' ', count(*), max(written_at))
         from metrics.training_run where service = :service),
        (select max(written_at) from metrics.score_hour where service = :service),
        (select max(rolled_at) from rollup.score_day_state where service = :service),
        (select max(rolled_at) from rollup.label_day_state where service = :service),
        (select concat_ws(' ', count(*), sum(rollup.written_microseconds(written_at)))
         from (select written_at from metrics.labelled_letter where service = :service
               order by written_at desc limit 100) as newest),
        (select max(hour) from metrics.shadow_hour where service = :service),
        (select concat_ws(' ', count(*), max(day), max(written_at))
         from metrics.product_day
         where service = :service
             and day > (select max(day) from metrics.product_day where service = :service) - 8),
        (select string_agg(goal::text, ' ' order by goal_id)
         from team.goal where service = :service),
        (select string_agg(criterion::text, ' ' order by criterion_id)
         from team.criterion where service = :service),
        (select string_agg(target::text, ' ' order by target_id)
         from team.target where service = :service),
        (select string_agg(maintenance::text, ' ' order by starts_at, datacenter)
         from team.maintenance where service = :service),
        (select max(written_at) from metrics.experiment_bucket_day where service = :service),
        (select max(written_at) from metrics.experiment_bucket_before where service = :service),
        (select string_agg(defined::text, ' ' order by experiment)
         from team.experiment as defined where service = :service),
        (select max(amendment_id) from team.experiment_amendment where service = :service),
        (select max(decision_id) from team.experiment_decision where service = :service),
        (select max(written_at) from metrics.false_report where service = :service),
        (select max(taken_at) from team.report_letter where service = :service),
        (select topics_at from team.report_intake where service = :service),
        (select concat_ws(' ', count(*), sum(review_id))
         from (select review_id from team.report_review where service = :service
               order by review_id desc limit 100) as newest),
        (select count(*) from team.report_review_undo where service = :service),
        (select concat_ws(' ', count(*), sum(ask_id))
         from (select ask_id from team.report_second_opinion where service = :service
               order by ask_id desc limit 100) as newest),
        (select concat_ws(' ', count(*), max(created_at))
         from team.retraining_set where service = :service),
        (select concat_ws(' ', count(*), sum(change_id))
         from (select change_id from team.audit where service = :service
               order by change_id desc limit 100) as newest),
        (select max(note_id) from team.incident_note
         join team.incident using (incident_id) where service = :service),
        (select concat_ws(' ', max(link_id), count(removed_at)) from team.incident_alert
         join team.incident using (incident_id) where service = :service),
        (select count(*) from team.withdrawal where service = :service),
        (select max(at) from team.alert_evaluation where service = :service),
        (select string_agg(moved::text, ' ' order by moved)
         from (select transition_id from team.alert_transition where service = :service
               order by at desc, transition_id desc limit 50) as newest (moved)),
        (select max(acknowledgement_id) from team.alert_acknowledgement where service = :service),
        (select max(act_id) from team.alert_act where service = :service),
        (select string_agg(concat_ws(' ', silence_id, ended_at), '/' order by silence_id)
         from (select silence_id, ended_at from team.alert_silence
               order by ends_at desc, silence_id desc limit 50) as newest),
        (select string_agg(concat_ws(' ', notification_id, status, attempts), '/'
             order by notification_id)
         from (select notification_id, status, attempts from team.notification
               where service = :service
               order by created_at desc, notification_id desc limit 50) as newest)))""")


def watermark(source: Source, service: str) -> str:
    """A token that changes whenever something that a report reads about a service has changed.

    It changes with every tick that rolled something up, and once a minute while components beat.
    Corrections of shadow_hour other than of its newest row show up with the next of these. Claims
    of groups change nothing: whoever claims sees it, and others are told when they try.
    """
    with snapshot(source) as connection:
        return str(connection.execute(_WATERMARK, {"service": service}).scalar_one())
