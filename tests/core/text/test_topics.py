"""Topics: what is clustered with what, by which words, and under which number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from core.text.topics import TELLING_WORDS, cluster
from tests.core.text.spoken import about

SUBJECTS = ("bank", "school", "travel")


def spoken(letters: int, *, seed: int = 1, first: int = 1) -> tuple[dict[int, str], dict[int, str]]:
    """Exemplars of as many groups about each subject, and what each group is about."""
    exemplars: dict[int, str] = {}
    subjects: dict[int, str] = {}
    for subject in SUBJECTS:
        for said in about(subject, letters, seed=seed):
            exemplars[first] = said
            subjects[first] = subject
            first += 1
    return exemplars, subjects


def by_subject(topics: Mapping[int, int], subjects: Mapping[int, str]) -> dict[str, int]:
    """The topic of most groups of each subject."""
    found: dict[str, Counter[int]] = {}
    for group_id, subject in subjects.items():
        found.setdefault(subject, Counter())[topics[group_id]] += 1
    return {subject: counted.most_common(1)[0][0] for subject, counted in found.items()}


def test_groups_about_the_same_thing_share_a_topic():
    exemplars, subjects = spoken(20)
    found = cluster(exemplars, {})
    numbers = by_subject(found.topics, subjects)
    assert sorted(numbers.values()) == [1, 2, 3]
    right = [found.topics[group_id] == numbers[subjects[group_id]] for group_id in exemplars]
    assert sum(right) >= 0.85 * len(right)
    wrong = [
        group_id
        for group_id in exemplars
        if found.topics[group_id] not in {0, numbers[subjects[group_id]]}
    ]
    assert wrong == []


def test_a_topic_tells_its_words_and_no_others():
    exemplars, subjects = spoken(20)
    found = cluster(exemplars, {})
    for subject, topic_id in by_subject(found.topics, subjects).items():
        words = found.words[topic_id]
        assert len(words) == TELLING_WORDS
        own = set(" ".join(about(subject, 40, seed=1)).split())
        assert set(words) <= own
        other = {
            word
            for one in SUBJECTS
            if one != subject
            for word in found.words[by_subject(found.topics, subjects)[one]]
        }
        assert not set(words) & other


def test_the_same_groups_give_the_same_topics():
    exemplars, _ = spoken(20)
    one, other = cluster(exemplars, {}), cluster(dict(reversed(exemplars.items())), {})
    assert (one.topics, one.words) == (other.topics, other.words)


def test_a_few_groups_have_no_topics_and_neither_have_groups_without_words():
    few = dict(enumerate(about("bank", 9, seed=1)))
    assert cluster(few, {}).words == {}
    assert set(cluster(few, {}).topics.values()) == {0}
    wordless = dict.fromkeys(range(30), "[PERSON_1] 12 !!!")
    assert set(cluster(wordless, {}).topics.values()) == {0}
    assert cluster({}, {}).topics == {}
    alike = dict.fromkeys(range(30), "слово")
    assert set(cluster(alike, {}).topics) == set(range(30))


def test_topics_keep_their_numbers_while_groups_come_and_go():
    exemplars, subjects = spoken(20)
    first = cluster(exemplars, {}, last_topic=40)
    numbers = by_subject(first.topics, subjects)
    assert min(numbers.values()) == 41
    more, of_more = spoken(15, seed=2, first=1000)
    later = dict(list(exemplars.items())[5:]) | more
    second = cluster(later, first.topics, last_topic=43)
    assert by_subject(second.topics, of_more) == numbers


def test_a_number_that_has_gone_never_comes_back():
    exemplars, subjects = spoken(20)
    first = cluster(exemplars, {})
    numbers = by_subject(first.topics, subjects)
    left = {group_id: said for group_id, said in exemplars.items() if subjects[group_id] != "bank"}
    second = cluster(left, first.topics, last_topic=3)
    assert numbers["bank"] not in set(second.topics.values())
    third = cluster(
        exemplars, {group_id: second.topics.get(group_id, 0) for group_id in exemplars},
        last_topic=3,
    )  # fmt: skip
    again = by_subject(third.topics, subjects)
    assert again["bank"] == 4
    assert (again["school"], again["travel"]) == (numbers["school"], numbers["travel"])
