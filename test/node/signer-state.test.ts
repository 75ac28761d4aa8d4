/** The signer's memory on disk where the log key is exchanged: handed over whole, or not at all, and never twice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Hash, hashLeaf } from '#core/hash.ts';
import type { KeyId } from '#core/note/key.ts';
import type { Size, TreeHead } from '#core/tlog/tree.ts';
import type { SignerState } from '#ledger/signer.ts';
import {
  type HeldSignerState,
  holdSignerState,
  readBegun,
  readContinuedBy,
  readSignerState,
  signerStateFile,
} from '../../src/node/signer-state.ts';
import { type ObjectStorage, storedSignerState } from '../../src/worker/signer-state.ts';
import { expectFailure } from '../support/failure.ts';

const [A, B, C] = ['0000000a', '0000000b', '0000000c'] as [KeyId, KeyId, KeyId];
const ALL = [A, B, C] as const;
const head = (size: number, salt = 0): TreeHead => ({
  size: size as Size,
  root: hashLeaf(new Uint8Array([size, salt])) as Hash,
});

let folder: string;
let held: HeldSignerState[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-signer-'));
  held = [];
});
afterEach(() => {
  releaseAll();
  rmSync(folder, { recursive: true });
});

function hold(keyIds: readonly [KeyId, ...KeyId[]] = ALL): HeldSignerState {
  const state = holdSignerState(folder, keyIds);
  if (state === undefined) throw new Error('held elsewhere');
  held.push(state);
  return state;
}
function releaseAll(): void {
  for (const state of held.splice(0)) state.release();
}
/** As if the process had died and come again. */
function again(keyIds: readonly [KeyId, ...KeyId[]] = ALL): HeldSignerState {
  releaseAll();
  return hold(keyIds);
}
/** What a crash, or somebody's hand, left behind. */
function alter(keyId: KeyId, sql: string): void {
  releaseAll();
  const database = new DatabaseSync(signerStateFile(folder, keyId));
  database.exec(sql);
  database.close();
}
function refuses(state: Pick<SignerState, 'load'>, why: string): void {
  expectFailure('signer_refused', () => state.load());
  expect(() => state.load()).toThrow(why);
}

/** A signed 3 and 5, handed to B, which signed 7. */
function exchanged(): HeldSignerState {
  const state = hold();
  state.advance(undefined, head(3));
  state.advance(head(3), head(5));
  state.handTo(A);
  state.handTo(B);
  state.advance(head(5), head(7));
  return state;
}

describe('the signer’s memory', () => {
  it('goes on where the key before ended, also after a start, and for who only reads it', () => {
    const state = exchanged();
    expect(state.load()).toEqual(head(7));
    state.handTo(B);
    expect(again().load()).toEqual(head(7));
    // The further keys' files are found by who was not told of them, too.
    expect(again([A]).load()).toEqual(head(7));
    again().advance(head(7), head(9));
    releaseAll();
    expect(readSignerState(folder, ALL)).toEqual({ signed: head(9) });
    expect(readSignerState(folder, [A])).toEqual({ signed: head(9) });
    const twice = again();
    twice.handTo(C);
    expect(twice.load()).toEqual(head(9));
    twice.advance(head(9), head(11));
    expect(again().load()).toEqual(head(11));
  });

  it('remembers that a change of name was begun, until it is withdrawn or done, also for who only reads it', () => {
    const next = { name: 'ledger.test.example/2', keyId: C, left: head(7) };
    const state = exchanged();
    expect(state.begun()).toBeUndefined();
    state.begin(next);
    expect(again().begun()).toEqual(next);
    releaseAll();
    expect(readBegun(folder, A)).toEqual(next);
    expect(readContinuedBy(folder, A)).toBeUndefined();
    const twice = again();
    twice.begin({ ...next, left: head(9) });
    expect(twice.begun()?.left).toEqual(head(9));
    twice.withdraw();
    expect(again().begun()).toBeUndefined();
    const last = again();
    last.begin(next);
    last.end(next.name);
    releaseAll();
    expect(readContinuedBy(folder, A)).toBe(next.name);
    expect(readBegun(folder, B)).toBeUndefined();
  });

  it('is moved on by compare-and-swap, whosever it is', () => {
    const state = hold();
    state.advance(undefined, head(3));
    expectFailure('signer_refused', () => state.advance(undefined, head(4)));
    state.handTo(B);
    for (const from of [undefined, head(2), head(3, 1)]) {
      expectFailure('signer_refused', () => state.advance(from, head(4)));
    }
    state.advance(head(3), head(4));
    expectFailure('signer_refused', () => state.advance(head(3), head(5)));
    expect(state.load()).toEqual(head(4));
  });

  it('may be handed on before it signed anything, by a key and by the next', () => {
    const state = hold();
    expect(state.load()).toBeUndefined();
    state.handTo(B);
    state.handTo(C);
    expect(state.load()).toBeUndefined();
    state.advance(undefined, head(2));
    expect(again().load()).toEqual(head(2));
  });

  it('is one process’s, and says so to others', () => {
    exchanged();
    expect(holdSignerState(folder, ALL)).toBeUndefined();
    expect(readSignerState(folder, ALL)).toBe('held');
    releaseAll();
    rmSync(signerStateFile(folder, A));
    expect(readSignerState(folder, ALL)).toBe('missing');
    writeFileSync(signerStateFile(folder, A), 'nothing of ours, and long enough to be no empty database');
    expectFailure('config_invalid', () => readSignerState(folder, ALL));
  });
});

