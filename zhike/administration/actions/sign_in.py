"""Signing in: password, lock-out, second factor. Each attempt is counted before it is checked, so that
many at once count as many."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import ceil

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.administration.actions.users import end_sessions_of
from zhike.administration.guards import guard_person
from zhike.administration.rules.identity import check_password, read_mobile
from zhike.history.action import EventDraft, action, record
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import SignInThrottle, User
from zhike.staff.rules.lockout import delay_after, is_forgotten

ACCOUNT, ADDRESS = SignInThrottle.Kind.ACCOUNT, SignInThrottle.Kind.ADDRESS


@dataclass(frozen=True)
class Attempt:
    """Who tries from where. ``user`` is None where the name fits nobody: it is treated like any other."""

    typed: str
    address: str
    user: User | None

    @property
    def keys(self) -> list[tuple[str, str]]:
        account = f"user:{self.user.pk}" if self.user else f"typed:{self.typed}"
        return [(ACCOUNT, account[:120]), (ADDRESS, self.address or "-")]


def find_person(typed: str) -> User | None:
    """The active person with this user name, e-mail or mobile number."""
    typed = unicodedata.normalize("NFKC", typed).strip()
    mobile = read_mobile(typed) if any(sign.isdigit() for sign in typed) else None
    found = User.objects.active().filter(
        Q(username__iexact=typed) | Q(email__iexact=typed) | (Q(mobile=mobile) if mobile else Q(pk=None))
    )
    # A user name may look like somebody else's e-mail or number: the user name wins.
    return min(found, key=lambda user: user.username.lower() != typed.lower(), default=None)


def check_sign_in(*, typed: str, password: str, address: str) -> User:
    """The person whose name and password these are. He may still owe a second factor.

    Raises:
        Refused: wrong, or too many attempts; the same words for a name that nobody has.
    """
    typed = unicodedata.normalize("NFKC", typed).strip().lower()
    attempt = Attempt(typed, address, find_person(typed))
    count_attempt(attempt)
    if attempt.user is None:
        make_password(password)  # Takes as long as checking one.
        right = False
    else:
        right = attempt.user.check_password(password)
    if not right or attempt.user is None:
        tell_failure(attempt)
        raise Refused(_("Name or password is wrong."), code="sign_in_failed")
    if not has_second_factor(attempt.user):
        forget_failures(attempt)
    return attempt.user


def has_second_factor(user: User) -> bool:
    """Whether a code is asked for after the password."""
    factor = getattr(user, "second_factor", None)
    return factor is not None and factor.confirmed_at is not None


def count_attempt(attempt: Attempt) -> None:
    """Count before anything is checked.

    Raises:
        Refused: there were too many: wait.
    """
    with transaction.atomic():
        for kind, key in attempt.keys:
            _count(kind, key, attempt.user if kind == ACCOUNT else None)


def count_address(address: str) -> None:
    """Count something that an address may not do too often, such as asking for reset links.

    Raises:
        Refused: too often.
    """
    with transaction.atomic():
        _count(ADDRESS, address or "-", None)


def refuse_locked(address: str) -> None:
    """Stop somebody who has to wait before he even begins; nothing is counted.

    Raises:
        Refused: too many attempts from there.
    """
    moment = now()
    row = SignInThrottle.objects.locked().filter(kind=ADDRESS, key=address or "-").first()
    if row is not None and row.locked_until is not None:
        raise Refused(_wait((row.locked_until - moment).total_seconds()), code="locked")


def _count(kind: str, key: str, user: User | None) -> None:
    moment = now()
    row, _made = SignInThrottle.objects.select_for_update().get_or_create(kind=kind, key=key, defaults={"user": user})
    if row.locked_until and row.locked_until > moment:
        raise Refused(_wait((row.locked_until - moment).total_seconds()), code="locked")
    row.failures = 1 if is_forgotten(row.last_at, moment) else row.failures + 1
    row.last_at = moment
    row.locked_until = moment + delay if (delay := delay_after(kind, row.failures)) else None
    row.save()


def _wait(seconds: float) -> str:
    minutes = ceil(seconds / 60)
    if seconds <= 60:
        return _("Too many attempts. Try again in %(n)d seconds.") % {"n": ceil(seconds)}
    return ngettext(
        "Too many attempts. Try again in %(n)d minute.", "Too many attempts. Try again in %(n)d minutes.", minutes
    ) % {"n": minutes}


def forget_failures(attempt: Attempt) -> None:
    """After a success: the account starts anew; the address gets its last attempt back."""
    (account_kind, account), (address_kind, address) = attempt.keys
    SignInThrottle.objects.filter(kind=account_kind, key=account).delete()
    with transaction.atomic():
        row = SignInThrottle.objects.select_for_update().filter(kind=address_kind, key=address).first()
        if row is not None:
            row.failures = max(row.failures - 1, 0)
            row.locked_until = None
            row.save()


def tell_failure(attempt: Attempt) -> None:
    if attempt.user is not None:
        draft = EventDraft(data={"address": attempt.address})
        record("staff.user.sign_in_failed", attempt.user, by=None, draft=draft)


@action("staff.user.sign_in", needs=None)
def tell_sign_in(user: User, *, by: User, address: str, device: str, event: EventDraft) -> User:
    """Note that the person signed in; the page has checked him and opens the session."""
    event.data |= {"address": address, "device": device}
    return user


@action("staff.user.sign_out", needs=None)
def tell_sign_out(user: User, *, by: User) -> User:
    """Note that the person signed out."""
    return user


def confirm_password(user: User, *, password: str, address: str) -> None:
    """Ask again who is sitting there, before something grave; counted like a sign-in.

    Raises:
        Refused: the password is wrong, or too many attempts.
    """
    attempt = Attempt("", address, user)
    count_attempt(attempt)
    if not user.check_password(password):
        tell_failure(attempt)
        message = _("The present password is wrong.")
        raise Refused(message, fields={"password": message}, code="sign_in_failed")
    forget_failures(attempt)


@action("staff.user.change_password", needs=None)
def change_password(user: User, *, by: User, new: str, session_key: str | None = None) -> User:
    """Set an own new password; other sessions end. The page has asked for the present one or a reset link.

    Raises:
        Refused: the new one will not do, or is the present one.
    """
    message = _("This is the present password: choose another one.")
    if user.check_password(new):
        raise Refused(message, fields={"new": message})
    try:
        check_password(new, user)
    except Refused as refused:
        raise Refused(refused.message, fields={"new": refused.message}) from None
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password", "updated_at"])
    end_sessions_of(user, but=session_key)
    return user


@action("staff.user.end_sessions", needs=None)
def end_sessions(
    user: User, *, by: User, session_key: str | None = None, but: str | None = None, event: EventDraft
) -> User:
    """End one session of the person, or all but one.

    Raises:
        Refused: there is none to end.
    """
    if session_key is not None:
        ended = user.sessions.filter(session_key=session_key).delete()[0]
    else:
        ended = end_sessions_of(user, but=but)
    event.data["ended"] = ended
    event.silent = not ended
    return user


@action("staff.user.end_all_sessions", needs="administration.security.change")
def end_all_sessions(user: User, *, by: User, event: EventDraft) -> User:
    """Sign a person out everywhere, from outside.

    Raises:
        Denied: the person administers more than ``by`` does.
    """
    guard_person(by, user)
    event.data["ended"] = end_sessions_of(user)
    return user


@action("staff.user.unlock", needs="administration.security.change")
def unlock_user(user: User, *, by: User) -> User:
    """Let a person who was locked out try again at once."""
    SignInThrottle.objects.filter(user=user).delete()
    return user


@action("staff.user.unlock_address", needs="administration.security.change")
def unlock_address(*, by: User, row: SignInThrottle, event: EventDraft) -> User:
    """Forget the failures of one account name or one address. Told on who did it where it was nobody's account."""
    event.data["unlocked"] = row.key if row.user_id is None else str(row.user_id)
    SignInThrottle.objects.filter(pk=row.pk).delete()
    return row.user or by
