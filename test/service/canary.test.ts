/** I8: a made-up person's name, numbers, phone and letter go through everything and stay nowhere but sealed. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { openParts, partName } from '#ledger/vault.ts';
import { askAccess } from '#service/accesses.ts';
import { signLetterOnPaper } from '#service/letter-paper.ts';
import { readLetter } from '#service/letter-view.ts';
import { signLetter } from '#service/letters.ts';
import { accessReceipt } from '#service/receipts.ts';
import { enrol } from '#service/relationships.ts';
import { loadParts } from '#store/payloads.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  newParty,
  newPerson,
  request,
  revoke,
  signature,
  twoClauses,
} from '../support/actors.ts';
import { reader } from '../support/callers.ts';
import { addWitness, calledByBoth, onPaper } from '../support/ink.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const CANARIES = {
  name: '司徒金丝雀',
  idNumber: '99000118990101888X',
  phone: '19900007788',
  text: '授权书：本人司徒氏同意查询与报送，金丝雀编号 CANARY-7731',
  reference: '（2026）示例民初金丝雀 4242 号',
  otherId: 'PASSPORT-CANARY-991',
};
/** What is in no part of any payload either. */
const UNSENT = { scan: '扫描件金丝雀：手写签名 SCAN-CANARY-18' };

/** Every form in which a value could lie about, its unsalted digest included. */
function formsOf(value: string): readonly Buffer[] {
  const plain = [
    value,
    value.toLowerCase(),
    value.toUpperCase(),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ];
  const escaped = [...value]
    .map((c) => (c < '\x7f' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('');
  const raw = [Buffer.from(value), Buffer.from(value, 'utf16le')];
  const digests = [value, value.toLowerCase(), value.toUpperCase(), JSON.stringify(value)].map((text) =>
    createHash('sha256').update(text).digest(),
  );
  const bytes = [...raw, ...digests];
  const encoded = bytes.flatMap((each) => [each.toString('hex'), ...base64Cores(each)]);
  return [...plain, escaped, ...encoded].map((text) => Buffer.from(text)).concat(bytes);
}

/** What base64 makes of bytes at each of the three places at which they can begin. */
function base64Cores(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    // The first and last letters also hold bits of what stands beside.
    const core = padded
      .toString('base64')
      .replace(/=+$/, '')
      .slice(shift === 0 ? 0 : shift + 1, -2);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

describe.each(UPPER_DATABASES)('personal data on %s', (database) => {
  let fixture: Fixture;
  const said: string[] = [];
  /** What the digests of scans are keyed by: sealed, as personal data are. */
  const salts: string[] = [];
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    await flow();
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  /** Keeps what a refusal says, with all its causes. */
  async function hears(act: Promise<unknown>): Promise<void> {
    for (
      let error: unknown = await act.catch((thrown: unknown) => thrown);
      error instanceof Error;
      error = error.cause
    ) {
      said.push(`${error.name} ${error.message}`);
    }
  }

  /** The whole flow, and as much as can go wrong with it. */
  async function flow(): Promise<void> {
    const { context } = fixture;
    const [identifier, bureau] = [await newParty(context, 'identifier'), await newParty(context, 'bureau')];
    const [lender, stranger] = [await newParty(context, 'grantee'), await newParty(context, 'grantee')];
    const person = { ...(await newPerson()), idNumber: CANARIES.idNumber };
    const identity = {
      id_type: 'resident_id',
      id_number: CANARIES.idNumber,
      name: CANARIES.name,
      phone: CANARIES.phone,
    };
    const subject = { principal: lender.party, subject: 'person' as const, identity };
    const enrolAs = async (body: typeof subject, by: PartyId = body.principal, key?: string) =>
      enrol(context, await calledBy(context, by, '/v1/relationships', body, key), body);
    const { handle } = await enrolAs(subject, lender.party, 'one key');
    said.push(JSON.stringify(await enrolAs(subject)));
    const other = { ...identity, id_type: 'passport', id_number: CANARIES.otherId };
    await hears(enrolAs({ ...subject, identity: other }, lender.party, 'one key'));
    await hears(enrolAs({ ...subject, principal: bureau.party, identity: other }));
    await hears(enrolAs({ ...subject, principal: '0'.repeat(32) as PartyId }, lender.party));
    await Promise.allSettled(
      [lender, stranger, lender, stranger].map((each) =>
        enrolAs({ ...subject, principal: each.party, identity: other }),
      ),
    );
    await bindPersonKey(context, { lender, person, handle, identifier });
    const letter = { lender, handle, text: CANARIES.text, grants: twoClauses(bureau, context.clock()) };
    const drafted = await draft(context, letter);
    await hears(draft(context, { ...letter, lender: stranger }));
    await hears(draft(context, { ...letter, grants: [] }));
    await hears(draft(context, { ...letter, text: CANARIES.text.repeat(30_000) }));
    const signed = await signature(drafted, person, [true, true], context.clock());
    await hears(
      signLetter(context, request(), { letter: drafted.letter, ...signed, signature: toBase64Url(new Uint8Array(64)) }),
    );
    await signLetter(context, request(), { letter: drafted.letter, ...signed });
    const [query] = drafted.grants;
    const access = {
      principal: lender.party,
      handle,
      ground: { grant: query!.grant },
      action: 'QUERY' as const,
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: bureau.party,
      bound: null,
    };
    const allowed = await ask(context, access);
    const judicial = { basis: 'judicial' as const, reference: CANARIES.reference };
    const answers = [
      allowed,
      await ask(context, { ...access, ground: judicial }),
      await ask(context, { ...access, ground: judicial, principal: stranger.party }),
      await ask(context, { ...access, ground: judicial, handle: '0'.repeat(32) as Handle }),
    ];
    const caller = await reader(context, lender);
    said.push(JSON.stringify(answers), await accessReceipt(context, caller, allowed.access));
    const nobodys = { ...access, ground: judicial, principal: '0'.repeat(32) as PartyId };
    await hears(askAccess(context, await calledBy(context, lender.party, '/v1/accesses', nobodys), nobodys));
    // Another letter is signed in ink: of its scan, which names the person, nothing is ever sent.
    const printed = await draft(context, letter);
    const both = await addWitness(context, lender);
    const scan = Buffer.from(`%PDF ${UNSENT.scan} ${CANARIES.name} ${CANARIES.idNumber}`);
    const brought = { letter: printed.letter, ...onPaper(lender, printed, context.clock(), [true, false], scan) };
    salts.push(brought.scan.salt);
    const bring = async (body: typeof brought, by = both) =>
      signLetterOnPaper(context, await calledByBoth(context, by, body.letter, body), body);
    await hears(bring({ ...brought, grants: [] }));
    await hears(bring({ ...brought, principal: stranger.party }));
    said.push(JSON.stringify(await bring(brought)));
    await hears(bring(brought));
    expect(await readLetter(context, caller, printed.letter)).toMatchObject({
      signature: { kind: 'paper', scan: brought.scan },
    });
    await revoke(context, lender, person, query!.grant);
    expect((await readLetter(context, caller, drafted.letter)).text).toBe(CANARIES.text);
  }

  /** Every value of every table, as bytes, with its place. */
  async function dump(): Promise<readonly (readonly [string, Buffer])[]> {
    return fixture.store.read(async (tx) => {
      const { rows: columns } = await sql<{ t: string; c: string }>`
        select table_name as t, column_name as c from information_schema.columns where table_schema = current_schema()
      `.execute(tx);
      const found: (readonly [string, Buffer])[] = [];
      for (const { t, c } of columns) {
        const { rows } = await sql<{ v: unknown }>`select ${sql.ref(c)} as v from ${sql.table(t)}`.execute(tx);
        for (const { v } of rows)
          found.push([`${t}.${c}`, v instanceof Uint8Array ? Buffer.from(v) : Buffer.from(String(v))]);
      }
      return found;
    });
  }

  it('is really there, sealed: the control of what follows', async () => {
    const parts = await fixture.store.read((tx) => loadParts(tx, 0, Number.MAX_SAFE_INTEGER));
    const opened = await openParts(fixture.context.vault, parts);
    const plain = parts.map((part) => JSON.stringify(opened.get(partName(part.index, part.name))?.value)).join('\n');
    for (const value of [...Object.values(CANARIES), ...salts]) expect(plain).toContain(value);
    for (const value of Object.values(UNSENT)) expect(plain).not.toContain(value);
  });

  it('stands in no table, in no form', async () => {
    const tables = await dump();
    expect(tables.length).toBeGreaterThan(200);
    const digest = createHash('sha256')
      .update(`%PDF ${UNSENT.scan} ${CANARIES.name} ${CANARIES.idNumber}`)
      .digest('hex');
    expect(salts).toHaveLength(1);
    const all = { ...CANARIES, ...UNSENT, salt: salts[0] as string, digest };
    for (const [name, value] of Object.entries(all)) {
      for (const form of formsOf(value)) {
        const found = tables.filter(([, bytes]) => bytes.includes(form)).map(([place]) => place);
        expect(found, `${name} as ${form.toString('latin1').slice(0, 40)}`).toEqual([]);
      }
    }
  });

  it('stands in no log line, failure, answer or receipt', () => {
    const text = Buffer.from([...said, ...fixture.logged].join('\n'));
    expect(said.length).toBeGreaterThan(8);
    for (const value of [...Object.values(CANARIES), ...Object.values(UNSENT), ...salts]) {
      for (const form of formsOf(value)) expect(text.includes(form)).toBe(false);
    }
  });

  it('is found in every form if it is there: the search itself', () => {
    const value = CANARIES.idNumber;
    const digest = createHash('sha256').update(value).digest();
    const places = [`x${value}y`, digest, digest.toString('hex'), `ab${Buffer.from(`q${value}zz`).toString('base64')}`];
    for (const place of places) {
      const bytes = Buffer.from(place as string);
      expect(formsOf(value).some((form) => bytes.includes(form))).toBe(true);
    }
  });
});
