"""Where contact records and tasks stand in the frame."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zhike.access.rights import rights_of
from zhike.web.navigation import BarItem, Command, Entry

LOG = "activities.interaction.create"

NAVIGATION = (
    Entry(_("To do"), "checkbox", "activities:todo", "activities.task.view", position=5, go="t", phone=True),
    Entry(_("Contact records"), "message-circle", "/interactions/", "customers.customer.view", position=35, go="r"),
    Entry(
        _("Working calendar"), "calendar", "activities:work-calendar", "activities.work_calendar.change",
        group="management", position=60, text=_("Workdays, holidays and hours that deadlines count by."),
    ),
)  # fmt: skip
COMMANDS = (
    Command(
        _("Log a contact"),
        "phone-call",
        "activities:log",
        LOG,
        words="call visit dianhua baifang genjin 跟进 拜访 电话",
        phone=True,
    ),
    Command(_("New task"), "checkbox", "activities:task-new", "activities.task.create", words="todo renwu 任务 待办"),
)


def _may_log(request: HttpRequest) -> dict[str, bool]:
    return {"may_log": request.user.is_authenticated and rights_of(request.user).may(LOG)}


BAR = (BarItem("activities/bar_log.html", _may_log, position=10),)
