"""Let shells of applications be trusted beside web pages: the scheme tells their rules apart.

Whatever the constraint of before allowed, the new ones allow, too, also while the release of before
still writes. Their indexes are built beside what goes on, so that nobody waits.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PAGE = models.UniqueConstraint(
    fields=("application", "host", "port", "include_subdomains"),
    condition=Q(scheme=""),
    name="hierarchy_trustedorigin_page_once",
    nulls_distinct=False,
)
SHELL = models.UniqueConstraint(
    fields=("application", "scheme", "host"),
    condition=~Q(scheme=""),
    name="hierarchy_trustedorigin_shell_once",
)


def _beside_what_goes_on(constraint, columns):
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"CREATE UNIQUE INDEX CONCURRENTLY {constraint.name}"
                f" ON hierarchy_trustedorigin {columns}",
                f"DROP INDEX CONCURRENTLY {constraint.name}",
            )
        ],
        state_operations=[
            migrations.AddConstraint(model_name="trustedorigin", constraint=constraint)
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("hierarchy", "0042_plain_english_labels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="trustedorigin",
            name="scheme",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="That of an application's shell, such as capacitor. Empty for web pages.",
                max_length=100,
                verbose_name="scheme",
            ),
        ),
        _beside_what_goes_on(
            PAGE,
            "(application_id, host, port, include_subdomains) NULLS NOT DISTINCT WHERE scheme = ''",
        ),
        _beside_what_goes_on(SHELL, "(application_id, scheme, host) WHERE NOT (scheme = '')"),
        migrations.RemoveConstraint(model_name="trustedorigin", name="hierarchy_trustedorigin_once"),
    ]
