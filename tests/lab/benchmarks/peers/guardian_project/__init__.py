"""A project that uses django-guardian as its documentation shows: generic tables and shortcuts.

Its models stand on our tables, so both know the same tree and people. A role is one row for each
permission of the node's own level; nothing is inherited, so code climbs (see `views.climb`).
"""
