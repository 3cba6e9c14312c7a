from django.db import migrations, models


class Migration(migrations.Migration):
    """Events note in what capacity somebody acted, and why staff did."""

    dependencies = [("hierarchy", "0023_refuse_truncating_audit_events")]

    operations = [
        migrations.AddField(
            "auditevent",
            "acted_as",
            models.CharField(
                blank=True,
                choices=[
                    ("system", "System"),
                    ("member", "Member"),
                    ("staff", "Platform staff"),
                    ("outsider", "Outsider"),
                ],
                db_default="",
                default="",
                max_length=8,
                verbose_name="acted as",
            ),
        ),
        migrations.AddField(
            "auditevent",
            "reason",
            models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="reason"
            ),
        ),
    ]
