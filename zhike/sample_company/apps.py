from django.apps import AppConfig


class SampleCompanyConfig(AppConfig):
    name = "zhike.sample_company"
    label = "sample_company"
