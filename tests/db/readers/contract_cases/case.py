"""A case of a broken rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What breaks a rule, how often it is then found, and what the newest example says."""

    breaks: tuple[str, ...]
    total: int
    key: str
    wrong: str
