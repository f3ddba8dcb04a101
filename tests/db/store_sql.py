"""All SQL of the store that names a table: gathered from the modules, as they would send it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from types import ModuleType

import sqlglot
from sqlalchemy import TextClause
from sqlglot import exp

import db

#: Not of a running store: the demo writes as any serving stack would, by upserts that the writer's
#: tests cover; migrations run before anything is distributed.
ELSEWHERE = ("db.demo", "db.migrations", "db.backup")
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")
_SLICE = re.compile(r"\[\w+:\w+\]")  # no parameter: part of an array
_PREPARED = re.compile(r"^\s*prepare \w+ \([^)]*\) as\s")
_UNFILLED = re.compile(r"\{\w+\}")  # a condition more, in some uses
_NO_COLUMNS = re.compile(r"\bselect from\b", re.IGNORECASE)
_BEGINNING = re.compile(r"^[\s(]*(with|select|insert|update|delete|prepare)\b", re.I)


def modules() -> Iterator[ModuleType]:
    """Every module whose SQL runs on a store in use."""
    for found in pkgutil.walk_packages(db.__path__, "db."):
        if not found.name.startswith(ELSEWHERE):
            yield importlib.import_module(found.name)


@cache
def statements() -> Mapping[str, str]:
    """Every whole statement that the modules hold, by where it was found first.

    Of strings, only those that begin as a statement does: pieces of others are in those.
    """
    found: dict[str, str] = {}
    for module in modules():
        for name, value in vars(module).items():
            if name.startswith("__") or isinstance(value, ModuleType):
                continue
            for statement in _texts(value):
                found.setdefault(_PREPARED.sub("", statement), f"{module.__name__}.{name}")
        for function, statement in _inside(module):
            found.setdefault(statement, f"{module.__name__}.{function}")
    numbered: dict[str, int] = {}
    named: dict[str, str] = {}
    for statement, where in found.items():
        numbered[where] = numbered.get(where, 0) + 1
        key = where if numbered[where] == 1 else f"{where} ({numbered[where]})"
        named[key] = statement
    return named


def _inside(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Statements that stand in functions; what is put into them when they run is left out."""
    for function in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr):
                pieces = [piece for piece in node.values if isinstance(piece, ast.Constant)]
                found = "".join(str(piece.value) for piece in pieces)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = node.value
            else:
                continue
            if _BEGINNING.match(found):
                yield function.name, found


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, TextClause):
        yield value.text
    elif isinstance(value, str):
        if _BEGINNING.match(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each, depth + 1)
    elif isinstance(value, Iterable) and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _texts(each, depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type) and depth < 3:
        kept = [field.name for field in dataclasses.fields(value)]
        made = [
            name
            for name, member in vars(type(value)).items()
            if isinstance(member, (cached_property, property))
        ]
        for name in kept + made:
            yield from _texts(getattr(value, name), depth + 1)


@cache
def parsed(statement: str) -> list[exp.Expression]:
    """A statement, or several, as trees. Asked twice, it gives the same ones.

    Raises:
        sqlglot.errors.SqlglotError: the parser does not know it.
    """
    whole = _UNFILLED.sub("", _SLICE.sub("[1:1]", statement))
    plain = _PARAMETER.sub(r"'\1'", whole)
    return [
        tree
        for tree in sqlglot.parse(_NO_COLUMNS.sub("select 1 from", plain), dialect="postgres")
        if tree is not None
    ]
