"""Who may register, claim, assign, lock, rule and confirm from the start; administrators change it by role."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

OWN, BELOW, COMPANY, ALL = Scope.SELF, Scope.DEPT_AND_CHILD, Scope.COMPANY, Scope.ALL

_SALES = {"sales_rep": OWN, "sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY}
_LEADERS = {"sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY}
_HEADS = {"sales_manager": BELOW, "sales_director": COMPANY}
_DESK = {"back_office": COMPANY}
_READERS = {"executive": ALL, "data_steward": ALL, "finance": COMPANY}

PERMISSIONS: tuple[Permission, ...] = (
    Permission("ownership.registration.view", _("See registrations"), defaults={**_SALES, **_DESK, **_READERS}),
    Permission(
        "ownership.registration.create",
        _("Register customers"),
        scoped=False,
        defaults=dict.fromkeys((*_SALES, *_DESK), ALL),
    ),
    Permission(
        "ownership.registration.desk",
        _("Register customers for colleagues"),
        scoped=False,
        defaults=dict.fromkeys((*_LEADERS, *_DESK), ALL),
    ),
    Permission("ownership.registration.change", _("Extend and cancel registrations"), defaults={**_SALES, **_DESK}),
    Permission("ownership.registration.rule", _("Approve, reject and void registrations"), defaults=_HEADS),
    Permission("ownership.registration.delete", _("Delete registrations"), defaults={"data_steward": ALL}),
    Permission("ownership.registration.export", _("Export registrations"), defaults={**_LEADERS, "data_steward": ALL}),
    Permission(
        "ownership.registration.import", _("Import registrations"), scoped=False, defaults={"data_steward": ALL}
    ),
    Permission(
        "ownership.pool.claim",
        _("Claim customers from a pool"),
        scoped=False,
        defaults=dict.fromkeys(_SALES, ALL),
    ),
    Permission(
        "ownership.pool.assign",
        _("Give customers of a pool away"),
        scoped=False,
        defaults=dict.fromkeys((*_LEADERS, *_DESK), ALL),
    ),
    Permission(
        "ownership.pool.manage",
        _("Set up pools"),
        scoped=False,
        defaults=dict.fromkeys(("sales_director", "data_steward"), ALL),
    ),
    Permission("ownership.customer.return", _("Give customers back to a pool"), defaults={**_SALES, **_DESK}),
    Permission("ownership.customer.lock", _("Lock customers, ask for an extension"), defaults=_SALES),
    Permission("ownership.customer.unlock", _("End the lock of others"), defaults=_LEADERS),
    Permission("ownership.customer.extend", _("Grant extensions of protection"), defaults=_LEADERS),
    Permission("ownership.appeal.decide", _("Decide appeals against a release"), defaults=_LEADERS),
    Permission(
        "ownership.handover.run",
        _("Hand over all customers of a leaver"),
        scoped=False,
        defaults=dict.fromkeys(("sales_manager", "sales_director", "data_steward"), ALL),
    ),
    Permission(
        "ownership.attribution.decide", _("Decide whose a deal is"), defaults={**_LEADERS, **_DESK, "finance": COMPANY}
    ),
    Permission("ownership.clash.view", _("See clashes"), defaults={**_SALES, **_DESK, "executive": ALL}),
    Permission(
        "ownership.clash.create", _("Raise clashes"), scoped=False, defaults=dict.fromkeys((*_SALES, *_DESK), ALL)
    ),
    Permission("ownership.clash.change", _("Bring evidence in clashes"), defaults={**_SALES, **_DESK}),
    Permission("ownership.clash.rule", _("Rule clashes"), defaults=_HEADS),
    Permission(
        "ownership.clash.rule_appeal",
        _("Rule appeals in clashes"),
        defaults={"sales_director": COMPANY, "executive": ALL},
    ),
    Permission("ownership.clash.delete", _("Delete clashes"), defaults={"data_steward": ALL}),
    Permission(
        "ownership.clash.export", _("Export clashes"), defaults={"sales_director": COMPANY, "data_steward": ALL}
    ),
    Permission("ownership.clash.import", _("Import clashes"), scoped=False, defaults={"data_steward": ALL}),
    Permission("ownership.deposit.view", _("See deposits"), defaults={**_SALES, **_DESK, **_READERS}),
    Permission("ownership.deposit.create", _("Enter deposits"), defaults={**_SALES, **_DESK, "finance": COMPANY}),
    Permission("ownership.deposit.change", _("Change deposits"), defaults={**_DESK, "finance": COMPANY}),
    Permission("ownership.deposit.confirm", _("Confirm and return deposits"), defaults={"finance": COMPANY}),
    Permission("ownership.deposit.delete", _("Delete deposits"), defaults={"finance": COMPANY, "data_steward": ALL}),
    Permission("ownership.deposit.export", _("Export deposits"), defaults={"finance": COMPANY, "data_steward": ALL}),
    Permission(
        "ownership.deposit.import", _("Import deposits"), scoped=False, defaults={"finance": ALL, "data_steward": ALL}
    ),
    Permission(
        "ownership.violation.view",
        _("See violations"),
        defaults={**_SALES, **_DESK, "executive": ALL, "data_steward": ALL},
    ),
    Permission("ownership.violation.create", _("Record violations"), scoped=False, defaults=dict.fromkeys(_HEADS, ALL)),
    Permission("ownership.violation.change", _("Correct and cancel violations"), defaults=_HEADS),
    Permission("ownership.violation.delete", _("Delete violations"), defaults={"data_steward": ALL}),
    Permission(
        "ownership.violation.export", _("Export violations"), defaults={"sales_director": COMPANY, "data_steward": ALL}
    ),
    Permission("ownership.violation.import", _("Import violations"), scoped=False, defaults={"data_steward": ALL}),
)
