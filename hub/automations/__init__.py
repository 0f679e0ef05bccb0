"""Automations: one YAML file that a person may edit, in the words of Home Assistant.

`schema` is the file's form and `file` reads and edits it; `moments`, `triggers` and `conditions`
are pure functions; `engine` decides what fires; `running` lets it fire in the hub, `trial` in a
home in memory.
"""
