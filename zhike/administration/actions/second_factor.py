"""The authenticator app as second factor, and the recovery codes for the day the phone is lost."""

from __future__ import annotations

import time

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.administration.actions.sign_in import Attempt, count_attempt, forget_failures, tell_failure
from zhike.administration.guards import guard_person
from zhike.administration.rules.passwords import recovery_code_hash, recovery_codes
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.crypto import decrypt, encrypt
from zhike.kernel.errors import Refused
from zhike.staff.models import RecoveryCode, SecondFactor, User
from zhike.staff.rules.totp import matching_step, new_secret


def _purpose(user: User) -> str:
    return f"second factor of {user.pk}"


def secret_of(factor: SecondFactor) -> str:
    """The secret in the clear."""
    return decrypt(factor.secret, purpose=_purpose(factor.user))


def begin_second_factor(user: User) -> SecondFactor:
    """A secret to be scanned; the same one until it is confirmed, so that a reload does not spoil it."""
    factor, _made = SecondFactor.objects.get_or_create(
        user=user, defaults={"secret": encrypt(new_secret(), purpose=_purpose(user))}
    )
    if factor.confirmed_at is not None:
        raise Refused(_("An authenticator app is in use already: remove it first."))
    return factor


@action("staff.user.add_second_factor", needs=None)
def confirm_second_factor(user: User, *, by: User, code: str) -> list[str]:
    """Take the app into use when it shows the right code. Returns the recovery codes, shown only now.

    Raises:
        Refused: the code is wrong, or nothing is being set up.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if factor is None:
        raise Refused(_("Begin again: nothing is being set up."))
    if not _use_code(factor, code):
        message = _("The code is wrong. Check that the clock of the phone is right.")
        raise Refused(message, fields={"code": message})
    factor.confirmed_at = now()
    factor.save()
    return _new_codes(user)


@action("staff.user.renew_recovery_codes", needs=None)
def renew_recovery_codes(user: User, *, by: User) -> list[str]:
    """New recovery codes; the old ones no longer work.

    Raises:
        Refused: no app is in use.
    """
    if not SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise Refused(_("No authenticator app is in use."))
    return _new_codes(user)


@action("staff.user.remove_second_factor", needs=None)
def remove_second_factor(user: User, *, by: User) -> User:
    """Do without the app from now on. The page has asked for the password again."""
    _remove(user)
    return user


@action("staff.user.reset_second_factor", needs="administration.user.change")
def reset_second_factor(user: User, *, by: User) -> User:
    """Help somebody who lost phone and codes: he signs in with the password alone until he sets it up again."""
    guard_person(by, user)
    _remove(user)
    return user


def check_code(user: User, *, code: str, address: str) -> None:
    """Stop unless it is the code of the app now, or an unused recovery code. Each works once.

    Raises:
        Refused: wrong, or too many attempts.
    """
    attempt = Attempt("", address, user)
    count_attempt(attempt)
    if not _use_any(user, code):
        tell_failure(attempt)
        message = _("The code is wrong.")
        raise Refused(message, fields={"code": message}, code="sign_in_failed")
    forget_failures(attempt)


@transaction.atomic
def _use_any(user: User, code: str) -> bool:
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    return factor is not None and (_use_code(factor, code) or _use_recovery_code(user, by=user, code=code))


def _use_code(factor: SecondFactor, code: str) -> bool:
    step = matching_step(secret_of(factor), code, time.time(), factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    factor.save(update_fields=["last_step", "updated_at"])
    return True


@action("staff.user.use_recovery_code", needs=None)
def _use_recovery_code(user: User, *, by: User, code: str, event: EventDraft) -> bool:
    used = RecoveryCode.objects.filter(user=user, used_at=None, code_hash=recovery_code_hash(user.pk, code)).update(
        used_at=now()
    )
    event.silent = not used
    event.data["left"] = user.recovery_codes.filter(used_at=None).count()
    return bool(used)


def _new_codes(user: User) -> list[str]:
    codes = recovery_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=recovery_code_hash(user.pk, code)) for code in codes
    )
    return codes


def _remove(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
