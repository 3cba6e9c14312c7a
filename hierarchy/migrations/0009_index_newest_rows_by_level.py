from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

NOUNS = {"membership": "membership", "invitation": "invitation", "accessrequest": "request"}
LEVELS = (
    ("org", "organization", Q(workspace=None)),
    ("ws", "workspace", Q(workspace__isnull=False, application=None)),
    ("app", "application", Q(application__isnull=False)),
)


class Migration(migrations.Migration):
    """The newest rows of a node come from an index without sorting the whole organization's."""

    atomic = False  # so are indexes built beside those who read and write

    dependencies = [("hierarchy", "0008_index_names_by_their_beginning")]

    operations = [
        *(
            AddIndexConcurrently(
                model,
                models.Index(
                    fields=(level, "-created_at", "-id"),
                    condition=condition,
                    name=f"hierarchy_{noun}_new_{short}",
                ),
            )
            for model, noun in NOUNS.items()
            for short, level, condition in LEVELS
        ),
        *(
            RemoveIndexConcurrently(model, f"hierarchy_{noun}_newest")
            for model, noun in NOUNS.items()
        ),
    ]
