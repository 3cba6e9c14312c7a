"""What the activity tells, for tests that ask what an action has recorded of people."""

from hierarchy import audit


def changes_told(event):
    """Return the changes of an event with people in words, as staff read them."""
    (told,) = audit.tell([event], to_staff=True)
    return told.changes
