/**
 * Steps: in a row where there is room; on a phone a row of numbers, and only the current one said in words; in elder mode
 * one below the other, in words.
 */
export const STEPS = `
.steps { display: flex; margin: 0 0 var(--s-5); padding: 0; list-style: none; counter-reset: step; }
.steps li { position: relative; flex: 1; display: grid; justify-items: center; align-content: start; gap: var(--s-1);
  margin: 0; padding: 0 var(--s-1); color: var(--soft); font-size: var(--text-small); line-height: var(--line-tight);
  text-align: center; counter-increment: step; }
.steps li::before { content: counter(step); display: grid; place-items: center; width: 2rem; height: 2rem;
  border: 2px solid var(--edge); border-radius: 50%; background: var(--paper); font-size: var(--text-body);
  font-weight: 600; line-height: 1; z-index: 1; }
.steps li:not(:last-child)::after { content: ''; position: absolute; top: calc(1rem - 1px); left: 50%; width: 100%;
  border-top: 2px solid var(--edge); }
.steps li[aria-current] { color: var(--ink); font-weight: 700; }
.steps li[aria-current]::before { color: var(--on-ink); background: var(--ink-fill); border-color: var(--ink-fill); }
.steps li.done::before { content: '✓' / ''; color: var(--allow); border-color: var(--allow); }
.steps-now { margin: 0 0 var(--s-2); color: var(--soft); font-size: var(--text-small); }
.elder .steps { display: grid; }
.elder .steps li { display: flex; gap: var(--s-3); padding: 0 0 var(--s-3); text-align: left; align-items: center; }
.elder .steps li:not(:last-child)::after { top: 2rem; bottom: 0; left: calc(1rem - 1px); width: 0; border-top: 0;
  border-left: 2px solid var(--edge); }
@media (max-width: 34rem) {
  .usual .steps .text { display: none; }
  .usual .steps li[aria-current] { flex: 0 1 auto; display: flex; align-items: center; gap: var(--s-2); text-align: left; }
  .usual .steps li[aria-current] .text { display: inline; padding: 0 var(--s-2) 0 0; background: var(--paper); z-index: 1; }
}
`;
