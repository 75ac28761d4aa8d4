/**
 * The one style sheet: tokens first, everything else in terms of them. Light and dark, from 360 px on.
 *
 * @module
 */

/** Ink on paper, and the red of a seal for what matters. Contrast of text is 4.5 : 1 or better in both schemes. */
const TOKENS = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #15171a);
  --sheet: light-dark(#ffffff, #1c1f23);
  --ink: light-dark(#1e2328, #e6e4de);
  --soft: light-dark(#5a6169, #a2a8af);
  --line: light-dark(#dedbd3, #33383e);
  --seal: light-dark(#a3271c, #f08a7c);
  --link: light-dark(#1d5a8a, #8ec1ea);
  --allow: light-dark(#1f6b43, #7fcfa3);
  --gap: 1.25rem;
  --round: 6px;
  --measure: 68rem;
  --text: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}`;

const RULES = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--text); }
main, header, footer { max-width: var(--measure); margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2rem); }
header { padding-block: 2.5rem 0; }
footer { padding-block: 1.5rem 3rem; color: var(--soft); font-size: .875rem; }
h1 { margin: 0; font-size: clamp(1.5rem, 5vw, 2.125rem); line-height: 1.25; letter-spacing: -.01em; }
h1 .seal { color: var(--seal); }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.1875rem; line-height: 1.3; }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0 0 .75rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre { font-family: var(--mono); font-size: .875em; overflow-wrap: anywhere; }
pre { margin: 0 0 .75rem; padding: .75rem 1rem; overflow-x: auto; white-space: pre-wrap; background: var(--sheet);
  border: 1px solid var(--line); border-radius: var(--round); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 0; padding: 0; list-style: none; }
.soft { color: var(--soft); font-weight: 400; }
.code { font-family: var(--mono); font-size: 1.125rem; letter-spacing: .04em; }
.lede { margin: .5rem 0 0; color: var(--soft); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: .5rem 2rem;
  margin-bottom: .75rem; }
.pair p:last-child { margin-bottom: 0; }
header + main > .sheet:first-child { margin-top: 1.25rem; }
.sheet { margin: 0 0 var(--gap); padding: 1rem 1.25rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: var(--round); }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .375rem 1.25rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.allow, .deny { font-weight: 600; }
.allow { color: var(--allow); }
.deny { color: var(--seal); }
ol.story { margin: 0; padding-left: 1.25rem; }
ol.story li { margin-bottom: .5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .375rem .75rem .375rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
td { overflow-wrap: anywhere; }
/* Names are read whole: a table that is too narrow for them scrolls. */
th, th code { overflow-wrap: break-word; }
.scroll { overflow-x: auto; }
.method { display: inline-block; min-width: 3.5rem; color: var(--seal); font-family: var(--mono); font-size: .875rem; }
details.sheet > summary { cursor: pointer; }
details.sheet[open] > summary { margin-bottom: .75rem; }
h4 { margin: 1rem 0 .375rem; color: var(--soft); font-size: .875rem; font-weight: 500; }
ul { margin: 0 0 .75rem; padding-left: 1.25rem; }
@media print { .unprinted { display: none; } body { background: none; } .sheet { break-inside: avoid; } }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

export const STYLE: string = `${TOKENS}\n${RULES}`;
