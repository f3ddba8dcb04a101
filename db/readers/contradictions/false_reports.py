"""Reports of false decisions that break a rule."""

from db.readers.contradictions.question import Question

_OF_REPORTS = "where service = :service and reported_at >= :start and reported_at < :as_of"
_DAY = "(reported_at at time zone 'UTC')::date"
_NEWEST = 'reported_at desc, report_id collate "C"'

FALSE_REPORTS = {
    "report_keys_not_hashed": Question(
        f"""
        select report_id, "column", reported_at from metrics.false_report
        cross join lateral (values ('letter_key', letter_key), ('reporter_key', reporter_key),
            ('sender_domain', sender_domain)) as keys ("column", value)
        {_OF_REPORTS} and value ~ '[@[:space:]]'""",
        f'{_NEWEST}, "column"',
    ),
    "report_names_no_anonymiser": Question(
        f"""
        select {_DAY} as day, count(*) as reports, min(report_id collate "C") as report_id
        from metrics.false_report {_OF_REPORTS} and anonymiser ~ '^[[:space:]]*$'
        group by day""",
        "day desc",
    ),
    "report_left_personal_details": Question(
        f"""
        with taken as (
            select written.anonymiser, cleaned.masked
            from (select report_id, anonymiser from metrics.false_report {_OF_REPORTS}) as written
            join team.report_letter as cleaned
                on cleaned.service = :service and cleaned.report_id = written.report_id)
        select anonymiser, detail, reports, of, details from (
            select anonymiser, detail, count(*) as reports, sum(number::bigint)::bigint as details
            from taken cross join lateral jsonb_each_text(masked) as found (detail, number)
            group by anonymiser, detail) as found
        join (select anonymiser, count(*) as of from taken group by anonymiser) as counted
            using (anonymiser)
        where of >= :fewest and reports > :share * of""",
        'reports desc, anonymiser collate "C", detail collate "C"',
    ),
    "report_before_prediction": Question(
        f"""
        select report_id, predicted_at, reported_at from metrics.false_report
        {_OF_REPORTS} and reported_at < predicted_at""",
        _NEWEST,
    ),
    "report_against_score": Question(
        f"""
        select report_id, replace(kind, '_', ' ') as kind, score, threshold, reported_at
        from metrics.false_report
        {_OF_REPORTS} and (kind = 'false_positive') <> (score >= threshold)""",
        _NEWEST,
    ),
    # A version that serves letters and is not deployed is another rule's business.
    "report_of_unknown_version": Question(
        f"""
        select model_version, count(*) as reports from metrics.false_report
        {_OF_REPORTS} and model_version not in (
            select model_version from metrics.deployment where service = :service
            union all
            select model_version from rollup.serving_hour
            where service = :service and hour >= :start and hour < :as_of)
        group by model_version""",
        'reports desc, model_version collate "C"',
    ),
    # Keys of letters are hashes; only a stack that names its labels by the same hash is checked.
    "report_against_label": Question(
        f"""
        select report_id, replace(kind, '_', ' ') as kind, reported_at,
            case when label then 'positive' else 'negative' end as label
        from (select * from metrics.false_report {_OF_REPORTS}) as reported
        join metrics.labelled_letter as labelled
            on labelled.service = :service and labelled.model_version = reported.model_version
            and labelled.letter_id = reported.letter_key
        where (kind = 'false_positive') = label""",
        _NEWEST,
    ),
    "report_not_taken": Question(
        f"""
        select {_DAY} as day, count(*) as waiting, min(written_at) as since
        from metrics.false_report as written
        {_OF_REPORTS} and written_at < now() - :patience
            and not exists (
                select from team.report_letter as taken
                where taken.service = :service and taken.report_id = written.report_id
                    and taken.source_written_at = written.written_at)
        group by day""",
        "day desc",
    ),
    "training_on_unknown_set": Question(
        """
        select run_id, retraining_set, started_at from metrics.training_run
        where service = :service and started_at >= :start and started_at < :as_of
            and retraining_set <> '' and retraining_set not in (
                select set_id from team.retraining_set where service = :service)""",
        'started_at desc, run_id collate "C"',
    ),
}
