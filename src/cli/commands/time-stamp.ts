/**
 * `assent time-stamp URL`: has a time-stamping authority (RFC 3161) stamp a ledger's newest checkpoint, and keeps both. Whoever
 * holds no key of the ledger can do so, the keeper by a timer; the ledger waits for nothing of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '#core/bytes.ts';
import { formatStamped, openStamped, ownNote } from '#time-stamp/file.ts';
import { nativeEd25519 } from '../../native.ts';
import { drawRandom } from '../../node/random.ts';
import { httpResources, writeDurably } from '../../node/resources.ts';
import { readServedCheckpoint } from '../../node/served-checkpoint.ts';
import { askTsa } from '../../node/time-stamp/ask.ts';
import { isPolicyId, isTsaUrl } from '../../node/time-stamp/settings.ts';
import { readArgs } from '../args.ts';
import { urlOf } from '../auditor.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { readCertificates, sayStamp } from '../time-stamp.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  tsa: { type: 'string' },
  'tsa-url': { type: 'string' },
  'tsa-policy': { type: 'string' },
  dir: { type: 'string' },
} as const;

const ANSWER_WAIT_MS = 30_000;

export async function timeStampCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const { vkey: key, tsa, dir } = values;
  const tsaUrl = values['tsa-url'];
  if (key === undefined || tsa === undefined || tsaUrl === undefined || dir === undefined)
    throw new Usage('time-stamp: want --vkey, --tsa FILE, --tsa-url URL and --dir DIR');
  const policy = values['tsa-policy'];
  if (!isTsaUrl(tsaUrl)) throw new Usage('time-stamp: want --tsa-url, an address with https or http');
  if (policy !== undefined && !isPolicyId(policy))
    throw new Usage('time-stamp: want --tsa-policy OID, such as 1.2.3.4');
  const certificates = readCertificates(tsa);
  const vkey = readVkey(key);
  const resources = httpResources({ url: urlOf('time-stamp', positionals), authority: undefined, signers: [] });
  const served = await readServedCheckpoint(resources, vkey);
  const { keys, checkpoint } = served;
  const { size } = checkpoint;
  const note = await ownNote(served.note, keys, nativeEd25519);
  const path = join(dir, `${size}.time-stamp.json`);
  if (!existsSync(path)) {
    const means = { fetch, random: drawRandom, clock: Date.now };
    const settings = { url: tsaUrl, certificates, policy };
    const { token } = await askTsa(settings, utf8(note), means, AbortSignal.timeout(ANSWER_WAIT_MS));
    writeDurably(path, formatStamped(note, token));
  }
  const { stamp } = await openStamped(new Uint8Array(readFileSync(path)), keys, certificates, nativeEd25519);
  if (values.json) terminal.json({ file: path, size, ...stamp });
  else terminal.line(`${path}: the tree of ${size} entries ${sayStamp(stamp)}`);
  return EXIT.holds;
}
