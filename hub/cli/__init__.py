"""The command line: `hearthd`. One file a noun; nothing heavy is imported before it is needed."""
