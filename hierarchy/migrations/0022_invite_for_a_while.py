from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """An invitation may offer access that ends by itself, and is never good for longer."""

    dependencies = [
        ("hierarchy", "0021_remember_addresses_of_blocked_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="access_ends_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the membership that it offers ends by itself.",
                null=True,
                verbose_name="access until",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("access_ends_at", None),
                    ("access_ends_at__gte", models.F("expires_at")),
                    _connector="OR",
                ),
                name="hierarchy_invitation_before_its_end",
            ),
        ),
    ]
