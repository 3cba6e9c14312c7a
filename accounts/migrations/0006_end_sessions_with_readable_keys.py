from django.db import migrations


class Migration(migrations.Migration):
    """Everybody signs in once again.

    Sessions were kept under the very text of their cookies, in this table and in every backup of
    it. Moving them would keep alive what a reader of an old backup holds.
    """

    dependencies = [("accounts", "0005_former_addresses"), ("sessions", "0001_initial")]

    operations = [migrations.RunSQL("DELETE FROM django_session", migrations.RunSQL.noop)]
