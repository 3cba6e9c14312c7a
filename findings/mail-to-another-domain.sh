#!/usr/bin/env bash
# One would guess:  a mail to anna@straße.de goes to that domain, xn--strae-oqa.de, where a browser goes
#                   for https://straße.de; and what dnspython looks up depends on its version alone.
# What is so:       Django hands the mail server anna@strasse.de. dnspython looks up strasse.de, and
#                   xn--strae-oqa.de as soon as another package, `idna`, is installed beside it.
#                   The rules of 2003 turn ß into ss; by those of 2008 the two names are two domains,
#                   which can belong to two people.
# Why it matters:   an invitation would reach a stranger, and a stranger could prove the domain. So
#                   every domain is ASCII by the rules of 2008 before another library sees it.
# Seen with:        Python 3.11.7, Django 5.2.19, dnspython 2.9.2, idna 3.20, on 2026-11-30
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
install() { "$folder/venv/bin/pip" install --quiet "$@"; }
python() { "$folder/venv/bin/python" -c "$@"; }

install Django==5.2.19 dnspython==2.9.2
python 'import sys, django, dns.version as dns
print("Python", sys.version.split()[0], "Django", django.__version__, "dnspython", dns.version)'

mailed=$(python 'from django.conf import settings; settings.configure()
from django.core.mail.message import sanitize_address
print(sanitize_address("anna@straße.de", "utf-8"))')
echo "Django sends the mail to        $mailed"

look_up='import dns.name; print(dns.name.from_text("straße.de").to_text(omit_final_dot=True))'
alone=$(python "$look_up")
echo "dnspython looks up              $alone"
install idna==3.20
beside=$(python "$look_up")
echo "dnspython, with idna, looks up  $beside"

[ "$mailed" = anna@strasse.de ] && [ "$alone" = strasse.de ] && [ "$beside" = xn--strae-oqa.de ] ||
    { echo "This is no longer so."; exit 1; }
