from zhike.administration.actions.first_start import create_first_administrator
from zhike.administration.actions.organisation import (
    change_unit,
    close_unit,
    create_unit,
    move_unit,
    reopen_unit,
)
from zhike.administration.actions.roles import (
    GrantSpec,
    change_role,
    create_role,
    delete_role,
    install_builtin_roles,
    set_field_rights,
    set_grants,
)
from zhike.administration.actions.users import (
    change_user,
    create_user,
    disable_user,
    enable_user,
    reset_password,
    set_roles,
)

__all__ = [
    "GrantSpec",
    "change_role",
    "change_unit",
    "change_user",
    "close_unit",
    "create_first_administrator",
    "create_role",
    "create_unit",
    "create_user",
    "delete_role",
    "disable_user",
    "enable_user",
    "install_builtin_roles",
    "move_unit",
    "reopen_unit",
    "reset_password",
    "set_field_rights",
    "set_grants",
    "set_roles",
]
