from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "zhike.notices"
    label = "notices"

    def ready(self) -> None:
        """How many notices wait stands on every page."""
        from zhike.notices.models.notice import number_unread
        from zhike.staff.along import bring_along

        bring_along("unread", number_unread())
