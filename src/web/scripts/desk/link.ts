/** The way to a letter's page, for who hands it over. */
import { renderSVG } from 'uqr';
import { make, picture } from './dom.ts';
import type { Stage } from './stage.ts';

/**
 * The link to a page where the person signs, as text and as a code, to be shown or printed. It names nobody.
 *
 * @param code `label`: what the code is of, by a name of the page's words. `isDense`: it says much, and is shown larger.
 */
export function linkTo(
  stage: Stage,
  path: string,
  { label, isDense }: { readonly label: string; readonly isDense: boolean } = USUAL,
): readonly HTMLElement[] {
  const link = new URL(path, location.origin).href;
  const image = make('div', { class: isDense ? 'code-image dense' : 'code-image' });
  image.append(picture(renderSVG(link, { border: 4 }), stage.say(label)));
  const code = make('div', { class: 'qr' }, image);
  const print = make('button', { type: 'button', class: 'button quiet unprinted' }, stage.say('print'));
  print.addEventListener('click', () => window.print());
  return [make('p', {}, make('a', { href: link, 'data-link': true }, link)), code, print];
}

const USUAL = { label: 'code_of_link', isDense: false } as const;
