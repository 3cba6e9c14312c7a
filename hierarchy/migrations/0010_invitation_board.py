
import accounts.emails
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0009_index_newest_rows_by_level'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='reminded_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='organization',
            name='invitation_domains',
            field=models.TextField(blank=True, db_default='', default='', help_text='One a line, such as example.com. Left empty, anybody can be invited.', validators=[accounts.emails.domains_are_sound], verbose_name='domains of invitations'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['expires_at'], name='hierarchy_invitation_expires'),
        ),
        migrations.AddIndex(
            model_name='outgoingmail',
            index=models.Index(fields=['organization', 'created_at'], name='hierarchy_mail_of_day'),
        ),
    ]
