"""What a person looked at last: offered by the search box before anything is typed."""

from __future__ import annotations

from django.db import models

from zhike.kernel.clock import now


class RecentItem(models.Model):
    """A person opened a record. ``provider`` names the search provider that knows the record."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    provider = models.CharField(max_length=40)
    key = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "provider", "key"), name="recent_item_once")]
        indexes = [models.Index("user", models.F("at").desc(), name="recent_item_newest")]

    def __str__(self) -> str:
        return f"{self.provider} {self.key}"
