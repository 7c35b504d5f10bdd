"""Every app that an installation may leave out; MODULES picks those that it runs."""

OPTIONAL = ("tickets", "events", "pricing")
