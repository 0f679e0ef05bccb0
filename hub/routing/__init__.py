"""Which skill a sentence is for: a linear classifier on the shared sentence encoder.

`router` asks it, `sentences` makes what it is fitted to, `weights.json` is the fit.
"""

from hub.routing.router import Routed, Router, Skill

__all__ = ["Routed", "Router", "Skill"]
