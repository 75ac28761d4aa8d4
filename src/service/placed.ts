/** An entry as callers are told of it, right after COMMIT: the ledger's promise, before any checkpoint. */

import { assert } from '#core/assert.ts';
import { toBase64Url } from '#core/bytes.ts';
import { hashText } from '#core/hash.ts';
import type { Sequenced } from '#ledger/write.ts';

export interface Placed {
  readonly index: number;
  readonly stream: string;
  readonly seq: number;
  readonly time: number;
  readonly type: string;
  readonly leaf: string;
  /** Ed25519 by the issuing key over `"assent/entry/v1\n" || leaf`. */
  readonly signature: string;
  readonly level: 'sequenced';
}

export function placed({ index, entry, leaf, signature }: Sequenced): Placed {
  const { stream, seq, time, type } = entry;
  return {
    index,
    stream,
    seq,
    time,
    type,
    leaf: hashText(leaf),
    signature: toBase64Url(signature),
    level: 'sequenced',
  };
}

/** An entry of a person's stream: which one that is, and how much stands in it, says where else the person is known. */
export type PlacedApart = Omit<Placed, 'stream' | 'seq'>;

export function placedApart(made: Sequenced): PlacedApart {
  const { stream: _stream, seq: _seq, ...apart } = placed(made);
  return apart;
}

/** The entry of a type that a write made. Exactly the type its plan always makes. */
export function entryOf(entries: readonly Sequenced[], type: string): Sequenced {
  const found = entries.find((each) => each.entry.type === type);
  assert(found !== undefined, `a write made its ${type}`);
  return found;
}
