from django.db import migrations, models


class Migration(migrations.Migration):
    """A mail says what it is about, and why it was withheld; what it says is stored sealed."""

    dependencies = [("hierarchy", "0028_hold_grants_to_their_membership")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="about",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=60
            ),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="sealed",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="withheld_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("gone", "What it was about no longer exists."),
                    ("deleted", "What it was about had been deleted."),
                    ("suspended", "What it was about had been suspended."),
                    ("decided", "What it was about had been answered, taken back or had expired."),
                    ("not_offered", "Its sender could no longer offer that."),
                    ("replaced", "A newer link had taken the place of the one in it."),
                    ("changed", "What it said was no longer so."),
                    ("not_theirs", "Its recipient could no longer do anything about it."),
                ],
                db_default="",
                default="",
                max_length=11,
                verbose_name="withheld because",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "sending", "failed"))),
                fields=["about"],
                name="hierarchy_mail_waiting_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "withheld"), ("withheld_because", ""), _connector="OR"
                ),
                name="hierarchy_outgoingmail_withheld",
            ),
        ),
    ]
