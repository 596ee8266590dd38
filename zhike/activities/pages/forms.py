"""What is typed into the log and task forms, as values for the verbs."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.take import see
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.models.task import REMIND_CHOICES
from zhike.activities.rules.due import next_contact_moment
from zhike.activities.rules.effective import Method, Result
from zhike.activities.rules.work_list import Priority
from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import SHANGHAI, now
from zhike.kernel.errors import Message, NotFound, Refused
from zhike.records.models import RecordModel
from zhike.staff.models import User

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class Typed(forms.Form):
    """A form whose faults are refusals with their fields."""

    def values(self) -> dict[str, Any]:
        """Raises:
        Refused: with the message of each field at fault.
        """
        if not self.is_valid():
            wrong: dict[str, Message] = {name: " ".join(map(str, found)) for name, found in self.errors.items()}
            raise Refused(_("Please check what you entered."), fields=wrong)
        return dict(self.cleaned_data)


class SeenField(forms.UUIDField):
    """A record by its key, if the person (``by``, set by the form) may see it and it is not in the recycle bin."""

    def __init__(self, model: type[RecordModel], refusal: Any, **kwargs: Any) -> None:
        super().__init__(error_messages={"invalid": refusal}, **kwargs)
        self.model, self.by = model, None

    def clean(self, value: Any) -> Any:
        key = super().clean(value)
        if key is None:
            return None
        try:
            found = see(self.model, key, by=self.by)  # type: ignore[arg-type]
        except NotFound:
            found = None
        if found is None or found.trashed_at is not None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class AboutFields(Typed):
    """Customer, contact person and subject, as far as the person may see them."""

    customer = SeenField(Customer, gettext_lazy("Choose a customer from the list."), required=False)
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a contact person of this customer.")},
    )
    about_type = forms.CharField(max_length=40, required=False)
    about_id = forms.UUIDField(required=False)

    def __init__(self, data: QueryDict, *, by: User) -> None:
        super().__init__(data)
        self.by = by
        self.fields["customer"].by = by  # type: ignore[attr-defined]
        if data.get("contact"):
            self.fields["contact"].queryset = Contact.objects.filter(  # type: ignore[attr-defined]
                trashed_at=None, customer__in=Customer.objects.visible_to(by)
            )


class LogForm(AboutFields):
    """A contact that has happened."""

    method = forms.ChoiceField(choices=Method)
    content = forms.CharField(max_length=20_000, required=False)
    result = forms.ChoiceField(choices=[("", ""), *Result.choices], required=False)
    next_on = forms.DateField(required=False)
    other_day = forms.DateField(required=False)
    next_time = forms.TimeField(required=False)
    next_step = forms.CharField(max_length=300, required=False)
    no_next_reason = forms.CharField(max_length=300, required=False)
    happened_at = forms.DateTimeField(input_formats=_MOMENTS, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=24 * 60, required=False)
    seconds = forms.IntegerField(min_value=0, max_value=24 * 3600, required=False)
    purpose = forms.ChoiceField(choices=[("", ""), *FollowUpRecord.Purpose.choices], required=False)
    feedback = forms.CharField(max_length=5000, required=False)
    preparation = forms.CharField(max_length=2000, required=False)
    task = forms.ModelChoiceField(Task.objects.none(), required=False)

    def __init__(self, data: QueryDict, *, by: User) -> None:
        super().__init__(data, by=by)
        if data.get("task"):
            self.fields["task"].queryset = Task.objects.visible_to(by)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        found = super().values()
        day: date | None = found.pop("other_day") or found["next_on"]
        hour: time | None = found.pop("next_time")
        del found["next_on"]
        found["next_contact_at"] = _moment(day, hour)
        if found["next_contact_at"] is not None and found["next_contact_at"] <= now():
            raise Refused(_("Please check what you entered."), fields={"next_on": _("Choose a later day.")})
        minutes = found.pop("minutes")
        if found["seconds"] is None and minutes is not None:
            found["seconds"] = minutes * 60
        return found


def _moment(day: date | None, hour: time | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, hour, SHANGHAI) if hour else next_contact_moment(day)


class TaskForm(AboutFields):
    """Something to do."""

    title = forms.CharField(max_length=200)
    description = forms.CharField(max_length=10_000, required=False)
    owner = forms.ModelChoiceField(User.objects.active(), required=False)
    due_on = forms.DateField(required=False)
    due_time = forms.TimeField(required=False)
    priority = forms.ChoiceField(choices=Priority, required=False)
    method = forms.ChoiceField(choices=[("", ""), *Method.choices], required=False)
    repeat = forms.CharField(max_length=120, required=False)
    remind_minutes = forms.TypedMultipleChoiceField(choices=REMIND_CHOICES, coerce=int, required=False)
    parent = forms.ModelChoiceField(Task.objects.none(), required=False)

    def __init__(self, data: QueryDict, *, by: User) -> None:
        super().__init__(data, by=by)
        self.fields["parent"].queryset = Task.objects.visible_to(by).filter(trashed_at=None)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        found = super().values()
        hour = found.pop("due_time")
        if hour and not found["due_on"]:
            raise Refused(_("Please check what you entered."), fields={"due_on": _("An hour needs a day.")})
        found["due_at"] = _moment(found["due_on"], hour) if hour else None
        found["priority"] = found["priority"] or Priority.NORMAL
        return found


class DayForm(Typed):
    """One day, and why."""

    to = forms.DateField()
    reason = forms.CharField(max_length=300, required=False)
