/** The look of the synthetic identity provider: plain, legible, and none of the ledger's, whose page it is not. */
export const STYLE = `:root { color-scheme: light dark; --ink: #1b1f23; --paper: #fff; --line: #6b7280; --act: #6d28d9; --on-act: #fff; --soft: #f5f3ff }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf1; --paper: #17161c; --line: #9ca3af; --act: #c4b5fd; --on-act: #1e1033; --soft: #26213a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.6 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif }
header, main, footer { max-width: 38rem; margin: 0 auto; padding: 1rem }
header { font-weight: 700 }
h1 { font-size: 1.6rem; line-height: 1.3 }
.stand-in { border: 2px dashed var(--act); background: var(--soft); padding: .75rem 1rem }
fieldset { border: 0; padding: 0; margin: 0 0 1rem }
legend { font-weight: 700; padding: 0 }
label { display: flex; gap: .75rem; align-items: center; min-height: 3.75rem; padding: .5rem .75rem; margin: .5rem 0; border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere }
input[type="radio"] { width: 1.5rem; height: 1.5rem; flex: none; accent-color: var(--act) }
.number { font-variant-numeric: tabular-nums }
button { font: inherit; min-height: 3.75rem; min-width: 3.75rem; padding: .5rem 1.25rem; border: 2px solid var(--act); border-radius: .5rem; background: var(--act); color: var(--on-act); cursor: pointer }
main button { width: 100%; font-weight: 700 }
button.quiet { background: none; color: inherit; border-color: var(--line) }
:focus-visible { outline: 3px solid var(--act); outline-offset: 3px }
`;
