"""What the record pages add to the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command

COMMANDS = (
    Command(
        _("Import a file"), "database-import", "imports:index", words="import excel csv vcard 导入 上传", position=60
    ),
)
