from django.db import migrations, models


class Migration(migrations.Migration):
    """Of an organization that was removed for good one row is left."""

    dependencies = [("hierarchy", "0038_drop_who_was_named_in_events")]

    operations = [
        migrations.CreateModel(
            "PurgeReceipt",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization_public_id",
                    models.UUIDField(unique=True, verbose_name="organization"),
                ),
                ("created_at", models.DateTimeField(verbose_name="founded")),
                ("deleted_at", models.DateTimeField(verbose_name="deleted")),
                ("purged_at", models.DateTimeField(verbose_name="removed for good")),
                ("purged_by", models.CharField(max_length=20, verbose_name="removed by")),
                ("events", models.PositiveBigIntegerField(verbose_name="events")),
                ("removed", models.JSONField(verbose_name="rows")),
                (
                    "checksum",
                    models.CharField(max_length=64, verbose_name="SHA-256 of the events"),
                ),
            ],
            options={
                "verbose_name": "purge receipt",
                "verbose_name_plural": "purge receipts",
                "default_permissions": (),
                "ordering": ("-id",),
            },
        ),
    ]
