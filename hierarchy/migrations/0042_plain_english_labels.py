"""Say labels and help texts in plain English. No column changes."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import accounts.emails


class Migration(migrations.Migration):
    dependencies = [
        ("hierarchy", "0041_say_what_versions_of_nodes_are_for"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="outgoingmail",
            options={
                "default_permissions": ("view", "change"),
                "ordering": ("-id",),
                "verbose_name": "e-mail",
                "verbose_name_plural": "e-mails",
            },
        ),
        migrations.AlterField(
            model_name="accessrequest",
            name="permission",
            field=models.CharField(
                blank=True,
                help_text="Leave empty to ask for membership.",
                max_length=60,
                verbose_name="permission",
            ),
        ),
        migrations.AlterField(
            model_name="accessreview",
            name="evidence_version",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                editable=False,
                help_text="The version of the files: see `review_files`.",
            ),
        ),
        migrations.AlterField(
            model_name="accessreview",
            name="former_workspace",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The workspace that was reviewed, once it has left the organization.",
                max_length=60,
                verbose_name="former workspace",
            ),
        ),
        migrations.AlterField(
            model_name="accessreviewrow",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("keep", "Kept"),
                    ("change", "Role changed"),
                    ("remove", "Removed"),
                    ("gone", "Ended since"),
                ],
                max_length=6,
                verbose_name="answer",
            ),
        ),
        migrations.AlterField(
            model_name="accessreviewrow",
            name="source",
            field=models.CharField(
                blank=True,
                help_text="The person who let them in. Empty if nobody did, as for founders.",
                max_length=320,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="accessreviewrow",
            name="way_in",
            field=models.CharField(
                blank=True,
                choices=[
                    ("founder", "Founder"),
                    ("invitation", "Invited"),
                    ("request", "Request approved"),
                    ("domain", "Joined by e-mail domain"),
                    ("staff", "Added by staff"),
                    ("recovery", "Made owner by staff"),
                    ("transfer", "Kept in a transfer"),
                ],
                db_default="",
                default="",
                max_length=10,
                verbose_name="how they joined",
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="bundle_id",
            field=models.CharField(
                blank=True,
                help_text="For example, com.example.shop.",
                max_length=155,
                verbose_name="bundle ID",
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="environment",
            field=models.CharField(
                choices=[
                    ("production", "Production"),
                    ("staging", "Staging"),
                    ("development", "Development"),
                ],
                help_text="Can't be changed once the application exists.",
                max_length=12,
                verbose_name="environment",
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="public_id",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, unique=True, verbose_name="public ID"
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="slug",
            field=models.CharField(
                help_text="Used in web addresses.", max_length=60, verbose_name="slug"
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="version",
            field=models.PositiveIntegerField(
                default=1,
                editable=False,
                help_text="Increases with every edit, and changes the logo's address.",
            ),
        ),
        migrations.AlterField(
            model_name="emaildomain",
            name="mode",
            field=models.CharField(
                choices=[
                    ("off", "Off"),
                    ("request", "Can ask to join"),
                    ("automatic", "Can join without approval"),
                ],
                default="off",
                max_length=9,
                verbose_name="people at this domain",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="access_ends_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the membership it offers ends automatically.",
                null=True,
                verbose_name="access until",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="mail",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The last e-mail that carried its link.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="hierarchy.outgoingmail",
                verbose_name="e-mail with the link",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="reminded_days",
            field=models.PositiveSmallIntegerField(
                editable=False,
                help_text="How many days before its end the last reminder was sent.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="way_in",
            field=models.CharField(
                blank=True,
                choices=[
                    ("founder", "Founder"),
                    ("invitation", "Invited"),
                    ("request", "Request approved"),
                    ("domain", "Joined by e-mail domain"),
                    ("staff", "Added by staff"),
                    ("recovery", "Made owner by staff"),
                    ("transfer", "Kept in a transfer"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="how they joined",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="way_in_detail",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The domain they joined with, or the place the node was handed over from.",
                max_length=253,
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="events",
            field=models.PositiveBigIntegerField(
                default=0,
                editable=False,
                help_text="How many audit events it has. They are numbered without gaps.",
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="invitation_domains",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="One per line, such as example.com. Leave empty to allow any address.",
                validators=[accounts.emails.domains_are_sound],
                verbose_name="domains for invitations",
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="may_ask_to_join",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Anyone who knows the address of its join page sees its name and can ask.",
                verbose_name="people can ask to join",
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="public_id",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, unique=True, verbose_name="public ID"
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="slug",
            field=models.CharField(
                help_text="Used in web addresses.", max_length=60, verbose_name="slug"
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The member to ask first if it loses its owners.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="successor",
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="version",
            field=models.PositiveIntegerField(
                default=1,
                editable=False,
                help_text="Increases with every edit, and changes the logo's address.",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="withheld_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("gone", "What it was about no longer exists."),
                    ("deleted", "What it was about had been deleted."),
                    ("suspended", "What it was about had been suspended."),
                    (
                        "decided",
                        "What it was about had been answered or withdrawn, or had expired.",
                    ),
                    ("not_offered", "Its sender could no longer offer that."),
                    ("replaced", "A newer link had replaced the one in it."),
                    ("changed", "What it said was no longer true."),
                    ("not_theirs", "Its recipient could no longer act on it."),
                ],
                db_default="",
                default="",
                max_length=11,
                verbose_name="withheld because",
            ),
        ),
        migrations.AlterField(
            model_name="ownershipoffer",
            name="becomes",
            field=models.CharField(
                choices=[
                    ("owner", "Owner"),
                    ("manager", "Manager"),
                    ("maintainer", "Maintainer"),
                    ("viewer", "Viewer"),
                    ("custom", "Custom role"),
                ],
                default="owner",
                max_length=10,
                verbose_name="role of the offering owner afterwards",
            ),
        ),
        migrations.AlterField(
            model_name="ownershiprecovery",
            name="reason",
            field=models.TextField(
                help_text="Why, and how you know. Shown in the notices and in the activity.",
                max_length=500,
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="purgereceipt",
            name="purged_at",
            field=models.DateTimeField(verbose_name="permanently deleted"),
        ),
        migrations.AlterField(
            model_name="purgereceipt",
            name="purged_by",
            field=models.CharField(max_length=20, verbose_name="deleted by"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="to_address",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="An address where nothing existed when it was offered. Nobody can accept it.",
                max_length=300,
                verbose_name="to the address",
            ),
        ),
        migrations.AlterField(
            model_name="trustedorigin",
            name="allow_insecure",
            field=models.BooleanField(default=False, verbose_name="allow HTTP"),
        ),
        migrations.AlterField(
            model_name="workspace",
            name="public_id",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, unique=True, verbose_name="public ID"
            ),
        ),
        migrations.AlterField(
            model_name="workspace",
            name="slug",
            field=models.CharField(
                help_text="Used in web addresses.", max_length=60, verbose_name="slug"
            ),
        ),
        migrations.AlterField(
            model_name="workspace",
            name="version",
            field=models.PositiveIntegerField(
                default=1,
                editable=False,
                help_text="Increases with every edit, and changes the logo's address.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="application",
            name="hierarchy_application_name",
            constraint=models.UniqueConstraint(
                models.F("workspace"),
                models.F("environment"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("deleted_at", None)),
                name="hierarchy_application_name",
                violation_error_message="This environment already has an application with that name.",
            ),
        ),
    ]
