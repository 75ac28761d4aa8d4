/** Text: what elements look like that have no class. */
export const BASE = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-block: var(--s-5); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: var(--text-body)/var(--line-text) var(--sans); overflow-wrap: break-word; }
h1, h2, h3, h4 { margin: 0; line-height: var(--line-tight); text-wrap: balance; }
h1 { font: 700 var(--text-h1)/var(--line-tight) var(--serif); letter-spacing: .01em; }
h2 { margin: var(--s-6) 0 var(--s-3); font-size: var(--text-h2); }
h3 { margin-bottom: var(--s-1); font-size: var(--text-h3); }
p + h3, ul + h3, ol + h3, dl + h3 { margin-top: var(--s-4); }
h4 { margin: var(--s-4) 0 var(--s-1); color: var(--soft); font-size: var(--text-small); font-weight: 600; }
p { margin: 0 0 var(--s-3); }
p:last-child, ul:last-child, ol:last-child, pre:last-child { margin-bottom: 0; }
ul, ol { margin: 0 0 var(--s-3); padding-left: 1.4em; }
li { margin-bottom: var(--s-1); }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: var(--ring) solid var(--link); outline-offset: 2px; border-radius: var(--round-small); }
main:focus { outline: none; }
code, pre, kbd { font-family: var(--mono); font-size: .9em; overflow-wrap: anywhere; }
pre { margin: 0 0 var(--s-3); padding: var(--s-3) var(--s-4); white-space: pre-wrap; background: var(--sunk);
  border-radius: var(--round); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: var(--s-2) var(--s-3) var(--s-2) 0; text-align: left; vertical-align: top;
  border-top: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
td { overflow-wrap: anywhere; }
th, th code { overflow-wrap: break-word; }
hr { margin: var(--s-5) 0; border: 0; border-top: 1px solid var(--line); }
summary { cursor: pointer; }
[hidden] { display: none !important; }
.soft { color: var(--soft); font-weight: 400; }
.small { font-size: var(--text-small); }
.lede { margin: var(--s-2) 0 0; color: var(--soft); font-size: var(--text-lead); }
.seal { color: var(--seal); }
.allow, .deny { font-weight: 600; }
.allow { color: var(--allow); }
.deny { color: var(--seal); }
/* Read by a screen reader, and not shown. */
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.scroll { overflow-x: auto; }
.stack > * + * { margin-top: var(--s-4); }
`;
