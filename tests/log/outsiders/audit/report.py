"""What an audit finds."""

from collections import defaultdict
from dataclasses import dataclass, field

MOST_SAID = 10
"""Sentences of one kind that are printed; the others are counted."""


class Broken(Exception):
    """Nothing further can be concluded."""


@dataclass
class Report:
    """What was looked at and what was found."""

    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def wrong(self, kind: str, sentence: str) -> None:
        self.problems[kind].append(sentence)

    def say(self) -> None:
        for kind, sentences in self.problems.items():
            for sentence in sentences[:MOST_SAID]:
                print(f"WRONG  {kind}: {sentence}")
            if len(sentences) > MOST_SAID:
                print(f"WRONG  {kind}: {len(sentences) - MOST_SAID} more like these")
