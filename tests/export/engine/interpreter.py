"""Evaluates the tree of a script: statements, expressions, blocks."""

from __future__ import annotations

import re

from tests.export.engine import commands
from tests.export.engine.syntax import child, is_command, number, parsed, pure_expression, text_of
from tests.export.engine.values import (
    Block,
    Credential,
    Host,
    PsError,
    PsObject,
    Table,
    as_text,
    is_true,
    items,
    member,
    same,
    unquoted,
)


class Return(Exception):  # not an error
    def __init__(self, output):
        self.output = output


class Continue(Return):
    """The end of a round of a loop."""


_CONSTANTS = {"true": True, "false": False, "null": None}


class Interpreter:
    """Runs blocks on one machine; `session` is that of the machine."""

    def __init__(self, session, host=None):
        self.session, self.host = session, host or Host()
        self.scopes, self.functions = [{}], {}

    # Variables: read through the callers' scopes, written into the own one.

    def variable(self, name):
        name = name.casefold()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        message = f"The variable '${name}' cannot be retrieved because it has not been set."
        raise PsError(message)

    def assign(self, name, value):
        self.scopes[-1][name.casefold()] = value

    # Statements. Each returns what it writes to the pipeline, as a list.

    def statements(self, node):
        output = []
        try:
            for each in node.named_children if node is not None else ():
                if each.type in ("statement_list", "script_block_body"):
                    output += self.statements(each)
                elif each.type not in ("comment", "param_block"):
                    output += self.statement(each)
        except Return as result:
            raise type(result)(output + result.output) from None
        return output

    def statement(self, node):
        return getattr(self, f"_{node.type}")(node)

    def _function_statement(self, node):
        self.functions[text_of(child(node, "function_name")).casefold()] = child(
            node, "script_block"
        )
        return []

    def _statement_block(self, node):
        return self.statements(node)

    def _if_statement(self, node):
        clauses = [node, *(c for c in node.named_children if c.type == "elseif_clauses")]
        assert len(clauses) == 1 or clauses[1].named_children
        for clause in [node, *(clauses[1].named_children if len(clauses) > 1 else ())]:
            if is_true(self.value_of_pipeline(child(clause, "pipeline"))):
                return self.statements(child(clause, "statement_block"))
        otherwise = child(node, "else_clause")
        return self.statements(child(otherwise, "statement_block")) if otherwise else []

    def _while_statement(self, node):
        output = []
        while is_true(self.value_of_pipeline(node.named_children[0].named_children[0])):
            output += self._round(node)
        return output

    def _foreach_statement(self, node):
        name, values = node.named_children[0], self.pipeline(node.named_children[1])
        output = []
        for value in values:
            self.assign(text_of(name)[1:], value)
            output += self._round(node)
        return output

    def _round(self, node):
        try:
            return self.statements(child(node, "statement_block"))
        except Continue as ended:
            return ended.output

    def _try_statement(self, node):
        clauses = child(node, "catch_clauses")
        last = child(node, "finally_clause")
        try:
            return self.statements(child(node, "statement_block"))
        except PsError as error:
            if clauses is None:
                raise
            self.assign(
                "_", PsObject({"Exception": PsObject({"Message": str(error)}), "error": error})
            )
            clause = child(clauses, "catch_clause")
            return self.statements(child(clause, "statement_block"))
        finally:
            if last is not None:
                self.statements(child(last, "statement_block"))

    def _flow_control_statement(self, node):
        word, given = text_of(node).split()[0].casefold(), child(node, "pipeline")
        if word == "continue":
            raise Continue([])
        if word == "return":
            raise Return(self.pipeline(given) if given else [])
        if given is None:
            raise self.variable("_")["error"]
        raise PsError(as_text(self.value_of_pipeline(given)))

    def _pipeline(self, node):
        return self.pipeline(node)

    # Pipelines.

    def pipeline(self, node):
        first = node.named_children[0]
        if first.type == "assignment_expression":
            self._assignment(first)
            return []
        assert first.type == "pipeline_chain", first.type
        stages, flowing = list(first.named_children), None
        if not is_command(stages[0]):
            value = self.value(stages.pop(0))
            flowing = list(value) if isinstance(value, list) else [value]
        return commands.run_stages(self, stages, flowing)

    def value_of_pipeline(self, node):
        found = self.statement(node)
        return None if not found else found[0] if len(found) == 1 else found

    def _assignment(self, node):
        target, operator, source = node.named_children
        pure = pure_expression(source)  # @(...) of one item stays a list
        value = self.value(pure) if pure else self.value_of_pipeline(source)
        place = _innermost(target)
        if text_of(operator) == "+=":
            value = self.value(place) + value
        if place.type == "variable":
            self.assign(text_of(place)[1:], value)
        elif place.type == "member_access":
            owner, name = place.named_children
            self.value(owner)[text_of(name)] = value
        else:
            owner, key = place.named_children
            self.value(owner)[self.value(key)] = value

    # Expressions.

    def value(self, node):
        kind = node.type.replace("_argument_expression", "_expression")
        if len(node.named_children) == 1 and kind in _PASSING:
            return self.value(node.named_children[0])
        return getattr(self, f"_{kind}")(node)

    def _variable(self, node):
        return self.variable(text_of(node).strip("${}"))

    def _string_literal(self, node):
        text = text_of(node)
        return self._expanded(node.named_children[0]) if text[0] == '"' else unquoted(text)

    def _expanded(self, node):
        raw, start, result = node.text, node.start_byte, ""
        place = 1
        for part in node.named_children:
            result += raw[place : part.start_byte - start].decode()
            found = (
                self.statements(part)
                if part.type == "sub_expression"
                else [
                    self.value(
                        part.named_children[0]
                        if part.named_children and part.type != "variable"
                        else part
                    )
                ]
            )
            result += as_text(found if len(found) != 1 else found[0])
            place = part.end_byte - start
        result += raw[place:-1].decode()
        assert "`" not in result
        return result

    def _integer_literal(self, node):
        return number(text_of(node))

    def _command(self, node):
        return number(text_of(node))

    def _array_literal_expression(self, node):
        return [self.value(each) for each in node.named_children]

    def _array_expression(self, node):
        return self.statements(node)

    def _sub_expression(self, node):
        found = self.statements(node)
        return found[0] if len(found) == 1 else found

    def _parenthesized_expression(self, node):
        inner = child(node, "pipeline")
        pure = pure_expression(inner)
        return self.value(pure) if pure else self.value_of_pipeline(inner)

    def _hash_literal_expression(self, node):
        table = Table()
        body = child(node, "hash_literal_body")
        for entry in body.named_children if body else ():
            if entry.type != "hash_entry":
                continue
            key, value = (each for each in entry.named_children if each.type != "comment")
            name = key.named_children[0]
            written = text_of(name) if name.type == "simple_name" else self.value(name)
            assert written not in table, f"the key {written} is there twice"
            pure = pure_expression(value)
            table[written] = self.value(pure) if pure else self.value_of_pipeline(value)
        return table

    def _script_block_expression(self, node):
        return Block(child(node, "script_block"), text_of(node)[1:-1])

    def _member_access(self, node):
        owner, name = node.named_children
        return member(self.value(owner), text_of(name))

    def _element_access(self, node):
        owner, key = (self.value(each) for each in node.named_children)
        if isinstance(owner, Table):
            return member(owner, key) if key in owner else None
        return owner[key] if -len(owner) <= key < len(owner) else None

    def _invokation_expression(self, node):
        owner, name = node.named_children[:2]
        given = child(node, "argument_list")
        listed = child(given, "argument_expression_list")
        arguments = [self.value(each) for each in listed.named_children] if listed else []
        kind = text_of(owner)
        if (kind, text_of(name)) == ("[scriptblock]", "Create"):
            return Block(parsed(arguments[0]), arguments[0])
        if (static := commands.STATIC_METHODS.get((kind, text_of(name)))) is not None:
            return static(*arguments)
        return commands.METHODS[text_of(name)](self, self.value(owner), *arguments)

    def _argument_expression(self, node):
        return self.value(node.named_children[0])

    def _cast_expression(self, node):
        kind, given = text_of(node.named_children[0]), self.value(node.named_children[1])
        return {
            "[bool]": is_true,
            "[int]": round,
            "[pscustomobject]": lambda table: PsObject(table.pairs()),
        }[kind](given)

    def _expression_with_unary_operator(self, node):
        operator = node.children[0]
        if operator.type == "cast_expression":
            return self._cast_expression(operator)
        given = self.value(node.named_children[-1])
        return {"-": lambda: -given, "-not": lambda: not is_true(given)}[text_of(operator)]()

    def _logical_expression(self, node):
        left, right = node.named_children
        operator = _operator(node)
        if operator == "-and":
            return is_true(self.value(left)) and is_true(self.value(right))
        assert operator == "-or", operator
        return is_true(self.value(left)) or is_true(self.value(right))

    def _comparison_expression(self, node):
        left, operator, right = node.named_children
        if (word := text_of(operator)) in ("-is", "-isnot"):
            kind = {"[string]": str, "[pscredential]": Credential}[text_of(right)]
            return isinstance(self.value(left), kind) == (word == "-is")
        one, two = self.value(left), self.value(right)
        return _COMPARISONS[text_of(operator).casefold()](one, two)

    def _format_expression(self, node):
        """The operator -f, whose formats have plain numbers as their fields."""
        form, given = (self.value(each) for each in node.named_children[::2])
        values = [as_text(value) for value in (given if isinstance(given, list) else [given])]
        return re.sub(r"\{(\d)\}", lambda field: values[int(field[1])], form)

    def _additive_expression(self, node):
        one, two = (self.value(each) for each in node.named_children)
        if _operator(node) == "-":
            return one - two
        assert _operator(node) == "+"
        if isinstance(one, Table):
            return type(one)(one.pairs() + two.pairs())
        return one + (
            items(two) if isinstance(one, list) else as_text(two) if isinstance(one, str) else two
        )

    def _multiplicative_expression(self, node):
        one, two = (self.value(each) for each in node.named_children)
        return one * two if _operator(node) == "*" else one / two

    # Blocks.

    def call(self, block, given):
        """Run a block; `given` are its positional values and its named ones."""
        positional, named = given
        names = _parameters(block)
        unknown = [name for name, _ in named if name.casefold() not in names]
        declared = child(block, "param_block")
        if declared is not None and "CmdletBinding" in text_of(declared):
            assert not unknown, f"no parameter {unknown} among {list(names)}"
        named = [(name, value) for name, value in named if name not in unknown]  # in $args
        given = {name.casefold(): value for name, value in named}
        given |= dict(zip([name for name in names if name not in given], positional, strict=False))
        scope = {
            name: _converted(kind, given[name])
            if name in given
            else self.value(default)
            if default
            else _UNSET.get(kind)
            for name, (kind, default) in names.items()
        }
        self.scopes.append(scope)
        try:
            body = child(block, "script_block_body") or block
            return self.statements(body)
        except Return as result:
            return result.output
        finally:
            self.scopes.pop()


