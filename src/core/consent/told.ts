/**
 * Notices to the subject: that one was sent, of what, and when (条例 15; PIPL 22). What was said is a salted digest, its
 * text and the proof of its delivery parts of the payload.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { FactId } from '../ids.ts';
import { SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import { code, hash, id, instant, list, oneOf, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { factsIn, NOTICE_KINDS, NOTICES_MAX, withFacts } from './facts.ts';
import type { Relationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { OF_THE_GRANTEE, PRINCIPAL, requireStating } from './stated.ts';
import { ITEMS_MAX } from './terms.ts';

/** By what a notice may go (网数条例 11). */
export const CHANNELS = ['sms', 'phone', 'im', 'mail', 'app', 'paper'] as const;

const sentInput = record({
  notice: id<FactId>(),
  ...PRINCIPAL,
  kind: oneOf(NOTICE_KINDS),
  channel: oneOf(CHANNELS),
  items: list(code, ITEMS_MAX),
  /** HMAC of what was said; its salt stays with the grantee. */
  content: hash,
  /** HMAC of the proof of delivery, kept by the grantee. */
  delivery: hash,
  sent_at: instant,
  ...CALL,
});

export const noticeSent: Rule<ShapeOf<typeof sentInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: sentInput,
  decide(input, occasion) {
    requireStating(occasion, input, 'notice');
    if (input.sent_at > occasion.now + SIGNED_AHEAD_MAX_MS) {
      throw new Failure('signed_ahead', 'sent_at: more than 5 minutes ahead of the ledger');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    // A fact counts from the later of claimed and ledger time (design §4). The oldest make room.
    const { kind, items, sent_at } = body;
    const notices = [...factsIn(relationship).notices, { kind, items, at: Math.max(time, sent_at) }];
    return withFacts(relationship, { notices: notices.slice(-NOTICES_MAX) });
  },
};
