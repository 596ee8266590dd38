"""Sharing a customer with colleagues, to read or to write."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from zhike.customers.models import Collaborator, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import User


@action("customers.customer.share", needs="customers.customer.share")
def share(
    customer: Customer,
    *,
    by: User | None,
    user: User,
    event: EventDraft,
    permission: str = Collaborator.Permission.READ,
    expires_at: datetime | None = None,
) -> Collaborator:
    """Let a colleague read or change the customer, for ever or until a moment. Sharing again changes the terms.

    Raises:
        Refused: the colleague has left, is the owner, or the moment is past.
    """
    if not user.is_active:
        raise Refused(_("%s has left.") % user.name, fields={"user": _("Choose somebody else.")})
    if user.pk == customer.owner_id:
        raise Refused(_("%s owns this customer already.") % user.name, fields={"user": _("Choose somebody else.")})
    if expires_at is not None and expires_at <= now():
        raise Refused(_("Some fields are not right."), fields={"expires_at": _("This moment is past.")})
    if permission not in Collaborator.Permission.values:
        raise Refused(_("Some fields are not right."), fields={"permission": _("Read, or read and change.")})
    terms = {"permission": permission, "expires_at": expires_at}
    found, made = Collaborator.objects.get_or_create(customer=customer, user=user, defaults=terms)
    event.silent = not made and (found.permission, found.expires_at) == (permission, expires_at)
    if not made:
        found.permission, found.expires_at = permission, expires_at
        found.save()
    event.data |= {"user": str(user.pk), "user_name": user.name, "permission": str(permission)}
    if expires_at:
        event.data["expires_at"] = expires_at.isoformat()
    return found


@action("customers.customer.unshare", needs="customers.customer.share")
def unshare(customer: Customer, *, by: User | None, user: User, event: EventDraft) -> Customer:
    """End the sharing with a colleague."""
    gone, _rows = Collaborator.objects.filter(customer=customer, user=user).delete()
    event.silent = not gone
    event.data |= {"user": str(user.pk), "user_name": user.name}
    return customer
