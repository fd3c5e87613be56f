/** How the report looks: the page's colours and type, light, dark and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f7f7f3, #0d110f);
  --surface: light-dark(#ffffff, #151a18);
  --ink: light-dark(#16201b, #e8eeea);
  --soft: light-dark(#59655e, #9ba8a1);
  --line: light-dark(#e0e1da, #262e2a);
  --line-strong: light-dark(#c3c7be, #3c4741);
  --accent: light-dark(#0a6b4b, #52d6a2);
  --on-accent: light-dark(#ffffff, #04140d);
  --wash: light-dark(#e6f1eb, #12271f);
  --added: light-dark(#d9ecdf, #173a2d);
  --danger: light-dark(#a3271d, #ff9c90);
  --rival: light-dark(#a85400, #eab05f);
  --lost: light-dark(#e59a4c, #c97b22);
  --tied: light-dark(#c3c7be, #3c4741);
  --radius: 14px;
  --gutter: clamp(1rem, 4vw, 3rem);
  --mono: ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', sans-serif;
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--paper); -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); font: 400 1rem/1.6 var(--sans); -webkit-font-smoothing: antialiased; }
main { max-width: 78rem; margin: 0 auto; padding: 1rem var(--gutter) 4rem; }
h1, h2, h3, p, ul, figure, div { margin: 0; padding: 0; }
ul { list-style: none; }
a { color: inherit; text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
small, .soft, .says, .about, .legend, footer p { color: var(--soft); }
.warns { color: var(--danger); }

.brand { display: flex; align-items: center; gap: 0.6rem; padding: 0.25rem 0; font-weight: 650; letter-spacing: -0.01em; }
.brand .soft { font-weight: 400; }
.mark { width: 1.6rem; height: 1.6rem; fill: var(--accent); }
.mark path { fill: none; stroke: var(--accent); stroke-width: 2.6; stroke-linecap: round; }
.mark .faint { opacity: 0.4; }

.verdict { display: grid; grid-template-columns: minmax(0, 1fr); align-items: center; gap: 2rem clamp(2rem, 5vw, 4.5rem); padding: clamp(1.25rem, 4vw, 3rem) 0 clamp(1.5rem, 4vw, 2.75rem); }
h1 { max-width: 46rem; font-size: clamp(1.75rem, 1.4rem + 1.6vw, 2.5rem); font-weight: 680; line-height: 1.14; letter-spacing: -0.025em; text-wrap: pretty; overflow-wrap: anywhere; }
.detail { max-width: 44rem; margin-top: 1rem; font-size: 1.125rem; text-wrap: pretty; }
.caveats { display: grid; gap: 0.5rem; max-width: 46rem; margin-top: 0.6rem; font-size: 1.0625rem; text-wrap: pretty; }
.caveats:empty { display: none; }
.about span { display: inline-block; max-width: 100%; }
.about { max-width: 46rem; margin-top: 1.25rem; font-size: 0.875rem; overflow-wrap: anywhere; }

section, footer { margin-top: 1.25rem; padding: clamp(1.1rem, 2.5vw, 1.75rem); border: 1px solid var(--line); border-radius: var(--radius); }
footer { border-color: transparent; }
h2 { font-size: 1.125rem; font-weight: 650; letter-spacing: -0.01em; }
.says { max-width: 60rem; margin-top: 0.25rem; text-wrap: pretty; }
.says.warns { color: var(--danger); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.25rem; }
.figures > .sideways { align-self: center; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 0.75rem clamp(1.5rem, 4vw, 3.5rem); }
figure { min-width: 0; max-width: 34rem; margin-top: 1.25rem; }
.verdict figure { margin: 0; padding: 1.1rem 1.35rem 0.9rem; border-radius: var(--radius); background: var(--surface); box-shadow: 0 0 0 1px var(--line); }
figcaption { margin-bottom: 0.6rem; font-weight: 600; font-size: 0.9375rem; }
figcaption .soft { font-weight: 400; }

svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--ink); font: 13px var(--sans); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--soft); font-size: 12px; }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg path { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.grid { stroke: var(--line); }
.zero { stroke: var(--line-strong); stroke-width: 1.5; stroke-linecap: butt; }
.center { stroke: var(--ink); stroke-width: 1.5; }
.center.under { stroke: var(--paper); stroke-width: 4; }
.curve { stroke-width: 3; }
.level { stroke-width: 2; stroke-dasharray: 1 5; }
.curve.dashed { stroke-width: 2; stroke-dasharray: 5 5; }
.reach { stroke-width: 7; stroke-opacity: 0.28; }
svg .band { stroke: none; fill-opacity: 0.13; }
.is-own { --of: var(--accent); }
.is-rival { --of: var(--rival); }
.is-rest { --of: var(--soft); }
.is-judge { --of: var(--ink); }
.curve, .level, .reach { stroke: var(--of); }
.dot { fill: var(--of); stroke: var(--paper); stroke-width: 2; }
svg .band { fill: var(--of); }
svg .name { font-weight: 600; }
svg text.name[class*='is-'] { fill: var(--of); }
rect.won, .speck.won { fill: var(--accent); }
rect.tied, .speck.tied { fill: var(--tied); }
rect.lost, .speck.lost { fill: var(--lost); }
.speck { fill-opacity: 0.7; }
svg .inside { font-size: 12px; font-weight: 600; fill: var(--on-accent); }
svg .inside.tied { fill: var(--ink); }
svg .inside.lost { fill: #16201b; text-anchor: end; }
.key { display: inline-block; width: 0.7rem; height: 0.7rem; margin-right: 0.5rem; border-radius: 50%; background: var(--of); }
.legend { margin-bottom: 0.35rem; font-size: 0.875rem; }
.legend .key { margin-left: 1rem; border-radius: 3px; }
.legend .key:first-child { margin-left: 0; }
.key.won { background: var(--accent); }
.key.tied { background: var(--tied); }
.key.lost { background: var(--lost); }

.sideways { margin-top: 1.25rem; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.5rem 0 0.5rem 1.15rem; text-align: right; vertical-align: baseline; white-space: nowrap; }
th:first-child { padding-left: 0; text-align: left; font-weight: 550; }
thead th, thead th:first-child { color: var(--soft); font-size: 0.875rem; font-weight: 400; }
tbody tr { border-top: 1px solid var(--line); }
td small { font-size: 0.8125rem; }
.sortable th:first-child { color: var(--soft); font-weight: 400; }
.sortable tbody th { max-width: 9rem; font: 0.8125rem var(--mono); white-space: normal; overflow-wrap: break-word; }
.sortable :is(th, td):nth-child(2) { min-width: 13rem; text-align: left; white-space: normal; line-height: 1.4; overflow-wrap: anywhere; }
.sortable button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: inherit; cursor: pointer; }
.sortable button:hover { color: var(--ink); }
[aria-sort] { color: var(--ink) !important; }
[aria-sort='ascending']::after { content: ' \\2191'; }
[aria-sort='descending']::after { content: ' \\2193'; }
.asked { unicode-bidi: isolate; }

.case { margin-top: 0.75rem; border: 1px solid var(--line); border-radius: 10px; padding: 0 1.1rem; }
.case[open] { padding-bottom: 1.1rem; }
summary { cursor: pointer; }
.case > summary { display: flex; align-items: center; gap: 0.9rem; min-height: 3rem; list-style: none; }
.case > summary::-webkit-details-marker { display: none; }
.case > summary .asked { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.case > summary::after { content: ''; flex: none; width: 0.45em; height: 0.45em; margin-top: -0.2em; border-right: 1.5px solid; border-bottom: 1.5px solid; rotate: 45deg; }
.case[open] > summary::after { margin-top: 0.2em; rotate: 225deg; }
.case[open] > summary .asked { visibility: hidden; }
.gain { padding: 0.1rem 0.7rem; border-radius: 99px; background: var(--wash); color: var(--accent); font-size: 0.9375rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gain.lost { background: none; box-shadow: inset 0 0 0 1px var(--rival); color: var(--rival); }
.id { max-width: 40%; color: var(--soft); font: 0.8125rem var(--mono); overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.question { max-width: 60rem; margin-bottom: 1rem; font-weight: 600; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
article { padding: 0.9rem 1.1rem 1.1rem; border: 1px solid var(--line); border-radius: 10px; font-size: 0.9375rem; color: var(--soft); }
article.is-own { border-color: transparent; box-shadow: 0 0 0 2px var(--accent); background: var(--surface); color: var(--ink); }
h3 { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; margin-bottom: 0.5rem; color: var(--ink); font-size: 0.9375rem; font-weight: 600; }
.scores { color: var(--soft); font-weight: 400; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.scores b { color: var(--ink); }
.is-own .scores b { color: var(--accent); }
.fold { margin-top: 0.75rem; font-size: 0.9375rem; }
.fold summary { width: fit-content; color: var(--soft); }
.fold summary:hover { color: var(--ink); }
.fold .text { max-width: 60rem; margin-top: 0.4rem; padding-left: 1rem; border-left: 3px solid var(--line-strong); }
.case > .soft { margin-top: 0.75rem; font-size: 0.9375rem; }
ins { border-radius: 3px; background: var(--added); text-decoration: underline; text-decoration-color: var(--accent); text-underline-offset: 0.2em; }
del { color: var(--soft); text-decoration-color: var(--danger); }
.failures { margin-top: 0.75rem; font-size: 0.9375rem; }
.failures li { padding: 0.4rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.failures b { margin-right: 0.5rem; font: 0.875rem var(--mono); }
footer p { max-width: 60rem; margin-top: 0.4rem; font-size: 0.9375rem; }

@media (width >= 60rem) {
  .verdict:has(figure) { grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr); }
  .figures:has(table) { grid-template-columns: minmax(0, 1fr) minmax(0, max-content); align-items: center; }
}
@media (width < 48rem) {
  .case[open] > summary .asked { white-space: nowrap; }
  th, td { padding-left: 1rem; }
  .case > summary .id { display: none; }
  .case:not([open]) > summary .asked { white-space: normal; padding: 0.5rem 0; line-height: 1.4; }
}
@media screen and (width < 32rem) {
  svg text { font-size: 16px; }
  svg .tick, svg .inside { font-size: 15px; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; }
  main { max-width: none; padding: 0; }
  section, footer { padding: 0.75rem 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  .figures, .pair { grid-template-columns: 1fr 1fr; }
  figure, tr, article { break-inside: avoid; }
  h2 { break-after: avoid; }
  .sideways { overflow: visible; }
  th, td, td small { font-size: 0.6875rem; }
  thead th, thead th:first-child { font-size: 0.6875rem; white-space: normal; }
  th, td { padding-left: 0.5rem; }
  td small { display: block; }
  .sortable :is(th, td):nth-child(2) { min-width: 8rem; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
  * { print-color-adjust: exact; }
}
`
