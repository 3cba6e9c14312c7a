from django.db import migrations

# What accounts.emails.canonical_email makes, as far as SQL can tell. Together with allauth's own
# index, which keeps verified addresses unique, no two people can share one.
REFUSE_OTHER_FORMS = """
    ALTER TABLE account_emailaddress ADD CONSTRAINT account_emailaddress_canonical
    CHECK (email = lower(email) AND octet_length(email) = char_length(email));
"""
ALLOW_ALL_FORMS = """
    ALTER TABLE account_emailaddress DROP CONSTRAINT account_emailaddress_canonical;
"""


class Migration(migrations.Migration):
    """Addresses are stored in lower case, their domains in ASCII."""

    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunSQL(REFUSE_OTHER_FORMS, ALLOW_ALL_FORMS)]
