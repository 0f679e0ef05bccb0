"""The response templates of `home-assistant-intents`, compiled once and rendered in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from home_assistant_intents import get_intents
from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ENVIRONMENT = ImmutableSandboxedEnvironment(trim_blocks=False, autoescape=False)


@lru_cache(maxsize=8)
def _responses(language: str) -> Mapping[str, Mapping[str, str]]:
    """Only the responses are kept: the whole of a language is several megabytes."""
    raw = get_intents(language) or get_intents(language.split("-", maxsplit=1)[0]) or {}
    responses = raw.get("responses", {})
    return {**responses.get("intents", {}), "errors": responses.get("errors", {})}


@lru_cache(maxsize=512)
def _template(language: str, intent: str, response: str) -> Template | None:
    source = _responses(language).get(intent, {}).get(response)
    return _ENVIRONMENT.from_string(source) if source else None


def render(language: str, intent: str, response: str, variables: Mapping[str, Any]) -> str | None:
    """The response with its variables filled in; None where the language has none for it."""
    template = _template(language, intent, response)
    if template is None:
        return None
    try:
        return " ".join(template.render(**variables).split())
    except (TemplateError, TypeError, ValueError):
        return None
