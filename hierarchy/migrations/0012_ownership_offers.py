
import django.db.models.deletion
import django.utils.timezone
import hierarchy.models.ownership_offer
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0011_email_domains'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='organization',
            options={'default_permissions': (), 'ordering': ('name', 'id'), 'permissions': [('view_organization', 'May view organization'), ('view_organization_settings', 'May view organization settings'), ('change_organization', 'May change organization'), ('delete_organization', 'May delete organization'), ('transfer_organization', 'May transfer organization'), ('view_organization_member', 'May view organization member'), ('invite_organization_member', 'May invite organization member'), ('change_organization_member', 'May change organization member'), ('remove_organization_member', 'May remove organization member'), ('manage_custom_roles', 'May manage custom roles'), ('view_audit_log', 'May view audit log'), ('add_workspace', 'May add workspace'), ('owner_organization', 'Is owner of the organization'), ('manager_organization', 'Is manager of the organization'), ('maintainer_organization', 'Is maintainer of the organization'), ('viewer_organization', 'Is viewer of the organization'), ('custom_organization', 'Is custom of the organization')], 'verbose_name': 'organization', 'verbose_name_plural': 'organizations'},
        ),
        migrations.AddField(
            model_name='organization',
            name='successor',
            field=models.ForeignKey(blank=True, editable=False, help_text='Who is asked first should it lose its owners.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor'),
        ),
        migrations.CreateModel(
            name='OwnershipOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('becomes', models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager'), ('maintainer', 'Maintainer'), ('viewer', 'Viewer'), ('custom', 'Custom role')], default='owner', max_length=10, verbose_name='the offering owner becomes')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='pending', max_length=9, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='offered')),
                ('expires_at', models.DateTimeField(default=hierarchy.models.ownership_offer.end_of_offer, verbose_name='expires')),
                ('decided_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='decided')),
                ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='offered by')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.organization', verbose_name='organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'ownership offer',
                'verbose_name_plural': 'ownership offers',
                'ordering': ('-created_at', '-id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['user', 'state'], name='hierarchy_ownership_of_user')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('organization',), name='hierarchy_ownershipoffer_one_pending'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='hierarchy_ownershipoffer_decided')],
            },
        ),
    ]
