"""Files of retraining sets, as dataset libraries read them; the same bytes from the same set."""

from db.retraining_export.exporting import Exported, csv_of, export_folder, export_zip

__all__ = ["Exported", "csv_of", "export_folder", "export_zip"]
