"""A store in one file, and a store from one: taken while everybody works, restored as a whole.

A backup holds rows, not the schema: the schema is made anew by the migrations, at the revision that
the rows were of, and brought to this code's revision afterwards. So a backup moves between servers
of any major version, embedded and external ones, and brings roles, grants and partitions along.
"""

from db.backup.contents import BackupError, Contents
from db.backup.restoring import restore
from db.backup.taking import take

__all__ = ["BackupError", "Contents", "restore", "take"]
