/** Our witness, as logs and readers meet it over HTTP; and the command that runs it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toHex, utf8 } from '#core/bytes.ts';
import { type Hash, sha256 } from '#core/hash.ts';
import { formatPrivatePem, formatVkey, parseCosignerVkey, verifierKey } from '#core/note/key.ts';
import { parseNote, parseSignatureLines } from '#core/note/note.ts';
import { ADD_CHECKPOINT_BYTES_MAX, formatAddCheckpoint } from '#core/tlog/add-checkpoint.ts';
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { openCosignatures } from '#core/tlog/cosignature.ts';
import { openSplitView } from '#core/tlog/split-view.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { holdWitnessState } from '../../src/node/witness-state.ts';
import { makeLeaves, naiveTree } from '../core/tlog/naive.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { expectFailure } from '../support/failure.ts';
import { newWitness, type TestWitness, type TestWitnessOptions } from '../support/witness.ts';

const ORIGIN = 'ledger.example/consent';
const PATH = `/${toHex(sha256(utf8(ORIGIN)))}`;
const NOW = 1_780_000_000_000;
const logKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(3));
const vkey = verifierKey(ORIGIN, logKey.publicKey);
const tree = naiveTree(makeLeaves(64));
const forked = naiveTree(makeLeaves(64, 'fork'));

const noteAt = (size: number, of = tree, key = logKey) =>
  signCheckpoint({ origin: ORIGIN, size: parseSize(size), root: of.root(size) }, key);

async function bodyOf(from: number, to: number, of = tree, proof?: readonly Hash[]): Promise<string> {
  const hashes = proof ?? (from === 0 || from > to ? [] : of.consistency(from, to));
  return formatAddCheckpoint({ oldSize: parseSize(from), proof: hashes, checkpoint: await noteAt(to, of) });
}

describe('a witness over HTTP', () => {
  const open: TestWitness[] = [];
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  async function started(options: TestWitnessOptions = { clock: () => NOW }): Promise<TestWitness> {
    const witness = await newWitness('witness.example/w1', [vkey], options);
    open.push(witness);
    return witness;
  }

  async function post(witness: TestWitness, body: string | Uint8Array<ArrayBuffer>) {
    const answer = await witness.fetch(new Request('http://w.example/add-checkpoint', { method: 'POST', body }));
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  }

  async function get(witness: TestWitness, path: string) {
    const answer = await witness.fetch(new Request(`http://w.example${path}`));
    return { status: answer.status, text: await answer.text() };
  }

  /** Expects a cosignature on the checkpoint of this size. */
  async function expectCosigned(witness: TestWitness, answered: { status: number; text: string }, size: number) {
    expect(answered).toMatchObject({ status: 200 });
    const { text } = parseNote(await noteAt(size));
    const signatures = parseSignatureLines(answered.text);
    const opened = await openCosignatures({ text, signatures }, [witness.vkey], nativeEd25519);
    expect(opened).toMatchObject([{ key: witness.vkey, timeSeconds: NOW / 1_000 }]);
  }

  it('cosigns the first checkpoint, its growth, and the same again', async () => {
    const witness = await started();
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [3, 40],
    ] as const) {
      await expectCosigned(witness, await post(witness, await bodyOf(from, to)), to);
      expect(witness.state.last(ORIGIN)?.size).toBe(to);
    }
  });

  it('says which size it is at, in the protocol’s own media type (attack 85)', async () => {
    const witness = await started();
    expect(await post(witness, await bodyOf(3, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '0\n' });
    await post(witness, await bodyOf(0, 7));
    for (const [from, to] of [
      [0, 9],
      [3, 9],
      [8, 9],
      [3, 7],
    ] as const) {
      expect(await post(witness, await bodyOf(from, to))).toEqual({
        status: 409,
        type: 'text/x.tlog.size',
        text: '7\n',
      });
    }
  });

  it('answers 400, 403, 404 and 422 as the protocol says (attack 86)', async () => {
    const witness = await started();
    await post(witness, await bodyOf(0, 7));
    expect((await post(witness, await bodyOf(9, 8))).status).toBe(400);
    for (const junk of ['', 'old 7\n', 'old 07\n\nx\n', await noteAt(7), `${await bodyOf(7, 9)}x`]) {
      expect((await post(witness, junk)).status).toBe(400);
    }
    expect((await post(witness, Uint8Array.of(0xff, 0xfe, 0x0a))).status).toBe(400);
    const stranger = await nativeEd25519.importSeed(new Uint8Array(32).fill(9));
    const foreign = await noteAt(9, tree, stranger);
    expect((await post(witness, `old 7\n\n${foreign}`)).status).toBe(403);
    const elsewhere = await signCheckpoint({ origin: 'other.example', size: parseSize(7), root: tree.root(7) }, logKey);
    expect((await post(witness, `old 7\n\n${elsewhere}`)).status).toBe(404);
    expect((await post(witness, await bodyOf(7, 9, tree, []))).status).toBe(422);
    expect((await post(witness, await bodyOf(7, 9, forked))).status).toBe(422);
    expect(witness.state.last(ORIGIN)?.size).toBe(7);
    expect(witness.forked).toEqual([]);
    expect(witness.troubles).toEqual([]);
  });

  it('cosigns on while the log’s key is exchanged, if it knows both: one memory, and one history (attack 79)', async () => {
    const nextKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(4));
    const next = verifierKey(ORIGIN, nextKey.publicKey);
    const witness = await newWitness('witness.example/w1', [vkey, next], { clock: () => NOW });
    open.push(witness);
    const asks = async (from: number, to: number, keys: readonly [typeof logKey, ...(typeof logKey)[]], of = tree) => {
      const checkpoint = await signCheckpoint({ origin: ORIGIN, size: parseSize(to), root: of.root(to) }, ...keys);
      const proof = from === 0 || from === to ? [] : tree.consistency(from, to);
      return post(witness, formatAddCheckpoint({ oldSize: parseSize(from), proof, checkpoint }));
    };
    await expectCosigned(witness, await asks(0, 7, [logKey]), 7);
    await expectCosigned(witness, await asks(7, 9, [logKey, nextKey]), 9);
    expect(parseNote(witness.state.last(ORIGIN)?.note ?? '').signatures).toHaveLength(2);
    await expectCosigned(witness, await asks(9, 12, [nextKey]), 12);
    // Two keys are no two histories: another tree by either is a split view, and the proof names both.
    expect((await asks(12, 12, [logKey], forked)).status).toBe(422);
    const { text } = await get(witness, `${PATH}/split-view`);
    const [one, other] = await openSplitView(text, [vkey, next], nativeEd25519);
    expect([one.root, other.root]).toEqual([tree.root(12), forked.root(12)]);
    // One that knows the old key alone goes on as long as that one signs, and not a checkpoint longer.
    const old = await started();
    await expectCosigned(old, await post(old, await bodyOf(0, 7)), 7);
    const both = await signCheckpoint({ origin: ORIGIN, size: parseSize(9), root: tree.root(9) }, logKey, nextKey);
    const grown = { oldSize: parseSize(7), proof: tree.consistency(7, 9), checkpoint: both };
    await expectCosigned(old, await post(old, formatAddCheckpoint(grown)), 9);
    const alone = await signCheckpoint({ origin: ORIGIN, size: parseSize(9), root: tree.root(9) }, nextKey);
    expect((await post(old, formatAddCheckpoint({ oldSize: parseSize(9), proof: [], checkpoint: alone }))).status).toBe(
      403,
    );
  });

  it('refuses a split view, and hands the proof of it to anyone (attack 25)', async () => {
    const witness = await started();
    await post(witness, await bodyOf(0, 7));
    expect((await get(witness, `${PATH}/split-view`)).status).toBe(404);
    expect((await post(witness, await bodyOf(7, 7, forked))).status).toBe(422);
    expect(witness.forked).toEqual([ORIGIN]);
    const { text } = await get(witness, `${PATH}/split-view`);
    const [one, other] = await openSplitView(text, [vkey], nativeEd25519);
    expect([one.root, other.root]).toEqual([tree.root(7), forked.root(7)]);
    // The first proof stays, and so does what it cosigned; the honest branch may go on.
    expect((await post(witness, await bodyOf(3, 7, naiveTree(makeLeaves(9, 'third'))))).status).toBe(409);
    expect((await get(witness, `${PATH}/split-view`)).text).toBe(text);
    await expectCosigned(witness, await post(witness, await bodyOf(7, 9)), 9);
  });

  it('shows the last checkpoint that it cosigned, and whose it is', async () => {
    const witness = await started();
    expect((await get(witness, `${PATH}/checkpoint`)).status).toBe(404);
    await post(witness, await bodyOf(0, 7));
    const { text } = await get(witness, `${PATH}/checkpoint`);
    expect(await openCheckpoint(text, vkey, nativeEd25519)).toMatchObject({ size: 7 });
    expect(await openCosignatures(parseNote(text), [witness.vkey], nativeEd25519)).toHaveLength(1);
    expect((await get(witness, '/')).text).toContain(`log ${formatVkey(vkey)}\n`);
    for (const path of [`/${'0'.repeat(64)}/checkpoint`, '/../checkpoint', '/x', '/add-checkpoint']) {
      expect((await get(witness, path)).status).toBe(404);
    }
  });

  it('reads no more of a body than any good one has', async () => {
    const witness = await started();
    expect((await post(witness, new Uint8Array(ADD_CHECKPOINT_BYTES_MAX + 1))).status).toBe(413);
    // Without a length before it, too.
    const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536).fill(0x61)) });
    const request = new Request('http://w.example/add-checkpoint', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect((await witness.fetch(request)).status).toBe(413);
  });

  it('never goes back where a smaller checkpoint is decided first and stored last (attack 90)', async () => {
    const witness = await started({
      clock: () => NOW,
      wrapState: (state) => {
        let isFirst = true;
        return {
          ...state,
          advance(origin, from, to) {
            // Another request, for N+K, comes between the decision and the memory of this one, for N.
            if (isFirst && to.size === 5) {
              isFirst = false;
              state.advance(origin, from, { size: parseSize(9), root: tree.root(9), note: 'of the faster one' });
            }
            return state.advance(origin, from, to);
          },
        };
      },
    });
    await post(witness, await bodyOf(0, 3));
    expect(await post(witness, await bodyOf(3, 5))).toMatchObject({ status: 409, text: '9\n' });
    expect(witness.state.last(ORIGIN)?.size).toBe(9);
  });

  it('cosigns many at once without ever going back', async () => {
    const witness = await started();
    await post(witness, await bodyOf(0, 1));
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => post(witness, await bodyOf(1, 2 + i))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(39);
  });

  it('that was killed between its memory and its answer gives the cosignature when asked again (attack 90)', async () => {
    const witness = await started({
      clock: () => NOW,
      wrapState: (state) => ({
        ...state,
        advance(origin, from, to) {
          state.advance(origin, from, to);
          throw new Error('killed');
        },
      }),
    });
    expect((await post(witness, await bodyOf(0, 7))).status).toBe(500);
    expect(witness.troubles).toHaveLength(1);
    expect(await post(witness, await bodyOf(0, 7))).toMatchObject({ status: 409, text: '7\n' });
  });
});

