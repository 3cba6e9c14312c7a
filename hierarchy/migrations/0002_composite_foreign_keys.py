from django.db import migrations

WORKSPACE = "(workspace_id, organization_id)"
APPLICATION = "(application_id, workspace_id, organization_id)"
BELOW_ORGANIZATION = ["membership", "invitation", "settingvalue", "trustedorigin", "pin"]


def foreign_key(noun, parent, columns):
    target = "(id, organization_id)" if parent == "workspace" else "(id, workspace_id, organization_id)"
    name = f"hierarchy_{noun}_{parent}_path"
    return migrations.RunSQL(
        f"""
        ALTER TABLE hierarchy_{noun} ADD CONSTRAINT {name}
        FOREIGN KEY {columns} REFERENCES hierarchy_{parent} {target}
        ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
        """,
        f"ALTER TABLE hierarchy_{noun} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    """A path can't be falsified: what names a workspace names that workspace's organization.

    Deferred, since moving a node cascades through several tables within one statement.
    """

    dependencies = [("hierarchy", "0001_initial")]

    operations = [
        foreign_key("application", "workspace", WORKSPACE),
        *(foreign_key(noun, "workspace", WORKSPACE) for noun in BELOW_ORGANIZATION),
        *(foreign_key(noun, "application", APPLICATION) for noun in BELOW_ORGANIZATION),
    ]
