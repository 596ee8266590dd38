"""Answers kept by idempotency key: the same request twice is done once."""

from __future__ import annotations

from django.db import models

from zhike.kernel.clock import now


class KeptAnswer(models.Model):
    """The answer to a write. Its row is written in the transaction of the write itself.

    ``owner`` is who sent it (a user or a token), ``fingerprint`` what was sent.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.CharField(max_length=80)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("owner", "key"), name="answer_once")]
        indexes = [models.Index("created_at", name="answer_age")]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}"
