"""Help with a device that does not work: its manual, its live state, one step after the other.

complaint   which device, which code, is it a complaint at all
mood        how a complaint sounds, and what its speaker wants
remedy      what the manual says to do, as steps
visit       where somebody is in them: a pure state, a turn in, a turn out
support     the visits of all sessions, and the one place that the road asks
"""

from hub.support.support import Support
from hub.support.visit import End

__all__ = ["End", "Support"]
