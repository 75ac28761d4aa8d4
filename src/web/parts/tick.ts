/**
 * One thing to agree to. It is never ticked beforehand (users P-02), and there is no way to ask for that here.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export interface Tick {
  readonly name: string;
  readonly value: string;
  /** What is agreed to. */
  readonly label: Inner;
  readonly need: 'necessary' | 'optional';
  /** Why it is asked. */
  readonly why: Inner;
  /** Unfolded on demand, such as a list of items. */
  readonly details?: Inner;
  /** What the reader ticked in this same form before it was refused: the only reason to show it ticked. */
  readonly wasTicked?: boolean;
}

export function tickRow(view: View, { name, value, label, need, why, details, wasTicked = false }: Tick): Html {
  const words = wordsOf(view).parts.tick;
  const whyId = `why-${name}-${value}`;
  return html`<div class="tick">
<label><input type="checkbox" name="${name}" value="${value}" autocomplete="off" aria-describedby="${whyId}"${
    wasTicked ? html` checked` : ''
  }><span class="said"><span class="what">${label}</span> <span class="badge${need === 'optional' ? '' : ' link'}">${words[need]}</span></span></label>
<p class="why" id="${whyId}">${why}</p>
${details === undefined ? '' : html`<details><summary>${words.details}</summary><div>${details}</div></details>`}
</div>`;
}
