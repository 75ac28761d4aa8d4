/** A QR code (ISO/IEC 18004) as a drawing within the page: no script, no image from elsewhere. */
import { html } from 'hono/html';
import { encode } from 'uqr';
import type { Html } from '../html.ts';

/** What it leads to, its frame says to those who can't see it. */
export function qrCode(text: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const dark = data.flatMap((cells, row) =>
    cells.flatMap((isDark, column) => (isDark ? [`M${column} ${row}h1v1h-1z`] : [])),
  );
  return html`<svg aria-hidden="true" width="180" height="180" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
<rect width="${size}" height="${size}" fill="#fff"/><path d="${dark.join('')}" fill="#000"/>
</svg>`;
}
