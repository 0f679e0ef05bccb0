"""`hearthd bench ask`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json

if TYPE_CHECKING:
    from hub.bench.ask import Scores


@friendly
def bench_ask(
    manuals: Annotated[
        Path, typer.Argument(help="Folder with manuals, and their questions in `questions/`.")
    ] = Path("configs/manuals"),
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Only these sets.", show_default=False)
    ] = None,
    fit: Annotated[
        list[Path] | None,
        typer.Option(help="First fit the weights to these sets' files.", show_default=False),
    ] = None,
    by_words: Annotated[
        bool,
        typer.Option("--by-words", help="Fit those for languages that the encoder does not know."),
    ] = False,
    fit_judge: Annotated[
        list[Path] | None,
        typer.Option(help="First fit how much the judge counts to these.", show_default=False),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(help="Only write what the judge may learn from the sets.", show_default=False),
    ] = None,
    judge: Annotated[bool, typer.Option(help="Let the judge hear what would be quoted.")] = True,
    show: Annotated[bool, typer.Option(help="Show every miss.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Score answers from documents: passages found, facts given, nothing invented."""
    from hub.bench.ask import measure
    from hub.bench.ask_fit import WEIGHTS, WEIGHTS_BY_WORDS, write

    folder = manuals / "questions"
    names = sets or sorted(path.stem for path in folder.glob("*.tsv"))
    missing = [name for name in names if not (folder / f"{name}.tsv").is_file()]
    if missing or not names:
        raise CommandFailed(f"{folder}: there is no {', '.join(missing) or 'set'}.tsv in it")
    if pairs:
        from hub.bench.ask_pairs import write as write_pairs

        print(f"{write_pairs([folder / f'{name}.tsv' for name in names], pairs)} pairs")
        return
    if fit:
        print(f"fitted to {write(fit, WEIGHTS_BY_WORDS if by_words else WEIGHTS)} questions")
    if fit_judge:
        from hub.bench import judge_fit

        out = judge_fit.TRUST_BY_WORDS if by_words else judge_fit.TRUST
        print(f"judge: fitted to {judge_fit.write(fit_judge, out)} questions")
    rows = {name: measure(manuals, name, judge) for name in names}
    if json_output:
        print_json({name: _figures(scores) for name, scores in rows.items()})
        return
    for name, scores in rows.items():
        _print(name, scores, show)


def _figures(scores: Scores) -> dict[str, Any]:
    asked, none = scores.questions or 1, scores.unanswerable or 1
    milliseconds = sorted(scores.milliseconds)
    return {
        "questions": scores.questions,
        "unanswerable": scores.unanswerable,
        "passage_in_first_three": {
            way: round(found / asked, 4) for way, found in scores.in_first_three.items()
        },
        "fact_in_answer": round(scores.fact_given / asked, 4),
        "false_answers": round(scores.falsely_answered / none, 4),
        "milliseconds_p50": round(milliseconds[len(milliseconds) // 2], 1),
        "misses": scores.misses,
    }


def _print(name: str, scores: Scores, show: bool) -> None:
    figures = _figures(scores)
    print(
        f"{name}: {figures['questions']} questions with an answer, "
        f"{figures['unanswerable']} without"
    )
    for way, share in figures["passage_in_first_three"].items():
        print(f"  right passage in the first three, by {way}: {share:.1%}")
    print(f"  fact in the answer: {figures['fact_in_answer']:.1%}")
    print(f"  answers where there is none: {figures['false_answers']:.1%}")
    print(f"  milliseconds an answer, p50: {figures['milliseconds_p50']}")
    for miss in scores.misses if show else []:
        print(f"  {miss['confidence']:.2f} {miss['question']} {miss['wanted']}: {miss['answer']}")
