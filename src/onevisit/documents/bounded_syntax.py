"""Rewrites a template as it is read, so that its loops and macros count themselves.

What has no place in a document is refused here: turning escaping off, and naming another template
by a value, since nobody could tell beforehand which documents depend on it.
"""

from jinja2 import nodes
from jinja2.environment import Environment
from jinja2.exceptions import TemplateSyntaxError
from jinja2.visitor import NodeTransformer

from onevisit.documents.bounds import STATIC

_BODIES = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)
_NAMING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
_ESCAPING = (nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)


def bounded(tree: nodes.Template, environment: Environment, name: str | None) -> nodes.Template:
    """The same template with `environment.turn(weight)` at the head of each body that can run
    more than once, and every `~` through a filter. Raises TemplateSyntaxError."""
    for node in tree.find_all((*_NAMING, *_ESCAPING)):
        if isinstance(node, _ESCAPING):
            raise TemplateSyntaxError("不能改变转义", node.lineno, name)
        if not _is_text(node.template):  # type: ignore[attr-defined]  # all of _NAMING have one
            raise TemplateSyntaxError("只能写明模板的名称，不能用值", node.lineno, name)
    bodies: list[nodes.Node] = [tree, *tree.find_all(_BODIES)]
    for body in bodies:
        body.body.insert(0, _counting(body))  # type: ignore[attr-defined]  # all have a body
    _Joining().visit(tree)
    tree.set_environment(environment)
    return tree


def _is_text(name: nodes.Expr) -> bool:
    return isinstance(name, nodes.Const) and isinstance(name.value, str)


def _counting(node: nodes.Node) -> nodes.ExprStmt:
    fixed = sum(len(each.data) for each in node.find_all(nodes.TemplateData))
    line = node.lineno
    weight = nodes.Const(1 + fixed // STATIC, lineno=line)
    function = nodes.EnvironmentAttribute("turn", lineno=line)
    call = nodes.Call(function, [weight], [], None, None, lineno=line)
    return nodes.ExprStmt(call, lineno=line)


class _Joining(NodeTransformer):
    """`a ~ b` becomes `[a, b] | joined_`, which looks at the lengths first."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802 -- the visitor's own naming
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "joined_", [], [], None, None, lineno=node.lineno)
