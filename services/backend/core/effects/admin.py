"""Admin pages of effects: what is to leave the product, what left, and the dead letters with their replay."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from core.effects.enums import DROPPABLE, REPLAYABLE, EffectState
from core.effects.errors import EffectRefusedError
from core.effects.models import Effect
from core.effects.services.operate import effect_drop, effect_replay
from core.overview.operated import OperatedAdmin, bulk_actions
from core.overview.verbs import Operating, Verb
from core.runs.admin_fields import as_json, run_link
from core.runs.telling import moment

WINDOW = 10_000
COLOURS = {EffectState.PENDING: "info", EffectState.SENT: "success", EffectState.DEAD: "danger"}
STORIES = {
    EffectState.SENT: "It left: the receiver took it.",
    EffectState.DEAD: "It was refused for good, or tried as often as its policy says. Mend the cause, then replay it.",
    EffectState.DROPPED: "Somebody decided that it does not leave.",
}
OPERATING = Operating(
    "effect",
    (
        Verb("replay", "Replay", "Is sent again", effect_replay, lambda effect: effect.state in REPLAYABLE),
        Verb(
            "drop",
            "Drop",
            "Dropped",
            effect_drop,
            lambda effect: effect.state in DROPPABLE,
            "It never leaves then.",
        ),
    ),
    EffectRefusedError,
    lambda effect: reverse("admin:effects_effect_change", args=[effect.pk]),
)


class LatestEffects(ChangeList):
    """Looks through the latest of each state only: the newest ids, or the index by state and time."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Effect]:
        effects: QuerySet[Effect] = super().get_queryset(request, exclude_parameters).defer("payload")
        state = request.GET.get(StateFilter.parameter_name)
        if self.query:
            return effects
        if state in EffectState.values:
            newest = Effect.objects.filter(state=state).order_by("-created_at").values_list("created_at", flat=True)
            oldest = newest[WINDOW : WINDOW + 1].first()
            return effects.filter(created_at__gte=oldest) if oldest else effects
        return effects.filter(pk__gt=(Effect.objects.aggregate(newest=Max("pk"))["newest"] or 0) - WINDOW)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = {EffectState.DEAD: "Dead letters", EffectState.PENDING: "Waiting to leave"}
        return [(state.value, words.get(state, state.label)) for state in EffectState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Effect]) -> QuerySet[Effect]:
        return queryset.filter(state=self.value()) if self.value() in EffectState.values else queryset


@admin.register(Effect)
class EffectAdmin(OperatedAdmin):
    operating = OPERATING
    actions = bulk_actions(OPERATING)
    list_display = ["state_label", "channel", "dedupe_key", "organisation", "asked", "due", "tries", "wrong"]
    list_display_links = ["state_label", "dedupe_key"]
    list_filter = [StateFilter, "channel"]
    list_select_related = ["organisation"]
    list_before_template = "effects/list_note.html"
    search_fields = ["dedupe_key"]
    search_help_text = f"A whole dedupe key. The latest {WINDOW:,} are listed."
    ordering = ["-created_at", "-id"]
    fieldsets = [
        ("What", {"fields": ["state_label", "channel", "dedupe_key", "organisation", "wrong", "payload_shown"]}),
        ("When", {"fields": ["asked", "due", "sent", "tries", "policy", "urgent"]}),
        ("Why", {"fields": ["asked_by"]}),
    ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LatestEffects

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Effect], search_term: str
    ) -> tuple[QuerySet[Effect], bool]:
        return (queryset.filter(dedupe_key=search_term.strip()) if search_term else queryset), False

    def about(self, effect: Effect) -> dict[str, Any]:
        waits = f"It leaves at {moment(effect.not_before)}, or as soon after as a worker and its channel are there."
        story = STORIES.get(EffectState(effect.state), waits)
        return {"story": story, "colour": COLOURS.get(EffectState(effect.state))}

    @display(description="state", label=COLOURS)  # type: ignore[untyped-decorator]
    def state_label(self, effect: Effect) -> str:
        return effect.state

    @admin.display(description="asked for at")
    def asked(self, effect: Effect) -> str:
        return moment(effect.created_at)

    @admin.display(description="due")
    def due(self, effect: Effect) -> str:
        return moment(effect.not_before)

    @admin.display(description="left", empty_value="-")
    def sent(self, effect: Effect) -> str | None:
        return moment(effect.sent_at) if effect.sent_at else None

    @admin.display(description="attempts")
    def tries(self, effect: Effect) -> str:
        return f"{effect.attempts} of {effect.max_attempts}"

    @admin.display(description="last error", empty_value="-")
    def wrong(self, effect: Effect) -> str | None:
        return effect.error or None

    @admin.display(description="payload")
    def payload_shown(self, effect: Effect) -> SafeString:
        return as_json(effect.shown_payload)

    @admin.display(description="asked for by", empty_value="-")
    def asked_by(self, effect: Effect) -> SafeString | None:
        return run_link(effect.run) if effect.run else None
