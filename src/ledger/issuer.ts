/**
 * Which issuing key signs what: the one in force just before an entry, by the log's own state, and never another one. A
 * process holds the keys that it was given at its start; where the one in force is not among them, it signs nothing.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import type { LogState } from '#core/consent/log.ts';
import { Failure } from '#core/failure.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { loadSlice } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';

export interface Issuer {
  /** Signs answers, messages and lists: as the key that is in force as far as this process knows. */
  readonly current: SigningKey;
  /** @throws {Failure} `keys_missing` */
  require(key: string): SigningKey;
  /**
   * The key that signed the entry of an index, and so signs the permit that is made of it; where it is not held any more,
   * because its last permit is long past, the one in force.
   *
   * @throws {Failure} `keys_missing`
   */
  at(index: number): Promise<SigningKey>;
  /** Learns from the log's state, read under the lock, that another key is in force. */
  follow(tx: Tx, log: LogState | undefined): Promise<void>;
  /** Says that a tree of this size is committed, and that no key took over in what this process added to it. */
  saw(size: number): void;
  /** Learns anew what is committed. @throws {Failure} `keys_missing`, if the key in force is not at hand. */
  learn(tx: Tx): Promise<void>;
}

/** A key, and the index of the first entry that it signs. */
interface Span {
  readonly from: number;
  readonly key: string;
}

export function openIssuer(store: Store, first: SigningKey, further: readonly SigningKey[]): Issuer {
  const held = new Map([first, ...further].map((key) => [toBase64Url(key.publicKey), key]));
  let spans: readonly Span[] = [{ from: 0, key: toBase64Url(first.publicKey) }];
  /** Up to which size of the tree the spans are known to be all. */
  let known = 0;

  const inForce = () => (spans.at(-1) as Span).key;

  function require(key: string): SigningKey {
    const found = held.get(key);
    if (found !== undefined) return found;
    throw new Failure('keys_missing', 'the issuing key in force is not at hand: put its file back, and start again');
  }

  async function learn(tx: Tx): Promise<void> {
    const loaded = await loadSpans(tx);
    if (loaded.spans.length > 0) spans = loaded.spans;
    known = Math.max(known, loaded.size);
    require(inForce());
  }

  return {
    current: {
      get publicKey() {
        return require(inForce()).publicKey;
      },
      sign: (bytes) => require(inForce()).sign(bytes),
      signAll: (all) => require(inForce()).signAll(all),
    },
    require,
    learn,
    async at(index) {
      if (held.size > 1 && index >= known) await store.read(learn);
      const span = spans.findLast(({ from }) => from <= index) as Span;
      return held.get(span.key) ?? require(inForce());
    },
    async follow(tx, log) {
      if (log !== undefined && log.issuing_key !== inForce()) await learn(tx);
    },
    saw(size) {
      known = Math.max(known, size);
    },
  };
}

/** Out of the log's own entries. Entry n by which a key takes over is still signed by the one before it. */
async function loadSpans(tx: Tx): Promise<{ readonly spans: readonly Span[]; readonly size: number }> {
  const size = (await loadHead(tx))?.size ?? 0;
  const all = { stream: LOG_STREAM, indexMax: size - 1, countMax: Number.MAX_SAFE_INTEGER };
  const rows = await loadSlice(tx, all);
  const spans = rows.flatMap(({ index, bytes }): readonly Span[] => {
    const { type, body } = parseEntry(bytes);
    if (type === 'log.opened') return [{ from: 0, key: body['issuing_key'] as string }];
    if (type === 'log.continued') return [{ from: index, key: body['issuing_key'] as string }];
    return type === 'log.issuing_key_switched' ? [{ from: index + 1, key: body['key'] as string }] : [];
  });
  return { spans, size };
}
