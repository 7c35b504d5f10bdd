"""What apps may do once per deploy, after the migrations."""

from django.dispatch import Signal

# Sent by `manage.py deploy` while it holds the deploy lock; a receiver returns a sentence on what it changed, or None.
deployed = Signal()
