"""What a report says of the data has a name in both languages, and no raw lists."""

import pytest

from delivery_optimization.data.own_template import write_template
from usecases import catalogue, config
from usecases.report_facts import data_rows
from usecases.report_words import KEYS

SOURCES = [
    ("routing", "data=city"), ("routing", "data=city data.kind=parcels data.n_orders=20"), ("robustness", "data=city"),
    ("dynamic", "data=city"), ("quote", "data=city data.n_orders=5 data.days=1"), ("dynamic", "data=own"),
    ("routing", "data=own"), ("quote", "data=own"),
]  # fmt: skip
PUBLIC = [
    ("routing", "data=solomon data.instance=R101"), ("routing", "data=ortec data.instance=n200"),
    ("quote", "data=solomon data.instance=R101"), ("dynamic", "data=ortec"),
]  # fmt: skip


def described(task, choices):
    run = config.compose("delivery_optimization", task, [*choices, "tracking=none"])
    entry, card_task = catalogue.find_task(f"delivery_optimization/{task}")
    problem = catalogue.load_task(entry, card_task).load(config.build(run.values["data"]), seed=0)
    return problem.description


def check(said):
    unknown = [key for key in said if key not in KEYS]
    assert not unknown, f"no words for {unknown}"
    english, french = (dict(data_rows(said, lang)) for lang in ("en", "fr"))
    assert (
        len(english) == len(french) == len([v for v in said.values() if v is not None and v not in ("", [])])
    )
    for value in (*english.values(), *french.values()):
        assert not {"{", "[", "'en'", "None"} & set(value.split()), value


@pytest.mark.parametrize(("task", "choices"), SOURCES)
def test_every_fact_has_a_name(task, choices, tmp_path):
    chosen = choices.split()
    if choices == "data=own":
        write_template(tmp_path / "day")
        chosen.append(f"data.path={(tmp_path / 'day').as_posix()}")
    check(described(task, chosen))


@pytest.mark.parametrize(("task", "choices"), PUBLIC)
def test_every_fact_of_public_data_has_a_name(task, choices, mirror):
    check(described(task, choices.split()))


def test_the_licence_of_generated_instances_is_said_in_french():
    from delivery_optimization.data.plane import Plane

    licence = Plane(n_orders=5, instances=1).read(seed=0).description["licence"]
    assert "Apache-2.0" in licence["fr"]
    assert "données générées" in licence["fr"]


def test_assumptions_that_are_sentences_follow_each_other_as_such():
    notes = [{"en": "One.", "fr": "Les uns."}, {"en": "Two.", "fr": "Les autres."}]
    assert dict(data_rows({"assumptions": notes}, "fr")) == {"hypothèses": "Les uns. Les autres."}
