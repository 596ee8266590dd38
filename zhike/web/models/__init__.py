from zhike.web.models.answer import KeptAnswer

__all__ = ["KeptAnswer"]
