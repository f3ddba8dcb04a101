"""What core asks of a store: one reader protocol an area, and the plain values that it hands over.

Readers return counts as they are; what they mean is worked out in the area's module.
"""

from core.ports.alerts import (
    Acknowledgement,
    AlertReader,
    AlertRule,
    Delivery,
    Episode,
    Evaluation,
    Signal,
    Silence,
    Transition,
)
from core.ports.contract import ContractReader, Contradictions, TableExtent
from core.ports.counts import Counts
from core.ports.criteria import Criterion, Goal, GoalReader
from core.ports.experiment import (
    Amendment,
    BucketDays,
    BucketSlice,
    ExperimentDecision,
    ExperimentDefinition,
    ExperimentReader,
    ExperimentRows,
    MetricRule,
    PlannedVariant,
)
from core.ports.false_reports import (
    Arrivals,
    Claim,
    Exposure,
    FalseReportReader,
    FeedbackPulse,
    GroupCounts,
    Groups,
    Intake,
    Letter,
    RetrainingSet,
    Review,
    SecondOpinion,
    Topic,
)
from core.ports.overview import FillStep, OverviewReader, ProductSeries, TableFreshness, WorkerPulse
from core.ports.quality import Cells, LabelCounts, LabelLags, QualityReader, ScoreCounts
from core.ports.releases import Release
from core.ports.reliability import (
    Lifetime,
    Maintenance,
    Minutes,
    ReliabilityReader,
    ServingReader,
    Slice,
    Trend,
)
from core.ports.training import TrainingReader, TrainingRun

__all__ = [
    "Acknowledgement",
    "AlertReader",
    "AlertRule",
    "Amendment",
    "Arrivals",
    "BucketDays",
    "BucketSlice",
    "Cells",
    "Claim",
    "ContractReader",
    "Contradictions",
    "Counts",
    "Criterion",
    "Delivery",
    "Episode",
    "Evaluation",
    "ExperimentDecision",
    "ExperimentDefinition",
    "ExperimentReader",
    "ExperimentRows",
    "Exposure",
    "FalseReportReader",
    "FeedbackPulse",
    "FillStep",
    "Goal",
    "GoalReader",
    "GroupCounts",
    "Groups",
    "Intake",
    "LabelCounts",
    "LabelLags",
    "Letter",
    "Lifetime",
    "Maintenance",
    "MetricRule",
    "Minutes",
    "OverviewReader",
    "PlannedVariant",
    "ProductSeries",
    "QualityReader",
    "Release",
    "ReliabilityReader",
    "RetrainingSet",
    "Review",
    "ScoreCounts",
    "SecondOpinion",
    "ServingReader",
    "Signal",
    "Silence",
    "Slice",
    "TableExtent",
    "TableFreshness",
    "Topic",
    "TrainingReader",
    "TrainingRun",
    "Transition",
    "Trend",
    "WorkerPulse",
]
