"""What a check asks the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A query for rows that break a rule, and which of them come first.

    It takes :service, :start and :as_of, and the settings of its check.
    """

    query: str
    order: str