describe('the memory of a witness', () => {
  const seen = (size: number, of = tree) => ({ size: parseSize(size), root: of.root(size), note: `note of ${size}` });

  it('moves by compare-and-swap, never back, and outlives its process', async () => {
    const witness = await newWitness('witness.example/w1', [vkey]);
    const { state, path } = witness;
    expect(state.advance(ORIGIN, undefined, seen(3))).toBe(true);
    expect(state.advance(ORIGIN, undefined, seen(4))).toBe(false);
    expect(state.advance(ORIGIN, seen(2), seen(4))).toBe(false);
    expect(state.advance(ORIGIN, seen(3, forked), seen(4))).toBe(false);
    expect(state.advance(ORIGIN, seen(3), seen(2))).toBe(false);
    expect(state.advance(ORIGIN, seen(3), seen(4))).toBe(true);
    expect(state.last('other.example')).toBeUndefined();
    expectFailure('data_in_use', () => holdWitnessState(path, 'existing'));
    state.keepEvidence(ORIGIN, 'first');
    state.keepEvidence(ORIGIN, 'second');
    state.release();
    const again = holdWitnessState(path, 'existing');
    expect(again.last(ORIGIN)).toEqual(seen(4));
    expect(again.evidence(ORIGIN)).toBe('first');
    again.release();
    // Lost or made twice: neither is taken for a new one (attack 88).
    expectFailure('config_invalid', () => holdWitnessState(path, 'new'));
    expectFailure('config_invalid', () => holdWitnessState(`${path}.lost`, 'existing'));
  });
});

