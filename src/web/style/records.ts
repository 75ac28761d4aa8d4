/** A table where there is room; where there is not, and in elder mode, each row is a card. */

/** The rules of cards, for the tables that a selector names. */
const cards = (table: string) => `
${table}, ${table} tbody, ${table} tr, ${table} td { display: block; width: 100%; }
${table} thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
${table} tr { margin: 0 0 var(--s-3); padding: var(--s-3) var(--s-4); background: var(--sheet);
  border: 1px solid var(--line); border-radius: var(--round); }
${table} td { display: grid; grid-template-columns: minmax(4em, 6em) 1fr; justify-items: start; gap: 0 var(--s-3);
  padding: var(--s-1) 0; border: 0; }
${table} tr td:first-child { font-weight: 600; }
${table} td::before { content: attr(data-label); color: var(--soft); font-weight: 400; }
${table} td:has(> div:empty) { display: none; }
${table} tr.heed { border-left: 4px solid var(--seal); }
`;

export const RECORDS = `
.records { margin: 0 0 var(--s-4); }
.records caption { margin-bottom: var(--s-2); text-align: left; color: var(--soft); }
.records thead th { border-top: 0; font-size: var(--text-small); }
@media (min-width: 44.01rem) {
  html:not(.elder) .records tr.heed td:first-child { box-shadow: inset 4px 0 0 var(--seal); padding-left: var(--s-3); }
}
@media (max-width: 44rem) {${cards('.records')}}
${cards('.elder .records')}
.elder .records td { grid-template-columns: 1fr; }
`;
