"""A definition of an experiment from a JSON file, refused where a form would refuse it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Engine

from core.experiment.definition import parse
from core.ports import ExperimentDefinition
from db.team.experiments import create


class FileError(ValueError):
    """The file is no JSON object; the message says where, in words its author can act on."""


def define_from_file(engine: Engine, path: Path, *, by: str, at: datetime) -> ExperimentDefinition:
    """Define the experiment of a file; defining the same one again changes nothing.

    The file holds one object of the fields of `core.experiment.definition.as_fields`, and a
    "reason" where the experiment has started already.

    Args:
        engine: the store, as greenlight_app.
        path: a JSON file in UTF-8.
        by: who defines it.
        at: now.

    Raises:
        FileError: there is no JSON object in it.
        DefinitionError: fields are missing, wrong or unknown; each is named.
        ConflictError: the experiment is defined already, and otherwise.
    """
    fields = _read(path)
    reason = fields.pop("reason", "")
    wanted = parse(fields)
    return create(engine, wanted, by=by, at=at, reason=reason if isinstance(reason, str) else "")


def _read(path: Path) -> dict[str, Any]:
    try:
        # With or without a byte order mark: some editors write one.
        found = json.loads(
            path.read_text(encoding="utf-8-sig"),
            object_pairs_hook=_each_once,
            parse_constant=_refuse_constant,
        )
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path} is not UTF-8: byte {error.start + 1} fits no character."
        ) from error
    except json.JSONDecodeError as error:
        raise FileError(
            f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise FileError(f"{path} is nested too deeply for a definition.") from error
    except _UnreadableError as error:
        raise FileError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise FileError(f"{path} must hold one object {{...}}, and holds a {type(found).__name__}.")
    return found


class _UnreadableError(ValueError):
    """What JSON allows, or Python's reader of it, and a definition does not."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _UnreadableError(f"the field {name!r} is there twice.")
    return dict(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise _UnreadableError(f"{name} is no number of JSON.")
