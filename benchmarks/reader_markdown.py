"""How long a reader's worst text takes: hostile strings against plain prose of the same length.

Prints, worst first, the ratio to a plain paragraph and the milliseconds; the budget is 150 ms for any
text of 10,000 characters. Run: ``python benchmarks/reader_markdown.py``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from comments.rendering import MAX_LENGTH, over_budget, render_reply

ROUNDS = 3
BUDGET_MS = 150
PROSE = "words of a calm reader "

REPEATED = (
    *("[", "]", "(", "![", "[a", "[a]", "[a](", "[a](http://a.b)", "[[a]", "[a][", "](", "[^1]"),
    *("[a]: http://b\n", "[a](http://b (", "[a](http://b 'x')", '[a](http://b "', "[a\n"),
    *("<", "<a", "</", "<!--", "<![CDATA[", "<?", "<http://", "<http://a>", "<a@b.c>"),
    *("http://", "http://a ", "http://a)", "http://a.b/(", "https://a.b.", "mailto:a@b "),
    *("`", "`a", "``a`", "` ", "`a` ", "`a`*b*", "\\`", "\\```\n"),
    *("*", "*a", "*a*", "*a* ", "**a", "**a** ", "***a", "*a **b ", "a*", "a* ", "*_", "**_a"),
    *("*a**b***c", "_", "_a", "_a_ ", "*a_b", "*http://a.b*", "*a* [a](http://b.c) "),
    *(
        "&",
        "&amp;",
        "&a",
        "&#",
        "\\",
        "\\*",
        "\\[",
        "!",
        "#",
        "# a\n",
        "a\n=\n",
        "|a|b|\n",
        "{",
        '"',
    ),
    *("~~~\n", "```\n", "```a\n", "~~~\n> a\n", "---\n", "* * *\n", "> a\n---\n---\n"),
    *("> ", ">", ">\n", "> a\n", ">a\n\n", "- ", "- a\n", "* ", "+ ", "1. ", "1. a\n", "- a\n\n"),
    *("- > ", "> - ", "1. - ", "- > a\n", "- >- >- &\n", "- a\n- ", "\n- a\n1. ", "- a\n> \n\na ("),
    *(
        "    ",
        "    a\n",
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",
        "a  \n",
        "\t",
        "\ta\n",
        " ",
        "a",
        "a ",
        "é",
        "😀",
    ),
    *("\x00", "\x02", "\x02br\x03", "\x02klzzwxh:0000\x03", "\x02wzxhzdk:0\x03", "\r", "\u2028"),
)


def _hostile() -> dict[str, str]:
    """Texts of ``MAX_LENGTH`` characters by name: repeated marks, then nested and mixed ones."""
    texts = {repr(unit): _fill(unit) for unit in REPEATED}
    texts["tabs, then a word"] = _fill("\t")[:-1] + "x"
    texts["spaces, then a word"] = _fill(" ")[:-1] + "x"
    texts["brackets, nested"] = "[" * 5_000 + "]" * 5_000
    texts["links, nested"] = _fill("[a " * 100 + "](http://b)" * 50)
    texts["emphasis, opened then closed"] = "*a " * 1_666 + "a* " * 1_666
    texts["emphasis, at the budget"] = ("*a " * 300 + "a* " * 300).ljust(MAX_LENGTH, "x")
    texts["strong, at the budget"] = ("**a " * 300 + "a** " * 300).ljust(MAX_LENGTH, "x")
    texts["unclosed emphasis, at the budget"] = _fill("*abcdefghijklmno")
    texts["links, at the budget"] = _fill("[a](http://a.b/cdefghijklmnopqrst) ")
    texts["ticks, growing"] = "".join("`" * n + " " for n in range(1, 140)).ljust(MAX_LENGTH, "x")
    texts["ticks, shrinking"] = "".join("`" * n + " " for n in range(139, 0, -1)).ljust(MAX_LENGTH)
    texts["stars, shrinking"] = _fill("".join("*" * n + "a " for n in range(139, 0, -1)))
    texts["lists, ever deeper"] = "".join("    " * n + "- a\n" for n in range(68))[:MAX_LENGTH]
    texts["lists, in steps"] = _fill("".join("    " * (n % 10) + "- a\n" for n in range(40)))
    texts["quotes, ever deeper"] = "".join(">" * n + " a\n" for n in range(1, 139))[:MAX_LENGTH]
    texts["everything"] = _fill("*a _b_ `c` [d](http://e.f) > g\n- h\n\n\\* <i> &j; ")
    return texts


def _fill(unit: str) -> str:
    return (unit * (MAX_LENGTH // len(unit) + 1))[:MAX_LENGTH]


HOSTILE = _hostile()


def _milliseconds(text: str) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        render_reply(text)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main() -> None:
    plain = _milliseconds(_fill(PROSE))
    timed = sorted(((_milliseconds(text), name) for name, text in HOSTILE.items()), reverse=True)
    print(f"plain paragraph: {plain:.1f} ms; {len(timed)} hostile texts, worst of them:")
    for spent, name in timed[:15]:
        path = over_budget(HOSTILE[name]) or "Markdown"
        print(f"{spent / plain:8.1f} x {spent:8.1f} ms  {path:10} {name}")
    worst = timed[0][0]
    print(
        f"worst: {worst:.1f} ms of {BUDGET_MS} ms: {'kept' if worst <= BUDGET_MS else 'EXCEEDED'}"
    )


if __name__ == "__main__":
    main()
