/** What is shown: notices, badges, facts, steps, the summary, the letter. */
export const PARTS = `
.notice { margin: 0 0 var(--s-4); padding: var(--s-3) var(--s-4); color: var(--ink); border: 1px solid currentColor;
  border-left-width: 4px; border-radius: var(--round); }
.notice-title { display: flex; gap: var(--s-2); margin: 0; font-weight: 600; }
.notice-title .icon { margin-top: .25em; }
.notice-title { flex-wrap: wrap; }
.notice-title .kind { font-weight: 700; }
.notice-title .kind + span { flex: 1 1 60%; }
.notice-body { margin-top: var(--s-1); }
.notice.info { background: var(--link-ground); border-color: var(--link); }
.notice.warn { background: var(--warn-ground); border-color: var(--warn); }
.notice.stop { background: var(--seal-ground); border-color: var(--seal); }
.notice.done { background: var(--allow-ground); border-color: var(--allow); }
.notice.info .icon, .notice.info .kind { color: var(--link); }
.notice.warn .icon, .notice.warn .kind { color: var(--warn); }
.notice.stop .icon, .notice.stop .kind { color: var(--seal); }
.notice.done .icon, .notice.done .kind { color: var(--allow); }
.badge { display: inline-flex; align-items: center; gap: .3em; padding: .1em .6em .1em .45em; border: 1px solid currentColor;
  border-radius: 2em; color: var(--soft); background: var(--sheet); font-size: var(--text-small); font-weight: 600;
  line-height: 1.5; white-space: nowrap; }
.badge .icon { width: 1em; height: 1em; stroke-width: 2.5; }
.badge.allow { color: var(--allow); background: var(--allow-ground); }
.badge.link { color: var(--link); background: var(--link-ground); }
.badge.warn { color: var(--warn); background: var(--warn-ground); }
.badge.seal { color: var(--seal); background: var(--seal-ground); }
.facts { margin: 0; }
.facts > div { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: 0 var(--s-5); padding: var(--s-2) 0; }
.facts > div + div { border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.elder .facts > div { grid-template-columns: 1fr; }
.links { margin: 0 0 var(--s-4); padding: 0; list-style: none; background: var(--sheet); border: 1px solid var(--line);
  border-radius: var(--round); }
.links li { margin: 0; }
.links li + li { border-top: 1px solid var(--line); }
.link-row { display: flex; align-items: center; gap: var(--s-2) var(--s-3); min-height: var(--target);
  padding: var(--s-3) var(--s-4); color: var(--ink); text-decoration: none; }
.link-row:hover { background: var(--sunk); border-radius: var(--round); }
.link-row .to { flex: 1; min-width: 0; }
.elder .link-row { flex-wrap: wrap; }
.elder .link-row .to { flex: 1 1 12rem; }
.link-row .title { color: var(--link); font-weight: 600; text-decoration: underline; text-decoration-thickness: 1px;
  text-underline-offset: .2em; }
.link-row .note { display: block; color: var(--soft); font-size: var(--text-small); }
.link-row > .icon { color: var(--soft); }
.summary { margin: 0 0 var(--s-4); background: var(--sheet); border: 1px solid var(--line); border-top: 4px solid var(--seal-fill);
  border-radius: var(--round); }
.summary h2 { margin: 0; padding: var(--s-3) var(--s-5) var(--s-2); }
.summary dl { margin: 0; display: grid; grid-template-columns: 1fr 1fr; }
.summary dl > div { padding: var(--s-2) var(--s-5) var(--s-3); border-top: 1px solid var(--line); }
.summary dt { color: var(--soft); font-size: var(--text-small); }
.summary dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.summary dd p, .summary .whole dd { font-weight: 400; }
.summary .whole { grid-column: 1 / -1; }
.summary dl > div:nth-child(2), .summary dl > div:nth-child(4) { border-left: 1px solid var(--line); }
.elder .summary dl { grid-template-columns: 1fr; }
.elder .summary dl > div:nth-child(n) { border-left: 0; }
.elder .summary dt { font-weight: 400; }
.letter { margin: 0 0 var(--s-4); }
.letter .text { margin: 0; padding: var(--s-5); max-height: none; white-space: pre-wrap; overflow-wrap: anywhere;
  color: var(--ink); background: var(--sheet); border: 1px solid var(--line); border-radius: var(--round);
  font: var(--text-body)/var(--line-text) var(--serif); box-shadow: inset 0 3px 0 var(--sunk); }
.elder .letter .text { font-family: var(--sans); }
.elder .letter .mark { font-size: 1em; }
.letter strong { font-weight: 700; }
/* The text's own marks of a key clause are signed with it, so they are there, but hardly seen. */
.letter .mark { color: var(--soft); font-weight: 400; font-size: .75em; }
.qr { display: grid; justify-items: center; gap: var(--s-3); margin: 0 0 var(--s-4); padding: var(--s-5); text-align: center;
  background: var(--sheet); border: 1px solid var(--line); border-radius: var(--round); }
.qr .code-image { width: min(15rem, 100%); padding: var(--s-3); background: #fff; border-radius: var(--round-small); }
.qr .code-image.dense { width: min(24rem, 100%); }
.qr .code-image svg { display: block; width: 100%; height: auto; }
.qr figcaption { overflow-wrap: anywhere; }
.code, .check-code { font-family: var(--mono); font-size: var(--text-lead); letter-spacing: .06em; font-weight: 600; }
.check-code { display: inline-flex; flex-wrap: wrap; gap: 0 .6em; }
.state { margin: 0 0 var(--s-4); padding: var(--s-5); background: var(--sheet); border: 1px dashed var(--edge);
  border-radius: var(--round); }
.state-title { display: flex; gap: var(--s-2); margin: 0 0 var(--s-2); font-weight: 600; font-size: var(--text-lead); }
h1.state-title { font-size: var(--text-h2); }
.state.empty { display: grid; justify-items: center; text-align: center; color: var(--soft); }
.state.empty > .icon { width: 2.5rem; height: 2.5rem; stroke-width: 1.5; }
.state.empty .state-title { color: var(--ink); }
.state.error { border: 1px solid var(--seal); border-left-width: 4px; }
.state.error .state-title .icon { margin-top: .15em; color: var(--seal); }
.propagation .bar { display: block; width: 100%; height: .75rem; margin: 0 0 var(--s-3); accent-color: var(--allow); }
.propagation ul { margin: 0; padding: 0; list-style: none; }
.propagation li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--s-4);
  padding: var(--s-2) 0; margin: 0; border-top: 1px solid var(--line); }
.propagation .icon { margin-right: .3em; }
.translation { display: inline-block; margin: 0 0 var(--s-2); padding: 0 .5em; color: var(--soft);
  border: 1px solid var(--edge); border-radius: var(--round-small); font-size: var(--text-small); }
ol.story { margin: 0; }
ol.story li { margin-bottom: var(--s-2); }
@media (max-width: 34rem) {
  .facts > div { grid-template-columns: 1fr; }
  .summary dl > div:nth-child(n) { border-left: 0; }
  .summary dl { grid-template-columns: 1fr; }
  .summary h2, .summary dl > div { padding-inline: var(--s-4); }
  .summary dl > div { display: grid; grid-template-columns: 6em 1fr; gap: var(--s-3); padding-block: var(--s-2); }
  .elder .summary dl > div { display: block; }
  .letter .text { padding: var(--s-4); }
  .question, .panic { padding: var(--s-4); }
}
`;
