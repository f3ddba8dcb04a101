"""The terminal's commands, one module a subject, and what they share.

`cli.py` is the entry: it reads the clock and the environment and hands both over. Heavy imports
happen inside the commands, so that --help is quick.
"""

from db.terminal.printing import (
    Refused,
    StoreFails,
    Written,
    echo,
    echo_json,
    print_evidence,
    refuse_unknown,
    reporting,
)
from db.terminal.surroundings import Surroundings

__all__ = [
    "Refused",
    "StoreFails",
    "Surroundings",
    "Written",
    "echo",
    "echo_json",
    "print_evidence",
    "refuse_unknown",
    "reporting",
]
