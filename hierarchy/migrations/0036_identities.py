import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def reference(model):
    return models.ForeignKey(
        model,
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
    )


class Migration(migrations.Migration):
    """Whom events name, and from where they acted, stands beside the events."""

    dependencies = [("hierarchy", "0035_send_a_form_once")]

    operations = [
        migrations.CreateModel(
            "Identity",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(blank=True, max_length=121, verbose_name="name")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="e-mail")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="erased")),
            ],
            options={
                "verbose_name": "identity",
                "verbose_name_plural": "identities",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["person_id"], name="hierarchy_identity_person"),
                    models.Index(fields=["email"], name="hierarchy_identity_email"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(person_id__isnull=False),
                        fields=("organization_id", "person_id"),
                        name="hierarchy_identity_of_person",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        condition=Q(erased_at=None, person_id=None),
                        fields=("organization_id", "email"),
                        name="hierarchy_identity_of_address",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(erased_at=None) | Q(email="", name=""),
                        name="hierarchy_identity_erased",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Whereabouts",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                (
                    "user_agent",
                    models.CharField(blank=True, max_length=200, verbose_name="browser"),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="whereabouts",
                        to="hierarchy.identity",
                    ),
                ),
            ],
            options={
                "verbose_name": "whereabouts",
                "verbose_name_plural": "whereabouts",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=~Q(address=None, user_agent=""),
                        fields=("identity", "address", "user_agent"),
                        name="hierarchy_whereabouts_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddField("auditevent", "actor_identity", reference("hierarchy.identity")),
        migrations.AddField("auditevent", "target_identity", reference("hierarchy.identity")),
        migrations.AddField("auditevent", "whereabouts", reference("hierarchy.whereabouts")),
        # Not said of new events any longer, nor of older ones after the next migration.
        migrations.AlterField(
            "auditevent",
            "actor_label",
            models.CharField(
                blank=True, db_default="", default="", max_length=320, verbose_name="who"
            ),
        ),
        migrations.AlterField(
            "auditevent",
            "user_agent",
            models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="browser"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("auditevent", "target_label", "target_name"),
                migrations.AlterField(
                    "auditevent",
                    "target_name",
                    models.CharField(
                        blank=True, db_column="target_label", max_length=320, verbose_name="what"
                    ),
                ),
            ]
        ),
    ]
