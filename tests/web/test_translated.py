"""Pages in the reader's language, whoever else is served at the same time."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask, render_template
from jinja2 import DictLoader, pass_context, pass_environment, pass_eval_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from werkzeug.test import create_environ, run_wsgi_app

from portal import words
from portal.web.application import Portal
from portal.web.translated import shown
from tests.applications import HOST
from tests.conftest import new_client

# Sentences that the catalogue has, as it says them.
HOME = {"zh": "首页", "en": "Home"}


@pytest.fixture
def templates() -> dict[str, str]:
    return {}


@pytest.fixture
def small(templates: dict[str, str]) -> Flask:
    """An application with templates of the test's own."""
    app = Portal("small")
    app.jinja_env.loader = DictLoader(templates)
    return app


def said(app: Flask, language: str = "zh", **values: Any) -> str:
    with app.app_context(), words.spoken(language):
        return render_template("page.html", **values)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_readers_of_both_languages_are_served_at_once_each_in_their_own(app: Flask) -> None:
    def visit(language: str) -> bool:
        client = new_client(app)
        client.set_cookie("lang", language, domain=HOST)
        text = client.get("/verify").text
        return HOME[language] in text and not any(other in text for key, other in HOME.items() if key != language)

    with ThreadPoolExecutor(6) as visitors:
        assert all(visitors.map(visit, islice(cycle(("zh", "en")), 60)))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_request_leaves_no_language_behind_in_its_thread(app: Flask) -> None:
    environ = create_environ("/login", f"http://{HOST}", headers={"Cookie": "lang=en"})
    body, _, _ = run_wsgi_app(app, environ)
    assert '<html lang="en"' in b"".join(body).decode()
    assert words.language() == "zh"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_refusal_speaks_the_reader_s_language_too(app: Flask) -> None:
    client = new_client(app)
    client.set_cookie("lang", "en", domain=HOST)
    with words.spoken("en"):
        assert escape(words._("没有找到这一页。").removesuffix(".")) in client.get("/no-such-page").text


def test_a_sentence_without_a_translation_shows_its_source(small: Flask, templates: dict[str, str]) -> None:
    templates["page.html"] = '{{ _("没有人翻译过的一句话") }}{{ _("给%(name)s的话", name=name) }}'
    assert said(small, "en", name="周小满") == "没有人翻译过的一句话给周小满的话"
    with words.spoken("en"):
        assert words._("没有人翻译过的一句话") == "没有人翻译过的一句话"


def test_sentences_are_part_of_the_compiled_template(small: Flask, templates: dict[str, str]) -> None:
    templates["page.html"] = '<b>{{ _("首页") }}</b>'
    assert said(small, "en") == "<b>Home</b>"
    small.jinja_env.globals["_"] = None
    assert (said(small, "en"), said(small)) == ("<b>Home</b>", "<b>首页</b>")


@pytest.mark.parametrize("sentence", ['_("%(name)s的活动", name=name)', '_("%(name)s有 %(num)d 件", name=name, num=3)'])
@pytest.mark.parametrize(
    "wrapping", ["{{ %s }}", "{%% set text = %s %%}{{ text }}", '{{ %s ~ "" }}', "{{ (%s)|trim }}"]
)
def test_values_in_sentences_are_escaped(small: Flask, templates: dict[str, str], sentence: str, wrapping: str) -> None:
    templates["page.html"] = wrapping % sentence
    assert said(small, name="<b>&\"'").startswith("&lt;b&gt;&amp;&#34;&#39;")
    assert said(small, name=Markup("<i>周</i>")).startswith("<i>周</i>")


def test_a_sentence_chosen_by_its_page_is_still_translated(small: Flask, templates: dict[str, str]) -> None:
    templates["page.html"] = '{{ _(sentence) }} {{ ngettext("%(num)d 条", "%(num)d 条", count) }} {{ _("满 100%%") }}'
    assert said(small, "en", sentence="首页", count=2) == "Home 2 entries 满 100%"


def test_included_and_imported_templates_speak_the_same_language(small: Flask, templates: dict[str, str]) -> None:
    templates["macros.html"] = '{% macro home() %}{{ _("首页") }}{% endmacro %}'
    templates["base.html"] = '{% block body %}{% endblock %}{{ _("首页") }}'
    templates["part.html"] = '{{ _("首页") }}'
    templates["page.html"] = (
        '{% extends "base.html" %}{% block body %}'
        '{% import "macros.html" as m %}{{ m.home() }}{% include "part.html" %}{% endblock %}'
    )
    assert said(small, "en") == "Home" * 3
    assert said(small) == "首页" * 3


@pytest.mark.parametrize(
    "value",
    [
        "",
        "周小满",
        "a & b",
        "<script>",
        '"',
        "'",
        Markup("<b>&</b>"),
        0,
        -5,
        True,
        None,
        1.5,
        words._l("首页"),
        [1, "<"],
    ],
)
def test_what_is_shown_is_what_escape_makes_of_it(value: Any) -> None:
    assert str(shown(value)) == str(escape(value))


def test_what_only_looks_like_text_is_escaped() -> None:
    class Sly(str):
        """A text that says it is markup only to who asks."""

        __slots__ = ()

    class Named:
        def __str__(self) -> str:
            return "<i>"

    assert shown(Sly("<b>")) == "&lt;b&gt;"
    assert shown(Named()) == "&lt;i&gt;"


class Called:
    """What a template may call, plain and asking for something of Jinja's."""

    def __call__(self, name: str) -> str:
        return f"[{name}]"

    def plain(self, name: str, more: str = "") -> str:
        return f"({name}{more})"

    @pass_environment
    def of_language(self, environment: Any, name: str) -> str:
        return f"{name}:{environment.language}"


@pass_context
def of_context(context: Any, name: str) -> Any:
    return context.resolve(name)


@pass_eval_context
def of_escaping(settings: Any) -> bool:
    return bool(settings.autoescape)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("{{ called.plain('a', more='b') }}", "(ab)"),
        ("{{ called('a') }}", "[a]"),
        ("{{ called.of_language('a') }}", "a:zh"),
        ("{{ of_context('told') }}", "&lt;told&gt;"),
        ("{% for n in (1, 2) %}{% set m = n %}{{ of_context('m') }}{% endfor %}", "12"),
        ("{{ of_escaping() }}{% autoescape false %}{{ of_escaping() }}{% endautoescape %}", "TrueFalse"),
        ("{{ 'a'.upper() }}{{ dict(a=1).get('a') }}", "A1"),
        ("{% macro m(n) %}<i>{{ n }}{{ caller() }}</i>{% endmacro %}{% call m('<') %}{{ told }}{% endcall %}",
         "<i>&lt;&lt;told&gt;</i>"),
        ("{% macro m(n) %}{{ n }}{% endmacro %}{% autoescape false %}{{ m('<') }}{% endautoescape %}", "&lt;"),
    ],
)  # fmt: skip
def test_whatever_a_template_calls_is_given_what_it_asks_for(
    small: Flask, templates: dict[str, str], call: str, given: str
) -> None:
    templates["page.html"] = call
    told: dict[str, Any] = {"called": Called(), "of_context": of_context, "of_escaping": of_escaping, "told": "<told>"}
    assert said(small, **told) == given
    # As Jinja itself would.
    small.jinja_env.context_class = Context
    small.jinja_env._beneath.clear()  # type: ignore[attr-defined]
    assert said(small, **told) == given
