"""What a check asks the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A query for rows that break a rule, and which of them come first.

    It takes :service, :start and :as_of, and the settings of its check.
    """

    query: str
    order: str


def summed(column: str = "letters") -> str:
    """The SQL of a sum of counts, 0 without any.

    It stops at the largest bigint: a check must outlive any row.
    """
    return f"least(coalesce(sum({column}), 0), 9223372036854775807)::bigint"
