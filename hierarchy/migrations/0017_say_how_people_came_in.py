import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0016_ownership_recoveries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='accessreview',
            name='evidence_version',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, editable=False, help_text='Which columns the files have: see `evidence`.'),
        ),
        migrations.AddField(
            model_name='accessreview',
            name='former_workspace',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Which workspace it was of, once that has left the organization.', max_length=60, verbose_name='former workspace'),
        ),
        migrations.AddField(
            model_name='accessreviewrow',
            name='way_in',
            field=models.CharField(blank=True, choices=[('founder', 'Founded it'), ('invitation', 'Invited'), ('request', 'Asked'), ('domain', 'Joined by e-mail domain'), ('staff', 'Added by staff'), ('recovery', 'Made owner by staff'), ('transfer', 'Kept in a transfer')], db_default='', default='', max_length=10, verbose_name='came in'),
        ),
        migrations.AddField(
            model_name='accessreviewrow',
            name='way_in_detail',
            field=models.CharField(blank=True, db_default='', default='', max_length=253),
        ),
        migrations.AddField(
            model_name='membership',
            name='way_in',
            field=models.CharField(blank=True, choices=[('founder', 'Founded it'), ('invitation', 'Invited'), ('request', 'Asked'), ('domain', 'Joined by e-mail domain'), ('staff', 'Added by staff'), ('recovery', 'Made owner by staff'), ('transfer', 'Kept in a transfer')], db_default='', default='', editable=False, max_length=10, verbose_name='came in'),
        ),
        migrations.AddField(
            model_name='membership',
            name='way_in_detail',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='The domain that they joined by, or where the node was handed over from.', max_length=253),
        ),
        migrations.AlterField(
            model_name='membership',
            name='invited_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='let in by'),
        ),
        migrations.AddConstraint(
            model_name='accessreviewrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('way_in__in', ('', 'founder', 'invitation', 'request', 'staff', 'recovery')), ('way_in_detail', '')), models.Q(('way_in__in', ('domain', 'transfer')), models.Q(('way_in_detail', ''), _negated=True)), _connector='OR'), name='hierarchy_accessreviewrow_way_in'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('way_in__in', ('', 'founder', 'invitation', 'request', 'staff', 'recovery')), ('way_in_detail', '')), models.Q(('way_in__in', ('domain', 'transfer')), models.Q(('way_in_detail', ''), _negated=True)), _connector='OR'), name='hierarchy_membership_way_in'),
        ),
    ]
