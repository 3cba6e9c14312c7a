from django.db import migrations

# Every door makes the canonical form: two spellings of an address are never two invitations.
REFUSE_OTHER_FORMS = """
    ALTER TABLE hierarchy_invitation ADD CONSTRAINT hierarchy_invitation_email_in_ascii
    CHECK (email = lower(email) AND octet_length(email) = char_length(email));
"""
ALLOW_ALL_FORMS = """
    ALTER TABLE hierarchy_invitation DROP CONSTRAINT hierarchy_invitation_email_in_ascii;
"""


class Migration(migrations.Migration):
    """The address of an invitation is stored in lower case, its domain in ASCII."""

    dependencies = [("hierarchy", "0032_write_contact_addresses_in_ascii")]

    operations = [migrations.RunSQL(REFUSE_OTHER_FORMS, ALLOW_ALL_FORMS)]
