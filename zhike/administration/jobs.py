"""Work in the background."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from zhike.administration.actions.sign_in import find_person
from zhike.history.action import record
from zhike.kernel.clock import now
from zhike.staff.models import Session, SignInThrottle
from zhike.staff.rules.lockout import FORGET_AFTER


@app.task(name="administration.send_reset_link")
def send_reset_link(typed: str, host: str) -> None:
    """Mail the link that sets a new password, if the address is somebody's.

    A job, so that asking takes as long for an address that nobody has.
    """
    user = find_person(typed)
    if user is None or not user.email:
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password-reset", args=[uid, default_token_generator.make_token(user)])
    with translation.override(user.language or "zh-hans"):
        send_mail(
            _("Zhike: choose a new password"),
            _(
                "Hello %(name)s,\n\nsomebody, probably you, asked for a new password. Follow this link within two"
                " hours:"
                "\n\n%(link)s\n\nIf it was not you, do nothing: your password stays as it is."
            )
            % {"name": user.name, "link": f"{host.rstrip('/')}{path}"},
            None,
            [user.email],
        )
    record("staff.user.reset_link_sent", user, by=None)


@app.periodic(cron="10 19 * * *")  # 03:10 in Shanghai
@app.task(name="administration.forget_old_sign_ins", queueing_lock="administration.forget_old_sign_ins")
def forget_old_sign_ins(timestamp: int) -> None:
    """Delete sessions that have ended and failed attempts that no longer count."""
    Session.objects.filter(expire_date__lte=now()).delete()
    SignInThrottle.objects.filter(last_at__lt=now() - FORGET_AFTER).delete()
