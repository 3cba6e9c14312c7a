import json

from django.db import migrations, transaction

from accounts.sealing import seal, unseal

BATCH = 500


def in_batches(rows, change):
    """Call `change` with each of `rows`, which leaves them by that: each batch is a transaction."""
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update(of=("self",)).order_by("pk")[:BATCH])
            for row in batch:
                change(row)
        if not batch:
            return


def seal_all(apps, schema_editor):
    """Seal what mails say, and move what they are about to its column; goes on where it stopped."""
    outgoing_mail = apps.get_model("hierarchy", "OutgoingMail")
    invitation = apps.get_model("hierarchy", "Invitation")

    def change(row):
        about = row.context.pop("about", "")
        offer = invitation.objects.filter(mail=row).first()
        row.about = about or (f"invitation {offer.pk}" if offer else "")
        row.sealed, row.context = seal(json.dumps(row.context)), {}
        row.save(update_fields=["about", "sealed", "context"])

    in_batches(outgoing_mail.objects.exclude(context={}), change)


def unseal_all(apps, schema_editor):
    """Write down in clear again what mails say, with what they are about."""
    outgoing_mail = apps.get_model("hierarchy", "OutgoingMail")

    def change(row):
        row.context = json.loads(unseal(row.sealed))
        if row.about:
            row.context["about"] = row.about
        row.about = row.sealed = ""
        row.save(update_fields=["about", "sealed", "context"])

    in_batches(outgoing_mail.objects.exclude(sealed=""), change)


class Migration(migrations.Migration):
    """No copy of the database opens an invitation whose mail waits.

    Of the mails that wait during the upgrade, those that said nowhere what they were about (answers
    and reminders, since nothing ended them) are withheld.
    """

    atomic = False

    dependencies = [("hierarchy", "0029_columns_of_sealed_mails")]

    operations = [migrations.RunPython(seal_all, unseal_all)]
