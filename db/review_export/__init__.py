"""Reviews as files: one HTML document that needs no network, and a PDF."""

from db.review_export.pack import Pack, drawings, pack

__all__ = ["Pack", "drawings", "pack"]
