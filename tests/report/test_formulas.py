r"""Formulas become MathML; prices, code and what cannot be read stay as they are."""

import pytest
from notebook_files import Built, prose

FORMULAS = {
    "$x^2$": "x 2",
    "$ y = x $ ends": "y = x ends",
    "$n$th, $x$-axis, $x$ 5 times": "n th, x -axis, x 5 times",
    "$$x_1$$": "x 1",
    "$$\nx\n\n+ 1\n$$": "x + 1",
    "text $$x$$ text": "text x text",
    r"\(x\) and \\(y\\)": "x and y",
    r"\[x\]": "x",
    r"\\[x\\]": "x",
    r"\begin{align}a &= b \\ c &= d\end{align}": "a = b c = d",
    r"\begin{equation}\label{eq:one} x\end{equation}": "x",
    "- a $x$\n- $$y$$": "a x y",
    "| $a$ | b |\n|--|--|\n| $y$ | 2 |": "a b y 2",
    "**$x$** [$y$](#made-up)": "x y",
    r"$\frac{a}{b}$ $\sqrt{x}$ $\mathbb{R}$ $\hat{y}$": "a b x ℝ y ^",
    r"$\text{if } a < b$": "if a < b",
    r"$a\$b$": "a $ b",
    "It costs $5 and $x$ more.": "It costs $5 and x more.",
}


@pytest.mark.parametrize("source", FORMULAS)
def test_a_formula_is_shown(source, tmp_path):
    built = Built(tmp_path, prose(source))
    maths = built.soup("math")
    assert maths
    for math in maths:
        assert math.mrow
        assert not math.find(["annotation", "semantics"])
        for leaf in math(["mi", "mo", "mn", "mtext"]):
            leaf.string = f" {leaf.get_text()} "
    text = " ".join(built.cell().get_text().split())
    assert text == FORMULAS[source]
    assert built.log == []


TEXTS = {
    "$5 and $6": "$5 and $6",
    r"\$5 and \$6": "$5 and $6",
    "from $5–$6 to $7/$8, US$ 5 or 6 US$": "from $5–$6 to $7/$8, US$ 5 or 6 US$",
    "I pay $5 for one. You pay 6$.": "I pay $5 for one. You pay 6$.",
    "$ 5 and $ 6": "$ 5 and $ 6",
    "`$x$` and `$$y$$` and ``\\(z\\)``": "$x$ and $$y$$ and \\(z\\)",
    "costs $5, in code `$x$`": "costs $5, in code $x$",
    "```\n$x$\n$$y$$\n```": "$x$ $$y$$",
    "    $$x$$": "$$x$$",
    "one $ and no more": "one $ and no more",
    "<code>a_b</code> <pre>$ ls</pre>": "a_b $ ls",
}


@pytest.mark.parametrize("source", TEXTS)
def test_money_and_code_stay_text(source, tmp_path):
    built = Built(tmp_path, prose(source))
    assert not built.soup("math")
    assert " ".join(built.cell().get_text().split()) == TEXTS[source]
    assert built.log == []
