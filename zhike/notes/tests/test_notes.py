"""Comments and files: rights follow the record, files are never run, what is deleted comes back."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zhike.history.models import Event
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.notes import actions
from zhike.notes.models import Attachment, Comment
from zhike.notes.tests.conftest import House, signed_in
from zhike.notices.models import Notice

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_a_comment_stands_on_the_timeline_and_the_owner_is_told(house: House) -> None:
    comment = actions.add_comment(
        record=house.record, text="  Price is fine.\r\nWait for drawings. ", by=house.colleague
    )
    assert comment.text == "Price is fine.\nWait for drawings."
    assert Event.objects.get(action="notes.comment.create").thread_id == house.record.pk
    notice = Notice.objects.get(user=house.owner)
    assert "Bing commented on" in notice.text and notice.link


def test_nobody_comments_on_what_he_may_not_see(house: House) -> None:
    with pytest.raises(NotFound):
        actions.add_comment(record=house.record, text="x", by=house.outsider)
    address = reverse("notes:comments", args=["customers", house.record.pk])
    assert signed_in(house.outsider).get(address).status_code == 404
    assert signed_in(house.outsider).post(address, {"text": "x"}).status_code == 404
    assert signed_in(house.colleague).get(address).status_code == 200


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5001])
def test_empty_and_endless_comments_are_refused(house: House, text: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_comment(record=house.record, text=text, by=house.owner)
    assert "text" in refused.value.fields


def test_only_the_author_changes_and_deletes(house: House) -> None:
    comment = actions.add_comment(record=house.record, text="mine", by=house.owner)
    with pytest.raises(Denied):
        actions.change_comment(comment, text="yours", by=house.colleague)
    with pytest.raises(Denied):
        actions.trash_comment(comment, by=house.colleague)
    actions.change_comment(comment, text="still mine", by=house.owner)
    assert Comment.objects.get().text == "still mine"


def test_deleting_offers_the_way_back(house: House) -> None:
    comment = actions.add_comment(record=house.record, text="oops", by=house.owner)
    client = signed_in(house.owner)
    response = client.post(reverse("notes:comment-trash", args=[comment.pk]), **HTMX)
    undo = json.loads(response["HX-Trigger"])["zhike:toast"]["messages"][0]["undo"]
    assert not Comment.objects.on(house.record).exists()
    client.post(undo, **HTMX)
    assert Comment.objects.on(house.record).exists()


def upload(house: House, name: str, content: bytes, by=None):
    address = reverse("notes:files", args=["customers", house.record.pk])
    return signed_in(by or house.owner).post(address, {"file": SimpleUploadedFile(name, content)}, **HTMX)


def test_a_file_comes_back_as_it_went_and_is_never_run(house: House) -> None:
    assert upload(house, "报价.html", b"<script>alert(1)</script>").status_code == 200
    attachment = Attachment.objects.get()
    response = signed_in(house.colleague).get(reverse("notes:file", args=[attachment.pk]))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    preview = signed_in(house.owner).get(reverse("notes:file-preview", args=[attachment.pk]))
    assert preview["Content-Disposition"].startswith("attachment")


def test_pictures_are_previewed(house: House) -> None:
    upload(house, "现场.png", PNG)
    response = signed_in(house.owner).get(reverse("notes:file-preview", args=[Attachment.objects.get().pk]))
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("inline")


def test_strangers_get_no_bytes(house: House) -> None:
    upload(house, "现场.png", PNG)
    key = Attachment.objects.get().pk
    for name in ("notes:file", "notes:file-preview"):
        assert signed_in(house.outsider).get(reverse(name, args=[key])).status_code == 404
    assert upload(house, "x.png", PNG, by=house.outsider).status_code == 404


@pytest.mark.parametrize(("name", "content"), [("leer.pdf", b""), ("setup.exe", b"MZ"), ("big.bin", b"x" * 3000)])
def test_what_is_refused(house: House, settings, name: str, content: bytes) -> None:
    settings.MAX_UPLOAD_BYTES = 2000
    assert upload(house, name, content).status_code == 422
    assert not Attachment.objects.exists()


def test_a_deleted_file_is_gone_until_restored(house: House) -> None:
    upload(house, "现场.png", PNG)
    attachment = Attachment.objects.get()
    actions.trash_attachment(attachment, by=house.owner)
    address = reverse("notes:file", args=[attachment.pk])
    assert signed_in(house.owner).get(address).status_code == 404
    actions.restore_attachment(attachment, by=house.owner)
    assert signed_in(house.owner).get(address).status_code == 200


def test_the_panels_stand_on_the_page_of_the_record(house: House) -> None:
    client = signed_in(house.owner)
    for code in ("files", "comments"):
        response = client.get(reverse("records:panel", args=["customers", house.record.pk, code]))
        assert response.status_code == 200
        assert f'id="{code}-panel"' in response.content.decode()
