"""A team of pretix with fifty members, and a session of one of them: run by its own `shell`.

Prints what `make bench` is told by PRETIX: the address of the page of its members, and the cookie.
"""

import sys
import time

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django_scopes import scopes_disabled
from pretix.base.models import Organizer, Team, User

MEMBERS = 50

with scopes_disabled():
    organizer, _ = Organizer.objects.get_or_create(name="Organization", slug="organization")
    team, _ = Team.objects.get_or_create(
        organizer=organizer,
        name="Team",
        all_events=True,
        all_event_permissions=True,
        all_organizer_permissions=True,
    )
    for n in range(MEMBERS):
        email = f"u{n}@example.com"
        user = User.objects.filter(email=email).first()
        team.members.add(user or User.objects.create_user(email, "password", fullname=f"P{n}"))
    owner = team.members.order_by("pk").first()

session = SessionStore()
session[SESSION_KEY] = str(owner.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
session["pretix_auth_login_time"] = session["pretix_auth_last_used"] = int(time.time())
session["pretix_auth_long_session"] = True
session.create()
page = f"{settings.SITE_URL}/control/organizer/{organizer.slug}/team/{team.pk}/"
sys.stdout.write(f"{page} {settings.SESSION_COOKIE_NAME}={session.session_key}\n")
