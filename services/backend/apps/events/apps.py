from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "apps.events"
    label = "events"
    # Title, icon and page of each line in the admin's menu.
    menu = (("Events", "event", "events_event"),)
