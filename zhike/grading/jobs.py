"""Nightly work: shells that call actions. All may run again at any time."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from zhike.grading.actions import opening
from zhike.grading.actions.assessments import compute
from zhike.grading.actions.clusters import fit_due
from zhike.grading.actions.nightly import grade_by_settings, recluster
from zhike.grading.models import AssessmentRun
from zhike.staff.models import User


@app.periodic(cron="30 16 * * *")  # 00:30 in Shanghai, before the policy's run
@app.task(name="grading.cluster", queueing_lock="grading.cluster", lock="grading.cluster")
def cluster(timestamp: int) -> None:
    """Find the clusters anew, once a month."""
    fit_due()


@app.task(name="grading.cluster_now", lock="grading.cluster")
def cluster_now(user_id: str) -> None:
    """Find the clusters anew because somebody asked for it."""
    recluster(by=User.objects.get(pk=uuid.UUID(user_id)))


@app.periodic(cron="30 18 * * *")  # 02:30 in Shanghai, after the policy's run
@app.task(name="grading.by_settings", queueing_lock="grading.by_settings")
def by_settings(timestamp: int) -> None:
    """Grade where no clause rules."""
    grade_by_settings()


@app.periodic(cron="0 20 * * *")  # 04:00 in Shanghai
@app.task(name="grading.assess", queueing_lock="grading.assess")
def assess(timestamp: int) -> None:
    """Begin the assessments that are due, and remind whose turn it is."""
    for run in opening.open_due():
        compute_run.defer(run_id=str(run.pk))
    opening.remind()


@app.task(name="grading.compute")
def compute_run(run_id: str) -> None:
    """Fill an assessment's sheets."""
    run = AssessmentRun.objects.filter(pk=uuid.UUID(run_id), state=AssessmentRun.State.COMPUTING).first()
    if run is not None:
        compute(run)


@app.periodic(cron="*/10 * * * *")
@app.task(name="grading.tend", queueing_lock="grading.tend")
def tend(timestamp: int) -> None:
    """Give assessments whose worker died to another one."""
    for run in AssessmentRun.objects.filter(state=AssessmentRun.State.COMPUTING):
        compute_run.defer(run_id=str(run.pk))
