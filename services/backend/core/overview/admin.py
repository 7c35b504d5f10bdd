"""The admin's first page: how the installation stands, instead of a list of tables."""

from django.contrib import admin

admin.site.index_template = "overview/index.html"
admin.site.index_title = "Overview"
