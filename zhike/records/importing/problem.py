"""What is wrong with a file, a row or a cell, kept so that it can be told in either language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Problem:
    """An English message id and what stands in it; translated only when somebody reads it."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return gettext(self.message) % self.params if self.params else gettext(self.message)

    def as_json(self) -> list[Any]:
        return [self.message, self.params] if self.params else [self.message]

    @classmethod
    def from_json(cls, data: list[Any]) -> Problem:
        return cls(data[0], data[1] if len(data) > 1 else {})


class Faulty(ValueError):
    """A cell, a row or a whole file cannot be taken as it is; carries the `Problem`."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.problem = Problem(message, params)

    def __str__(self) -> str:
        return str(self.problem)


class Unreadable(Faulty):
    """The file as a whole is refused."""
