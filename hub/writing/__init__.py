"""Notes, mails, summaries and reports about the house, written from facts and checked against them.

A sentence becomes a `Wish`; the house, its history and its calendars become `Fact`s; a writer makes
a text of them, and `check` lets no sentence through that says what no fact says. Nothing here can
act on a device.
"""
