"""Outcome to text: short, honest, in the language of the request."""

from hub.respond.reply import reply_text

__all__ = ["reply_text"]