describe('a hand-over that was broken off (attacks 31, 79)', () => {
  it('after the next memory said whom it follows: the one before goes on, and it is done again', () => {
    exchanged();
    alter(B, 'delete from signed');
    alter(A, 'delete from succeeded_by');
    const state = hold();
    expect(state.load()).toEqual(head(5));
    state.advance(head(5), head(6));
    state.handTo(B);
    expect(state.load()).toEqual(head(6));
    state.advance(head(6), head(8));
    expect(again().load()).toEqual(head(8));
  });

  it('after the one before said by whom it was succeeded: the next goes on from where that ended', () => {
    exchanged();
    alter(B, 'delete from signed');
    const state = hold();
    expect(state.load()).toEqual(head(5));
    state.handTo(B);
    state.advance(head(5), head(6));
    expect(again().load()).toEqual(head(6));
  });

  it('before anything was written in the next memory’s file', () => {
    const state = hold();
    state.advance(undefined, head(3));
    releaseAll();
    new DatabaseSync(signerStateFile(folder, B)).close();
    const later = hold();
    later.handTo(B);
    expect(later.load()).toEqual(head(3));
  });
});

describe('memories that contradict each other', () => {
  it('sign nothing where both think that they sign: the one before was set back', () => {
    exchanged();
    alter(A, 'delete from succeeded_by');
    refuses(hold(), 'both think that they sign');
    expectFailure('signer_refused', () => held[0]?.advance(head(5), head(6)));
    expectFailure('signer_refused', () => held[0]?.handTo(B));
    releaseAll();
    expectFailure('signer_refused', () => readSignerState(folder, ALL));
  });

  it('sign nothing where the one before signed again after it was handed over', () => {
    exchanged();
    alter(A, 'update signed set size = 6');
    refuses(hold(), 'was handed over, and signed again');
  });

  it('sign nothing where the next one’s file is gone, or set back, or follows another', () => {
    exchanged();
    alter(B, 'update signed set size = 4');
    refuses(hold(), 'was it set back?');
    alter(B, `update signed set size = 7; update follows set key_id = '${C}'`);
    refuses(hold(), 'does not follow');
    releaseAll();
    rmSync(signerStateFile(folder, B));
    refuses(hold(), 'put its file back');
    releaseAll();
    expect(() => readSignerState(folder, ALL)).toThrow('put its file back');
  });

  it('hand nothing to a key that has signed by itself', () => {
    const state = hold([A]);
    state.advance(undefined, head(3));
    const other = hold([B]);
    other.advance(undefined, head(4));
    releaseAll();
    const later = hold([A]);
    expectFailure('signer_refused', () => later.handTo(B));
    // Who knows of both sees it before anything is signed.
    releaseAll();
    refuses(hold(), 'both think that they sign');
  });

  it('hand nothing back', () => {
    const state = exchanged();
    expectFailure('signer_refused', () => state.handTo(A));
    expect(state.load()).toEqual(head(7));
  });
});

describe('the signer’s memory in a Durable Object', () => {
  function storage() {
    const values = new Map<string, unknown>();
    const kv: ObjectStorage['kv'] = { get: (key) => values.get(key), put: (key, value) => void values.set(key, value) };
    return { values, open: (keyIds: readonly [KeyId, ...KeyId[]] = ALL) => storedSignerState({ kv }, keyIds) };
  }

  it('is handed over alike, and refuses alike', () => {
    const { values, open } = storage();
    const state = open();
    state.advance(undefined, head(3));
    expect(values.get(`signed/${A}`)).toMatchObject({ size: 3 });
    state.handTo(B);
    expect(open().load()).toEqual(head(3));
    expect(open([A]).load()).toEqual(head(3));
    expectFailure('signer_refused', () => open().advance(head(2), head(5)));
    open().advance(head(3), head(5));
    expect(open([A]).load()).toEqual(head(5));
    expectFailure('signer_refused', () => open().handTo(A));
    const kept = values.get(`succeeded/${A}`);
    values.delete(`succeeded/${A}`);
    refuses(open(), 'both think that they sign');
    values.set(`succeeded/${A}`, kept);
    values.set(`signed/${A}`, values.get(`signed/${B}`));
    refuses(open(), 'was handed over, and signed again');
  });
});
