from zhike.staff.models.org_unit import OrgUnit
from zhike.staff.models.passkey import Passkey
from zhike.staff.models.rights_version import RightsVersion
from zhike.staff.models.role import Role, RoleAssignment
from zhike.staff.models.session import Session
from zhike.staff.models.sign_in import RecoveryCode, SecondFactor, SignInThrottle
from zhike.staff.models.user import User

__all__ = [
    "OrgUnit", "Passkey", "RecoveryCode", "RightsVersion", "Role", "RoleAssignment", "SecondFactor", "Session",
    "SignInThrottle", "User",
]  # fmt: skip
