"""The project: settings, what surrounds every request, and how it is started."""

import zoneinfo

# One source of zone data for everything: the pinned package. The operating system's would be used
# first otherwise, and may be a year older: an end typed in Vancouver would be an hour wrong. Every
# process imports `config` before anything that reads a zone, because its settings are here.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