def _parameters(block):
    found = child(block, "param_block")
    listed = child(found, "parameter_list") if found else None
    names = {}
    for each in listed.named_children if listed else ():
        if each.type == "script_parameter":
            default = child(each, "script_parameter_default")
            attributes = child(each, "attribute_list")
            types = [text_of(a) for a in attributes.named_children] if attributes else []
            names[text_of(child(each, "variable"))[1:].casefold()] = (
                types[-1] if types else "",
                default,
            )
    return names


_UNSET = {"[string]": "", "[int]": 0}


def _converted(kind, value):
    if kind == "[string]":
        return as_text(value)
    return items(value) if kind == "[object[]]" and value is not None else value


def _operator(node):
    return next(text_of(each) for each in node.children if not each.is_named)


def _innermost(node):
    while node.type in _PASSING | {"left_assignment_expression"} and len(node.named_children) == 1:
        node = node.named_children[0]
    return node


def _equal(one, two):
    if isinstance(one, list):
        return [item for item in one if same(item, two)]
    return same(one, two)


def _replaced(one, two):
    pattern, replacement = two
    return re.sub(
        pattern, re.sub(r"\$(\d)", r"\\\1", replacement), as_text(one), flags=re.IGNORECASE
    )


_COMPARISONS = {
    "-eq": _equal,
    "-ne": lambda one, two: not _equal(one, two),
    "-ge": lambda one, two: one >= two,
    "-join": lambda one, two: two.join(map(as_text, items(one))),
    "-replace": _replaced,
    "-notmatch": lambda one, two: not re.search(two, one, flags=re.IGNORECASE),
    "-contains": lambda one, two: any(same(item, two) for item in items(one)),
    "-notcontains": lambda one, two: not any(same(item, two) for item in items(one)),
}
_PASSING = {
    "logical_expression",
    "bitwise_expression",
    "comparison_expression",
    "additive_expression",
    "multiplicative_expression",
    "format_expression",
    "range_expression",
    "array_literal_expression",
    "unary_expression",
    "key_expression",
    "pipeline",
    "pipeline_chain",
    "path_command_name",
    "command_name_expr",
    "script_parameter_default",
}
