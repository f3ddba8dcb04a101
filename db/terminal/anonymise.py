"""`cli.py anonymise`: letters as JSON lines, for serving stacks in other languages."""

from __future__ import annotations

import io
import sys

import click


@click.command()
def anonymise() -> None:
    """Anonymise JSON lines {"text": ..., ...} from standard input.

    The same line comes out with `text` anonymised, `spans` (where in the original text, which kind,
    which placeholder) and `anonymiser`. A line that cannot be read is named on standard error and
    left out; the others follow, and the exit code is 1.
    """
    from core.text.json_lines import Line, anonymise_lines

    # Bytes that are no UTF-8 come through as they are: they make no other letter wait.
    encoding, errors = "utf-8", "surrogateescape"
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding, errors)
    out = io.TextIOWrapper(sys.stdout.buffer, encoding, errors, line_buffering=True)
    failed = False
    for one in anonymise_lines(lines):
        if isinstance(one, Line):
            out.write(one.text + "\n")
        else:
            failed = True
            click.echo(one.problem, err=True)
    out.detach()
    sys.exit(1 if failed else 0)
