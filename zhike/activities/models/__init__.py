from zhike.activities.models.follow_up_record import FollowUpRecord
from zhike.activities.models.task import Task, TaskCompletion, TaskReminder

__all__ = ["FollowUpRecord", "Task", "TaskCompletion", "TaskReminder"]
