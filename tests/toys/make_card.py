"""Write the toy package's card: `python tests/toys/make_card.py` (the schema's headings, each with one sentence)."""

from pathlib import Path

import yaml


def text(english, french):
    return {"fr": french, "en": english}


def task(name, kind, headline, trivial, adapter):
    title = text(f"Toy {name}", f"Jouet {name}")
    summary = text(f"A toy task: {name}.", f"Une tâche jouet : {name}.")
    return {
        "name": name,
        "title": title,
        "summary": summary,
        "adapter": adapter,
        "kind": kind,
        "headline": headline,
        "trivial": trivial,
    }


LINE = text("A toy, to prove the contract.", "Un jouet, pour éprouver le contrat.")
CARD = {
    "schema": 1,
    "name": "toy_cases",
    "status": "implemented",
    "title": text("Toy cases", "Cas jouets"),
    "summary": LINE,
    "sectors": [LINE],
    "partners": {"company": LINE, "lab": LINE},
    "context": LINE,
    "need": LINE,
    "description": LINE,
    "benefits": dict.fromkeys(["economic", "organisational", "human", "environmental", "ethical"], LINE),
    "prerequisites": [LINE],
    "steps": [{"title": LINE, "duration": LINE, "deliverable": LINE}],
    "resources": {"company": LINE, "lab": LINE},
    "funding": LINE,
    "success_factors": [LINE],
    "collaboration_model": LINE,
    "testimony": {"text": LINE, "author": LINE, "source": LINE},
    "hypotheses": [dict.fromkeys(["question", "decision", "metric", "baseline", "stop_rule"], LINE)],
    "tasks": [
        task("average", "learning", "mae", "mean", "toy_cases.learning:Average"),
        task("knapsack", "optimisation", "value", "greedy", "toy_cases.optimisation:Knapsack"),
        task("newsvendor", "sequential", "profit", "constant", "toy_cases.sequential:Newsvendor"),
    ],
    "data": {"kinds": ["generated"], "personal": "none", "explanation": LINE},
    "headline_metric": LINE,
    "change": dict.fromkeys(["affected", "tasks_removed", "tasks_added", "training"], LINE),
    "limits": [LINE],
    "sources": [{"title": LINE, "reference": "none"}],
}

CARD["tasks"][0]["feasibility"] = {"method": "linear", "folds": 4}

if __name__ == "__main__":

    class NoAliases(yaml.SafeDumper):
        def ignore_aliases(self, data):
            return True

    target = Path(__file__).parent / "toy_cases" / "card.yaml"
    target.write_text(
        yaml.dump(CARD, Dumper=NoAliases, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
