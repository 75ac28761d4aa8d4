/** A QR code, with the same said as a link: not everybody can scan the screen one is reading on. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export interface QrFrame {
  /** The code as an SVG element, dark on nothing; the frame has a white ground in light and dark. */
  readonly image: Html;
  /** What the code leads to, for who can't see it. */
  readonly label: string;
  readonly href: string;
  /** Absent: how to scan. */
  readonly hint?: Inner;
}

export function qrFrame(view: View, { image, label, href, hint }: QrFrame): Html {
  return html`<figure class="qr"><div class="code-image" role="img" aria-label="${label}">${image}</div>
<figcaption><p>${hint ?? wordsOf(view).parts.qr.hint}</p><a href="${href}">${href}</a></figcaption></figure>`;
}