describe('assent witness', () => {
  const homes: Home[] = [];
  afterEach(() => {
    for (const home of homes.splice(0)) home.remove();
  });

  function prepared(): Home {
    const home = newHome();
    homes.push(home);
    mkdirSync(join(home.folder, 'w'));
    writeFileSync(join(home.folder, 'w/key.pem'), formatPrivatePem(new Uint8Array(32).fill(7)));
    writeFileSync(join(home.folder, 'w/logs'), `log ${formatVkey(vkey)}\nquorum none\n`);
    return home;
  }
  const ARGS = ['witness', '--name', 'witness.example/w1', '--key', 'w/key.pem', '--logs', 'w/logs', '--port', '0'];

  it('serves, says what to put into a policy, and goes on where it was', async () => {
    const home = prepared();
    for (const [args, from, to] of [
      [[...ARGS, '--new'], 0, 7],
      [ARGS, 7, 9],
    ] as const) {
      const child = launch(home, args);
      const end = ended(child);
      const text = await printed(child, /for a policy: .*\n/);
      const [, own = '', url = ''] = /witness NAME (\S+) (\S+)/.exec(text) ?? [];
      const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: await bodyOf(from, to) });
      expect(answer.status).toBe(200);
      const note = { text: parseNote(await noteAt(to)).text, signatures: parseSignatureLines(await answer.text()) };
      expect(await openCosignatures(note, [parseCosignerVkey(own)], nativeEd25519)).toHaveLength(1);
      child.kill('SIGTERM');
      expect(await end).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('killed at any moment has lost nothing that it answered (attacks 31, 90)', { timeout: 120_000 }, async () => {
    const home = prepared();
    const long = naiveTree(makeLeaves(4_096));
    const ask = async (url: string, from: number, to: number) =>
      fetch(`${url}/add-checkpoint`, { method: 'POST', body: await bodyOf(from, to, long) });
    let answered = 0;
    for (let round = 0; round < 3; round++) {
      const child = launch(home, round === 0 ? [...ARGS, '--new'] : ARGS);
      const end = ended(child);
      const [, url = ''] = /witness NAME \S+ (\S+)/.exec(await printed(child, /for a policy: .*\n/)) ?? [];
      let at = 0;
      if (round > 0) {
        // What it answered stands; of the last one, it may have been killed between its memory and its answer.
        at = Number(await (await ask(url, 0, 4_096)).text());
        expect([answered, answered + 1]).toContain(at);
      }
      try {
        for (const start = at; at < 4_096; at++) {
          expect((await ask(url, at, at + 1)).status).toBe(200);
          answered = at + 1;
          // Once it has answered, at whatever it is by then: a machine may take long to come so far.
          if (at === start) setTimeout(() => child.kill('SIGKILL'), 150 + 100 * round);
        }
      } catch (thrown) {
        if (!(thrown instanceof TypeError)) throw thrown;
      }
      expect(await end).toMatchObject({ code: null });
    }
    expect(answered).toBeGreaterThan(3);
  });

  it('refuses to start without what it needs, or with a lost memory', async () => {
    const home = prepared();
    const stderrOf = async (args: readonly string[]) => {
      const ran = await run(home, args);
      expect(ran).toMatchObject({ code: 2, stdout: '' });
      return ran.stderr;
    };
    expect(await stderrOf(ARGS)).toContain('a lost memory wants a new key');
    expect(await stderrOf(['witness'])).toContain('witness: want --key');
    writeFileSync(join(home.folder, 'w/logs'), 'quorum none\n');
    expect(await stderrOf([...ARGS, '--new'])).toContain('names no log');
    writeFileSync(join(home.folder, 'w/logs'), 'log x\n');
    expect(await stderrOf([...ARGS, '--new'])).toContain('policy_invalid: line 1');
  });
});
