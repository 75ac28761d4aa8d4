/**
 * How a page is viewed: in which language, and how large. A cookie holds the choice; a form that needs no script makes it.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

export type Language = 'zh-CN' | 'en';

/** How large elder mode is: 20, 24 or 30 pixels. */
export type ElderSize = 1 | 2 | 3;

export interface View {
  readonly lang: Language;
  readonly elder: boolean;
  /** Counts in elder mode only. Absent: 1. */
  readonly size?: ElderSize;
  /** Where the reader is, such as `/me?page=2`, for the way back from a choice. Absent: the page does not say its path. */
  readonly here?: string;
}

/** Chinese first. */
const USUAL_VIEW: View = { lang: 'zh-CN', elder: false };

const VIEW_COOKIE = 'assent-view';

const YEAR_S = 365 * 24 * 60 * 60;

/** Reads the choice of who asks; `?lang=` counts before the cookie, for links. Attacker-controlled, so whatever is unknown is as usual. */
export function viewOf(call: Call): View {
  const chosen = parseView(getCookie(call, VIEW_COOKIE) ?? '');
  const asked = call.req.query('lang');
  return { ...chosen, ...(isLanguage(asked) ? { lang: asked } : {}), here: hereOf(call) };
}

/** The same, for a page that must not repeat its path: one that found nothing there. */
export function viewOfNothing(call: Call): View {
  const { here: _, ...view } = viewOf(call);
  return view;
}

/** Keeps the choice for a year. */
export function keepView(call: Call, view: View): void {
  setCookie(call, VIEW_COOKIE, formatView(view), {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: new URL(call.req.url).protocol === 'https:',
    maxAge: YEAR_S,
  });
}

/** Elder mode, and its size, are classes of the root: each size of the page hangs on them. */
export function rootClass({ elder, size = 1 }: View): string {
  return elder ? `elder elder-${size}` : 'usual';
}

/** Such as `zh-CN`, or `en.2`: the language, and in elder mode how large. */
export function formatView({ lang, elder, size = 1 }: View): string {
  return elder ? `${lang}.${size}` : lang;
}

export function parseView(text: string): View {
  const [lang, size] = text.split('.');
  const known = isLanguage(lang) ? lang : USUAL_VIEW.lang;
  const asked = parseElderSize(size);
  return asked === undefined ? { lang: known, elder: false } : { lang: known, elder: true, size: asked };
}

function isLanguage(text: string | undefined): text is Language {
  return text === 'zh-CN' || text === 'en';
}

function parseElderSize(text: string | undefined): ElderSize | undefined {
  return text === '1' || text === '2' || text === '3' ? (Number(text) as ElderSize) : undefined;
}

/** The page that a request asks for; of a form that is answered with a page, the one that the form stood on. */
export function hereOf(call: Call): string {
  const { url, method } = call.req;
  const stoodOn = method === 'GET' || method === 'HEAD' ? url : (call.req.header('referer') ?? '/');
  const { origin, pathname, searchParams } = new URL(stoodOn, url);
  if (origin !== new URL(url).origin) return '/';
  searchParams.delete('lang');
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
}
