"""The column that makes a record findable."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from zhike.kernel.models import Derived
from zhike.search.tokens import tokens


class SearchTokensField(Derived, SearchVectorField):  # type: ignore[type-arg,misc]
    """Exact tokens as a tsvector, derived from the model's ``search_texts()`` at every write.

    The tokens are made by `zhike.search.tokens`; no PostgreSQL text-search configuration is involved, so
    the same text gives the same tokens on every server.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("source", "make_search_tokens")
        super().__init__(*args, **kwargs)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        # Within an expression, as bulk updates write it, each value has been wrapped already.
        return "%s" if hasattr(value, "as_sql") else "array_to_tsvector(%s)"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return list(value or [])


class Searchable(models.Model):
    """A record that search finds. Override `search_texts`."""

    search_tokens = SearchTokensField(null=True)

    class Meta:
        abstract = True

    def search_texts(self) -> dict[str, list[str]]:
        """What it is found by: the arguments of `zhike.search.tokens.tokens`."""
        return {"names": [str(self)]}

    def make_search_tokens(self) -> list[str]:
        return tokens(**self.search_texts())
