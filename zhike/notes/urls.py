"""Addresses of comments and files."""

from django.urls import path

from zhike.notes.pages import comments, files

app_name = "notes"
urlpatterns = [
    path("notes/<slug:record_type>/<uuid:key>/comments/", comments.index, name="comments"),
    path("notes/<slug:record_type>/<uuid:key>/files/", files.index, name="files"),
    path("notes/comments/<uuid:pk>/", comments.edit, name="comment"),
    path("notes/comments/<uuid:pk>/trash/", comments.trash, name="comment-trash"),
    path("notes/comments/<uuid:pk>/restore/", comments.restore, name="comment-restore"),
    path("notes/files/<uuid:pk>/", files.download, name="file"),
    path("notes/files/<uuid:pk>/preview/", files.preview, name="file-preview"),
    path("notes/files/<uuid:pk>/trash/", files.trash, name="file-trash"),
    path("notes/files/<uuid:pk>/restore/", files.restore, name="file-restore"),
]
