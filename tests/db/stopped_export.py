"""Exports a set, and stops for good at one point: `python -m tests.db.stopped_export`.

Arguments: the store's address, service, set_id, target, and the point: "begun" (the folder is
there, and nothing in it), "rows" (some are written), "written" (all files are), "published" (it has
its name) or "none". At the point it prints its name and waits to be killed.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from db.engine import Role, normalise_url
from db.retraining_export import export_folder, exporting
from tests.conftest import open_store


def wait_to_be_killed(point: str) -> None:
    print(point, flush=True)
    threading.Event().wait()


def main(address: str, service: str, set_id: str, target: str, point: str) -> None:
    write_files, publish = exporting.write_files, exporting.publish

    def written(*given: Any) -> Any:
        if point == "begun":
            wait_to_be_killed(point)
        files = write_files(*given)
        if point == "written":
            wait_to_be_killed(point)
        return files

    def published(*given: Any) -> Any:
        found = publish(*given)
        if point == "published":
            wait_to_be_killed(point)
        return found

    def progress(done: int, total: int) -> None:
        if point == "rows" and 0 < done < total:
            wait_to_be_killed(point)

    exporting.write_files, exporting.publish = written, published
    with open_store(normalise_url(address)) as store:
        engine = store.engine(Role.APP)
        export_folder(engine, service, set_id, Path(target), progress=progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
