"""The small forms of the customer page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.models import Collaborator, ConsentRecord, CustomerRelation, FamilyRelation
from zhike.kernel.clock import end_of_day
from zhike.kernel.errors import Message, Refused

_DATES = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]


def values_of(form: forms.Form) -> dict[str, Any]:
    """What to give a verb.

    Raises:
        Refused: the input is wrong; ``fields`` says where.
    """
    if not form.is_valid():
        wrong: dict[str, Message] = {name: " ".join(map(str, found)) for name, found in form.errors.items()}
        raise Refused(_("Some fields are not right."), fields=wrong)
    return dict(form.cleaned_data)


class RelationForm(forms.Form):
    parent = forms.UUIDField(label=gettext_lazy("Parent company"))
    type = forms.ChoiceField(label=gettext_lazy("Relation"), choices=CustomerRelation.Type.choices)
    share_pct = forms.DecimalField(
        label=gettext_lazy("Share (%)"), required=False, min_value=0, max_value=100, max_digits=6, decimal_places=3
    )
    valid_from = forms.DateField(label=gettext_lazy("Valid from"), required=False, input_formats=_DATES)


class FamilyForm(forms.Form):
    relation = forms.ChoiceField(label=gettext_lazy("Relation"), choices=FamilyRelation.Relation.choices)
    relative = forms.UUIDField(label=gettext_lazy("Relative"), required=False)
    relative_name = forms.CharField(label=gettext_lazy("Relative's name"), required=False, max_length=50)
    relative_phone = forms.CharField(label=gettext_lazy("Relative's phone"), required=False, max_length=32)
    evidence = forms.CharField(label=gettext_lazy("Evidence seen"), required=False, max_length=120)


class ShareForm(forms.Form):
    user = forms.UUIDField(label=gettext_lazy("Colleague"))
    permission = forms.ChoiceField(label=gettext_lazy("Right"), choices=Collaborator.Permission.choices)
    expires_at = forms.DateField(label=gettext_lazy("Until"), required=False, input_formats=_DATES)

    def clean_expires_at(self) -> Any:
        """The last day counts whole."""
        day = self.cleaned_data["expires_at"]
        return end_of_day(day) if day else None


class TransferForm(forms.Form):
    to = forms.UUIDField(label=gettext_lazy("New owner"))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=300)


class ConsentForm(forms.Form):
    contact = forms.UUIDField(label=gettext_lazy("Who"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=ConsentRecord.Purpose.choices)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=ConsentRecord.Channel.choices)
    method = forms.ChoiceField(label=gettext_lazy("How it was given"), choices=ConsentRecord.Method.choices)
    legal_basis = forms.ChoiceField(
        label=gettext_lazy("Legal basis"), choices=ConsentRecord.LegalBasis.choices, required=False
    )
    notice_version = forms.CharField(label=gettext_lazy("Version of the notice"), required=False, max_length=40)
    evidence = forms.CharField(label=gettext_lazy("Evidence"), required=False, max_length=200)
    expires_at = forms.DateField(label=gettext_lazy("Expires"), required=False, input_formats=_DATES)

    def clean_expires_at(self) -> Any:
        """The last day counts whole."""
        day = self.cleaned_data["expires_at"]
        return end_of_day(day) if day else None
