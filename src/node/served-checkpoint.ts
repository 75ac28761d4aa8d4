/** The newest checkpoint that a ledger serves, opened by the log key that is trusted, or those that it leads to. */
import { parseUtf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { SignedCheckpoint } from '#core/tlog/checkpoint.ts';
import { openLogKeyFollower } from '#ledger/shown-log-keys.ts';
import { CHECKPOINT_PATH, type Resources } from '#ledger/tiled-source.ts';
import { nativeEd25519 } from '../native.ts';

export interface ServedCheckpoint extends SignedCheckpoint {
  readonly note: string;
  /** The log keys that are believed, the trusted one first. */
  readonly keys: readonly VerifierKey[];
}

/** @throws {Failure} `not_published`, if there is none; `note_invalid`, `signature_invalid`, `checkpoint_invalid` */
export async function readServedCheckpoint(resources: Resources, vkey: VerifierKey): Promise<ServedCheckpoint> {
  const bytes = await resources.read(CHECKPOINT_PATH);
  if (bytes === undefined) throw new Failure('not_published', 'no checkpoint is served here');
  const note = parseUtf8(bytes);
  const log = openLogKeyFollower(vkey, resources, nativeEd25519);
  const signed = await log.open(note);
  return { ...signed, note, keys: log.keys() };
}
