"""Alerts: rules as data, what they say of a service, episodes, and how they went.

Modules of the package are imported by name where one of them is enough: the whole brings every
area's report with it.
"""
