from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "apps.pricing"
    label = "pricing"
    # Title, icon and page of each line in the admin's menu.
    menu = (
        ("Batches", "inventory_2", "pricing_batch"),
        ("Products", "grocery", "pricing_product"),
        ("Rules", "percent", "pricing_rule"),
        ("Currencies", "payments", "pricing_pricingsettings"),
    )
