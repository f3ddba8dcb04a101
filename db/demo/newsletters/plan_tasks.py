"""The tasks of the simulated team: the lecture's matrix, and what else two quarters hold.

Days are told from the anchor's own, weekends fall back to the Friday before.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.ports.plan import DIRECTIONS
from db.demo.on_call import MEMBERS

HARDWARE, BACK_END, INFRASTRUCTURE, ML, PRODUCT = DIRECTIONS
DMITRI, ELENA, FARID = MEMBERS
VERA = "simulated: Вера"
Q1, Q2, SWITCH_OFF = "Q1", "Q2", "Old model switched off"

DATA, RESEARCH, SHADOW = "Launch: data", "Launch: research", "Launch: shadow run"
COLLECTING, RETRAINING = "Operation: collecting false decisions", "Operation: retraining"
AB_TEST, METRICS = "Operation: A/B test", "Operation: production metrics"
FIXES, ACCIDENTS, DRILLS = "Operation: quick fixes", "Operation: accidents", "Operation: drills"
SAVING, SWITCHING = "Decommissioning: saving data", "Decommissioning: switching off"

#: Days on which tasks were written down.
FIRST_PLAN, SECOND_PLAN, LATER = -117, -28, -12


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task with what became of it; days from the anchor's.

    Attributes:
        key: what others depend on.
        plan: first and last planned day; None in the backlog.
        began: None while it has not, or where nobody wrote it down.
        done: None while it is open.
        first_plan: as it was planned before it was planned anew, and the day of that.
        written: the day on which it was written down.
    """

    key: str
    title: str
    cell: tuple[str, str]
    milestone: str
    owner: str
    ideal_days: float
    plan: tuple[int, int] | None
    began: int | None = None
    done: int | None = None
    priority: int = 2
    depends_on: tuple[str, ...] = ()
    first_plan: tuple[int, int, int] | None = None
    written: int = FIRST_PLAN
    note: str = ""


