"""Enterprises are found by the pinyin of what tells them apart: 杭州远景机械有限公司 by yuanjing and yjjx, too."""

import uuid

from django.db import migrations

from zhike.search.tokens import tokens

CHUNK = 5000


def hear(apps, schema_editor):
    """Add the tokens. It may be killed and begun again: what is there already is added once."""
    after = uuid.UUID(int=0)
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                """SELECT id, core_name FROM customers_customer
                   WHERE id > %s AND kind <> 'PERSON' ORDER BY id LIMIT %s""", [after, CHUNK]
            )  # fmt: skip
            rows = cursor.fetchall()
            if not rows:
                return
            heard = [(key, " ".join(tokens(heard=[core]))) for key, core in rows]
            cursor.execute(
                """UPDATE customers_customer SET search_tokens = coalesce(search_tokens, '') || array_to_tsvector(string_to_array(said, ' '))
                   FROM unnest(%s::uuid[], %s::text[]) AS made(key, said) WHERE id = key AND said <> ''""",
                [[key for key, _said in heard], [said for _key, said in heard]],
            )
            after = rows[-1][0]


class Migration(migrations.Migration):
    atomic = False  # chunk by chunk: a million customers need not be locked for the whole of it

    dependencies = [
        ("customers", "0004_few_have_parents"),
    ]

    operations = [migrations.RunPython(hear, migrations.RunPython.noop)]
