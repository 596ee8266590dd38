"""Addresses of contact records and tasks; their lists are the generic ones."""

from django.urls import path

from zhike.activities.pages import log, tasks, todo, work_calendar

app_name = "activities"
urlpatterns = [
    path("log/", log.log, name="log"),
    path("log/people/", log.people, name="log-people"),
    path("log/customers/", log.customers, name="log-customers"),
    path("log/<uuid:pk>/undo/", log.undo, name="log-undo"),
    path("to-do/", todo.todo, name="todo"),
    path("to-do/new/", tasks.new, name="task-new"),
    path("to-do/people/", tasks.people, name="task-people"),
    path("to-do/<uuid:pk>/", tasks.page, name="task"),
    path("to-do/<uuid:pk>/edit/", tasks.edit, name="task-edit"),
    path("to-do/<uuid:pk>/complete/", tasks.complete, name="task-complete"),
    path("to-do/<uuid:pk>/reopen/", tasks.reopen, name="task-reopen"),
    path("to-do/<uuid:pk>/postpone/", tasks.postpone, name="task-postpone"),
    path("to-do/<uuid:pk>/progress/", tasks.progress, name="task-progress"),
    path("to-do/<uuid:pk>/assign/", tasks.assign, name="task-assign"),
    path("to-do/<uuid:pk>/trash/", tasks.trash, name="task-trash"),
    path("to-do/<uuid:pk>/restore/", tasks.restore, name="task-restore"),
    path("settings/calendar/", work_calendar.calendar, name="work-calendar"),
    path("settings/calendar/days/", work_calendar.set_day, name="work-calendar-day"),
    path("settings/calendar/days/<uuid:pk>/remove/", work_calendar.remove_day, name="work-calendar-remove"),
    path("settings/calendar/notice/", work_calendar.enter_notice, name="work-calendar-notice"),
    path("settings/calendar/hours/", work_calendar.set_hours, name="work-calendar-hours"),
]
