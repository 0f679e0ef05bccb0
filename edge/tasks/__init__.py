"""One module per task that the runtime can do."""
