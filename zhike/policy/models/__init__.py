from zhike.policy.models.acknowledgement import Acknowledgement, AckReminder, Attempt, Question, ReviewReminder
from zhike.policy.models.compliance import ComplianceFigure, ManualCheck
from zhike.policy.models.decision import Decision
from zhike.policy.models.document import PolicyDocument
from zhike.policy.models.review import Participant, ReviewComment
from zhike.policy.models.run import Progress, Run, RunSkip, RunStep
from zhike.policy.models.simulation import SimulatedDifference, Simulation
from zhike.policy.models.text import Article, Chapter, Clause
from zhike.policy.models.version import PolicyVersion

__all__ = [
    "AckReminder", "Acknowledgement", "Article", "Attempt", "Chapter", "Clause", "ComplianceFigure", "Decision",
    "ManualCheck", "Participant", "PolicyDocument", "PolicyVersion", "Progress", "Question", "ReviewComment",
    "ReviewReminder", "Run", "RunSkip", "RunStep", "SimulatedDifference", "Simulation",
]  # fmt: skip
