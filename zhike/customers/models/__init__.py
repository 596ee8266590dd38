from zhike.customers.models.collaborator import Collaborator
from zhike.customers.models.consent import ConsentRecord
from zhike.customers.models.contact import Contact
from zhike.customers.models.customer import Customer
from zhike.customers.models.profiles import EnterpriseProfile, PersonProfile
from zhike.customers.models.relation import CustomerRelation, FamilyRelation

__all__ = [
    "Collaborator",
    "ConsentRecord",
    "Contact",
    "Customer",
    "CustomerRelation",
    "EnterpriseProfile",
    "FamilyRelation",
    "PersonProfile",
]
