"""Labels and scores that break a rule."""

from db.readers.contradictions.question import Question

# Labels by the bin of their score. A score at the very edge of a bin may fall on either side of it
# in another language's floating point: such a label is given the benefit of both bins. The newest
# hours are left out, since their scores may not have been counted yet.
_LABELS = """
    with labels as (
        select date_trunc('hour', predicted_at, 'UTC') as hour, model_version, segment, decision,
            letter_id, bin, other_bin
        from metrics.labelled_letter
        cross join lateral (select case
            when score <= 0 then -100 when score >= 1 then 99
            else 10 * ln(score / (1 - score)) end as scaled) as logit
        cross join lateral (select
            least(greatest(floor(scaled + 1e-9), -100), 99)::smallint as bin,
            least(greatest(floor(scaled - 1e-9), -100), 99)::smallint as other_bin) as binned
        where service = :service and predicted_at >= :start
            and predicted_at < date_trunc('hour', :as_of, 'UTC') - interval '1 hour'),
    population as (
        select hour, model_version, decision, bin, sum(letters)::bigint as letters
        from metrics.score_hour
        where service = :service and hour >= date_trunc('hour', :start, 'UTC') and hour < :as_of
        group by hour, model_version, decision, bin having sum(letters) > 0)"""
_LABEL_KEY = "hour, model_version, decision, bin"
_LABEL_ORDER = 'hour desc, labels desc, model_version collate "C", decision, bin'

QUALITY = {
    "label_without_population": Question(
        f"""{_LABELS}
        select {_LABEL_KEY}, count(*) as labels, min(letter_id collate "C") as letter_id
        from labels where not exists (
            select from population
            where population.hour = labels.hour
                and population.model_version = labels.model_version
                and population.decision = labels.decision
                and population.bin in (labels.bin, labels.other_bin))
        group by {_LABEL_KEY}""",
        _LABEL_ORDER,
    ),
    "more_labels_than_letters": Question(
        f"""{_LABELS}
        select {_LABEL_KEY}, labels, letters
        from (select {_LABEL_KEY}, count(*) as labels from labels
              where bin = other_bin group by {_LABEL_KEY}) as labelled
        join population using ({_LABEL_KEY})
        where labels > letters""",
        _LABEL_ORDER,
    ),
    "label_in_unknown_segment": Question(
        """
        select segment, count(*) as labels from metrics.labelled_letter
        where service = :service and predicted_at >= :start
            and predicted_at < date_trunc('hour', :as_of, 'UTC') - interval '1 hour'
            and segment not in (
                select segment from metrics.score_hour
                where service = :service and hour >= date_trunc('hour', :start, 'UTC')
                    and hour < :as_of)
        group by segment""",
        'labels desc, segment collate "C"',
    ),
    # Only where scores are written at all, and only hours that have been over for an hour.
    "scores_and_letters": Question(
        """
        select hour, model_version, coalesce(scored, 0) as scored, coalesce(letters, 0) as letters,
            coalesce(answered, 0) as answered
        from (
            select hour, model_version, sum(letters)::bigint as scored from metrics.score_hour
            where service = :service and hour >= :start and hour < :as_of - interval '2 hours'
            group by hour, model_version) as by_score
        full join (
            select hour, model_version, sum(letters)::bigint as letters,
                sum(letters - errors)::bigint as answered
            from rollup.serving_hour
            where service = :service and hour >= :start and hour < :as_of - interval '2 hours'
            group by hour, model_version) as served using (hour, model_version)
        where (coalesce(scored, 0) < coalesce(answered, 0) * (1 - :share) - :letters
            or coalesce(scored, 0) > coalesce(letters, 0) * (1 + :share) + :letters)
            and exists (select from metrics.score_hour
                where service = :service and hour >= :start and hour < :as_of)""",
        'hour desc, model_version collate "C"',
    ),
}
