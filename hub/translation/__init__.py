"""Translation: text in, text out; nothing in it is ever a command.

request      what somebody wants translated, into which language; or the two-way mode, on and off
sentences    a text in sentences
glossary     numbers, names and agreed terms, which a model must not change
choose       the installed artefact for two languages
translator   the model, opened when needed and let go when idle; what it may not answer
interpreter  what the road asks
"""

from hub.translation.interpreter import Interpreter
from hub.translation.translator import CannotTranslate, Translated, Translators

__all__ = ["CannotTranslate", "Interpreter", "Translated", "Translators"]
