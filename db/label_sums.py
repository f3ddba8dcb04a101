"""The sums of labels that the report is made of, in SQL: the same for a day and for a span."""

from core.stats.scores import ALL_BINS, lower_edge

#: Lower edges of bins -99..99, as PostgreSQL reads an array. Python writes every digit of a float,
#: so that width_bucket finds the very bin that `core.stats.scores.score_bins` does.
EDGES = "{" + ",".join(repr(lower_edge(int(number))) for number in ALL_BINS[1:]) + "}"
#: The bin of a score, counted from 0, with the edges as the parameter `:edges`.
INDEX_OF_SCORE = "width_bucket(score, cast(:edges as double precision[]))"
#: A label that stands for more letters than this stands for none that exist; its square would not
#: be a number any more.
_LEAST = "1e-100::double precision"
#: How many letters a label stands for.
WEIGHT = f"1 / greatest(inclusion_probability, {_LEAST})"
#: The sums, over rows with `label` and `weight`.
SUMS = """count(*) as labels, count(*) filter (where label) as positives, sum(weight) as weight,
            sum(weight * weight) as weight_squared,
            coalesce(sum(weight) filter (where label), 0) as weight_positive"""
#: Their names, and how PostgreSQL's send functions write them.
KINDS = {
    "labels": "int8",
    "positives": "int8",
    "weight": "float8",
    "weight_squared": "float8",
    "weight_positive": "float8",
}
