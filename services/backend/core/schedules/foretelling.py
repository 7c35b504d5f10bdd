"""Admin pages that say what happens next to each row, and why."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.formats import localize
from unfold.admin import ModelAdmin


class ForesightList(ChangeList):
    """Looks at the schedule once for the page, not once for each row."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = cast(ForesightAdmin, self.model_admin).foretell(list(self.result_list))


class ForesightAdmin(ModelAdmin):
    """For `list_display` and `readonly_fields`: `next_run` and `reason`, from the rows' `next_action`."""

    def foretell(self, rows: list[Any]) -> list[Any]:
        """Give each row its `next_action`: the app's own."""
        raise NotImplementedError

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ForesightList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        return row and self.foretell([row])[0]

    @admin.display(description="next", empty_value="-")
    def next_run(self, row: Any) -> str | None:
        foretold = getattr(row, "next_action", None)
        return localize(foretold.at) if foretold and foretold.at else None

    @admin.display(description="why", empty_value="-")
    def reason(self, row: Any) -> str | None:
        foretold = getattr(row, "next_action", None)
        return foretold and foretold.why
