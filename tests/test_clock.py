from datetime import UTC, date, datetime

from portal import clock


def test_the_day_is_hainings_not_greenwichs() -> None:
    with clock.frozen(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 11, 21)


def test_working_days_skip_holidays_and_count_weekends_worked() -> None:
    assert clock.working_days_after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert clock.working_days_after(date(2026, 10, 8), 2) == date(2026, 10, 10)
    assert clock.is_working_day(date(2026, 9, 20))
    assert not clock.is_working_day(date(2026, 11, 21))


def test_ten_working_days_after_a_friday_is_a_friday_two_weeks_on() -> None:
    assert clock.working_days_after(date(2026, 11, 6), 10) == date(2026, 11, 20)


def test_counting_back_gives_what_counting_forth_took() -> None:
    start = date(2026, 9, 18)
    for count in range(1, 40):
        assert clock.working_days_between(start, clock.working_days_after(start, count)) == count
    assert clock.working_days_between(date(2026, 11, 20), date(2026, 11, 6)) == -10
