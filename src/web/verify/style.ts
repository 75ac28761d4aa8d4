/** What only the page that verifies receipts has: a place to drop files, and verdicts one below the other. */
export const VERIFY_STYLE = `
.field.drop { padding: var(--s-4); background: var(--sheet); border: 2px dashed var(--edge); border-radius: var(--round); }
.dropping .field.drop { border-style: solid; border-color: var(--link); background: var(--link-ground); }
.field.drop input { height: auto; padding-block: var(--s-3); }
.field.drop input::file-selector-button { min-height: 2.25rem; margin-right: var(--s-3); padding: 0 var(--s-4);
  color: var(--ink); background: var(--sunk); border: 1px solid var(--edge); border-radius: var(--round-small); font: inherit; }
.field.drop ul { margin: var(--s-2) 0 0; overflow-wrap: anywhere; }
.field textarea#vkey, .field textarea#policy { font-family: var(--mono); overflow-wrap: anywhere; }
.examined { margin-top: var(--s-5); }
.examined h3 { margin-bottom: var(--s-3); overflow-wrap: anywhere; }
.examined h4 { margin: 0 0 var(--s-2); color: var(--ink); font-size: var(--text-h3); }
.examined h5 { margin: 0 0 var(--s-1); font-size: var(--text-body); }
.clause { margin-top: var(--s-4); padding-top: var(--s-3); border-top: 1px solid var(--line); }
.facts dd p { margin: 0; }
details.letter > summary { min-height: var(--target); align-content: center; color: var(--link); }
`;
