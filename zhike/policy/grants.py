"""Who may write, review and publish policies, run them and look at what they decided.

Everybody reads the published policies that bind him; that needs no grant.
"""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

COMPANY, ALL, BELOW = Scope.COMPANY, Scope.ALL, Scope.DEPT_AND_CHILD

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "policy.document.view",
        _("See drafts and old versions of policies"),
        defaults={"sales_director": COMPANY, "sales_manager": COMPANY, "executive": ALL, "data_steward": COMPANY},
    ),
    Permission(
        "policy.document.write",
        _("Write policies"),
        defaults={"sales_director": COMPANY, "data_steward": COMPANY, "executive": ALL},
    ),
    Permission(
        "policy.document.approve", _("Approve policies"), defaults={"sales_director": COMPANY, "executive": ALL}
    ),
    Permission(
        "policy.document.publish",
        _("Publish and abolish policies"),
        defaults={"sales_director": COMPANY, "executive": ALL},
    ),
    Permission(
        "policy.compliance.view",
        _("See how policies are kept"),
        defaults={
            "sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY, "executive": ALL,
        },
    ),
    Permission(
        "policy.simulation.run",
        _("Try policies on past data"),
        defaults={"sales_director": COMPANY, "executive": ALL, "data_steward": COMPANY},
    ),
    Permission("policy.run.view", _("See the runs"), scoped=False, defaults={"data_steward": ALL, "executive": ALL}),
    Permission("policy.run.start", _("Start runs"), scoped=False, defaults={"data_steward": ALL}),
)  # fmt: skip
