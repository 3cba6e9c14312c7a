"""The same work as others do it: typical django-guardian, pycasbin, and a plain join."""
