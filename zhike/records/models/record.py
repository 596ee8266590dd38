"""What every described record has beside its own columns."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.access.models import OwnedQuerySet, OwnedRecord
from zhike.search.fields import Searchable
from zhike.search.tokens import tokens


class RecordQuerySet(OwnedQuerySet):
    """Rows that are not in the recycle bin come through `kept`."""

    def kept(self) -> Self:
        return self.filter(trashed_at=None)

    def trashed(self) -> Self:
        return self.filter(trashed_at__isnull=False)


class RecordModel(OwnedRecord, Searchable):
    """Base of every record type that has a `Description`.

    ``custom`` holds the company-defined fields: key to JSON value; ``tags`` are plain words.
    """

    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Tags"))
    custom = models.JSONField(_("Own fields"), default=dict, blank=True)

    objects = RecordQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    def make_search_tokens(self) -> list[str]:
        if not self.custom:
            return super().make_search_tokens()
        from zhike.records.custom import searched_texts

        own = searched_texts(self)
        return [*super().make_search_tokens(), *tokens(own=own)] if own else super().make_search_tokens()

    @staticmethod
    def common_indexes(prefix: str) -> list[models.Index]:
        """The indexes that tags and search need; ``prefix`` keeps their names apart."""
        return [
            GinIndex(fields=("search_tokens",), name=f"{prefix}_search"),
            GinIndex(fields=("tags",), name=f"{prefix}_tags"),
        ]
