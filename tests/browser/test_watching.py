"""The browser tests' own ground: the content policy stays on, and what goes wrong on a page is seen."""

import pytest
from playwright.sync_api import Page

from tests.browsers import axe

ONE_WIDTH = pytest.mark.parametrize("width", ["desktop"], indirect=True)


@ONE_WIDTH
def test_axe_works_while_the_content_policy_forbids_foreign_scripts(visitor: Page) -> None:
    answer = visitor.goto("/")
    assert answer is not None
    assert "unsafe" not in answer.headers["content-security-policy"]
    axe(visitor)


@ONE_WIDTH
def test_axe_finds_a_picture_without_words(visitor: Page) -> None:
    visitor.goto("/")
    visitor.evaluate("document.querySelector('main').append(new Image())")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(visitor, modes=("light",))


@ONE_WIDTH
def test_axe_finds_words_that_only_the_dark_swallows(visitor: Page) -> None:
    visitor.goto("/")
    visitor.evaluate("document.querySelector('h1').style.color = '#222'")
    with pytest.raises(AssertionError, match="dark: color-contrast") as found:
        axe(visitor)
    assert "light:" not in str(found.value)


def test_a_page_is_as_wide_as_its_device(visitor: Page, width: str) -> None:
    visitor.goto("/")
    assert visitor.evaluate("innerWidth") == {"phone": 390, "desktop": 1280}[width]


@ONE_WIDTH
def test_chinese_is_drawn_with_a_font_that_has_it(visitor: Page) -> None:
    visitor.goto("/")
    assert visitor.evaluate("document.fonts.check('16px \"Noto Sans SC\"', '爱心')")


@ONE_WIDTH
def test_a_page_without_javascript_is_served(no_javascript: Page) -> None:
    answer = no_javascript.goto("/")
    assert answer is not None
    assert answer.ok
