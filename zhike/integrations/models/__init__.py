from zhike.integrations.models.api_token import ApiToken

__all__ = ["ApiToken"]
