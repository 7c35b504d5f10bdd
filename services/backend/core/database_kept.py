"""Models some of whose columns the database keeps by itself, by triggers."""

from typing import Any, ClassVar

from django.db import models


class DatabaseKeptModel(models.Model):
    """Never let save() write an old value back into a column that the database keeps."""

    DATABASE_KEPT: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and kwargs.get("update_fields") is None:
            fields = [field for field in self._meta.concrete_fields if not (field.primary_key or field.generated)]
            kwargs["update_fields"] = [field.name for field in fields if field.name not in self.DATABASE_KEPT]
        super().save(*args, **kwargs)
