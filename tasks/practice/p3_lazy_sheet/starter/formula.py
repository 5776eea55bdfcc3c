"""Reads formulas: "=A1 + if(B2, sum(A1:A9), -3)" and so on."""

import re

TOKEN = re.compile(r"\s*(?:(\d+)|([A-Z]+[0-9]+)|([a-z]+)|(.))")


class FormulaError(ValueError):
    """A formula that cannot be read."""


def parse(text):
    """The tree of a formula (without its '='), as nested tuples.

    ("number", 3), ("cell", "A1"), ("range", "A1", "B3"), ("neg", tree),
    ("+", left, right) and so with - * / < =, ("call", name, [tree, ...])
    """
    tokens = [match.groups() for match in TOKEN.finditer(text.strip())]
    parser = _Parser(tokens)
    tree = parser.comparison()
    if parser.at < len(tokens):
        raise FormulaError(text)
    return tree


class _Parser:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0

    def sign(self, *wanted):
        if self.at < len(self.tokens) and self.tokens[self.at][3] in wanted:
            self.at += 1
            return self.tokens[self.at - 1][3]
        return None

    def need(self, sign):
        if not self.sign(sign):
            raise FormulaError("expected " + sign)

    def comparison(self):
        tree = self.sum()
        while sign := self.sign("<", "="):
            tree = (sign, tree, self.sum())
        return tree

    def sum(self):
        tree = self.product()
        while sign := self.sign("+", "-"):
            tree = (sign, tree, self.product())
        return tree

    def product(self):
        tree = self.factor()
        while sign := self.sign("*", "/"):
            tree = (sign, tree, self.factor())
        return tree

    def factor(self):
        if self.sign("-"):
            return ("neg", self.factor())
        if self.sign("("):
            tree = self.comparison()
            self.need(")")
            return tree
        if self.at >= len(self.tokens):
            raise FormulaError("ends early")
        number, cell, name, _ = self.tokens[self.at]
        self.at += 1
        if number is not None:
            return ("number", int(number))
        if cell is not None:
            if not self.sign(":"):
                return ("cell", cell)
            if self.at >= len(self.tokens) or self.tokens[self.at][1] is None:
                raise FormulaError("half a range")
            self.at += 1
            return ("range", cell, self.tokens[self.at - 1][1])
        if name is None:
            raise FormulaError("a sign at a wrong place")
        self.need("(")
        arguments = [self.comparison()]
        while self.sign(","):
            arguments.append(self.comparison())
        self.need(")")
        return ("call", name, arguments)
