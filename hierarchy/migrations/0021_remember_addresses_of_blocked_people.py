from django.db import migrations

from accounts.sealing import fingerprints


def remember(apps, schema_editor):
    """Note the addresses of those who are blocked; once more does no harm."""
    address = apps.get_model("account", "EmailAddress")
    blocked_person = apps.get_model("hierarchy", "BlockedPerson")
    for blocked in blocked_person.objects.filter(address_hashes=[]).iterator(500):
        verified = address.objects.filter(user_id=blocked.user_id, verified=True)
        hashes = {fingerprints(email)[0] for email in verified.values_list("email", flat=True)}
        blocked_person.objects.filter(pk=blocked.pk).update(address_hashes=sorted(hashes))


class Migration(migrations.Migration):
    """People who were blocked before are recognised in their next account, too."""

    dependencies = [
        ("hierarchy", "0020_addresses_of_blocked_people"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
