"""Text of unknown origin inside markdown."""

from __future__ import annotations


def plain(text: str) -> str:
    """Text with what markdown would act on defused."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-!|<>~$:" else sign for sign in text)
