"""What was measured before an interrupt is not measured again."""

from eam.measure.conversation import Answered
from eam.measure.journal import journalled
from eam.measure.outcome import Outcome


class Asked:
    """Counts how often it is asked."""

    def __init__(self, answered):
        self.answered, self.count = answered, 0

    def __call__(self):
        self.count += 1
        return self.answered


def test_an_answer_is_kept_and_found_by_its_question(tmp_path, monkeypatch):
    monkeypatch.setenv("EAM_JOURNAL", str(tmp_path / "journal"))
    asked = Asked(Answered([Outcome({"overhead": [1.5]}), Outcome(missing="no library")]))
    first = journalled("f", {"cases": [[100, "jax"]]}, asked)
    again = journalled("f", {"cases": [[100, "jax"]]}, asked)
    assert asked.count == 1
    assert again == first
    journalled("f", {"cases": [[1000, "jax"]]}, asked)
    journalled("g", {"cases": [[100, "jax"]]}, asked)
    assert asked.count == 3
    assert {path.suffix for path in (tmp_path / "journal").iterdir()} == {".json"}


def test_the_answer_of_a_process_that_died_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("EAM_JOURNAL", str(tmp_path))
    asked = Asked(Answered([Outcome(1.0)], death="it was killed"))
    journalled("f", {}, asked)
    journalled("f", {}, asked)
    assert asked.count == 2


def test_without_a_journal_every_question_is_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("EAM_JOURNAL", raising=False)
    monkeypatch.chdir(tmp_path)
    asked = Asked(Answered([Outcome(1.0)]))
    journalled("f", {}, asked)
    journalled("f", {}, asked)
    assert asked.count == 2
    assert not list(tmp_path.iterdir())
