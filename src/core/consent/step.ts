/**
 * What an entry says of an access, in a few fields: enough to find accesses and to count them; and that it is a view of the
 * subject's identity details. Derived from the entry alone, by the batch that writes it and by the audit alike.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import type { AccessId } from '../ids.ts';
import type { Entry } from '../tlog/entry.ts';
import type { Decided } from './access.ts';
import type { AccessDecided } from './asked.ts';

/** An access as it was decided. */
interface DecidedStep {
  readonly step: 'decided';
  readonly access: AccessId;
  readonly decision: Decided['decision'];
  readonly action: AccessDecided['action'];
  readonly purpose: string;
  readonly may_defer: boolean;
}

export type Step =
  | DecidedStep
  | { readonly step: 'redeemed' | 'settled'; readonly access: AccessId }
  /** Notice was given of accesses that were deferred; which ones, its entry says. */
  | { readonly step: 'told' }
  /** Identity details were seen in full; by whom, and why, its entry says. */
  | { readonly step: 'viewed' };

/** The step that an entry is; undefined: it is of no access, and no view. */
export function stepIn({ type, body }: Pick<Entry, 'type' | 'body'>): Step | undefined {
  switch (type) {
    case 'access.decided': {
      const { access, decision, action, purpose } = body as unknown as AccessDecided & Decided;
      return { step: 'decided', access, decision, action, purpose, may_defer: isDeferrable(body) };
    }
    case 'access.redeemed':
      return { step: 'redeemed', access: body['access'] as AccessId };
    case 'access.settled':
      return { step: 'settled', access: body['access'] as AccessId };
    case 'notice.sent':
      return body['kind'] === 'deferred_access' ? { step: 'told' } : undefined;
    case 'identity.viewed':
      return { step: 'viewed' };
    default:
      return undefined;
  }
}

/** Whether law may let the subject of an access be told of it later: it was allowed, on the judicial basis. */
export function isDeferrable(body: JsonObject): boolean {
  const { law, decision } = body as unknown as AccessDecided & Decided;
  return law?.basis === 'judicial' && decision === 'allow';
}
