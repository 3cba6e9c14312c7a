import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """An offer to an address where nothing was is made as any other: nobody accepts it."""

    dependencies = [
        ('hierarchy', '0033_keep_invited_addresses_in_ascii'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='transfer',
            name='to_address',
            field=models.CharField(blank=True, db_default='', default='', help_text='Where nothing was when it was offered: nobody can accept that.', max_length=300, verbose_name='to the address'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='to_organization',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.organization', verbose_name='to the organization'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('to_address', ''), ('to_organization__isnull', False)), models.Q(('to_organization', None), ('to_workspace', None), models.Q(('to_address', ''), _negated=True)), _connector='OR'), name='hierarchy_transfer_to_one'),
        ),
    ]
