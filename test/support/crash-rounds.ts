/** I1 as one procedure, for the short and the long form. */
import { expect } from 'vitest';
import { hashLeaf, hashText } from '#core/hash.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Config } from '../../src/node/config.ts';
import { auditNode, type Opened, openNode } from '../../src/node.ts';
import { type Promises, registerAs, startServer } from './crash.ts';

const quiet = { info() {}, warn() {} };
const AUDIT = { vkey: undefined, entrySignatures: true };

/** Kills servers in mid-load again and again, and checks each promise that any of them ever made. */
export async function killAndCheck(config: Config, rounds: number, servers: number): Promise<Promises> {
  const promises: Promises = { tried: new Set(), acked: new Map() };
  for (let round = 0; round < rounds; round++) {
    const running = Array.from({ length: servers }, (_, i) => startServer(config, `r${round}s${i}`, promises));
    const more = 20 + Math.floor(Math.random() * 150);
    await Promise.all(running.map((server) => server.acked(promises.acked.size + more)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
    await Promise.all(running.map((server) => server.kill()));
    await checkPromises(config, promises);
    if (round % 5 === 1) expect((await auditNode(config, AUDIT)).findings).toEqual([]);
  }
  return promises;
}

async function checkPromises(config: Config, promises: Promises): Promise<void> {
  const opened = await openNode(config, quiet);
  try {
    const { ledger } = opened.context;
    expect(ledger.fenced()).toBeUndefined();
    const wanted = [...promises.acked.values()];
    const rows = await ledger.store.read((tx) =>
      loadEntriesAt(
        tx,
        wanted.map((ack) => ack.index),
      ),
    );
    const found = new Map(rows.map((row) => [row.index, hashText(hashLeaf(row.bytes))]));
    for (const ack of wanted) expect(found.get(ack.index), `entry ${ack.index}`).toBe(ack.leaf);
    await checkRetries(config, opened, promises);
    const size = (await ledger.store.read(loadHead))!.size;
    expect((await ledger.publisher.published(size, 10_000)).size).toBe(size);
  } finally {
    await opened.close();
  }
}

/** A client that heard nothing asks again: with an answer given before it gets that one, else one that is then the same. */
async function checkRetries(config: Config, opened: Opened, promises: Promises): Promise<void> {
  const parties = [...promises.tried].filter((key) => key.startsWith('party:'));
  const unheard = parties.filter((key) => !promises.acked.has(key));
  const heard = parties.filter((key) => promises.acked.has(key)).slice(-60);
  await Promise.all(
    [...heard, ...unheard].map(async (key) => {
      const again = () => registerAs(config, opened, key);
      const [{ entry }, second] = [await again(), await again()];
      expect(second.entry).toEqual(entry);
      const ack = promises.acked.get(key);
      if (ack === undefined) promises.acked.set(key, { index: entry.index, leaf: entry.leaf });
      else expect({ index: entry.index, leaf: entry.leaf }).toEqual(ack);
    }),
  );
}
