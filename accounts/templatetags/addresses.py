"""`{% load addresses %}`: an e-mail address as people read it."""

from django import template

from accounts.emails import in_full

register = template.Library()
register.filter(in_full)
