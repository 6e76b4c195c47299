"""The style sheet of the report: screen, phone, dark and print."""

from __future__ import annotations

from afterglow.figures import style

__all__ = ["stylesheet"]

_RULES = """
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.55; font-family: FONTS;
  overflow-wrap: anywhere; }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-top: 1.25rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
p, ul, ol { margin: .5rem 0; max-width: 46rem; }
li { margin: .3rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.lead { color: var(--muted); margin: 0 0 1.25rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: .5rem; top: .5rem; background: var(--surface); padding: .5rem; }
.banner { border: 2px solid var(--warn-line); border-left-width: .6rem; background: var(--warn-surface);
  color: var(--warn-ink);
  padding: .9rem 1.1rem; border-radius: .4rem; margin: 1rem 0; }
.banner strong { display: block; font-size: 1.2rem; line-height: 1.3; }
.banner p { margin: .25rem 0 0; max-width: none; }
.note { background: var(--note-surface); padding: .75rem 1.1rem; border-radius: .4rem; margin: 1rem 0; }
.note p { margin: 0; max-width: none; }
.note p + p { margin-top: .5rem; }
nav ol { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0;
  max-width: none; }
.arms { list-style: none; padding: 0; max-width: none; display: grid; gap: .75rem; }
.arms > li { background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; padding: .85rem 1.1rem;
  margin: 0; }
.arms h3 { margin: 0 0 .3rem; }
.arms p { margin: .25rem 0; max-width: none; }
.tag { display: inline-block; border: 1px solid var(--warn-line); color: var(--warn-ink);
  background: var(--warn-surface);
  border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.level { font-weight: 700; }
figure { margin: 1.25rem 0 2rem; }
.card { background: var(--figure); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
.scroll { overflow-x: auto; max-width: 100%; }
.card svg { display: block; width: 100%; height: auto; min-width: 40rem; margin: 0 auto; }
figcaption { font-size: .92rem; color: var(--muted); margin: .6rem 0; max-width: 46rem; }
figcaption b { color: var(--ink); }
details { border: 1px solid var(--line); border-radius: .4rem; background: var(--surface); margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .9rem; font-size: .92rem; color: var(--accent); min-height: 2.75rem;
  display: flex;
  align-items: center; }
summary::before { content: "+"; display: inline-block; width: 1.2rem; font-weight: 700; }
details[open] > summary::before { content: "\\2212"; }
main section > .scroll table { min-width: 42rem; }
details .scroll { max-height: 26rem; overflow-y: auto; border-top: 1px solid var(--line); }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; min-width: 100%;
  overflow-wrap: normal; }
caption { text-align: left; color: var(--muted); padding: .5rem .75rem; }
th, td { text-align: left; padding: .38rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--surface); border-bottom: 2px solid var(--line); }
td.number, th.number { text-align: right; white-space: nowrap; }
tbody th { font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .3rem 1.25rem; margin: .75rem 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
.sources { font-size: .9rem; }
footer { color: var(--muted); font-size: .88rem; padding: 2rem 1.25rem 3rem; }
.swipe { display: none; color: var(--muted); font-size: .85rem; margin: 0 0 .4rem; }
@media (max-width: 46rem) {
  header, main, footer { padding-left: .9rem; padding-right: .9rem; }
  h1 { font-size: 1.5rem; }
  .card { padding: .5rem; }
  .swipe { display: block; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  nav li { padding: .35rem 0; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { LIGHT }
  @page { margin: 16mm 14mm; }
  body { background: #fff; font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip, .swipe, details { display: none; }
  h2 { margin-top: 1.5rem; } h2, h3 { break-after: avoid; }
  figure, .arms > li, .banner, tr { break-inside: avoid; }
  main section > .scroll table { min-width: 0; font-size: 8pt; } th, td { padding: .2rem .4rem; }
  .card { border: 0; padding: 0; } .card svg { min-width: 0; } .scroll { overflow: visible; }
  .banner { border-width: 3px; }
  a { color: inherit; }
}
"""


def stylesheet() -> str:
    """Write the style sheet with the colours of `afterglow.figures.style`, light and dark."""
    fonts = ", ".join(f'"{name}"' if " " in name else name for name in style.BODY_FONTS)
    light, dark = style.css_variables(style.LIGHT), style.css_variables(style.DARK)
    head = (
        f":root {{ color-scheme: light dark; {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )
    return head + _RULES.replace("FONTS", fonts).replace("LIGHT", light)
