/** `assent sign`: the headers of a signed request, for curl. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signRequest, subjectSignatory } from '#client/index.ts';
import { Failure } from '#core/failure.ts';
import { type Handle, type PartyId, parseId } from '#core/ids.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal, Usage } from '../output.ts';

const OPTIONS = {
  key: { type: 'string', multiple: true },
  party: { type: 'string' },
  subject: { type: 'string' },
  method: { type: 'string' },
  body: { type: 'string' },
  'idempotency-key': { type: 'string' },
} as const;

export async function signCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new Usage('sign: want one URL');
  const url = readUrl(address);
  const files = values.key ?? [];
  if (files.length === 0) throw new Usage('sign: want --key FILE, a private key');
  const body = values.body === undefined ? undefined : readBody(values.body);
  const method = values.method ?? (body === undefined ? 'GET' : 'POST');
  if (method !== 'GET' && method !== 'POST') throw new Usage('sign: want --method GET or POST');
  if ((method === 'POST') !== (body !== undefined))
    throw new Usage('sign: want --body FILE for POST, and only for POST');
  const signers = await Promise.all(files.map(async (file) => signatoryOf(values, await readKey(file))));
  const headers = await signRequest(
    signers,
    {
      method,
      authority: url.host,
      path: url.pathname,
      query: url.search,
      ...(body === undefined ? {} : { body, idempotencyKey: values['idempotency-key'] ?? randomUUID() }),
    },
    Math.floor(Date.now() / 1_000),
  );
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  // One header a line, as `curl -H @-` reads them.
  for (const [name, value] of Object.entries({ ...json, ...headers })) terminal.line(`${name}: ${value}`);
  return EXIT.holds;
}

function signatoryOf(values: { party?: string; subject?: string }, key: Parameters<typeof subjectSignatory>[1]) {
  const { party, subject } = values;
  if ((party === undefined) === (subject === undefined)) throw new Usage('sign: want --party ID, or --subject HANDLE');
  if (party !== undefined) return { stream: partyStream(parseId<PartyId>(party)), key };
  return subjectSignatory(parseId<Handle>(subject), key);
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Usage('sign: want a URL such as http://127.0.0.1:8787/v1/accesses');
  }
}

function readBody(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${path} can't be read: want the body that is sent`, { cause });
  }
}
