/**
 * A ledger's checkpoints as it serves them, or a mirror has them, opened by the log key that their reader was given; where that
 * one did not sign, by those that it leads to (core/consent/follow-log-keys.ts), which is looked up in the same place.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import { followLogKeys } from '#core/consent/follow-log-keys.ts';
import { type FollowableSlice, parseFollowable } from '#core/consent/receipt.ts';
import { isFailure } from '#core/failure.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { openSignedCheckpoint, type SignedCheckpoint } from '#core/tlog/checkpoint.ts';
import { LOG_KEYS_PATH, type Resources } from './tiled-source.ts';

export interface LogKeyFollower {
  /** @throws {Failure} `note_invalid`, `signature_invalid`, `checkpoint_invalid`; as its resources do. */
  open(note: string): Promise<SignedCheckpoint>;
  /** The keys that are believed until now, the given one first. */
  keys(): readonly VerifierKey[];
  /** What led to them; undefined: nothing had to. */
  shown(): FollowableSlice | undefined;
}

export function openLogKeyFollower(vkey: VerifierKey, resources: Resources, ed25519: Ed25519): LogKeyFollower {
  let keys: readonly VerifierKey[] = [vkey];
  let shown: FollowableSlice | undefined;

  /** Answers whether there are more now. What is shown and leads nowhere changes nothing. */
  async function follow(): Promise<boolean> {
    const found = await readShown(resources);
    if (found === undefined) return false;
    try {
      const { spans } = await followLogKeys(found, [vkey], ed25519);
      const others = spans.map(({ key }) => key).filter(({ keyId }) => keyId !== vkey.keyId);
      shown = found;
      if (others.length < keys.length) return false;
      keys = [vkey, ...others];
      return true;
    } catch (failure) {
      if (isFailure(failure)) return false;
      throw failure;
    }
  }

  return {
    async open(note) {
      try {
        return await openSignedCheckpoint(note, keys, ed25519);
      } catch (failure) {
        if (!isFailure(failure, 'signature_invalid') || !(await follow())) throw failure;
        return openSignedCheckpoint(note, keys, ed25519);
      }
    },
    keys: () => keys,
    shown: () => shown,
  };
}

/** Undefined also where it can't be read: then it leads nowhere. */
async function readShown(resources: Resources): Promise<FollowableSlice | undefined> {
  const bytes = await resources.read(LOG_KEYS_PATH);
  try {
    return bytes === undefined ? undefined : parseFollowable(JSON.parse(parseUtf8(bytes)));
  } catch (failure) {
    if (isFailure(failure) || failure instanceof SyntaxError || failure instanceof TypeError) return undefined;
    throw failure;
  }
}
