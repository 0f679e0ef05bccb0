"""`hearthd`: the commands, by noun."""

from __future__ import annotations

import typer

from hub.cli import (
    automations,
    bench_ask,
    bench_retrieval,
    bench_routing,
    bench_soak,
    bench_translation,
    conversation,
    devices,
    knowledge,
    models,
    process,
    safety,
    storage,
    suggestions,
    support,
    system,
    training,
    translation,
    wake,
    writing,
)

app = typer.Typer(
    name="hearthd",
    help="A smart-home hub that understands plain speech and runs on a machine in the house.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(process.demo)
app.command("run")(process.run)
app.command("say")(conversation.say)
app.command("ask")(knowledge.ask)
app.command("write")(writing.write)
app.command("translate")(translation.translate)
app.command("undo")(conversation.undo)
app.command("listen")(conversation.listen)
app.command("rehearse")(conversation.rehearse)
app.command("explain")(conversation.explain)
app.command("trace")(system.trace)
app.command("check")(system.check)
app.command("doctor")(system.doctor)
app.command("pin")(safety.pin)
app.command("backup")(storage.backup)
app.command("restore")(storage.restore)
app.command("forget")(storage.forget)
app.command("export")(training.export)
app.add_typer(automations.app, name="automations")
app.add_typer(devices.app, name="devices")
app.add_typer(suggestions.app, name="suggestions")
app.add_typer(knowledge.app, name="kb")
app.add_typer(support.app, name="support")
app.add_typer(writing.notes_app, name="notes")
app.add_typer(models.app, name="models")
training.train_app.command("wake")(wake.train_wake)
app.add_typer(training.train_app, name="train")
app.add_typer(safety.broker_app, name="broker")
system.bench_app.command("model")(training.bench_model)
system.bench_app.command("translation")(bench_translation.bench_translation)
system.bench_app.command("ask")(bench_ask.bench_ask)
system.bench_app.command("retrieval")(bench_retrieval.bench_retrieval)
system.bench_app.command("routing")(bench_routing.bench_routing)
system.bench_app.command("soak")(bench_soak.bench_soak)
app.add_typer(system.bench_app, name="bench")


def run() -> None:
    """Entry point of the `hearthd` command."""
    app()


if __name__ == "__main__":
    run()
