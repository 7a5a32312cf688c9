"""The report of `routing`, in both languages."""

from __future__ import annotations

from usecases.contract import Evaluation, Outcome, Paragraph, Problem, Section, Text


def sections(problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
    """Takeaways, map, timeline, figures."""
    cost = evaluation.metrics["cost"]
    return [
        Section(
            Text("What to remember", "Ce qu’il faut retenir"),
            (Paragraph(Text(f"Cost: {cost.value:.1f} {cost.unit}.", f"Coût : {cost.value:.1f} {cost.unit}.")),),
            kind="takeaways",
        )
    ]
