"""Who may do what with contact records and tasks. Contact records are seen as far as their customer."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

_REP = {"sales_rep": Scope.SELF, "service_agent": Scope.SELF, "marketing": Scope.SELF, "finance": Scope.SELF}
_OFFICE = {"back_office": Scope.DEPT_AND_CHILD, "data_steward": Scope.COMPANY}
_LEADERS = {
    "sales_supervisor": Scope.DEPT_AND_CHILD,
    "sales_manager": Scope.DEPT_AND_CHILD,
    "sales_director": Scope.COMPANY,
}
_SALES = _REP | _OFFICE | _LEADERS
_TASKS = _SALES | {"executive": Scope.SELF}
_EVERYBODY = dict.fromkeys((*_SALES, "executive"), Scope.ALL)

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "activities.interaction.create",
        _("Record contacts with customers one may see"),
        scoped=False,
        defaults={code: scope for code, scope in _EVERYBODY.items() if code != "finance"},
    ),
    Permission("activities.interaction.change", _("Correct one's own contact records for a while"), defaults=_SALES),
    Permission("activities.interaction.delete", _("Delete one's own contact records for a while"), defaults=_SALES),
    Permission(
        "activities.interaction.correct",
        _("Correct and delete contact records of others, at any time"),
        defaults={
            "data_steward": Scope.COMPANY,
            "sales_manager": Scope.DEPT_AND_CHILD,
            "sales_director": Scope.COMPANY,
        },
    ),
    Permission(
        "activities.interaction.record_for_others",
        _("Enter contact records of another author (import)"),
        scoped=False,
        defaults={"data_steward": Scope.ALL, "sales_manager": Scope.ALL, "back_office": Scope.ALL},
    ),
    Permission("activities.interaction.export", _("Export contact records"), defaults=_OFFICE | _LEADERS),
    Permission("activities.interaction.import", _("Import contact records"), scoped=False, defaults=_EVERYBODY),
    Permission("activities.task.view", _("See tasks"), defaults=_SALES | {"executive": Scope.ALL}),
    Permission("activities.task.create", _("Make tasks"), scoped=False, defaults=_EVERYBODY),
    Permission("activities.task.change", _("Change, postpone and complete tasks"), defaults=_TASKS),
    Permission("activities.task.assign", _("Give tasks to others"), defaults=_SALES | {"executive": Scope.ALL}),
    Permission("activities.task.delete", _("Delete tasks"), defaults=_TASKS),
    Permission("activities.task.export", _("Export tasks"), defaults=_OFFICE | _LEADERS),
    Permission("activities.task.import", _("Import tasks"), scoped=False, defaults=_EVERYBODY),
    Permission("activities.work_calendar.change", _("Edit the working calendar"), scoped=False, defaults={}),
)
