/** The way to a letter's page, for who hands it over. */
import { renderSVG } from 'uqr';
import { make, picture } from './dom.ts';
import type { Stage } from './stage.ts';

/**
 * The link to a page where the person signs, as text and as a code, to be shown or printed. It names nobody.
 *
 * @param label What the code is of, by a name of the page's words.
 */
export function linkTo(stage: Stage, path: string, label = 'code_of_link'): readonly HTMLElement[] {
  const link = new URL(path, location.origin).href;
  const image = make('div', { class: 'code-image' });
  image.append(picture(renderSVG(link, { border: 4 }), stage.say(label)));
  const code = make('div', { class: 'qr' }, image);
  const print = make('button', { type: 'button', class: 'button quiet unprinted' }, stage.say('print'));
  print.addEventListener('click', () => window.print());
  return [make('p', {}, make('a', { href: link, 'data-link': true }, link)), code, print];
}
