from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0005_custom_roles'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='applicationgrant',
            name='hierarchy_appgrant_user',
        ),
        migrations.RemoveIndex(
            model_name='organizationgrant',
            name='hierarchy_orggrant_user',
        ),
        migrations.RemoveIndex(
            model_name='workspacegrant',
            name='hierarchy_wsgrant_user',
        ),
        migrations.AddField(
            model_name='applicationgrant',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='applicationgrant',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='until'),
        ),
        migrations.AddField(
            model_name='membership',
            name='reminded_days',
            field=models.PositiveSmallIntegerField(editable=False, help_text='How many days before its end the last reminder went out.', null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='from'),
        ),
        migrations.AddField(
            model_name='organizationgrant',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='organizationgrant',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='workspacegrant',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='workspacegrant',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='applicationgrant',
            index=models.Index(fields=['user'], include=('content_object', 'permission', 'custom_role', 'starts_at', 'ends_at'), name='hierarchy_appgrant_user'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('ends_at__isnull', False)), fields=['ends_at'], name='hierarchy_membership_ends'),
        ),
        migrations.AddIndex(
            model_name='organizationgrant',
            index=models.Index(fields=['user'], include=('content_object', 'permission', 'custom_role', 'starts_at', 'ends_at'), name='hierarchy_orggrant_user'),
        ),
        migrations.AddIndex(
            model_name='workspacegrant',
            index=models.Index(fields=['user'], include=('content_object', 'permission', 'custom_role', 'starts_at', 'ends_at'), name='hierarchy_wsgrant_user'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='hierarchy_membership_dates'),
        ),
    ]
