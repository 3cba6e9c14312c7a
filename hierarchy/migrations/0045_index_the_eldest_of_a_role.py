from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Some people of a role on a node are found without reading all of its members."""

    atomic = False  # so the indexes are built beside those who read and write

    dependencies = [("hierarchy", "0044_index_what_waits")]

    operations = [
        AddIndexConcurrently(
            "organizationgrant",
            models.Index(
                fields=("content_object", "permission", "membership"),
                name="hierarchy_orggrant_eldest",
            ),
        ),
        AddIndexConcurrently(
            "workspacegrant",
            models.Index(
                fields=("content_object", "permission", "membership"),
                name="hierarchy_wsgrant_eldest",
            ),
        ),
        AddIndexConcurrently(
            "applicationgrant",
            models.Index(
                fields=("content_object", "permission", "membership"),
                name="hierarchy_appgrant_eldest",
            ),
        ),
    ]
