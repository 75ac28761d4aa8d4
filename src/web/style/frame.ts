/** What stands around a page: head, navigation, foot; and its sheets. */
export const FRAME = `
.inner, main { width: 100%; max-width: var(--measure-text); margin-inline: auto; padding-inline: var(--page-side); }
.wide .inner, .wide main { max-width: var(--measure-wide); }
main { flex: 1; padding-block: var(--s-5) var(--s-6); }
.skip { position: absolute; left: var(--s-2); top: var(--s-2); z-index: 1; padding: var(--s-2) var(--s-4);
  color: var(--on-ink); background: var(--ink-fill); border-radius: var(--round-small); }
.skip:not(:focus) { clip-path: inset(50%); width: 1px; height: 1px; padding: 0; overflow: hidden; white-space: nowrap; }
/* The seal's red above the paper's edge: the mark of the product. */
.top { background: var(--sheet); border-top: 4px solid var(--seal-fill); border-bottom: 1px solid var(--line); }
.top .inner { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: 0 var(--s-5); padding-block: var(--s-1); }
.brand { display: inline-flex; align-items: center; gap: var(--s-3); min-height: var(--target); color: var(--ink);
  text-decoration: none; }
.brand:hover .name { text-decoration: underline; text-underline-offset: .2em; }
.stamp { display: grid; place-items: center; flex: none; width: 2rem; height: 2rem; color: var(--on-seal);
  background: var(--seal-fill); border-radius: var(--round-small); font: 700 1.25rem/1 var(--serif);
  box-shadow: inset 0 0 0 2px var(--seal-fill), inset 0 0 0 3px var(--on-seal); }
.names { line-height: var(--line-tight); }
.name { font-weight: 700; letter-spacing: .01em; }
.product { color: var(--soft); font-size: var(--text-small); }
nav.main ul { display: flex; flex-wrap: wrap; gap: 0 var(--s-4); margin: 0; padding: 0; list-style: none; }
nav.main li { margin: 0; }
nav.main a { display: inline-flex; align-items: center; min-height: var(--target); min-width: var(--target); color: var(--ink);
  text-decoration: none; border-bottom: 3px solid transparent; border-top: 3px solid transparent; }
nav.main a:hover { border-bottom-color: var(--edge); }
nav.main a[aria-current] { font-weight: 700; border-bottom-color: var(--seal); }
nav.contents ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(8.5rem, 100%), 1fr)); gap: 0 var(--s-4); padding: 0; list-style: none; }
nav.contents a { display: inline-flex; align-items: center; min-width: var(--target); min-height: var(--target); }
.heading { margin-bottom: var(--s-5); }
.bottom { border-top: 1px solid var(--line); color: var(--soft); font-size: var(--text-small); }
.bottom .inner { padding-block: var(--s-4) var(--s-5); }
.promise { margin: var(--s-3) 0 0; }
.choices { display: flex; flex-wrap: wrap; gap: var(--s-2) var(--s-5); }
.choice { display: flex; flex-wrap: wrap; gap: var(--s-2); }
.chip { display: inline-flex; align-items: center; gap: var(--s-1); min-height: var(--target); min-width: var(--target);
  justify-content: center; padding: 0 var(--s-3); color: var(--ink); background: none; border: 1px solid var(--edge);
  border-radius: var(--round); font: inherit; cursor: pointer; }
.chip:hover { background: var(--sunk); }
.chip[aria-pressed=true] { background: var(--sunk); border-width: 2px; font-weight: 700; }
main > form, #desk form { margin: 0 0 var(--s-4); }
.sheet { margin: 0 0 var(--s-4); padding: var(--s-4) var(--s-5); background: var(--sheet); border: 1px solid var(--line);
  border-radius: var(--round); }
.sheet > :last-child { margin-bottom: 0; }
details.sheet > summary { min-height: var(--target); align-content: center; }
details.sheet[open] > summary { margin-bottom: var(--s-3); }
.method { display: inline-block; min-width: 3.5rem; color: var(--seal); font-family: var(--mono);
  font-size: var(--text-small); }
@media (max-width: 34rem) { .sheet { padding: var(--s-4); } }
`;
