"""What a rule's tiers and scope may be: asked by the models' forms and by the API alike.

The database refuses the same values whoever writes (migrations/0003), because one such rule would end every read of its
organisation's prices; test_constraints holds the two together.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError

from apps.pricing.enums import MOST_TIERS, WINDOW_DAYS, DateKind

FORM = "Write tiers as pairs of days left and percent off, such as [[7, 10], [3, 25], [1, 50]]."
SCOPE = 'Write a scope such as {"skus": ["MILK-1L", "CHEESE-*"], "date_kind": "use_by"}; {} is all products.'
# PostgreSQL can hold neither in a JSON value.
NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def validate_tiers(tiers: Any) -> None:
    if not (isinstance(tiers, list) and 0 < len(tiers) <= MOST_TIERS and all(map(_is_tier, tiers))):
        raise ValidationError(f"{FORM} Days are 0 to {WINDOW_DAYS}, percents 1 to 100, at most {MOST_TIERS} pairs.")
    if any(later >= sooner or more <= less for (sooner, less), (later, more) in pairwise(tiers)):
        raise ValidationError("With fewer days left a tier takes more percent off: put the most days first.")


def _is_tier(pair: Any) -> bool:
    if not (isinstance(pair, Sequence) and len(pair) == 2):  # a pair
        return False
    return all(type(each) is int for each in pair) and 0 <= pair[0] <= WINDOW_DAYS and 0 < pair[1] <= 100


def validate_scope(scope: Any) -> None:
    known = isinstance(scope, dict) and scope.keys() <= {"skus", "date_kind"}
    if not known or scope.get("date_kind", DateKind.USE_BY) not in DateKind.values:
        raise ValidationError(SCOPE)
    skus = scope.get("skus", [])
    if not (isinstance(skus, list) and all(map(_is_sku, skus))):
        raise ValidationError(SCOPE)


def _is_sku(sku: Any) -> bool:
    return isinstance(sku, str) and sku != "" and not NOT_STORABLE.search(sku)
