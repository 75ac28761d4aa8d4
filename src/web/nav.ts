/** The main navigation: what everybody can go to. */
import type { NavLink } from './layout.ts';
import type { View } from './view.ts';
import { wordsOf } from './words.ts';

export function mainNav(view: View): readonly NavLink[] {
  const { frame } = wordsOf(view);
  return [
    { href: '/', text: frame.home },
    { href: '/me', text: frame.me },
    { href: '/desk', text: frame.desk },
    { href: '/verify', text: frame.verify },
    { href: '/docs', text: frame.docs },
  ];
}
