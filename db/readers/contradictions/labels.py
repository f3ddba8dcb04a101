"""Labels that break a rule."""

from db.readers.contradictions.question import Question, summed

# Labels by the bin of their score. A score at the very edge of a bin may fall on either side of it
# in another language's floating point: such a label is given the benefit of both bins. The newest
# hours are left out, since their scores may not have been counted yet, and so is what the candidate
# of a shadow run decided: score_hour counts the decisions that users saw.
_BINNED = f"""
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
            and predicted_at < date_trunc('hour', :as_of, 'UTC') - interval '1 hour'
            and model_version not in (
                select candidate_version from metrics.shadow_hour
                where service = :service and hour >= date_trunc('hour', :start, 'UTC')
                    and hour < :as_of)),
    population as (
        select hour, model_version, decision, bin, {summed()} as letters
        from metrics.score_hour
        where service = :service and hour >= date_trunc('hour', :start, 'UTC') and hour < :as_of
        group by hour, model_version, decision, bin having sum(letters) > 0)"""
_KEY = "hour, model_version, decision, bin"
_ORDER = 'hour desc, labels desc, model_version collate "C", decision, bin'
_SAME_DECISION = """select from population
            where population.hour = labels.hour
                and population.model_version = labels.model_version
                and population.decision = labels.decision and"""
# Labels of cells without a letter, and how many letters the other decision has there. By joins: a
# stack that gets it wrong gets it wrong for every label.
_LONELY = f"""{_BINNED},
    lonely as materialized (
        select {_KEY}, other_bin, count(*) as labels, min(letter_id collate "C") as letter_id
        from labels where not exists ({_SAME_DECISION} population.bin = labels.bin)
            and not exists ({_SAME_DECISION} population.bin = labels.other_bin)
        group by {_KEY}, other_bin),
    beside as (
        select lonely.*, greatest(own.letters, near.letters, 0) as others
        from lonely
        left join population as own on own.hour = lonely.hour
            and own.model_version = lonely.model_version and own.bin = lonely.bin
        left join population as near on near.hour = lonely.hour
            and near.model_version = lonely.model_version and near.bin = lonely.other_bin)
    select {_KEY}, sum(labels)::bigint as labels, min(letter_id collate "C") as letter_id,
        max(others) as others
    from beside"""
_WEIGHT = "1 / greatest(inclusion_probability, 1e-100)"

LABELS = {
    "label_without_population": Question(
        f"{_LONELY} where others = 0 group by {_KEY}",
        _ORDER,
    ),
    "label_against_decision": Question(
        f"{_LONELY} where others > 0 group by {_KEY}",
        _ORDER,
    ),
    "more_labels_than_letters": Question(
        f"""{_BINNED}
        select {_KEY}, labels, letters
        from (select {_KEY}, count(*) as labels from labels
              where bin = other_bin group by {_KEY}) as labelled
        join population using ({_KEY})
        where labels > letters""",
        _ORDER,
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
    # The standard error of a sum of weights is about the root of the sum of their squares.
    "weights_against_letters": Question(
        f"""
        with weighed as (
            select (predicted_at at time zone 'UTC')::date as day, model_version, decision,
                count(*) as labels, sum({_WEIGHT}) as weight,
                sqrt(sum({_WEIGHT} * {_WEIGHT})) as error
            from metrics.labelled_letter
            where service = :service
                and predicted_at >= date_trunc('day', :start, 'UTC') + interval '1 day'
                and predicted_at < date_trunc('day', :as_of - :late, 'UTC')
            group by 1, 2, 3 having count(*) >= :fewest),
        counted as (
            select day, model_version, decision, {summed()} as letters
            from rollup.score_day
            where service = :service and day > (:start at time zone 'UTC')::date
                and day < ((:as_of - :late) at time zone 'UTC')::date
            group by day, model_version, decision)
        select day, model_version, decision, labels,
            least(round(weight), 1e18)::bigint as weight, letters
        from weighed join counted using (day, model_version, decision)
        where (weight > :factor * letters or weight * :factor < letters)
            and abs(weight - letters::double precision) > :errors * error""",
        'day desc, model_version collate "C", decision',
    ),
    "very_late_label": Question(
        """
        select model_version, letter_id, predicted_at, labelled_at from metrics.labelled_letter
        where service = :service and labelled_at >= :start and labelled_at < :as_of
            and labelled_at - predicted_at > :longest""",
        'labelled_at desc, model_version collate "C", letter_id collate "C"',
    ),
    "labeller_with_one_answer": Question(
        """
        select labeller, count(*) as labels, bool_or(label) as answer,
            count(*) filter (where decision) as positive,
            count(*) filter (where not decision) as negative
        from metrics.labelled_letter
        where service = :service and predicted_at >= :start and predicted_at < :as_of
        group by labeller
        having count(*) >= :fewest and bool_or(label) = bool_and(label)
            and least(count(*) filter (where decision), count(*) filter (where not decision))
                >= :fewest_of_each""",
        'labels desc, labeller collate "C"',
    ),
}
