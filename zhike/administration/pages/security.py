"""Security at a glance: who is locked out, who is signed in, what holds for passwords."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.administration.actions.sign_in import unlock_address
from zhike.administration.pages.needs import needs
from zhike.administration.rules.event_words import told
from zhike.history.models import Event
from zhike.staff.models import SecondFactor, Session, SignInThrottle, User
from zhike.staff.rules.lockout import FREE, LONGEST_DELAY
from zhike.web.pages import go, render

CHANGE = "administration.security.change"


@dataclass
class SecurityPage:
    locked: list[SignInThrottle]
    signed_in: int
    people: int
    with_second_factor: int
    must_change: int
    free: dict[str, int]
    longest: int
    recent: list[tuple[str, Event]]


@needs(CHANGE)
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """The page."""
    active = User.objects.active()
    page = SecurityPage(
        list(SignInThrottle.objects.locked().select_related("user")[:100]),
        Session.objects.alive().filter(user__isnull=False).values("user").distinct().count(),
        active.count(),
        SecondFactor.objects.filter(confirmed_at__isnull=False, user__disabled_at=None).count(),
        active.filter(must_change_password=True).count(),
        FREE,
        int(LONGEST_DELAY.total_seconds() // 60),
        told(
            Event.objects.filter(subject_type="staff.user", action__startswith="staff.user.sign_in")
            .select_related("actor")
            .order_by("-at", "-id")[:30]
        ),
    )
    return render(request, "administration/security.html", page)


@needs(CHANGE)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a locked account or address try again."""
    row = SignInThrottle.objects.filter(pk=pk).first()
    if row is not None:
        unlock_address(by=request.user, row=row)  # type: ignore[arg-type]
    return go(request, reverse("administration:security"), toast=_("Unlocked."))
