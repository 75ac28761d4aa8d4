/** The log keys where they are exchanged: whether each that signs is at hand, and known to those who have to know it. */
import { existsSync, readFileSync } from 'node:fs';
import { formatVkey, parseVkey, type VerifierKey } from '#core/note/key.ts';
import { formatNote, parseNote } from '#core/note/note.ts';
import { parseCheckpoint } from '#core/tlog/checkpoint.ts';
import type { PolicyWitness } from '#core/tlog/policy.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { locateWitness } from '#ledger/ask-witness.ts';
import { callWitnessBy } from '../../call-witness.ts';
import { type KeySet, logVkeys } from '../../key-set.ts';
import { nativeEd25519 } from '../../native.ts';
import type { Inspected } from '../../node.ts';
import type { Config } from '../config.ts';
import { vkeyFile } from '../key-set.ts';
import { fine, type Line, todo } from './line.ts';
import { ownPolicy } from './witnesses.ts';

const ANSWER_WAIT_MS = 5_000;

/** Nothing of a ledger whose log key was never exchanged. */
export async function logKeyLines(config: Config, keys: KeySet, inspected: Inspected): Promise<readonly Line[]> {
  const signing = (inspected.logKeys?.signing ?? []).map(parseVkey);
  const newest = signing.at(-1);
  if (newest === undefined || (signing.length === 1 && newest.keyId === keys.vkey.keyId)) return [];
  const note = inspected.logKeys?.note ?? undefined;
  const asked = signing.length > 1 && note !== undefined ? await witnessLines(config, keys, newest, note) : [];
  return [held(keys, signing), published(config, signing), ...asked];
}

function held(keys: KeySet, signing: readonly VerifierKey[]): Line {
  const here = logVkeys(keys).map(formatVkey);
  const missing = signing.filter((key) => !here.includes(formatVkey(key))).map(({ keyId }) => keyId);
  const all = signing.map(({ keyId }) => keyId).join(', ');
  if (missing.length === 0) return fine('keys.log', `the log keys that sign, ${all}, are here`);
  return todo(
    'keys.log',
    `the log key ${missing.join(', ')} signs, and its file is not here: no checkpoint is signed`,
    'Put its file back, beside the ledger’s keys, and start the server again.',
  );
}

function published({ keysDir }: Config, signing: readonly VerifierKey[]): Line {
  const wrong = signing.filter((key) => {
    const path = vkeyFile(keysDir, key);
    return !existsSync(path) || readFileSync(path, 'utf8').trim() !== formatVkey(key);
  });
  if (wrong.length === 0) return fine('keys.log.public', `what readers trust of them is in ${keysDir}`);
  const files = wrong.map((key) => vkeyFile(keysDir, key)).join(', ');
  return todo('keys.log.public', `${files}: missing, or another key`, 'Remove it, and start the server once.');
}

/** Asks each with the newer line alone: who does not know the key cosigns nothing once the older one is retired. */
async function witnessLines(config: Config, keys: KeySet, newest: VerifierKey, note: string): Promise<readonly Line[]> {
  const policy = ownPolicy(config, keys);
  // A policy that can't be read has a line of its own.
  const witnesses = typeof policy === 'object' ? policy.witnesses : [];
  const { text, signatures } = parseNote(note);
  const own = signatures.filter(({ name, keyId }) => name === newest.name && keyId === newest.keyId);
  if (own.length === 0) return [];
  const asked = { size: parseSize(parseCheckpoint(text).size), note: formatNote({ text, signatures: own }) };
  return Promise.all(
    witnesses.flatMap((witness) =>
      witness.url === undefined ? [] : [witnessLine(witness, witness.url, newest, asked)],
    ),
  );
}

async function witnessLine(
  { name, key }: PolicyWitness,
  url: string,
  newest: VerifierKey,
  asked: Pick<Parameters<typeof locateWitness>[0], 'size' | 'note'>,
): Promise<Line> {
  const id = 'witnesses.log_key';
  const means = { call: callWitnessBy(fetch), ed25519: nativeEd25519, clock: Date.now };
  try {
    const question = { ...asked, url: url.replace(/\/+$/, ''), key };
    const place = await locateWitness(question, means, AbortSignal.timeout(ANSWER_WAIT_MS));
    if (place.kind === 'refused') {
      return todo(
        id,
        `the witness ${name} does not know the log key ${newest.keyId}`,
        `Ask its operator to add it before the older one is retired: log ${formatVkey(newest)}`,
      );
    }
    if (place.kind !== 'failed') return fine(id, `the witness ${name} knows the log key ${newest.keyId}`);
  } catch {
    // Said below.
  }
  return todo(id, `the witness ${name} did not say whether it knows the log key ${newest.keyId}`, 'Run this again.');
}
