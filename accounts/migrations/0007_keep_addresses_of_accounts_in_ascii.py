from django.db import migrations

# As 0002 does for the addresses of django-allauth: every door makes the canonical form.
REFUSE_OTHER_FORMS = """
    ALTER TABLE accounts_user ADD CONSTRAINT accounts_user_email_in_ascii
    CHECK (email = lower(email) AND octet_length(email) = char_length(email));
"""
ALLOW_ALL_FORMS = """
    ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_email_in_ascii;
"""


class Migration(migrations.Migration):
    """The address of an account is stored in lower case, its domain in ASCII."""

    dependencies = [("accounts", "0006_end_sessions_with_readable_keys")]

    operations = [migrations.RunSQL(REFUSE_OTHER_FORMS, ALLOW_ALL_FORMS)]
