from django.db import migrations


class Migration(migrations.Migration):
    """What mails say is stored sealed alone, since the migration before."""

    dependencies = [("hierarchy", "0030_seal_mails")]

    operations = [migrations.RemoveField(model_name="outgoingmail", name="context")]
