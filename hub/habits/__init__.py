"""Habits: what the history says people do, and what the house could do for them.

`observed` reads the history into arrays; `times`, `sequences`, `together` and `waste` each find one
kind of thing in it; `mine` puts them together. `suggestion` makes a sentence and an automation of
what was found; `offering` decides which is told, and when.
"""
