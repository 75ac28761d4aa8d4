/** The SDK at a counter: connected by clerk and witness, it brings in a letter that was signed in ink. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { bindScan, bindsScan, connect } from '#client/index.ts';
import { partySignatory } from '#client/sign.ts';
import { parseBase64Url } from '#core/bytes.ts';
import { formatVkey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Door, HOST, openDoor } from '../api/door.ts';
import { draft, enrolPerson, newParty, newPerson, type Party, twoClauses } from '../support/actors.ts';
import { SCAN } from '../support/ink.ts';

let door: Door;
let lender: Party;
let pems: readonly [string, string];

/** An operator of the lender's business, whose key the test has as a file would have it. */
async function operator(): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = await nativeEd25519.importSeed(parseBase64Url(privateKey.export({ format: 'jwk' }).d as string));
  const body = { ...(await provePartyKey(key, door.fixture.context.ledger.origin)), duty: 'query', operator: null };
  const admin = door.as([partySignatory(lender.party, lender.admin)]);
  expect((await admin.post(`/v1/parties/${lender.party}/keys`, body)).status).toBe(201);
  return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
}

const open = (pem: string | readonly [string, string]) =>
  connect({
    url: `http://${HOST}`,
    fetch: async (url, init) => door.app.request(url, init),
    vkey: formatVkey(door.fixture.vkey),
    party: lender.party,
    pem,
  });

beforeAll(async () => {
  door = await openDoor();
  lender = await newParty(door.fixture.context, 'grantee');
  pems = [await operator(), await operator()];
});
afterAll(() => door.fixture.close());

describe('a letter signed in ink', () => {
  it('is brought in by a client of two operators, and read by a client of one', async () => {
    const { context } = door.fixture;
    const handle = await enrolPerson(context, lender, await newPerson());
    const bureau = await newParty(context, 'bureau');
    const grants = twoClauses(bureau, context.clock());
    const { letter, ...printed } = await draft(context, { lender, handle, grants });
    const { client: counter, party } = await open(pems);
    const body = {
      principal: party,
      signed_at: context.clock(),
      grants: printed.grants.map(({ grant }) => ({ grant, given: true })),
      scan: bindScan(SCAN, 'image/tiff'),
    };
    const { client } = await open(pems[0]);
    await expect(client.signLetterOnPaper(letter, body)).rejects.toMatchObject({ code: 'second_signature' });
    const signed = await counter.signLetterOnPaper(letter, body);
    expect(signed.given).toEqual(printed.grants.map(({ grant }) => grant));
    const { status, signature } = await client.readLetter(letter);
    expect([status, signature?.kind]).toEqual(['signed', 'paper']);
    if (signature?.kind !== 'paper' || signature.scan.salt === null) throw new Error('it is shown with its salt');
    expect(signature.scan).toEqual(body.scan);
    expect(bindsScan({ ...signature.scan, salt: signature.scan.salt }, SCAN)).toBe(true);
  });
});
