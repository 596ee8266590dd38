from zhike.history.models.event import Event

__all__ = ["Event"]
