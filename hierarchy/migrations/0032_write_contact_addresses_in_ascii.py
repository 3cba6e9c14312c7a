from django.core.exceptions import ValidationError
from django.db import migrations

from accounts.emails import canonical_email


def write_in_ascii(apps, schema_editor):
    """Bring the addresses of organizations into their canonical form; once more does no harm.

    What is no address that can be used stays, for its owners to mend.
    """
    organization = apps.get_model("hierarchy", "Organization")
    for row in organization.objects.exclude(email="").only("email").iterator(500):
        try:
            email = canonical_email(row.email)
        except ValidationError:
            continue
        if email != row.email:
            organization.objects.filter(pk=row.pk, email=row.email).update(email=email)


class Migration(migrations.Migration):
    """Where an organization can be reached is written as other addresses are."""

    dependencies = [("hierarchy", "0031_drop_what_mails_said_in_clear")]

    operations = [migrations.RunPython(write_in_ascii, migrations.RunPython.noop)]
