/** How the person's pages are added: each is shown to who is signed in, and reads ids of its path alike. */
import type { Context as Call } from 'hono';
import { Failure } from '#core/failure.ts';
import { type GrantId, parseId } from '#core/ids.ts';
import type { PersonSession } from '#service/sessions.ts';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';

export type Show = (session: PersonSession, view: View, call: Call) => Promise<Html | Response>;
export type Add = (path: string, show: Show) => void;

/** @throws {Failure} `grant_unknown`, for what is no id: it is nobody's. */
export function grantIn(text: string | undefined): GrantId {
  try {
    return parseId<GrantId>(text ?? '');
  } catch (cause) {
    throw new Failure('grant_unknown', 'no such grant', { cause });
  }
}
