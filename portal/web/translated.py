"""Templates in the reader's language: a sentence is translated when its template is compiled, once a language.

`{{ _("首页") }}` becomes as constant as the markup around it, and `{{ _("第 %(row)s 行", row=n) }}` the same as
`第 {{ n }} 行`: nothing is looked up and nothing formatted while a page is made. A missing translation shows the
source, here as elsewhere.
"""

import re
from functools import lru_cache
from threading import Lock
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, cast

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from portal import words

_PLACE = re.compile(r"%\((\w+)\)s")
_TO_ESCAPE = re.compile("[&<>'\"]")


def shown(value: Any) -> str:
    """The value as HTML: MarkupSafe's `escape`, which is spared where there is nothing to escape.

    Names, figures and markup that is finished are nearly all that a page shows; a copy of each costs a tenth of it.
    """
    kind = type(value)
    if kind is str:
        return escape(value) if _TO_ESCAPE.search(value) else value
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int else escape(value)


class _Context(Context):
    """Jinja's, but quicker to call what a template names.

    Jinja looks four times at whatever is called for what it wants to be given besides: three of the four microseconds
    that an address takes, and a tenth of a page of lists.
    """

    def call(self, callee: Any, /, *args: Any, **kwargs: Any) -> Any:
        kind = type(callee)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind is not BuiltinMethodType and not (
            (kind is MethodType and _is_plain(callee.__func__)) or (kind is FunctionType and _is_plain(callee))
        ):
            return super().call(callee, *args, **kwargs)
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return callee(*args, **kwargs)


@lru_cache(256)
def _is_plain(function: Any) -> bool:
    """Whether a function takes its arguments and nothing of Jinja's."""
    return not hasattr(function, "jinja_pass_arg")


class _Generator(CodeGenerator):
    """Lets templates say `shown` where Jinja says `escape`: where a value becomes a part of the page."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if finalize.src is None and frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


class TranslatedEnvironment(Environment):
    """The application's: it hands out each template as compiled for the reader's language."""

    code_generator_class = _Generator
    context_class = _Context
    shown = staticmethod(shown)
    language: str | None = None
    """Of one of the environments beneath; None for the application's own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._beneath: dict[str, TranslatedEnvironment] = {}
        self._making = Lock()
        # Sentences that are chosen as the page is made, and those that count something.
        self.globals.update(_=_sentence, ngettext=_counting, pgettext=_word)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        if self.language is None:
            return self.speaking(words.language()).get_template(name, parent, globals)
        return super().get_template(name, parent, globals)

    def make_globals(self, d: Any) -> Any:
        """All templates share one dictionary: Jinja's own chain of two costs more than an import does besides."""
        return super().make_globals(d) if d else self.globals

    def speaking(self, language: str) -> "TranslatedEnvironment":
        """The environment of one language, with all that the application's has by the time it is first asked for."""
        with self._making:
            if language not in self._beneath:
                made = self.overlay()
                made.language = language
                self._beneath[language] = made
            return self._beneath[language]

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        """Jinja's hook between the reading of a template and its compilation."""
        if self.language is not None:
            source = _Translation(words.catalogue(self.language)).visit(source)
        return super()._generate(source, *args, **options)


class _Translation(NodeTransformer):
    """Puts the text in the place of each call that names its sentence."""

    def __init__(self, catalogue: Any) -> None:
        self._catalogue = catalogue

    def visit_Output(self, output: nodes.Output) -> nodes.Output:  # noqa: N802 - the name that Jinja looks for
        self.generic_visit(output)
        parts = [node.nodes if isinstance(node, nodes.Concat) else [node] for node in output.nodes]
        output.nodes = [part for node in parts for part in node]
        return output

    def visit_Call(self, call: nodes.Call) -> nodes.Expr:  # noqa: N802 - the name that Jinja looks for
        self.generic_visit(call)
        text = self._text(call)
        if text is None:
            return call
        values = {value.key: value.value for value in call.kwargs}
        pieces = _PLACE.split(text)
        if "%" in "".join(pieces[::2]):
            pairs = [nodes.Pair(nodes.Const(name), value) for name, value in values.items()]
            return nodes.Mod(nodes.TemplateData(text), nodes.Dict(pairs), lineno=call.lineno)
        parts = [values[piece] if place % 2 else nodes.TemplateData(piece) for place, piece in enumerate(pieces)]
        return nodes.Concat(parts, lineno=call.lineno) if len(parts) > 1 else parts[0]

    def _text(self, call: nodes.Call) -> str | None:
        """The translation, when the call is one of a sentence known by now."""
        named = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        if not isinstance(call.node, nodes.Name) or len(named) < len(call.args) or call.dyn_kwargs or call.dyn_args:
            return None
        if call.node.name == "_" and len(named) == 1:
            return cast("str", self._catalogue.gettext(*named))
        if call.node.name == "pgettext" and len(named) == 2:
            return cast("str", self._catalogue.pgettext(*named))
        return None


def _sentence(text: str, /, **values: Any) -> str:
    return Markup(words._(text)) % values  # noqa: S704 - our own sentence; its values are escaped


def _counting(singular: str, plural: str, num: int, /, **values: Any) -> str:
    said = words.catalogue(words.language()).ngettext(singular, plural, num)
    return Markup(said) % {"num": num, **values}  # noqa: S704 - our own sentence; its values are escaped


def _word(context: str, text: str, /, **values: Any) -> str:
    return Markup(words.pgettext(context, text)) % values  # noqa: S704 - our own sentence; its values are escaped
