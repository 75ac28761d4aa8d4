/**
 * `assent affirm`: for a party that identifies persons, with a counter of its own. Of a person who stands there, the keys of
 * before the ledger lost entries, each with the link on which the person confirms it (ADR 0028).
 */
import { readFileSync } from 'node:fs';
import { affirmPath, partySignatory, signIdentifiedKey } from '#client/index.ts';
import type { Json } from '#core/canonical.ts';
import { Failure, readAs } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { ID_TYPES } from '#core/identifier/identifier.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { oneOf, record, text } from '#core/shape.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { drawRandom } from '../../node/random.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { serverOf } from './keeper.ts';

const OPTIONS = {
  party: { type: 'string' },
  key: { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** A number on a command line stays in the shell's history, and every process sees it: so it comes in a file. */
const NUMBER_MAX = 64;
const document = record({ id_type: oneOf(ID_TYPES), id_number: text(NUMBER_MAX) });

export async function affirmCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [file, ...more] = positionals;
  const { party: id, key: keyFile } = values;
  if (file === undefined || more.length > 0 || id === undefined || keyFile === undefined) {
    throw new Usage(
      'affirm: want a FILE with {"id_type", "id_number"} of the person’s document, --party ID and --key FILE',
    );
  }
  const identity = readDocument(file);
  const party = parseId<PartyId>(id);
  const key = await readKey(keyFile);
  const { url, authority } = serverOf(readConfig(process.env), values);
  const client = clientOf(url, [partySignatory(party, key)], authority);
  const { handle, keys } = await client.findIdentifiedKeys({ principal: party, identity });
  const { origin } = await client.founding();
  const links: { readonly key: string; readonly bound_at: number; readonly link: string }[] = [];
  for (const { key: left, suspended, kind, bound_at } of keys) {
    // An app signs for itself (POST /v1/relationships/{handle}/keys): the page asks a device for a passkey.
    if (handle === null || left === null || suspended !== true || kind !== 'passkey') continue;
    const said = { log: origin, handle, key: left, identity, salt: drawRandom(SALT_BYTES) };
    const signed = await signIdentifiedKey({ party, key }, said, Date.now());
    links.push({ key: left, bound_at, link: new URL(affirmPath(signed), url).href });
  }
  if (values.json === true) terminal.json({ links });
  else if (links.length === 0)
    terminal.line('No passkey of this person that you identified it for waits to be affirmed.');
  else {
    for (const { bound_at, link } of links) {
      terminal.line(`registered ${new Date(bound_at).toISOString()}: ${link}`);
    }
    terminal.line(
      'To be opened on the person’s own device within 15 minutes. Nothing is recorded before the person confirms.',
    );
  }
  return EXIT.holds;
}

/** @throws {Failure} `input_invalid` */
function readDocument(file: string) {
  let read: string;
  try {
    read = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can’t be read`, { cause });
  }
  let value: Json;
  try {
    value = JSON.parse(read) as Json;
  } catch (cause) {
    throw new Failure('input_invalid', `${file} is no JSON`, { cause });
  }
  return readAs('input_invalid', `${file}: want {"id_type", "id_number"}, the type one of ${ID_TYPES.join(', ')}`, () =>
    document(value, 'document'),
  );
}
