from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from portal import series
from portal.db import db


def test_numbers_begin_with_one_and_follow_each_other(session: object) -> None:
    assert [series.take("a"), series.take("a", 10), series.take("a"), series.take("b")] == [1, 2, 12, 1]


def test_what_is_rolled_back_gives_its_numbers_back(session: object) -> None:
    series.take("a", 5)
    db.session.rollback()
    assert series.take("a") == 1


def test_no_two_at_the_same_moment_get_the_same_number(app: Flask) -> None:
    def take(n: int) -> int:
        with app.app_context():
            number = series.take("race")
            if n % 5 == 0:
                db.session.rollback()
                return 0
            db.session.commit()
            return number

    with ThreadPoolExecutor(8) as people:
        numbers = sorted(number for number in people.map(take, range(60)) if number)
    assert numbers == list(range(1, 49))
