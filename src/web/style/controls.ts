/** What is pressed, ticked or filled in. A control's edge has a contrast of 3 : 1, and its target fits a finger. */
export const CONTROLS = `
.button { display: inline-flex; align-items: center; justify-content: center; gap: var(--s-2); min-height: var(--target);
  min-width: var(--target); padding: var(--s-2) var(--s-5); border: 2px solid var(--edge); border-radius: var(--round);
  color: var(--ink); background: var(--sheet); font: 600 var(--text-body)/var(--line-tight) var(--sans); text-align: center;
  text-decoration: none; cursor: pointer; }
.button:hover { border-color: var(--ink); }
.button:active { transform: translateY(1px); }
.button.primary { color: var(--on-ink); background: var(--ink-fill); border-color: var(--ink-fill); }
.button.primary:hover { box-shadow: 0 0 0 2px var(--paper), 0 0 0 4px var(--ink-fill); }
.button.danger { color: var(--seal); border-color: var(--seal); }
.button.danger:hover { color: var(--on-seal); background: var(--seal-fill); border-color: var(--seal-fill); }
.button:disabled { color: var(--soft); background: var(--sunk); border: 2px dashed var(--edge); cursor: not-allowed;
  box-shadow: none; }
.buttons { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); gap: var(--s-3);
  margin: var(--s-5) 0 var(--s-4); }
.elder .buttons { grid-template-columns: 1fr; }
.icon { flex: none; width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; vertical-align: -.25em; }
/* Drawn by us: a device's own are too faint in the dark. Forced colours get the device's. */
input[type=checkbox], input[type=radio] { appearance: none; flex: none; display: grid; place-items: center; width: 1.5rem;
  height: 1.5rem; margin: 0; background: var(--sheet); border: 2px solid var(--edge); border-radius: var(--round-small);
  cursor: pointer; }
input[type=radio] { border-radius: 50%; }
input:checked { border-color: var(--ink-fill); }
input[type=checkbox]:checked { background: var(--ink-fill); }
input[type=checkbox]:checked::before { content: ''; width: 1rem; height: 1rem; background: var(--on-ink);
  clip-path: polygon(12% 48%, 0 62%, 40% 96%, 100% 20%, 86% 8%, 38% 70%); }
input[type=radio]:checked::before { content: ''; width: .75rem; height: .75rem; border-radius: 50%;
  background: var(--ink-fill); }
fieldset { min-width: 0; margin: 0 0 var(--s-4); padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
.field { margin: 0 0 var(--s-4); }
.field > label, .field > .label { display: block; margin-bottom: var(--s-1); font-weight: 600; }
.field .optional { color: var(--soft); font-weight: 400; }
.field .hint { margin: 0 0 var(--s-1); color: var(--soft); font-size: var(--text-small); }
.wrong { display: flex; gap: var(--s-2); margin: 0 0 var(--s-1); color: var(--seal); font-weight: 600; }
.wrong .icon { margin-top: .2em; }
.field input, .field textarea, .field select, .answers > input { width: 100%; min-height: var(--target); padding: var(--s-2) var(--s-3);
  color: var(--ink); background: var(--sheet); border: 1px solid var(--edge); border-radius: var(--round-small);
  font: inherit; line-height: var(--line-tight); }
.field textarea { min-height: 7rem; line-height: var(--line-text); resize: vertical; }
.field :disabled { color: var(--soft); background: var(--sunk); border-style: dashed; opacity: 1; cursor: not-allowed; }
.field [aria-invalid=true], .answers > [aria-invalid=true] { border: 2px solid var(--seal); }
.sheet .field input, .sheet .field textarea, .sheet .field select { background: var(--paper); }
.tick { padding: var(--s-3) var(--s-4); background: var(--sheet); border: 1px solid var(--line); border-radius: var(--round);
  margin: 0 0 var(--s-3); }
.tick:has(> label > input:checked) { border-color: var(--ink); box-shadow: inset 4px 0 0 var(--ink-fill); }
.tick > label { display: flex; align-items: center; gap: var(--s-3); min-height: var(--target); font-weight: 600;
  cursor: pointer; }
.tick .said { flex: 1; display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-1) var(--s-3); }
/* A label that leaves no room for the badge has it below. */
.tick .what { flex: 1 1 10.5rem; }
.tick .why { margin: 0; padding-left: calc(1.5rem + var(--s-3)); color: var(--soft); }
.tick details { padding-left: calc(1.5rem + var(--s-3)); }
.tick summary, .reveal summary { min-height: var(--target); align-content: center; color: var(--link); }
.question { padding: var(--s-4) var(--s-5); background: var(--sheet); border: 1px solid var(--line);
  border-left: 4px solid var(--ink-fill); border-radius: var(--round); }
.question legend { float: left; width: 100%; margin-bottom: var(--s-2); font-size: var(--text-lead); }
.question legend + * { clear: both; }
.question .answers { display: grid; gap: var(--s-2); }
.answer { display: flex; align-items: center; gap: var(--s-3); min-height: var(--target); padding: var(--s-1) var(--s-3);
  border: 1px solid var(--edge); border-radius: var(--round-small); cursor: pointer; }
.answer:hover { background: var(--sunk); }
.answer:has(input:checked) { border: 2px solid var(--ink); font-weight: 600; }
.masked { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-2) var(--s-3); margin: 0; }
.masked .value { font-variant-numeric: tabular-nums; }
.panic { padding: var(--s-4) var(--s-5); background: var(--seal-ground); border: 2px solid var(--seal);
  border-radius: var(--round); margin: 0 0 var(--s-4); }
.panic h2, .panic h3 { display: flex; gap: var(--s-2); align-items: center; margin: 0 0 var(--s-2); color: var(--seal);
  font-size: var(--text-h3); }
.panic .button { width: 100%; color: var(--on-seal); background: var(--seal-fill); border-color: var(--seal-fill); }
.panic .button:hover { box-shadow: 0 0 0 2px var(--seal-ground), 0 0 0 4px var(--seal-fill); }
.pager { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--s-2) var(--s-4);
  margin: var(--s-3) 0; }
.pager p { margin: 0; color: var(--soft); }
`;
