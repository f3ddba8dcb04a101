"""Labels from a file: CSV or parquet into metrics.labelled_letter, all of it or nothing.

Columns are the contract's, in any order; `service` may be left out where the caller names it, and
`labeller` altogether. Every row is held to the rules that `MetricWriter` holds rows to; a row that
breaks one is refused with its line, and the others are stored in one transaction.
"""

from db.label_file.importing import import_labels
from db.label_file.outcome import LabelFileError, LabelImport, RefusedRow

__all__ = ["LabelFileError", "LabelImport", "RefusedRow", "import_labels"]
