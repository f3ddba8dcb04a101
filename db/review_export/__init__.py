"""Reviews as files: one HTML document that needs no network, and a PDF."""

from db.review_export.pack import Drawn, Pack, draw, pack, unpack

__all__ = ["Drawn", "Pack", "draw", "pack", "unpack"]
