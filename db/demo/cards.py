"""What is documented about the demo's services: newsletters all of it, spambase not yet."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from db.demo.newsletters.story import SERVICE, Scenario
from db.demo.on_call import MEMBERS, SPAMBASE, SPAMBASE_MEMBERS
from db.team.audit import ConflictError
from db.team.cards import save_card

_NEWSLETTERS = {
    "repository": "simulated: git.example.com/mail/newsletter-classifier, folder serving",
    "logs": (
        "simulated: /var/log/newsletters/*.log on every instance, kept for 14 days;\n"
        "all of them in the log store under service:newsletters, kept for 90 days"
    ),
    "problems": (
        "**A datacenter is lost.** The balancer moves its letters within two minutes; until then "
        "they get no answer. Check that the others carry the load (Latency and SLA, load), and do "
        "not release anything until it is back.\n\n"
        "**Slow letters on one instance.** Nearly always its cache: look at `cache.entries`, and "
        "restart the instance if it has reached `cache.max_entries`.\n\n"
        "**Slow letters everywhere.** The feature store. Ask its team before touching anything "
        "here.\n\n"
        "**Rows are missing, and letters are answered.** The collector of metrics is down: the "
        "service is well, and nobody can see that it is. Restart the collector.\n"
    ),
    "knobs": (
        "| knob | in production | what it does |\n"
        "| --- | --- | --- |\n"
        "| `threshold` | see Quality | score from which a letter leaves the Inbox |\n"
        "| `cache.max_entries` | 2,000,000 | an unbounded cache made the first canary slow |\n"
        "| `batch.max_wait_ms` | 3 | longer batches cost latency and save GPUs |\n"
        "| `balancer.weights` | 36 : 33 : 31 | letters of dc1, dc2 and dc3; 0 drains one |\n"
    ),
}
#: Its logs are missing: an incomplete card is something to see, too.
_SPAMBASE = {
    "repository": "Greenlight's own, folder db/demo/spambase",
    "logs": "",
    "problems": (
        "**Slow letters.** The machine is busy: letters wait in the queue until the classifier "
        "gets a processor. Close what else runs on it.\n\n"
        "**Errors.** The queue is full, and letters that come are refused. The same remedy.\n"
    ),
    "knobs": (
        "Constants in `db/demo/spambase/service.py`:\n\n"
        "| knob | what it does |\n"
        "| --- | --- |\n"
        "| `LETTERS_PER_SECOND` | how many letters come, on average |\n"
        "| `BATCH` | letters scored in one call |\n"
        "| `QUEUE` | letters that may wait before others are refused |\n"
    ),
}
_CARDS: Mapping[str, tuple[Mapping[str, str], str]] = {
    SERVICE: (_NEWSLETTERS, MEMBERS[0]),
    SPAMBASE: (_SPAMBASE, SPAMBASE_MEMBERS[0]),
}


def seed_cards(app: Engine, scenario: Scenario) -> None:
    """Write the cards; one that somebody has written already stays as it is.

    Args:
        app: the store, as greenlight_app.
        scenario: the cards are as old as its history.
    """
    for service, (said, by) in _CARDS.items():
        try:
            save_card(app, service, None, said, by=by, at=scenario.first_moment)
        except ConflictError:
            continue
