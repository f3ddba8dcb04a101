"""The demo's real service: it scores Spambase's letters and writes the metric tables."""

from db.demo.spambase.service import run_spambase

__all__ = ["run_spambase"]
