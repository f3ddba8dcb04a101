"""What groups of letters are about: clusters of their exemplars, each with its telling words.

TF-IDF of word stems, reduced by a truncated singular value decomposition (latent semantic analysis,
Deerwester et al. 1990) and clustered by HDBSCAN (Campello, Moulavi, Sander 2013), which leaves what
belongs nowhere without a topic. A topic's words are those with the highest class-based TF-IDF
(Grootendorst, "BERTopic", 2022): frequent in the topic, rare in the others.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text.quotes import body
from core.text.stop_words import STOP_WORDS

#: With fewer groups than this there is nothing to sort.
FEWEST_GROUPS = 10
#: The newest groups that are clustered; older ones keep the topic that they have.
MOST_GROUPS = 20_000
TELLING_WORDS = 6
SEED = 20261126

_DIMENSIONS = 30
#: A topic is at least this many groups; more, where there are many.
_SMALLEST = 3
_STEM = 6
_MOST_STEMS = 20_000
_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]|https?://\S+|\S{1,64}@\S+")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Clusters:
    """Topics of groups.

    Attributes:
        topics: topic_id by group_id; 0 for a group without one.
        words: the telling words by topic_id, the most telling first.
    """

    topics: Mapping[int, int]
    words: Mapping[int, tuple[str, ...]]


def cluster(
    exemplars: Mapping[int, str], before: Mapping[int, int], *, last_topic: int = 0
) -> Clusters:
    """Sort groups into topics.

    A topic keeps its number from one refresh to the next, as long as most of its groups stay
    together, so that a link to it goes on meaning the same. A number that has gone never returns.

    Args:
        exemplars: the anonymised text of each group's exemplar, by group_id.
        before: topic_id by group_id at the last refresh, 0 without one.
        last_topic: the highest number ever given.

    Returns:
        A topic for every group named in `exemplars`; none for any with fewer than ten groups.
    """
    group_ids = sorted(exemplars)
    if len(group_ids) < FEWEST_GROUPS:
        return Clusters(dict.fromkeys(group_ids, 0), {})
    spoken = [_words(exemplars[group_id]) for group_id in group_ids]
    labels = _labels([" ".join(map(_stem, words)) for words in spoken])
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, label in enumerate(labels.tolist()):
        if label >= 0:
            members[label].append(at)
    numbers = _numbers(
        {label: [group_ids[at] for at in inside] for label, inside in members.items()},
        before,
        last_topic,
    )
    telling = _telling({label: [spoken[at] for at in inside] for label, inside in members.items()})
    return Clusters(
        {
            group_id: numbers.get(label, 0)
            for group_id, label in zip(group_ids, labels.tolist(), strict=True)
        },
        {numbers[label]: telling[label] for label in sorted(members, key=numbers.__getitem__)},
    )


def _words(text: str) -> list[str]:
    said = _PLACEHOLDER.sub(" ", body(text)).lower()
    return [word for word in _WORD.findall(said) if word not in STOP_WORDS]


def _stem(word: str) -> str:
    """The beginning of a word, which its forms share: enough for clusters, shown to nobody."""
    return word.replace("ё", "е")[:_STEM]


def _labels(documents: Sequence[str]) -> NDArray[np.int64]:
    """The cluster of each document, -1 for none."""
    # scikit-learn takes 3 s to import: only whoever refreshes topics pays for it.
    from sklearn.cluster import HDBSCAN
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    nothing = np.full(len(documents), -1, dtype=np.int64)
    with_words = np.flatnonzero([bool(document) for document in documents])
    if with_words.size < FEWEST_GROUPS:
        return nothing
    vectorizer = TfidfVectorizer(
        token_pattern=r"\S+",  # nosec B106
        sublinear_tf=True,
        max_features=_MOST_STEMS,
        dtype=np.float64,
    )
    weights = vectorizer.fit_transform([documents[at] for at in with_words.tolist()])
    dimensions = min(_DIMENSIONS, min(weights.shape) - 1)
    if dimensions < 2:
        return nothing
    reduced = TruncatedSVD(dimensions, random_state=SEED).fit_transform(weights)
    smallest = max(_SMALLEST, round(with_words.size**0.5 / 3))
    found = HDBSCAN(
        min_cluster_size=smallest, min_samples=2, algorithm="kd_tree", copy=True,
    ).fit_predict(normalize(reduced))  # fmt: skip
    labels = nothing.copy()
    labels[with_words] = found
    return labels


def _numbers(
    members: Mapping[int, Sequence[int]], before: Mapping[int, int], last_topic: int
) -> dict[int, int]:
    """The topic_id of each cluster: of the topic it shares the most groups with, or a new one."""
    shared = Counter(
        (label, before[group_id])
        for label, inside in members.items()
        for group_id in inside
        if before.get(group_id)
    )
    numbers: dict[int, int] = {}
    given: set[int] = set()
    ranked = sorted(shared.items(), key=lambda one: (-one[1], one[0][1], min(members[one[0][0]])))
    for (label, topic), _ in ranked:
        if label not in numbers and topic not in given:
            numbers[label] = topic
            given.add(topic)
    following = max([last_topic, *before.values()], default=0)
    for label in sorted(members, key=lambda label: min(members[label])):
        if label not in numbers:
            following += 1
            numbers[label] = following
    return numbers


def _telling(spoken: Mapping[int, Sequence[Sequence[str]]]) -> dict[int, tuple[str, ...]]:
    """The telling words of each cluster, by class-based TF-IDF: tf * log(1 + A / f).

    tf is how often a stem occurs in the cluster's letters, f in all of them, and A is the mean
    number of words in a cluster. A stem is shown as the form in which the cluster uses it most.
    """
    by_cluster = {
        label: Counter(_stem(word) for words in letters for word in words)
        for label, letters in spoken.items()
    }
    everywhere: Counter[str] = Counter()
    for counted in by_cluster.values():
        everywhere.update(counted)
    mean = sum(everywhere.values()) / max(1, len(by_cluster))
    found: dict[int, tuple[str, ...]] = {}
    for label, counted in by_cluster.items():
        forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words in spoken[label]:
            for word in words:
                forms[_stem(word)][word] += 1
        weighed = {
            stem: times * float(np.log1p(mean / everywhere[stem]))
            for stem, times in counted.items()
        }
        best = sorted(weighed, key=lambda stem: (-weighed[stem], stem))[:TELLING_WORDS]
        found[label] = tuple(_usual(forms[stem]) for stem in best)
    return found


def _usual(forms: Mapping[str, int]) -> str:
    """The form of a word that is used most."""
    return min(forms, key=lambda word: (-forms[word], word))
