/** How the same page comes out elsewhere: on paper, in forced colours, without motion. */
export const MODES = `
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  .button:active { transform: none; }
}
@media (forced-colors: active) {
  input[type=checkbox], input[type=radio] { appearance: auto; }
  input:checked::before { display: none !important; }
  .button, .chip, .badge, .notice, .tick, .answer { border-color: ButtonText; }
  .chip[aria-pressed=true], .answer:has(input:checked), .tick:has(> label > input:checked) { outline: 2px solid Highlight; }
  .qr .code-image { forced-color-adjust: none; }
  .steps li[aria-current]::before { outline: 3px solid Highlight; outline-offset: 1px; }
  .stamp { border: 1px solid CanvasText; }
  nav.main a[aria-current] { border-bottom-color: Highlight; }
}
@media print {
  @page { margin: 18mm 16mm; }
  :root, :root.elder { color-scheme: light; }
  body { background: none; }
  .unprinted, .skip, nav.main, .choices, .buttons, .pager { display: none !important; }
  .top { border-top-width: 2px; background: none; }
  .inner, main, .wide .inner, .wide main { max-width: none; padding-inline: 0; }
  .sheet, .notice, .tick, .summary, .records tr, .question { break-inside: avoid; background: none; }
  h2, h3 { break-after: avoid; }
  details:not([open])::details-content { content-visibility: visible; display: block; }
  a { color: inherit; }
}
`;
