from zhike.search.models.recent_item import RecentItem

__all__ = ["RecentItem"]
