from django.apps import AppConfig


class SampleCompanyConfig(AppConfig):
    name = "zhike.sample_company"
    label = "sample_company"

    def ready(self) -> None:
        """The sign-in page of sample mode offers the sample's people."""
        from zhike.administration.sample_sign_ins import provide
        from zhike.sample_company.organisation import sign_ins

        provide(sign_ins)
