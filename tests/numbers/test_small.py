"""Small groups are not told, nor can they be reckoned from what is told."""

from hypothesis import given
from hypothesis import strategies as st

from portal.numbers.charts import bars_of, pairs_of
from portal.numbers.queries import Month
from portal.numbers.small import FEWEST, shielded, told

GROUPS = st.lists(st.integers(0, 30), min_size=1, max_size=8).map(lambda ns: [(f"组{i}", n) for i, n in enumerate(ns)])


@given(GROUPS)
def test_no_figure_below_five_is_told_and_none_can_be_reckoned_from_the_sum(groups: list[tuple[str, int]]) -> None:
    shown = shielded(groups)
    assert all(one.people is None or one.people >= FEWEST for one in shown)
    hidden = [one for one in shown if one.people is None]
    if len(shown) > 1:
        assert len(hidden) != 1


@given(GROUPS)
def test_what_is_told_is_true(groups: list[tuple[str, int]]) -> None:
    real = dict(groups)
    assert all(one.people in (None, real[one.label]) for one in [*shielded(groups), *told(groups)])


@given(GROUPS)
def test_bars_stay_within_the_chart_and_what_is_not_told_has_none(groups: list[tuple[str, int]]) -> None:
    shown = shielded(groups)
    for drawing in bars_of(shown):
        assert len(drawing.bars) == len(shown)
        for bar, one in zip(drawing.bars, shown, strict=True):
            assert 0 <= bar.across <= drawing.wide and bar.top + drawing.thick <= drawing.high
            assert bool(bar.across) == bool(one.people)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=36))
def test_months_stay_within_the_chart(figures: list[tuple[int, int]]) -> None:
    months = [Month(f"2026-{n % 12 + 1:02}", *both) for n, both in enumerate(figures)]
    for drawing in pairs_of(months):
        for one in drawing.columns:
            assert drawing.left <= one.first_x and one.second_x + drawing.bar <= drawing.wide + 1
            assert 0 <= one.first_y <= drawing.high and 0 <= one.second_y <= drawing.high
