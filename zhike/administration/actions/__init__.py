from zhike.administration.actions.first_start import create_first_administrator
from zhike.administration.actions.roles import install_builtin_roles

__all__ = ["create_first_administrator", "install_builtin_roles"]
