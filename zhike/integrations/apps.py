from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "zhike.integrations"
    label = "integrations"

    def ready(self) -> None:
        from zhike.integrations.auth import holds
        from zhike.web.idempotency import register_tokens

        register_tokens(holds)
