"""Markdown: rendered by markdown-it, then read as HTML, so that both are understood alike."""

from __future__ import annotations

from typing import Any

import yaml
from markdown_it import MarkdownIt

from hub.knowledge.reading.html import document_of
from hub.knowledge.reading.text import decoded
from hub.knowledge.values import About, Document

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def read_markdown(content: bytes, title: str) -> Document:
    """A Markdown file, with YAML front matter or without."""
    front, body, skipped = _front_matter(decoded(content))
    tokens = _MARKDOWN.parse(body)
    for token in tokens:
        if token.map and token.nesting >= 0:
            token.attrSet("data-line", str(token.map[0] + 1 + skipped))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    named = front.get("title")
    return document_of(html, str(named) if named else title, _about(front), titled=bool(named))


def _front_matter(text: str) -> tuple[dict[str, Any], str, int]:
    """The front matter, the rest, and how many lines the first took."""
    if not text.startswith("---\n"):
        return {}, text, 0
    head, mark, rest = text[4:].partition("\n---\n")
    if not mark:
        return {}, text, 0
    try:
        front = yaml.safe_load(head)
    except yaml.YAMLError:
        return {}, text, 0
    return (front, rest, head.count("\n") + 3) if isinstance(front, dict) else ({}, text, 0)


def _about(front: dict[str, Any]) -> About:
    named = {key: str(front[key]) for key in ("device", "manufacturer", "model") if front.get(key)}
    return About(**named)
