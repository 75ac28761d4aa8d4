/** Checks runs of entries on several threads, so that an audit of chains uses more than one core. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ChainRun, checkRun, type RunChecker } from '#ledger/chain-run.ts';
import {
  buffersOf,
  isPackable,
  type PackedChecked,
  type PackedRead,
  packRead,
  unpackChecked,
} from './chain-packing.ts';

export interface ChainThreads {
  readonly check: RunChecker;
  /** Who still waits is told that they have ended. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(run: ChainRun): void;
  reject(reason: Error): void;
}

interface Thread {
  readonly worker: Worker;
  /** It answers in the order in which it is asked. */
  readonly waiting: Waiting[];
  /** Why it answers nothing any more; undefined: it does. */
  ended: Error | undefined;
}

/** A thread takes longer to start than fewer entries take to be checked. */
const ENTRIES_MIN = 1_024;

/** So many threads, started when there is something to check, also after they were closed. */
export function openChainThreads(count: number = availableParallelism()): ChainThreads {
  let threads: readonly Thread[] = [];
  return {
    async check(read) {
      if (!isPackable(read) || (threads.length === 0 && read.rows.length < ENTRIES_MIN)) return checkRun(read);
      if (threads.length === 0) threads = Array.from({ length: count }, startThread);
      const free = threads.reduce((least, each) => (each.waiting.length < least.waiting.length ? each : least));
      return ask(free, packRead(read));
    },
    async close() {
      const ended = threads;
      threads = [];
      await Promise.all(ended.map(({ worker }) => worker.terminate()));
    },
  };
}

function ask({ worker, waiting, ended }: Thread, read: PackedRead): Promise<ChainRun> {
  if (ended !== undefined) return Promise.reject(ended);
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    worker.postMessage(read, buffersOf(read));
  });
}

function startThread(): Thread {
  const worker = new Worker(new URL('./chain-thread.ts', import.meta.url));
  const thread: Thread = { worker, waiting: [], ended: undefined };
  const end = (reason: Error) => {
    thread.ended ??= reason;
    for (const { reject } of thread.waiting.splice(0)) reject(thread.ended);
  };
  worker.on('message', (checked: PackedChecked) => thread.waiting.shift()?.resolve(unpackChecked(checked)));
  worker.on('error', end);
  worker.on('exit', () => end(new Error('a thread that checks chains has ended')));
  return thread;
}
