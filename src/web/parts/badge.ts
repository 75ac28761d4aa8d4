/** How something stands, in a word with a sign. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { type IconName, icon } from './icon.ts';

/** The tone, and the sign, of each. */
const LOOKS = {
  active: ['allow', 'done'],
  allowed: ['allow', 'done'],
  pending: ['link', 'clock'],
  paused: ['warn', 'pause'],
  contested: ['warn', 'flag'],
  suspended: ['warn', 'pause'],
  frozen: ['link', 'frozen'],
  denied: ['seal', 'stop'],
  failed: ['seal', 'warn'],
  declined: ['plain', 'ended'],
  revoked: ['plain', 'ended'],
  expired: ['plain', 'clock'],
  ended: ['plain', 'ended'],
} as const satisfies Readonly<Record<string, readonly [tone: string, sign: IconName]>>;

export type Status = keyof typeof LOOKS;

export function statusBadge(view: View, status: Status): Html {
  const [tone, sign] = LOOKS[status];
  return html`<span class="badge ${tone}">${icon(sign)}${wordsOf(view).parts.badge[status]}</span>`;
}