TASKS = (
    # The first quarter: an accurate prototype.
    PlannedTask("10m", "Collect 10M letters and deduplicate them", (DATA, INFRASTRUCTURE),
                Q1, DMITRI, 10, (-116, -103), -116, -98, 1),
    PlannedTask("anonymise", "Обезличить письма: имена, адреса, телефоны", (DATA, ML),
                Q1, VERA, 8, (-115, -104), -114, -98, 1),
    PlannedTask("machines", "Buy the machines", (SHADOW, HARDWARE),
                Q1, FARID, 15, (-116, -96), -116, -85, 1,
                note="simulated: three servers of eight GPUs; the rack has power for two so far"),
    PlannedTask("hold-out", "Label 20,000 letters for the hold-out", (DATA, PRODUCT),
                Q1, VERA, 10, (-112, -98), -112, -94),
    PlannedTask("12m", "Обучить трансформер среднего размера на 12M писем", (RESEARCH, ML),
                Q1, ELENA, 8, (-101, -90), -97, -81, 1, ("10m", "anonymise")),
    PlannedTask("tune", "Tune batch and sequence length", (RESEARCH, ML),
                Q1, ELENA, 5, (-88, -82), -80, -71, 3, ("12m",)),
    PlannedTask("architecture", "New architecture in the inference service", (SHADOW, BACK_END),
                Q1, DMITRI, 12, (-96, -80), -95, -71, 1),
    PlannedTask("prototype", "Прототип папки «Рассылки» за флагом", (RESEARCH, PRODUCT),
                Q1, VERA, 9, (-92, -80), -91, -77),
    PlannedTask("deliver", "Deliver heavy models to production", (SHADOW, INFRASTRUCTURE),
                Q1, FARID, 6, (-80, -73), -77, -64, 1, ("machines",)),
    PlannedTask("intrinsic", "Choose intrinsic metrics", (SHADOW, ML),
                Q1, ELENA, 3, (-74, -70), -70, -66),
    PlannedTask("both", "Watch latency and errors of both models", (METRICS, BACK_END),
                Q1, DMITRI, 4, (-68, -63), -66, -60, 3, ("architecture",)),
    PlannedTask("queue", "Queue for reports of false decisions", (COLLECTING, BACK_END),
                Q1, DMITRI, 6, (-58, -50), -57, -45),
    PlannedTask("topics", "Group reports of the same letter", (COLLECTING, ML),
                Q1, ELENA, 5, (-56, -50), -54, -47, 3),
    PlannedTask("liveness", "Alerts on liveness and counters", (METRICS, INFRASTRUCTURE),
                Q1, FARID, 4, (-52, -47), -52, -46, 1),
    PlannedTask("off", "Behaviour when the inference service is off", (ACCIDENTS, BACK_END),
                Q1, DMITRI, 5, (-44, -38), -43, -35, 1),
    # The second: the newsletters' folder, on 100M letters.
    PlannedTask("shadow", "Run bert-4 beside bert-3 for a week", (SHADOW, ML),
                Q2, ELENA, 5, (-38, -32), -34, -28, 1, ("deliver", "intrinsic")),
    PlannedTask("retraining-set", "Собрать дообучающую выборку из ложных срабатываний",
                (RETRAINING, ML), Q2, ELENA, 4, (-26, -21), -25, -20),
    PlannedTask("canary", "Canary with a bounded cache", (FIXES, BACK_END),
                Q2, DMITRI, 5, (-24, -18), -25, -13, 1, written=SECOND_PLAN),
    PlannedTask("margin", "A/B test: whom, which margin, which guardrails", (AB_TEST, ML),
                Q2, VERA, 4, (-27, -22), -27, -20, 1),
    PlannedTask("release", "Release bert-4 in every datacenter", (METRICS, INFRASTRUCTURE),
                Q2, FARID, 2, (-17, -16), -12, -11, 1, ("shadow", "canary"), written=SECOND_PLAN),
    PlannedTask("ab", "A/B test: 28 days, and no peeking", (AB_TEST, PRODUCT),
                Q2, VERA, 18, (-19, 9), -19, None, 1, ("margin",), (-26, 2, -20)),
    PlannedTask("datacenter", "Behaviour when a datacenter fails", (ACCIDENTS, HARDWARE),
                Q2, FARID, 6, (-16, -7), -13, None, 1),
    PlannedTask("60m", "Обучить на 60M писем", (RETRAINING, ML),
                Q2, ELENA, 8, (-8, 4), -8, None, 2, ("retraining-set",)),
    PlannedTask("100m", "Collect 100M letters and deduplicate them", (DATA, INFRASTRUCTURE),
                Q2, DMITRI, 10, (1, 15), None, None, 1, ("10m",), (-10, 4, -9)),
    PlannedTask("train-100m", "Обучить BERT на 100M писем", (RESEARCH, ML),
                Q2, ELENA, 10, (16, 30), None, None, 1, ("100m", "60m"), (6, 20, -9)),
    PlannedTask("product", "Train one product classifier, one for antispam", (SHADOW, PRODUCT),
                Q2, VERA, 12, (10, 26), None, None, 3),
    PlannedTask("bad-model", "Behaviour when a bad model is rolled out",
                (ACCIDENTS, INFRASTRUCTURE), Q2, FARID, 6, (2, 10), None, None, 2),
    PlannedTask("samples", "Меры против потери выборок: предупредить и восстановить",
                (ACCIDENTS, ML), Q2, VERA, 5, (27, 33), None, None, 3),
    PlannedTask("load", "Load test at 2M letters a minute", (METRICS, BACK_END),
                Q2, DMITRI, 5, (16, 22), None, None, 2, ("datacenter",), written=LATER),
    PlannedTask("drill", "Drill: a datacenter is lost at peak", (DRILLS, BACK_END),
                Q2, FARID, 3, (12, 15), None, None, 3, ("datacenter",)),
    PlannedTask("release-100m", "Release the model of 100M letters", (METRICS, INFRASTRUCTURE),
                Q2, FARID, 3, (32, 36), None, None, 1, ("train-100m", "load"), written=LATER),
    PlannedTask("everyone", "Включить папку «Рассылки» всем, по 10 % в день", (AB_TEST, PRODUCT),
                Q2, VERA, 8, (34, 44), None, None, 1, ("ab", "train-100m")),
    PlannedTask("clients", "Check the folder in every client", (FIXES, PRODUCT),
                Q2, VERA, 6, (45, 53), None, None, 2, ("everyone",), written=LATER),
    # What comes after.
    PlannedTask("raw", "Save raw data", (SAVING, INFRASTRUCTURE),
                SWITCH_OFF, FARID, 4, (64, 70), None, None, 1),
    PlannedTask("distributions", "Save the classifiers' distributions from production",
                (SAVING, ML), SWITCH_OFF, ELENA, 3, (64, 68), None, None, 1),
    PlannedTask("switch-off", "Switch off bert-3", (SWITCHING, BACK_END),
                SWITCH_OFF, DMITRI, 2, (72, 75), None, None, 1, ("raw", "distributions")),
    PlannedTask("embedding", "Эмбеддинг письма для других команд", (RESEARCH, ML),
                "", "", 15, None, priority=4),
    PlannedTask("why-back", "Ask users why they move letters back", (COLLECTING, PRODUCT),
                "", "", 4, None, priority=3, written=LATER),
)  # fmt: skip

#: Cells of the matrix that are meant to hold nothing, and why.
EMPTY_CELLS = (
    (AB_TEST, HARDWARE, "simulated: the test runs on the machines that are there"),
    (AB_TEST, BACK_END, "simulated: the service of experiments belongs to another team"),
    (RETRAINING, HARDWARE, "simulated: обучаем на тех же трёх серверах"),
    (DRILLS, PRODUCT, "simulated: nothing that users see is rehearsed"),
    (SWITCHING, PRODUCT, "simulated: users do not notice which model works"),
)
