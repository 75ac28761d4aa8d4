/** Attacks on history by someone with full rights on the database (attacks 1 to 17), and what the audit says of each. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import type { JsonObject } from '#core/canonical.ts';
import { touches } from '#core/consent/rules.ts';
import { hashLeaf, parseHashText } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { verifyConsistency } from '#core/tlog/consistency.ts';
import { entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { databaseSource } from '#ledger/audit-source.ts';
import { type CommonReport, openChainAudit } from '#ledger/chain-audit.ts';
import { checkRun } from '#ledger/chain-run.ts';
import { compareStanding } from '#ledger/fence.ts';
import type { FindingCode } from '#ledger/replay.ts';
import { proveConsistency } from '#ledger/tree.ts';
import type { AskAccess } from '#service/accesses.ts';
import { readParty } from '#service/parties.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { insertEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, draft, type Party, revoke, sign, signedRequest, signedScene, twoClauses } from '../support/actors.ts';
import {
  appendForged,
  auditAfter,
  edited,
  entryRows,
  keepRequest,
  otherSalt,
  overwrite,
  rebuildTree,
  resealPart,
  resignCheckpoints,
  rewriteHistory,
  undone,
  withBody,
} from '../support/attack.ts';
import { reader } from '../support/callers.ts';
import { expectFailure } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('history on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  /** The handle of another person. */
  let other: Handle;
  /** Indexes of entries to attack. */
  const at = { founded: 1, partyRegistered: 2, drafted: 0, signed: 0, allowed: 0, revoked: 0, denied: 0, size: 0 };

  /** The operators of parties, in the order of their keys. */
  const operators = new Map<PartyId, readonly string[]>();

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    const { context } = fixture;
    scene = await signedScene(context);
    for (const party of [scene.bureau, scene.lender]) {
      const { keys } = await readParty(context, await reader(context, party), party.party);
      operators.set(
        party.party,
        keys.map(({ operator }) => operator),
      );
    }
    other = (await signedScene(context)).handle;
    at.drafted = scene.drafted.entry.index;
    at.signed = scene.signed.entry.index;
    // Of another item than those below, for which this permit would make them duplicates.
    at.allowed = (await ask(context, { ...scene.queryAccess, items: ['credit_info'] })).entry.index;
    // Enough entries for a full tile, all about another grant.
    await Promise.all(Array.from({ length: 240 }, () => ask(context, scene.reportAccess)));
    at.revoked = (await revoke(context, scene.lender, scene.person, scene.query)).entry.index;
    at.denied = (await ask(context, scene.queryAccess)).entry.index;
    at.size = at.denied + 1;
    await fixture.ledger.publisher.published(at.size, 5_000);
  });

  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  /** Runs an attack and expects findings that name these codes at these entries. */
  async function detects(
    attack: (tx: Tx) => Promise<unknown>,
    ...wanted: readonly (readonly [FindingCode, number | null])[]
  ): Promise<void> {
    const { whole: report, chains } = await undone(fixture, async (tx) => {
      await attack(tx);
      const follow = openChainAudit(databaseSource(tx), {
        vkey: fixture.vkey,
        ed25519: nativeEd25519,
        checkRun: async (run) => checkRun(run),
      });
      return { whole: await fixture.auditIn(tx), chains: await follow.advance() };
    });
    const found = report.findings.map(({ code, index }) => [code, index]);
    // Who follows chains alone finds the same of them, as far as all is listed.
    expect(report.codes).toEqual(expect.arrayContaining([...chains.codes]));
    if (report.findingCount === report.findings.length) {
      for (const code of ['chain', 'tree', 'checkpoint'] as const) {
        const of = ({ findings }: CommonReport) => findings.filter((each) => each.code === code);
        expect(of(chains)).toEqual(of(report));
      }
      expect(found).toEqual(expect.arrayContaining(chains.findings.map(({ code, index }) => [code, index])));
    }
    for (const each of wanted) expect(found, JSON.stringify(report.findings.slice(0, 9))).toContainEqual(each);
    expect(report.holds).toBe(false);
  }

  async function bytesAt(tx: Tx, index: number): Promise<Uint8Array> {
    return (await entryRows(tx))[index]!.bytes;
  }

  /** A key that the bureau's administrator is said to have added, by a request that is nowhere. */
  function forgedKey(): JsonObject {
    const added = { key: otherSalt(), operator: '0'.repeat(32), duty: 'query' };
    return { ...added, idem: otherSalt(), auth: 'http-sig', by: [signer(scene.bureau, 1)], request: otherSalt() };
  }

  /** Names a party's key in an entry: 0 is its business key, 1 its administrator's. */
  function signer({ party }: Party, key: 0 | 1): JsonObject {
    const operator = operators.get(party)?.[key] ?? '';
    return { party, operator, key };
  }

  const otherPurpose = withBody('purpose', 'post_loan');

  it('names an entry whose bytes were edited (attack 1)', async () => {
    await detects(
      async (tx) => overwrite(tx, at.allowed, { bytes: edited(await bytesAt(tx, at.allowed), otherPurpose) }),
      ['entry', at.allowed],
    );
  });

  it('names an entry in which any one bit was flipped', async () => {
    for (let round = 0; round < 6; round++) {
      const index = Math.floor(Math.random() * at.size);
      await detects(
        async (tx) => {
          const bytes = Uint8Array.from(await bytesAt(tx, index));
          const place = Math.floor(Math.random() * bytes.length);
          bytes[place]! ^= 1 << Math.floor(Math.random() * 8);
          await overwrite(tx, index, { bytes });
        },
        ['entry', index],
      );
    }
  });

  async function editWithLeaf(tx: Tx): Promise<void> {
    const bytes = edited(await bytesAt(tx, at.allowed), otherPurpose);
    await overwrite(tx, at.allowed, { bytes, leaf: hashLeaf(bytes) });
  }

  it('names an entry that was edited with its leaf: signature, next link and tree contradict it (attack 2)', async () => {
    await detects(editWithLeaf, ['signature', at.allowed], ['chain', at.allowed + 1], ['tree', null]);
  });

  it('names an entry that was edited with its leaf and every tile: signature and checkpoints contradict it', async () => {
    await detects(
      async (tx) => {
        await editWithLeaf(tx);
        await rebuildTree(tx);
      },
      ['signature', at.allowed],
      ['checkpoint', null],
    );
  });

  it('names an entry that was edited and signed again with the issuing key: its successor contradicts it', async () => {
    await detects(
      async (tx) => {
        await editWithLeaf(tx);
        const leaf = hashLeaf(await bytesAt(tx, at.allowed));
        await overwrite(tx, at.allowed, { signature: await fixture.keys.issuing.sign(entrySigningBytes(leaf)) });
        await rebuildTree(tx);
        await resignCheckpoints(tx, fixture);
      },
      ['chain', at.allowed + 1],
    );
  });

  it('names what a party signed, though history was rewritten with all keys of the ledger', async () => {
    await detects(
      (tx) =>
        rewriteHistory(tx, fixture, (entry, index) =>
          index === at.partyRegistered ? { ...entry, body: { ...entry.body, name: '另一家公司' } } : entry,
        ),
      ['signature', at.partyRegistered],
    );
  });

  it('cannot by itself tell that what nobody else signed was rewritten with all keys; the signer and any older checkpoint can', async () => {
    await undone(fixture, async (tx) => {
      const kept = await loadNewestCheckpoint(tx);
      await rewriteHistory(tx, fixture, (entry, index) =>
        index === at.founded ? { ...entry, body: { ...entry.body, name: '另一家公司' } } : entry,
      );
      // This is the limit that README and docs name: an audit of the database alone trusts the keys.
      expect(await fixture.auditIn(tx)).toMatchObject({ holds: true, findings: [] });
      const standing = await compareStanding(tx, fixture.signerState);
      expect(standing.fenced).toContain('another tree');
      const head = await loadHead(tx);
      const grown = await appendForged(tx, fixture, {
        stream: partyStream(scene.bureau.party),
        type: 'party.key_added',
        body: forgedKey(),
      });
      expect(grown).toBe(head?.size);
      expect((await compareStanding(tx, fixture.signerState)).fenced).toContain('does not continue');
      const now = await loadHead(tx);
      const proof = await proveConsistency(tx, parseSize(kept!.size), parseSize(now!.size));
      expectFailure('proof_invalid', () =>
        verifyConsistency(
          proof,
          { size: parseSize(kept!.size), root: kept!.root },
          { size: parseSize(now!.size), root: now!.root },
        ),
      );
    });
  });

  it('names the entry after one that was deleted (attack 5)', async () => {
    await detects(
      (tx) => sql`delete from entries where index = ${at.allowed}`.execute(tx),
      ['entry', at.allowed + 1],
      ['chain', at.allowed + 1],
      ['tree', null],
    );
  });

  it('finds a deleted entry whose gap was closed, tree and all', async () => {
    await detects(
      async (tx) => {
        await sql`delete from entries where index = ${at.allowed}`.execute(tx);
        await shift(tx, at.allowed, -1);
        await rebuildTree(tx);
      },
      ['chain', at.allowed],
      ['checkpoint', null],
    );
  });

  it('finds that the tail is gone (attack 6)', async () => {
    await detects(
      (tx) => sql`delete from entries where index >= ${at.revoked}`.execute(tx),
      ['entry', null],
      ['tree', null],
    );
  });

  it('finds a tail that was cut off with its head and states, because a checkpoint is ahead', async () => {
    await detects(cutTail, ['checkpoint', null]);
  });

  it('cannot by itself tell a tail that was cut off with its checkpoints; the signer can', async () => {
    await undone(fixture, async (tx) => {
      await cutTail(tx);
      await sql`delete from checkpoints where size > ${at.revoked}`.execute(tx);
      expect((await fixture.auditIn(tx)).holds).toBe(true);
      expect((await compareStanding(tx, fixture.signerState)).fenced).toContain('was an old backup restored?');
    });
  });

  /** Takes revocation and denial back: entries, states, payloads, head; but not the checkpoints. */
  async function cutTail(tx: Tx): Promise<void> {
    const leaf = (await entryRows(tx))[at.revoked - 1]!;
    const stream = relationshipStream(scene.handle);
    const { rows } = await sql<{ state: string }>`select state from streams where stream = ${stream}`.execute(tx);
    const state = JSON.parse(rows[0]!.state);
    state.grants[scene.query].revoked_at = null;
    await sql`delete from entries where index >= ${at.revoked}`.execute(tx);
    for (const table of ['parts', 'part_digests', 'notices', 'access_steps']) {
      await sql`delete from ${sql.table(table)} where index >= ${at.revoked}`.execute(tx);
    }
    await sql`update streams set seq = ${leaf.seq}, leaf = ${leaf.leaf}, state = ${JSON.stringify(state)}
      where stream = ${stream}`.execute(tx);
    await rebuildTree(tx);
    await sql`update head set stepped = size`.execute(tx);
  }

  it('names an entry that was put in back-dated, with everything after it moved on (attack 7)', async () => {
    await detects(
      async (tx) => {
        const row = (await entryRows(tx))[at.allowed]!;
        const bytes = edited(row.bytes, (entry) => ({ ...entry, time: Number(entry['time']) - 60_000 }));
        const leaf = hashLeaf(bytes);
        await shift(tx, at.allowed, 1);
        const signature = await fixture.keys.issuing.sign(entrySigningBytes(leaf));
        await insertEntries(tx, [{ ...row, bytes, leaf, signature }]);
        await rebuildTree(tx);
        await resignCheckpoints(tx, fixture);
      },
      ['entry', at.allowed],
      ['chain', at.allowed + 1],
    );
  });

  it('names an entry that was put in at the end with an earlier time', async () => {
    await detects(
      (tx) =>
        appendForged(tx, fixture, {
          stream: partyStream(scene.bureau.party),
          type: 'party.key_added',
          body: forgedKey(),
          time: 1_000,
        }),
      ['entry', at.size],
    );
  });

  it('names two entries that were swapped (attack 8)', async () => {
    await detects(
      async (tx) => {
        const [i, j] = [at.allowed, at.allowed + 1];
        for (const [from, to] of [[i, -1] as const, [j, i] as const, [-1, j] as const]) {
          await sql`update entries set index = ${to} where index = ${from}`.execute(tx);
        }
        await rebuildTree(tx);
      },
      ['chain', at.allowed],
      ['checkpoint', null],
    );
  });

  it('names a duplicate of an entry (attack 9)', async () => {
    await detects(
      async (tx) => {
        const row = (await entryRows(tx))[at.allowed]!;
        await insertEntries(tx, [{ ...row, index: at.size }]);
        await rebuildTree(tx);
        await resignCheckpoints(tx, fixture);
      },
      ['chain', at.size],
      ['entry', at.size],
    );
  });

  it('finds entries that are stored beyond the head, chained but in no tree (attack 13)', async () => {
    await detects(
      async (tx) => {
        const row = (await entryRows(tx)).at(-1)!;
        const bytes = edited(row.bytes, (entry) => ({
          ...entry,
          seq: row.seq + 1,
          prev: Buffer.from(row.leaf).toString('base64url'),
        }));
        const leaf = hashLeaf(bytes);
        const signature = await fixture.keys.issuing.sign(entrySigningBytes(leaf));
        await insertEntries(tx, [{ ...row, index: at.size, seq: row.seq + 1, bytes, leaf, signature }]);
      },
      ['entry', at.size],
    );
  });

  it('names an entry with the tree right and the chain wrong (attack 14)', async () => {
    await detects(
      (tx) =>
        appendForged(tx, fixture, {
          stream: partyStream(scene.bureau.party),
          type: 'party.key_added',
          body: forgedKey(),
          prev: hashLeaf(random(8)),
        }),
      ['chain', at.size],
    );
  });

  it('finds the tree wrong and the chain right', async () => {
    await detects((tx) => sql`update head set root = ${hashLeaf(random(8))}`.execute(tx), ['tree', null]);
  });

  it('names an entry that belongs to another log, or is filed under another stream or place', async () => {
    await detects(
      async (tx) => {
        const bytes = edited(await bytesAt(tx, at.allowed), (entry) => ({ ...entry, log: 'other.example/log' }));
        await overwrite(tx, at.allowed, { bytes, leaf: hashLeaf(bytes) });
      },
      ['entry', at.allowed],
    );
    await detects((tx) => overwrite(tx, at.allowed, { seq: 7_000 }), ['entry', at.allowed]);
    const stream = relationshipStream('0'.repeat(32) as never);
    await detects((tx) => overwrite(tx, at.allowed, { stream }), ['entry', at.allowed]);
  });

  it('names an entry whose signature was replaced', async () => {
    await detects((tx) => overwrite(tx, at.denied, { signature: random(64) }), ['signature', at.denied]);
  });

  it('names an entry whose signed request was deleted', async () => {
    await detects(
      async (tx) => {
        const { body } = parseEntry(await bytesAt(tx, at.allowed));
        const digest = parseHashText(String(body['request']));
        await sql`delete from requests where digest = ${digest}`.execute(tx);
      },
      ['signature', at.allowed],
    );
  });

  it('names an entry whose signed request was changed', async () => {
    const asked = await fixture.store.read(async (tx) => {
      const { body } = parseEntry(await bytesAt(tx, at.allowed));
      return parseHashText(String(body['request']));
    });
    const changes = [
      sql`replace(request, 'loan_apply', 'post_loan')`,
      sql`(select request from requests where digest <> ${asked} limit 1)`,
      sql`'no request at all'`,
    ];
    for (const change of changes) {
      await detects(
        (tx) => sql`update requests set request = ${change} where digest = ${asked}`.execute(tx),
        ['signature', at.allowed],
      );
    }
  });

  it('names an entry whose sealed payload was changed', async () => {
    await detects(
      (tx) => sql`update parts set sealed = ${random(80)} where index = ${at.drafted}`.execute(tx),
      ['payload', at.drafted],
    );
  });

  it('names an entry whose payload, or only its salt, was replaced with the wrapping key (attacks 10, 11)', async () => {
    await detects(
      (tx) => resealPart(tx, fixture, at.drafted, 'text', ({ salt }) => ({ salt, value: '另一份文本' })),
      ['payload', at.drafted],
    );
    await detects(
      (tx) => resealPart(tx, fixture, at.drafted, 'text', ({ value }) => ({ salt: otherSalt(), value })),
      ['payload', at.drafted],
    );
  });

  it('names an entry whose part digests were changed, dropped, or made to fit another payload', async () => {
    await detects(
      (tx) => sql`update part_digests set digest = ${random(32)} where index = ${at.drafted}`.execute(tx),
      ['payload', at.drafted],
    );
    await detects(
      (tx) => sql`delete from part_digests where index = ${at.drafted} and name = 'text'`.execute(tx),
      ['payload', at.drafted],
    );
    await detects(
      async (tx) => {
        const digest = await resealPart(tx, fixture, at.drafted, 'text', ({ salt }) => ({ salt, value: '另一份' }));
        await sql`update part_digests set digest = ${digest} where index = ${at.drafted} and name = 'text'`.execute(tx);
      },
      ['payload', at.drafted],
    );
    await detects(
      (tx) =>
        sql`insert into part_digests (index, name, digest) values (${at.allowed}, 'extra', ${random(32)})`.execute(tx),
      ['payload', at.allowed],
    );
  });

  it('names an entry whose part was moved to another place of the same key', async () => {
    await detects(
      (tx) =>
        sql`update parts set sealed = (select sealed from parts where index = ${at.signed} and name = 'signature')
          where index = ${at.revoked} and name = 'signature'`.execute(tx),
      ['payload', at.revoked],
    );
  });

  it('finds a state that was changed alone: a revocation dropped from it', async () => {
    const stream = relationshipStream(scene.handle);
    await detects(
      async (tx) => {
        const { rows } = await sql<{ state: string }>`select state from streams where stream = ${stream}`.execute(tx);
        const state = JSON.parse(rows[0]!.state);
        state.grants[scene.query].revoked_at = null;
        await sql`update streams set state = ${JSON.stringify(state)} where stream = ${stream}`.execute(tx);
      },
      ['state', null],
    );
  });

  it('finds a state row that is missing, made up, or rolled back (attack 12)', async () => {
    const stream = relationshipStream(scene.handle);
    await detects((tx) => sql`delete from streams where stream = ${stream}`.execute(tx), ['state', null]);
    await detects((tx) => sql`update streams set seq = seq - 1 where stream = ${stream}`.execute(tx), ['state', null]);
    await detects(
      (tx) =>
        sql`insert into streams (stream, seq, leaf, state)
          values (${relationshipStream('1'.repeat(32) as never)}, 0, ${random(32)}, '{}')`.execute(tx),
      ['state', null],
    );
  });

  it('finds a replaced, and a missing, tile', async () => {
    await detects((tx) => sql`update tiles set hashes = ${random(8_192)}`.execute(tx), ['tree', null]);
    await detects((tx) => sql`update tiles set root = ${random(32)}`.execute(tx), ['tree', null]);
    await detects((tx) => sql`delete from tiles`.execute(tx), ['tree', null]);
  });

  it('finds a checkpoint replaced by an older one (attack 16)', async () => {
    await detects(
      (tx) =>
        sql`update checkpoints set note = (select note from checkpoints order by size limit 1)
          where size = ${at.size}`.execute(tx),
      ['checkpoint', null],
    );
  });

  it('finds a checkpoint of another log, under another key, or of another tree', async () => {
    const head = await fixture.store.read(loadHead);
    const stranger = await nativeEd25519.importSeed(random(32));
    const size = parseSize(at.size);
    const notes = [
      await signCheckpoint({ origin: 'other.example/log', size, root: head!.root }, fixture.keys.log),
      await signCheckpoint({ origin: fixture.vkey.name, size, root: head!.root }, stranger),
      await signCheckpoint({ origin: fixture.vkey.name, size, root: hashLeaf(random(1)) }, fixture.keys.log),
      'no note at all',
    ];
    for (const note of notes) {
      await detects(
        (tx) => sql`update checkpoints set note = ${note} where size = ${size}`.execute(tx),
        ['checkpoint', null],
      );
    }
  });

  it('finds a handle that is filed under another person', async () => {
    await detects(
      (tx) =>
        sql`update relationships set person = (select person from relationships where handle = ${other}),
          grantee = 'x' where handle = ${scene.handle}`.execute(tx),
      ['state', null],
    );
  });

  it('names a letter that was signed with a key slipped in by SQL', async () => {
    // The attacker files a key of their own as the person's, and uses the ledger's ordinary door with it.
    const { context } = fixture;
    const mallory = { ...scene.person, key: await nativeEd25519.importSeed(random(32)) };
    const ledger = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    try {
      const own = await signedScene(ledger.context);
      await ledger.store.transaction((tx) =>
        sql`insert into subject_keys (person, public_key, seq)
          select person, ${mallory.key.publicKey}, seq from subject_keys
          where person = (select person from relationships where handle = ${own.handle})`.execute(tx),
      );
      const grants = twoClauses(own.bureau, context.clock());
      const drafted = await draft(ledger.context, { lender: own.lender, handle: own.handle, grants });
      const signed = await sign(ledger.context, drafted, mallory, [true, true]);
      const report = await ledger.audit();
      expect(report.findings.map(({ code, index }) => [code, index])).toEqual([['signature', signed.entry.index]]);
    } finally {
      await ledger.close();
    }
  });

  describe('an entry that no rule permits, under real keys, chain, tree and checkpoint', () => {
    it('is named when it allows after a revocation', async () => {
      const forged = await forgedAccess({ decision: 'allow', codes: [] });
      await detects((tx) => appendForged(tx, fixture, forged), ['decision', at.size]);
    });

    it('is named when it denies without cause, or with other codes', async () => {
      const report = {
        ground: { grant: scene.report },
        action: 'REPORT',
        purpose: 'credit_reporting',
        items: ['basic'],
      };
      const without = await forgedAccess({ ...report, decision: 'deny', codes: ['REVOKED'] });
      await detects((tx) => appendForged(tx, fixture, without), ['decision', at.size]);
      const other = await forgedAccess({ decision: 'deny', codes: ['EXPIRED'] });
      await detects((tx) => appendForged(tx, fixture, other), ['decision', at.size]);
    });

    it('is not named when it is what the rules say and its lender signed: the control of the cases above', async () => {
      const right = await forgedAccess({ decision: 'deny', codes: ['REVOKED'] });
      const asked = await askedFor(scene.queryAccess);
      const report = await auditAfter(fixture, async (tx) =>
        appendForged(tx, fixture, { ...right, body: { ...right.body, request: await keepRequest(tx, asked) } }),
      );
      expect(report.findings).toEqual([]);
    });

    it('is named when it rests on heads that were not those of the moment', async () => {
      const { saw: _saw, ...forged } = await forgedAccess({ decision: 'deny', codes: ['REVOKED'] });
      const body = { ...forged.body, saw: otherSalt() };
      await detects((tx) => appendForged(tx, fixture, { ...forged, body }), ['decision', at.size]);
    });

    it('is named when it revokes what is revoked, opens the log twice, or is of a type unknown', async () => {
      const { body } = parseEntry(await fixture.store.read((tx) => bytesAt(tx, at.revoked)));
      const stream = relationshipStream(scene.handle);
      const twice = { stream, type: 'grant.revoked', body: { ...body, idem: otherSalt() } };
      await detects((tx) => appendForged(tx, fixture, twice), ['decision', at.size]);
      const first = parseEntry(await fixture.store.read((tx) => bytesAt(tx, 0)));
      await detects(
        (tx) => appendForged(tx, fixture, { stream: 'log' as StreamId, type: 'log.opened', body: first.body }),
        ['decision', at.size],
      );
      await detects(
        async (tx) => {
          const bytes = edited(await bytesAt(tx, at.denied), (entry) => ({ ...entry, type: 'access.blessed' }));
          await overwrite(tx, at.denied, { bytes, leaf: hashLeaf(bytes) });
        },
        ['decision', at.denied],
      );
    });

    /** What the lender signed to ask for an access. */
    async function askedFor(access: AskAccess) {
      const signers = [partySignatory(scene.lender.party, scene.lender.key)];
      return signedRequest(fixture.context, signers, '/v1/accesses', access);
    }

    it('is named when its request is another’s: one that asked for something else, or elsewhere', async () => {
      const forged = await forgedAccess({ decision: 'deny', codes: ['REVOKED'] });
      const signers = [partySignatory(scene.lender.party, scene.lender.key)];
      const requests = [
        await askedFor(scene.reportAccess),
        await askedFor({ ...scene.queryAccess, purpose: 'post_loan' }),
        await askedFor({ ...scene.queryAccess, handle: other }),
        await askedFor({ ...scene.queryAccess, ground: { grant: scene.report } }),
        await askedFor({ ...scene.queryAccess, door: null }),
        await signedRequest(fixture.context, signers, '/v1/letters', scene.queryAccess),
      ];
      for (const asked of requests) {
        await detects(
          async (tx) => {
            const request = await keepRequest(tx, asked);
            await appendForged(tx, fixture, { ...forged, body: { ...forged.body, request } });
          },
          ['signature', at.size],
        );
      }
      // One that is already in the ledger, and made another entry.
      const { body } = parseEntry(await fixture.store.read((tx) => bytesAt(tx, at.partyRegistered)));
      const stolen = { ...forged, body: { ...forged.body, request: body['request'] ?? null } };
      await detects((tx) => appendForged(tx, fixture, stolen), ['signature', at.size]);
    });

    it('is named when it repeats a decision under the very same request', async () => {
      const { body } = parseEntry(await fixture.store.read((tx) => bytesAt(tx, at.denied)));
      const again = await forgedAccess({ decision: 'deny', codes: ['REVOKED'], request: body['request'] ?? null });
      await detects((tx) => appendForged(tx, fixture, again), ['signature', at.size]);
    });

    it('is named when it says more than its lender signed', async () => {
      const more = { action: 'REPORT', purpose: 'credit_reporting', ground: { grant: scene.report } };
      const forged = await forgedAccess({ ...more, items: ['basic', 'adverse'], decision: 'allow', codes: [] });
      await detects(
        async (tx) => {
          const request = await keepRequest(tx, await askedFor(scene.reportAccess));
          await appendForged(tx, fixture, { ...forged, body: { ...forged.body, request } });
        },
        ['signature', at.size],
      );
    });

    it('is named when it names another key, or another party, than the one that signed', async () => {
      const right = await forgedAccess({ decision: 'deny', codes: ['REVOKED'] });
      const asked = await askedFor(scene.queryAccess);
      const forge = (by: readonly JsonObject[]) => async (tx: Tx) =>
        appendForged(tx, fixture, { ...right, body: { ...right.body, by, request: await keepRequest(tx, asked) } });
      const administrator = await auditAfter(fixture, forge([signer(scene.lender, 1)]));
      expect(administrator.findings).toContainEqual({
        code: 'signature',
        index: at.size,
        message: 'the request names another key',
      });
      await detects(forge([signer(scene.bureau, 0)]), ['decision', at.size]);
      await detects(forge([{ ...signer(scene.lender, 0), key: 7 }]), ['decision', at.size]);
      await detects(forge([]), ['decision', at.size]);
    });

    async function forgedAccess(change: JsonObject) {
      const { body } = parseEntry(await fixture.store.read((tx) => bytesAt(tx, at.denied)));
      const { saw: _saw, ...input } = body;
      const stream = relationshipStream(scene.handle);
      const command = { type: 'access.decided', stream, input } as unknown as Parameters<typeof touches>[0];
      return {
        stream,
        type: 'access.decided',
        body: { ...input, access: '0'.repeat(32), idem: otherSalt(), ...change },
        saw: touches(command).slice(1),
      };
    }
  });

  /** Moves every entry from `index` on by one place, with what belongs to it. */
  async function shift(tx: Tx, index: number, by: 1 | -1): Promise<void> {
    for (const table of ['entries', 'parts', 'part_digests']) {
      // In two steps, past every index that is in use.
      await sql`update ${sql.table(table)} set index = index + 1000000 where index >= ${index}`.execute(tx);
      await sql`update ${sql.table(table)} set index = index - 1000000 + ${by}::bigint where index >= 1000000`.execute(
        tx,
      );
    }
  }
});
