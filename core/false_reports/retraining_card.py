"""The card of a retraining set: README.md as dataset hubs show it, YAML before markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from core.false_reports.retraining_split import SPLITS
from core.tables import markdown, printable, unmarked

#: What a language code may look like; anything else a serving stack wrote is not said as one.
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
_STEPS = {
    "raw": "reports of false decisions",
    "deduplicated": "distinct texts among them (white space and digits aside)",
    "anonymised": "of these, anonymised and not erased",
    "reviewed": "of these, in groups that reviewers have decided",
    "confirmed": "of these, in groups whose decisions were false",
    "exported": "in this set",
}


def data_file(split: str, ending: str) -> str:
    """The path of a split's file, as dataset libraries look for it."""
    return f"data/{split}-00000-of-00001.{ending}"


def card(found: Mapping[str, Any]) -> str:
    """README.md of a set.

    Text of unknown origin is escaped: it cannot act as YAML or markdown.

    Args:
        found: the set's manifest, as the store keeps it.
    """
    return "\n\n".join([_header(found), *_body(found)]) + "\n"


def _header(found: Mapping[str, Any]) -> str:
    letters = found["letters"]
    languages = [code for code in found["languages"] if _LANGUAGE.fullmatch(code)]
    lines = ["---", f"pretty_name: {_quoted(found['set'])}"]
    if languages:
        lines += ["language:", *(f"- {_quoted(code)}" for code in languages)]
    lines += [
        "license: other",
        'license_name: "internal"',
        "task_categories:",
        "- text-classification",
        "size_categories:",
        f"- {next((name for most, name in _SIZES if letters < most), '1M<n<10M')}",
        "configs:",
    ]
    for name, ending in (("default", "parquet"), ("json_lines", "jsonl")):
        lines += [f"- config_name: {name}", "  data_files:"]
        for split in SPLITS:
            lines += [f"  - split: {split}", f"    path: {data_file(split, ending)}"]
    return "\n".join([*lines, "---"])


def _body(found: Mapping[str, Any]) -> list[str]:
    kind = {
        "incremental": "groups that no earlier set holds",
        "cumulative": "all confirmed groups, those of earlier sets too",
    }[found["kind"]]
    parent = f" It follows {unmarked(found['parent'])}." if found["parent"] else ""
    return [
        f"# {unmarked(found['set'])}",
        (
            f"Letters on which the classifier of {unmarked(found['service'])} was wrong, as people "
            f"reported and reviewers confirmed. Made by {unmarked(found['created_by'])} at "
            f"{found['created_at']} with Greenlight {found['greenlight']}.{parent}"
        ),
        (
            "License: internal. The letters belong to those who wrote and received them; they are "
            "for training and testing this classifier, and go no further."
        ),
        "## How it was made",
        (
            f"It takes {kind}. A row is one distinct text of a group of near-duplicates: texts "
            "that differ in white space and digits alone are one, and the column reports says how "
            "many reports it stands for. Of one group at most "
            f"{found['variants']:,} texts are taken."
        ),
        (
            f"Train and test are split by group ({found['split']['method']}, "
            f"{found['split']['test_percent']} % of the groups for the test), and groups that "
            "share a letter or are near-duplicates of each other stay together. A group keeps its "
            "split in later sets, so a model that was trained on this one may be tested on theirs."
        ),
        (
            "The false decisions are a sample of the hard cases: a share of errors, a precision or "
            "a recall measured on them says nothing about all letters."
        ),
        "## Counts",
        _counts(found),
        *_left_out(found),
        "## Columns",
        markdown(
            ("column", "type", "meaning"),
            [(one["name"], one["type"], one["meaning"]) for one in found["schema"]],
        ),
        "## Reviewers",
        _reviewers(found),
        "## Personal details",
        _personal(found),
        "## Withdrawals",
        "Whoever sent or received a letter may ask for its erasure. Greenlight then makes a "
        "corrected version without it (this one's number, a point, and a count) and refuses to "
        "export this version. Before each training, ask whether the version at hand still "
        "stands, and delete it if not." + _withdrawn(found),
    ]


def _counts(found: Mapping[str, Any]) -> str:
    steps = [(f"{found['counts'][name]:,}", meaning) for name, meaning in _STEPS.items()]
    parts = [
        (split, *(f"{found['splits'][split][of]:,}" for of in ("letters", "groups")))
        for split in SPLITS
    ]
    names = {"false": "not a newsletter", "true": "a newsletter"}
    labels = [
        (f"{label} ({names[label]})", f"{count:,}") for label, count in found["labels"].items()
    ]
    languages = [(code or "not told", f"{count:,}") for code, count in found["languages"].items()]
    return "\n\n".join(
        [
            markdown(("count", "what"), steps),
            markdown(("split", "letters", "groups"), parts),
            markdown(("label", "letters"), labels),
            markdown(("language", "letters"), languages),
        ]
    )


def _left_out(found: Mapping[str, Any]) -> list[str]:
    if not found["exclusions"]:
        return []
    rows = [
        (f"{one['reports']:,}", f"{one['groups']:,}", one["sentence"])
        for one in found["exclusions"]
    ]
    return ["Left out when it was made:", markdown(("reports", "groups", "why"), rows)]


def _reviewers(found: Mapping[str, Any]) -> str:
    number = found["reviewers"]
    said = f"{number:,} {'person' if number == 1 else 'people'} confirmed these groups."
    agreed = found["agreement"]
    if agreed is None:
        return f"{said} How far reviewers agree was not measured."
    alpha = agreed["alpha"]
    measured = "cannot be computed" if alpha is None else f"is {alpha:.2f}"
    return (
        f"{said} On {agreed['n']:,} groups that more than one person judged blind, "
        f"{100 * agreed['raw']:.1f} % of the pairs of votes are equal; Krippendorff's alpha "
        f"{measured}."
    )


def _personal(found: Mapping[str, Any]) -> str:
    names = ", ".join(unmarked(name) for name in found["anonymisers"]) or "none"
    said = (
        f"Names, addresses, numbers and the like were replaced by placeholders such as "
        f"\\[PERSON\\_1\\] (anonymiser: {names}). No anonymiser finds everything: read a sample "
        "by hand before the set leaves the house."
    )
    return f"{said} {found['residual_risk']['sentence']}"


def _withdrawn(found: Mapping[str, Any]) -> str:
    number = found["withdrawn"]
    if not number:
        return ""
    have = "letter has" if number == 1 else "letters have"
    return f" {number:,} {have} been withdrawn since the set was first made."


def _quoted(value: str) -> str:
    """A text of YAML, which takes JSON's."""
    return json.dumps(printable(value), ensure_ascii=False)
