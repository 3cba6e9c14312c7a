import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def foreign_key(noun):
    """The custom role that a row names is one of the row's own organization."""
    name = f"hierarchy_{noun}_custom_role_path"
    return migrations.RunSQL(
        f"""
        ALTER TABLE hierarchy_{noun} ADD CONSTRAINT {name}
        FOREIGN KEY (custom_role_id, organization_id)
        REFERENCES hierarchy_customrole (id, organization_id)
        DEFERRABLE INITIALLY DEFERRED
        """,
        f"ALTER TABLE hierarchy_{noun} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('hierarchy', '0004_index_audit_events_for_filters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='permissions')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'verbose_name': 'custom role',
                'verbose_name_plural': 'custom roles',
                'ordering': ('name', 'id'),
                'default_permissions': (),
            },
        ),
        migrations.AlterModelOptions(
            name='application',
            options={'default_permissions': (), 'ordering': ('name', 'id'), 'permissions': [('view_application', 'May view application'), ('view_application_settings', 'May view application settings'), ('change_application', 'May change application'), ('change_production_application', 'May change production application'), ('delete_application', 'May delete application'), ('view_application_member', 'May view application member'), ('invite_application_member', 'May invite application member'), ('change_application_member', 'May change application member'), ('remove_application_member', 'May remove application member'), ('manage_trusted_origins', 'May manage trusted origins'), ('change_token_requirement', 'May change token requirement'), ('owner_application', 'Is owner of the application'), ('manager_application', 'Is manager of the application'), ('maintainer_application', 'Is maintainer of the application'), ('viewer_application', 'Is viewer of the application'), ('custom_application', 'Is custom of the application')], 'verbose_name': 'application', 'verbose_name_plural': 'applications'},
        ),
        migrations.AlterModelOptions(
            name='organization',
            options={'default_permissions': (), 'ordering': ('name', 'id'), 'permissions': [('view_organization', 'May view organization'), ('view_organization_settings', 'May view organization settings'), ('change_organization', 'May change organization'), ('delete_organization', 'May delete organization'), ('view_organization_member', 'May view organization member'), ('invite_organization_member', 'May invite organization member'), ('change_organization_member', 'May change organization member'), ('remove_organization_member', 'May remove organization member'), ('manage_custom_roles', 'May manage custom roles'), ('view_audit_log', 'May view audit log'), ('add_workspace', 'May add workspace'), ('owner_organization', 'Is owner of the organization'), ('manager_organization', 'Is manager of the organization'), ('maintainer_organization', 'Is maintainer of the organization'), ('viewer_organization', 'Is viewer of the organization'), ('custom_organization', 'Is custom of the organization')], 'verbose_name': 'organization', 'verbose_name_plural': 'organizations'},
        ),
        migrations.AlterModelOptions(
            name='workspace',
            options={'default_permissions': (), 'ordering': ('name', 'id'), 'permissions': [('view_workspace', 'May view workspace'), ('view_workspace_settings', 'May view workspace settings'), ('change_workspace', 'May change workspace'), ('delete_workspace', 'May delete workspace'), ('view_workspace_member', 'May view workspace member'), ('invite_workspace_member', 'May invite workspace member'), ('change_workspace_member', 'May change workspace member'), ('remove_workspace_member', 'May remove workspace member'), ('add_application', 'May add application'), ('owner_workspace', 'Is owner of the workspace'), ('manager_workspace', 'Is manager of the workspace'), ('maintainer_workspace', 'Is maintainer of the workspace'), ('viewer_workspace', 'Is viewer of the workspace'), ('custom_workspace', 'Is custom of the workspace')], 'verbose_name': 'workspace', 'verbose_name_plural': 'workspaces'},
        ),
        migrations.RemoveConstraint(
            model_name='membership',
            name='hierarchy_membership_role',
        ),
        migrations.AlterField(
            model_name='invitation',
            name='role',
            field=models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager'), ('maintainer', 'Maintainer'), ('viewer', 'Viewer'), ('custom', 'Custom role')], max_length=10, verbose_name='role'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager'), ('maintainer', 'Maintainer'), ('viewer', 'Viewer'), ('custom', 'Custom role')], max_length=10, verbose_name='role'),
        ),
        migrations.AddField(
            model_name='customrole',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.organization', verbose_name='organization'),
        ),
        migrations.AddField(
            model_name='applicationgrant',
            name='custom_role',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.customrole'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='custom_role',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='hierarchy.customrole', verbose_name='custom role'),
        ),
        migrations.AddField(
            model_name='membership',
            name='custom_role',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='hierarchy.customrole', verbose_name='custom role'),
        ),
        migrations.AddField(
            model_name='organizationgrant',
            name='custom_role',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.customrole'),
        ),
        migrations.AddField(
            model_name='workspacegrant',
            name='custom_role',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hierarchy.customrole'),
        ),
        migrations.AddIndex(
            model_name='applicationgrant',
            index=models.Index(condition=models.Q(('custom_role__isnull', False)), fields=['custom_role'], name='hierarchy_appgrant_role'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('custom_role__isnull', False)), fields=['custom_role'], name='hierarchy_invitation_of_role'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('custom_role__isnull', False)), fields=['custom_role'], name='hierarchy_membership_of_role'),
        ),
        migrations.AddIndex(
            model_name='organizationgrant',
            index=models.Index(condition=models.Q(('custom_role__isnull', False)), fields=['custom_role'], name='hierarchy_orggrant_role'),
        ),
        migrations.AddIndex(
            model_name='workspacegrant',
            index=models.Index(condition=models.Q(('custom_role__isnull', False)), fields=['custom_role'], name='hierarchy_wsgrant_role'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role', 'custom'), ('custom_role__isnull', False)), models.Q(models.Q(('role', 'custom'), _negated=True), ('custom_role', None)), _connector='OR'), name='hierarchy_invitation_names_its_role'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'manager', 'maintainer', 'viewer', 'custom'])), name='hierarchy_membership_role'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role', 'custom'), ('custom_role__isnull', False)), models.Q(models.Q(('role', 'custom'), _negated=True), ('custom_role', None)), _connector='OR'), name='hierarchy_membership_names_its_role'),
        ),
        migrations.AddConstraint(
            model_name='customrole',
            constraint=models.UniqueConstraint(models.F('organization'), django.db.models.functions.text.Lower('name'), condition=models.Q(('deleted_at', None)), name='hierarchy_custom_role_name'),
        ),
        migrations.AddConstraint(
            model_name='customrole',
            constraint=models.UniqueConstraint(fields=('id', 'organization'), name='hierarchy_custom_role_path'),
        ),
        migrations.AddConstraint(
            model_name='customrole',
            constraint=models.CheckConstraint(condition=models.Q(('permissions', []), _negated=True), name='hierarchy_custom_role_not_empty'),
        ),
        foreign_key("membership"),
        foreign_key("invitation"),
    ]
