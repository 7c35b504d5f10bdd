"""How the API says no: one sentence in `detail`, in the same form whatever refuses, and written down in OpenAPI."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg.errors import ForeignKeyViolation

API_PATH = "/api/"
SIGN_IN = "Sign in first: send `Authorization: Bearer <token>` with a live token, or the session of /admin/."


class WrongField(Schema):
    field: str = Field(examples=["title"])
    problem: str = Field(examples=["Field required"])


class Refusal(Schema):
    """Why nothing was done, and what to do."""

    detail: str = Field(description="A sentence for a person")
    fields: list[WrongField] | None = Field(None, description="With 422: each field that was not accepted")


def unauthenticated(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    return JsonResponse({"detail": SIGN_IN}, status=401, headers={"WWW-Authenticate": "Bearer"})


def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Say of a body that is no JSON where it stops being any: django-ninja says only that it could not read it."""
    unreadable = error.__cause__
    detail = f"The body is no JSON: {unreadable}." if unreadable else str(error)
    return JsonResponse({"detail": detail}, status=error.status_code)


def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [
        {"field": _field(wrong["loc"]), "problem": wrong["msg"].removeprefix("Value error, ")} for wrong in error.errors
    ]
    detail = "; ".join(f"{wrong['field']}: {wrong['problem']}" for wrong in fields)
    return JsonResponse({"detail": f"{detail}.", "fields": fields}, status=422)


def _field(place: tuple[str | int, ...]) -> str:
    """Leave out what only the code calls so: the kind of the input, and its argument's name `data`."""
    kind, *inner = place
    return ".".join(str(part) for part in inner if part != "data") or str(kind)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that no view knows: programs get JSON, people a page."""
    if not request.path.startswith(API_PATH):
        return defaults.page_not_found(request, exception)
    return JsonResponse({"detail": f"There is nothing at {request.path}: see /api/v1/docs."}, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(API_PATH):
        return defaults.server_error(request)
    sentence = "This failed here, not with you: the log has the reason beside the id in the X-Request-ID header."
    return JsonResponse({"detail": sentence}, status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API_PATH):
        return defaults.bad_request(request, exception)
    sentence = "The request could not be read: its address or its size is not accepted."
    return JsonResponse({"detail": sentence}, status=400)


class NotAllowedMiddleware:
    """Say in JSON, too, that an address knows no such method: django-ninja says it as plain text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code != 405 or not request.path.startswith(API_PATH):
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        detail = f"{request.path} does not answer {request.method}: use {allowed}."
        return JsonResponse({"detail": detail}, status=405, headers={"Allow": allowed})


class StillUsedMiddleware:
    """Refuse to delete what rows of an app that is off belong to: only the database knows of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        table = error.__cause__.diag.table_name if isinstance(error.__cause__, ForeignKeyViolation) else None
        if not table or table in connection.introspection.django_table_names():
            return None
        sentence = f"This is still used in {table}, whose app is off: put it into MODULES, and delete it there first."
        return HttpResponse(sentence, status=409, content_type="text/plain; charset=utf-8")


def known_parameters(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a parameter that the operation does not know: without it, the answer is to another question."""
    models = view._ninja_operation.models  # type: ignore[attr-defined]  # django-ninja puts it there
    queries = [model for model in models if model.__ninja_param_source__ == "query"]
    known = {name for model in queries for name in model.__ninja_flatten_map__}

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        unknown = sorted(set(request.GET) - known)
        if unknown:
            problem = f"there is no such parameter; known: {', '.join(sorted(known)) or 'none'}"
            raise ValidationError([{"loc": ("query", name), "msg": problem} for name in unknown])
        return view(request, *args, **kwargs)

    return checked


class RefusingAPI(NinjaAPI):
    """An API that refuses as this module says."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.add_decorator(known_parameters)
        self.add_exception_handler(AuthenticationError, unauthenticated)  # type: ignore[arg-type]  # ninja asks for too much
        self.add_exception_handler(HttpError, refused)  # type: ignore[arg-type]  # ninja asks for too much
        self.add_exception_handler(ValidationError, invalid)  # type: ignore[arg-type]  # ninja asks for too much

    def get_openapi_schema(self, **settings: Any) -> Any:
        schema = super().get_openapi_schema(**settings)
        schema["components"]["schemas"] |= _definitions()
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                whose = [ORGANISATION] if "security" in operation else []
                operation["parameters"] = [*map(_sendable, operation["parameters"]), *whose]
                operation["responses"] |= {code: _answer(code) for code in _codes(path, method, operation)}
        return schema


ORGANISATION = {
    "in": "header",
    "name": "X-Organisation",
    "schema": {"type": "string"},
    "required": False,
    "description": "Slug of the organisation, for a session whose user is in several; a token has its own",
}
BEARER = {"schema": {"const": "Bearer"}, "required": True, "description": "How to sign in"}
MEANINGS = {
    400: "The body is no JSON, or a session's user is in several organisations and names none",
    401: "No live token and no session",
    403: "The role is too low, the organisation another's, or a session's CSRF token is missing",
    404: "Nothing of this id belongs to the organisation",
    409: "The state of what is named forbids it",
    422: "A value was not accepted, or a parameter is not known",
}


def _sendable(parameter: dict[str, Any]) -> dict[str, Any]:
    """Leave null out of what a parameter may be: an address cannot say it, who means nothing sends nothing."""
    schema = dict(parameter["schema"])
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    return parameter | {"schema": kinds[0] | schema if kinds else schema}


def _codes(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    named = [404] if "{" in path or "requestBody" in operation else []
    written = [409] if method != "get" else []
    # Where nobody signs in, nobody is refused for who they are.
    signed = [400, 401, 403] if "security" in operation else []
    return [*signed, *named, *written, 422]


def _answer(code: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    answer = {"description": MEANINGS[code], "content": content}
    return answer | {"headers": {"WWW-Authenticate": BEARER}} if code == 401 else answer


def _definitions() -> dict[str, Any]:
    schema = Refusal.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Refusal": schema}
