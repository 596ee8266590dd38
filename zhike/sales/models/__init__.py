from zhike.sales.models.competitor import Competitor
from zhike.sales.models.lead import Lead, LeadConversion
from zhike.sales.models.opportunity import Opportunity
from zhike.sales.models.opportunity_history import CloseReason, OpportunityClosure, StageChange
from zhike.sales.models.pipeline import EntryCondition, OpportunityStage, Pipeline
from zhike.sales.models.won_sum import WonSum

__all__ = [
    "CloseReason",
    "Competitor",
    "EntryCondition",
    "Lead",
    "LeadConversion",
    "Opportunity",
    "OpportunityClosure",
    "OpportunityStage",
    "Pipeline",
    "StageChange",
    "WonSum",
]
