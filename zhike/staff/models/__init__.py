from zhike.staff.models.org_unit import OrgUnit
from zhike.staff.models.role import Role, RoleAssignment
from zhike.staff.models.user import User

__all__ = ["OrgUnit", "Role", "RoleAssignment", "User"]
