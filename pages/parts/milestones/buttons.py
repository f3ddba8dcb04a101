"""The buttons of what is in the plan already."""

from __future__ import annotations

from pages.parts.forms import Button

CHANGE = Button("Store the change", ":material/edit:", primary=True)
REMOVE = Button("Take it out of the plan", ":material/delete:")
