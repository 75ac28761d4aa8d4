/** A thread that checks runs of entries, one after another, until it is ended (chain-threads.ts). */
import { parentPort } from 'node:worker_threads';
import { useSha256 } from '#core/hash.ts';
import { checkRun } from '#ledger/chain-run.ts';
import { nativeSha256 } from '../native.ts';
import { buffersOf, type PackedRead, packChecked, unpackRead } from './chain-packing.ts';

useSha256(nativeSha256);

parentPort?.on('message', (read: PackedRead) => {
  const checked = packChecked(checkRun(unpackRead(read)));
  parentPort?.postMessage(checked, buffersOf(checked));
});
