/**
 * What leads from the log key that what is left knows to the one that signed what is lost, out of what the log said of its keys
 * while it was there: `GET /v1/log/keys`, as a mirror keeps it, or any receipt of that time carries it.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { stepsIn } from '#core/consent/follow-log-keys.ts';
import type { LostKeys } from '#core/consent/lost-keys.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { formatVkey, parseVkey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import { parseEntry } from '#core/tlog/entry.ts';

/**
 * The keys that were added since `before`, up to the first that signed a note. Verifies nothing. Undefined: it is signed by the
 * key of before, or nobody has what would lead on.
 *
 * @throws {Failure} `note_invalid`, `entry_invalid`, `key_invalid`
 */
export function lostKeysIn(
  shown: FollowableSlice | undefined,
  note: string,
  before: VerifierKey,
): LostKeys | undefined {
  const { signatures } = parseNote(note);
  const signed = ({ name, keyId }: VerifierKey) =>
    signatures.some((line) => line.name === name && line.keyId === keyId);
  if (shown === undefined || signed(before)) return undefined;
  const { entries, key_steps = [] } = shown;
  const steps = stepsIn(entries.map((text) => parseEntry(utf8(text)))).flatMap((count, at) => {
    const entry = entries[count - 1] as string;
    const { type, body } = parseEntry(utf8(entry));
    const vkey = type === 'log.log_key_added' ? parseVkey(String(body['vkey'])) : undefined;
    return vkey === undefined ? [] : [{ vkey, entry, proof: key_steps[at] ?? '' }];
  });
  const from = steps.findIndex(({ vkey }) => formatVkey(vkey) === formatVkey(before)) + 1;
  const to = steps.findIndex(({ vkey }, at) => at >= from && signed(vkey));
  return to < 0 ? undefined : steps.slice(from, to + 1).map(({ entry, proof }) => ({ entry, proof }));
}
