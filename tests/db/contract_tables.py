"""The metric contract as it was agreed: serving stacks in other houses are written against this.

Kept apart from the migrations on purpose. Revisions may add to it, and never rename or drop.
"""

from dataclasses import dataclass

TIME = "timestamp with time zone"
WRITTEN_AT = f"written_at {TIME} default now()"


@dataclass(frozen=True)
class Table:
    """A table's columns (a type, then `null` and a default where there is one), key and checks."""

    columns: tuple[str, ...]
    key: str
    checks: frozenset[str] = frozenset()


CONTRACT = {
    "serving_minute": Table(
        (
            "service text",
            f"minute {TIME}",
            "datacenter text",
            "instance text",
            "model_version text",
            "letters bigint",
            "errors bigint",
            "slow bigint",
            "latency integer[]",
            WRITTEN_AT,
        ),
        "service, minute, datacenter, instance, model_version",
        frozenset(
            {
                "letters >= 0",
                "errors >= 0",
                "slow >= 0",
                "(errors + slow) <= letters",
            }
        ),
    ),
    "heartbeat": Table(
        (
            "service text",
            "component text",
            "instance text",
            "datacenter text default ''::text",
            f"started_at {TIME}",
            f"beat_at {TIME}",
            f"stopped_at {TIME} null",
        ),
        "service, component, instance",
    ),
    "score_hour": Table(
        (
            "service text",
            f"hour {TIME}",
            "model_version text",
            "segment text",
            "decision boolean",
            "bin smallint",
            "letters bigint",
            WRITTEN_AT,
        ),
        "service, hour, model_version, segment, decision, bin",
        frozenset({"(bin >= '-100'::integer) AND (bin <= 99)", "letters >= 0"}),
    ),
    "labelled_letter": Table(
        (
            "service text",
            "model_version text",
            "letter_id text",
            f"predicted_at {TIME}",
            f"labelled_at {TIME}",
            "segment text",
            "score double precision",
            "decision boolean",
            "label boolean",
            "inclusion_probability double precision",
            "labeller text default ''::text",
            WRITTEN_AT,
        ),
        "service, model_version, letter_id",
        frozenset(
            {
                "(score >= (0)::double precision) AND (score <= (1)::double precision)",
                (
                    "(inclusion_probability > (0)::double precision) AND "
                    "(inclusion_probability <= (1)::double precision)"
                ),
                "labelled_at >= predicted_at",
            }
        ),
    ),
    "false_report": Table(
        (
            "service text",
            "report_id text",
            f"reported_at {TIME}",
            f"predicted_at {TIME}",
            "kind text",
            "source text",
            "letter_key text",
            "reporter_key text",
            "sender_domain text default ''::text",
            "language text default ''::text",
            "segment text default ''::text",
            "model_version text",
            "score double precision",
            "threshold double precision",
            "text text",
            "anonymiser text",
            WRITTEN_AT,
        ),
        "service, report_id",
        frozenset(
            {
                "kind = ANY (ARRAY['false_positive'::text, 'false_negative'::text])",
                "source = ANY (ARRAY['user'::text, 'assessor'::text, 'shadow'::text])",
                "(score >= (0)::double precision) AND (score <= (1)::double precision)",
            }
        ),
    ),
    "experiment_bucket_day": Table(
        (
            "service text",
            "experiment text",
            "variant text",
            "dimension text default 'all'::text",
            "value text default 'all'::text",
            "day date",
            "bucket smallint",
            "new_users bigint",
            "active_users bigint",
            "letters bigint",
            "complaints bigint",
            "sessions bigint",
            "session_seconds double precision",
            "revenue double precision",
            WRITTEN_AT,
        ),
        "service, experiment, variant, dimension, value, day, bucket",
        frozenset({"(bucket >= 0) AND (bucket <= 499)"}),
    ),
    "experiment_bucket_before": Table(
        (
            "service text",
            "experiment text",
            "variant text",
            "bucket smallint",
            "users bigint",
            "active_users bigint",
            "letters bigint",
            "complaints bigint",
            "sessions bigint",
            "session_seconds double precision",
            "revenue double precision",
            WRITTEN_AT,
        ),
        "service, experiment, variant, bucket",
        frozenset({"(bucket >= 0) AND (bucket <= 499)"}),
    ),
    "product_day": Table(
        (
            "service text",
            "day date",
            "metric text",
            "segment text default 'all'::text",
            "value double precision",
            WRITTEN_AT,
        ),
        "service, day, metric, segment",
    ),
    "deployment": Table(
        (
            "service text",
            "deployment_id text",
            f"deployed_at {TIME}",
            "model_version text",
            "datacenter text default ''::text",
            "stage text",
            "threshold double precision null",
            "note text default ''::text",
            WRITTEN_AT,
        ),
        "service, deployment_id",
        frozenset(
            {
                (
                    "stage = ANY (ARRAY['shadow'::text, 'canary'::text, 'production'::text, "
                    "'rolled_back'::text, 'retired'::text])"
                )
            }
        ),
    ),
    "shadow_hour": Table(
        (
            "service text",
            f"hour {TIME}",
            "production_version text",
            "candidate_version text",
            "segment text default 'all'::text",
            "both_positive bigint",
            "production_only bigint",
            "candidate_only bigint",
            "both_negative bigint",
            "candidate_errors bigint",
            "candidate_slow bigint",
            "user_visible bigint default 0",
            WRITTEN_AT,
        ),
        "service, hour, production_version, candidate_version, segment",
    ),
    "training_run": Table(
        (
            "service text",
            "run_id text",
            f"started_at {TIME}",
            f"finished_at {TIME} null",
            "status text",
            "model_version text",
            "parent_version text default ''::text",
            "letters_raw bigint",
            "letters_deduplicated bigint",
            "letters_anonymised bigint",
            "letters_trained bigint",
            "retraining_set text default ''::text",
            "note text default ''::text",
            WRITTEN_AT,
        ),
        "service, run_id",
        frozenset(
            {
                "status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text])",
                (
                    "(letters_raw >= letters_deduplicated) AND "
                    "(letters_deduplicated >= letters_anonymised)"
                ),
            }
        ),
    ),
}
