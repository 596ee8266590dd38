"""My account: what is mine to change, password, second factor, devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from markupsafe import Markup

from zhike.administration.actions.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    secret_of,
)
from zhike.administration.actions.sign_in import change_password, confirm_password, end_sessions, has_second_factor
from zhike.administration.actions.users import change_own_profile
from zhike.administration.pages.client import address_of, device_name
from zhike.administration.pages.needs import version_of
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.staff.models import Role, Session, User
from zhike.staff.rules.totp import setup_uri
from zhike.web.pages import go, render


def me(request: HttpRequest) -> User:
    """The person himself, as he is now."""
    return request.user  # type: ignore[return-value]


@dataclass
class AccountPage:
    person: User
    roles: list[Role]


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Name, e-mail, mobile, position."""
    person = me(request)
    if request.method != "POST":
        return render(request, "administration/account.html", AccountPage(person, list(person.roles.all())))
    confirm_password(person, password=request.POST.get("password", "")[:1000], address=address_of(request))
    change_own_profile(
        person,
        by=person,
        expected_version=version_of(request),
        **{name: request.POST.get(name, "") for name in ("email", "mobile")},
    )
    return go(request, "account:home", toast=_("Saved"))


@dataclass
class SecurityPage:
    second_factor: bool
    passkeys: int
    codes_left: int
    sessions: int
    changed: Any


@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """Password, second factor and devices at a glance."""
    person = me(request)
    changed = Event.objects.about("staff.user", person.pk).filter(action="staff.user.change_password").first()
    page = SecurityPage(
        has_second_factor(person),
        person.passkeys.count(),
        person.recovery_codes.filter(used_at=None).count(),
        Session.objects.alive().filter(user=person).count(),
        changed.at if changed else None,
    )
    return render(request, "administration/account_security.html", page)


@dataclass
class PasswordPage:
    forced: bool
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; the present one is asked for, unless it was a one-time password just typed."""
    person = me(request)
    page = PasswordPage(person.must_change_password)
    if request.method != "POST":
        return render(request, "administration/account_password.html", page)
    try:
        _change(request, person)
    except Refused as refused:
        page.error = str(refused.message)
        page.errors = {name: str(text) for name, text in refused.fields.items()}
        return render(request, "administration/account_password.html", page, status=422)
    return go(request, "/" if page.forced else "account:security", toast=_("The password is changed."))


def _change(request: HttpRequest, person: User) -> None:
    try:
        confirm_password(person, password=request.POST.get("old", "")[:1000], address=address_of(request))
    except Refused as refused:
        raise Refused(refused.message, fields={"old": refused.message}) from None
    new = request.POST.get("new", "")[:1000]
    if new != request.POST.get("again", "")[:1000]:
        message = _("The two are not the same.")
        raise Refused(message, fields={"again": message})
    changed = change_password(person, by=person, new=new, session_key=request.session.session_key)
    update_session_auth_hash(request, changed)


@dataclass
class FactorPage:
    active: bool
    secret: str = ""
    qr: str = ""
    error: str = ""
    codes: list[str] = field(default_factory=list)


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set the authenticator app up, remove it, or make new recovery codes. The password is asked for each time."""
    person = me(request)
    page = FactorPage(has_second_factor(person))
    status = 200
    if request.method == "POST":
        try:
            confirm_password(person, password=request.POST.get("password", "")[:1000], address=address_of(request))
            page.codes = _do(request, person)
            page.active = request.POST.get("do") != "remove"
        except Refused as refused:
            page.error, status = str(refused.message), 422
        if not page.error and not page.codes:
            return go(request, "account:security", toast=_("The second factor is removed."))
    if not page.active:
        factor = begin_second_factor(person)
        page.secret = secret_of(factor)
        page.qr = qr_code(setup_uri(page.secret, person.username, _("Zhike")))
    response = render(request, "administration/account_second_factor.html", page, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _do(request: HttpRequest, person: User) -> list[str]:
    match request.POST.get("do"):
        case "remove":
            remove_second_factor(person, by=person)
            return []
        case "renew":
            return renew_recovery_codes(person, by=person)
    return confirm_second_factor(person, by=person, code=request.POST.get("code", "")[:20])


def qr_code(text: str) -> Markup:
    """A QR code as an SVG that needs no style."""
    import qrcode
    from qrcode.image.svg import SvgPathImage

    image = qrcode.make(text, image_factory=SvgPathImage, box_size=8, border=2)
    return Markup(image.to_string(encoding="unicode"))  # noqa: S704


def session_mark(session: Session) -> str:
    """What a page may know of a session: not its key, which would sign in."""
    return salted_hmac("session mark", session.session_key).hexdigest()[:32]


@dataclass
class SessionLine:
    session: Session
    mark: str
    device: str
    mine: bool


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in; end one of them, or all others."""
    person = me(request)
    mine = request.session.session_key
    rows = list(Session.objects.alive().filter(user=person).order_by("-seen_at"))
    if request.method != "POST":
        lines = [SessionLine(row, session_mark(row), device_name(row.device), row.session_key == mine) for row in rows]
        lines.sort(key=lambda line: not line.mine)
        return render(request, "administration/account_sessions.html", {"lines": lines})
    which = request.POST.get("session", "")
    if which == "others":
        end_sessions(person, by=person, but=mine)
    else:
        chosen = [row for row in rows if session_mark(row) == which and row.session_key != mine]
        for row in chosen:
            end_sessions(person, by=person, session_key=row.session_key)
    return go(request, "account:sessions", toast=_("Signed out there."))
