"""Scores that break a rule; those of labels are beside this file."""

from db.readers.contradictions.labels import LABELS
from db.readers.contradictions.question import Question, summed

#: Hours that have been over for so long have their scores, or never get them.
_OVER = ":as_of - interval '2 hours'"
_OF_HOURS = f"where service = :service and hour >= :start and hour < {_OVER}"
_OF_DAYS = (
    "service = :service and day >= (:start at time zone 'UTC')::date "
    "and day <= (:as_of at time zone 'UTC')::date"
)

SCORES = {
    # Only where scores are written at all, and only from then on.
    "missing_score_hours": Question(
        f"""
        with served as (
            select model_version, hour from rollup.serving_hour {_OF_HOURS}
                and hour > (select min(hour) from metrics.score_hour where service = :service)
            group by model_version, hour having sum(letters - errors) > :letters),
        seen as (
            select model_version, hour, exists (
                select from metrics.score_hour as scored
                where scored.service = :service and scored.hour = served.hour
                    and scored.model_version = served.model_version) as written
            from served)
        select model_version, count(*) filter (where not written) as missing, count(*) as served,
            min(hour) filter (where not written) as first,
            max(hour) filter (where not written) as newest
        from seen group by model_version having bool_or(not written)""",
        'missing desc, model_version collate "C"',
    ),
    # Hours without any scores are missing, which is another rule's business.
    "scores_and_letters": Question(
        f"""
        select hour, model_version, scored, coalesce(letters, 0) as letters,
            coalesce(answered, 0) as answered
        from (
            select hour, model_version, {summed()} as scored from metrics.score_hour
            {_OF_HOURS} group by hour, model_version) as by_score
        left join (
            select hour, model_version, sum(letters)::bigint as letters,
                sum(letters - errors)::bigint as answered
            from rollup.serving_hour {_OF_HOURS}
            group by hour, model_version) as served using (hour, model_version)
        where scored < coalesce(answered, 0) * (1 - :share) - :letters
            or scored > coalesce(letters, 0) * (1 + :share) + :letters""",
        'hour desc, model_version collate "C"',
    ),
    # A threshold inside a bin has both decisions in that one bin, which is as it should be.
    "decision_against_score": Question(
        """
        select hour, model_version, segment, lowest_positive, highest_negative
        from (
            select hour, model_version, segment,
                min(bin) filter (where decision) as lowest_positive,
                max(bin) filter (where not decision) as highest_negative
            from metrics.score_hour
            where service = :service and hour >= :start and hour < :as_of and letters > 0
            group by hour, model_version, segment) as decided
        where lowest_positive < highest_negative""",
        'hour desc, model_version collate "C", segment collate "C"',
    ),
    # The fingerprint agrees, so the worker sees nothing to do, and yet the numbers differ.
    "unseen_score_correction": Question(
        f"""
        with cells as (
            select (hour at time zone 'UTC')::date as day, model_version, segment, decision, bin,
                count(*) as rows, sum(rollup.written_microseconds(written_at)) as fingerprint,
                sum(letters) as letters
            from metrics.score_hour
            where service = :service and hour >= date_trunc('day', :start, 'UTC')
                and hour < date_trunc('day', :as_of, 'UTC') + interval '1 day'
            group by 1, 2, 3, 4, 5),
        agreeing as (
            select day from (
                select day, sum(rows) as source_rows, sum(fingerprint) as fingerprint
                from cells group by day) as found
            join rollup.score_day_state as rolled using (day, source_rows, fingerprint)
            where rolled.service = :service and rolled.error = ''),
        counted as (
            select day, model_version, segment, decision, bin, letters as counted
            from rollup.score_day where {_OF_DAYS})
        select day, count(*) filter (
                where coalesce(letters, 0) <> coalesce(counted, 0)) as cells,
            {summed()} as letters, {summed("counted")} as counted
        from cells full join counted using (day, model_version, segment, decision, bin)
        join agreeing using (day)
        group by day having bool_or(coalesce(letters, 0) <> coalesce(counted, 0))""",
        "day desc",
    ),
    "refused_score_day": Question(
        f"select day, error from rollup.score_day_state where {_OF_DAYS} and error <> ''",
        "day desc",
    ),
}

QUALITY = SCORES | LABELS
