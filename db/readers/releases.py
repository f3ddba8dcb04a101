"""Deployments, which several areas mark in their charts."""

from datetime import datetime

from sqlalchemy import Connection, text

from core.ports import Release

_RELEASES = text("""
    select deployment_id, deployed_at, model_version, datacenter, stage, threshold, note
    from metrics.deployment
    where service = :service and deployed_at >= :start and deployed_at < :end
    order by deployed_at, deployment_id collate "C" """)


def releases(
    connection: Connection, service: str, start: datetime, end: datetime
) -> tuple[Release, ...]:
    """Deployments of a span, oldest first."""
    asked = {"service": service, "start": start, "end": end}
    return tuple(Release(*row) for row in connection.execute(_RELEASES, asked))
