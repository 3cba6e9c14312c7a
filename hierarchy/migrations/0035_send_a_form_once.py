import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Remembers for a day which forms have made something."""

    dependencies = [
        ("hierarchy", "0034_offer_to_an_address"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("led_to", models.TextField(default="")),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["sent_at"], name="hierarchy_sent_form_sent")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "digest"), name="hierarchy_sent_form_once")
                ],
            },
        ),
    ]
