import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def foreign_key(noun, name, columns, parent, target):
    """A path can't be falsified: see 0002_composite_foreign_keys."""
    return migrations.RunSQL(
        f"""
        ALTER TABLE hierarchy_{noun} ADD CONSTRAINT hierarchy_{noun}_{name}
        FOREIGN KEY {columns} REFERENCES hierarchy_{parent} {target}
        ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
        """,
        f"ALTER TABLE hierarchy_{noun} DROP CONSTRAINT hierarchy_{noun}_{name}",
    )


WITHIN_ORGANIZATION = "(id, organization_id)"


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0013_transfers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('finished', 'Finished'), ('cancelled', 'Cancelled')], default='open', max_length=9, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='started')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('size', models.PositiveIntegerField(editable=False, verbose_name='memberships')),
                ('reminded_at', models.DateTimeField(editable=False, null=True)),
                ('escalated_at', models.DateTimeField(editable=False, null=True, verbose_name='escalated')),
                ('csv_sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the CSV file')),
                ('jsonl_sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the JSON Lines file')),
                ('application', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.application', verbose_name='application')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.organization', verbose_name='organization')),
                ('started_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('workspace', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.workspace', verbose_name='workspace')),
            ],
            options={
                'verbose_name': 'access review',
                'verbose_name_plural': 'access reviews',
                'ordering': ('-created_at', '-id'),
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('workspace', None)), fields=['organization', '-created_at', '-id'], name='hierarchy_review_new_org'), models.Index(condition=models.Q(('application', None), ('workspace__isnull', False)), fields=['workspace', '-created_at', '-id'], name='hierarchy_review_new_ws'), models.Index(condition=models.Q(('state', 'open')), fields=['due_at'], name='hierarchy_review_due')],
                'constraints': [models.UniqueConstraint(fields=('id', 'organization'), name='hierarchy_accessreview_in_organization'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organization', 'workspace'), name='hierarchy_accessreview_one_open', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('application', None)), name='hierarchy_accessreview_not_of_application'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'open')), models.Q(('state__in', ('finished', 'cancelled')), ('ended_at__isnull', False)), _connector='OR'), name='hierarchy_accessreview_ended')],
            },
        ),
        migrations.CreateModel(
            name='AccessReviewRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.BigIntegerField(null=True)),
                ('workspace_id', models.BigIntegerField(null=True)),
                ('application_id', models.BigIntegerField(null=True)),
                ('membership_id', models.BigIntegerField()),
                ('user_id', models.BigIntegerField()),
                ('person', models.CharField(max_length=320, verbose_name='person')),
                ('place', models.CharField(max_length=200, verbose_name='where')),
                ('role', models.CharField(max_length=100, verbose_name='role')),
                ('source', models.CharField(blank=True, help_text='Who let the person in; empty when nobody did, as for founders.', max_length=320, verbose_name='source')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('last_active_at', models.DateTimeField(null=True, verbose_name='last activity')),
                ('decision', models.CharField(blank=True, choices=[('keep', 'Kept'), ('change', 'Role changed'), ('remove', 'Removed'), ('gone', 'Ended meanwhile')], max_length=6, verbose_name='answer')),
                ('role_after', models.CharField(blank=True, max_length=100, verbose_name='role afterwards')),
                ('decided_by', models.CharField(blank=True, max_length=320, verbose_name='answered by')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='hierarchy.accessreview')),
            ],
            options={
                'verbose_name': 'row of an access review',
                'verbose_name_plural': 'rows of access reviews',
                'ordering': ('person', 'id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['review', 'person', 'id'], name='hierarchy_review_row_person'), models.Index(fields=['review', 'user_id'], name='hierarchy_review_row_user')],
                'constraints': [models.UniqueConstraint(fields=('review', 'membership_id'), name='hierarchy_accessreviewrow_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', '')), models.Q(('decision__in', ['keep', 'change', 'remove', 'gone']), ('decided_at__isnull', False)), _connector='OR'), name='hierarchy_accessreviewrow_decided')],
            },
        ),
        foreign_key(
            "accessreview",
            "workspace_path",
            "(workspace_id, organization_id)",
            "workspace",
            WITHIN_ORGANIZATION,
        ),
        foreign_key(
            "accessreviewrow",
            "review_path",
            "(review_id, organization_id)",
            "accessreview",
            WITHIN_ORGANIZATION,
        ),
    ]
