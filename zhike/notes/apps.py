from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "zhike.notes"
    label = "notes"
