"""One module per task: how its checkpoints become artefacts."""
