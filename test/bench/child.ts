/**
 * Child processes of the bench: the parent sends one message to start, gets one back when it is ready, may call on,
 * and ends it by closing the channel. So a child never outlives the parent, however that ends.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A running child. */
export interface Child<Ready> {
  readonly ready: Ready;
  /** CPU seconds (user and system) that it has used so far. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

type FromParent = { readonly start: unknown } | 'cpu' | 'close';
type ToParent<Ready> = { readonly ready: Ready } | { readonly cpu: number } | { readonly failed: string };

/** Starts `file`, a module that calls {@link serveParent}. */
export async function startChild<Ready>(file: string, start: unknown): Promise<Child<Ready>> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: execArgvOf() });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const next = () =>
    new Promise<ToParent<Ready>>((resolve, reject) => {
      const onEnd = () => reject(new Error(`${file} ended before it answered`));
      child.once('exit', onEnd);
      child.once('message', (message: ToParent<Ready>) => {
        child.off('exit', onEnd);
        if ('failed' in message) reject(new Error(`${file}: ${message.failed}`));
        else resolve(message);
      });
    });
  const first = next();
  child.send({ start } satisfies FromParent);
  const message = await first;
  if (!('ready' in message)) throw new Error(`${file} is not ready`);
  return {
    ready: message.ready,
    async cpuSeconds() {
      const answer = next();
      child.send('cpu' satisfies FromParent);
      const told = await answer;
      return 'cpu' in told ? told.cpu : 0;
    },
    async close() {
      if (child.connected) child.send('close' satisfies FromParent);
      await ended;
    },
  };
}

/** The other side: runs `start` once asked, and closes what it opened when told to or left alone. */
export function serveParent<Start, Ready>(
  start: (options: Start) => Promise<{ readonly ready: Ready; close(): Promise<void> }>,
): void {
  let opened: ReturnType<typeof start> | undefined;
  const end = async () => {
    await (await opened)?.close();
    process.disconnect?.();
  };
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole group: the parent closes us in order.
  process.on('SIGINT', () => {});
  process.on('message', (message: FromParent) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpu: (user + system) / 1e6 } satisfies ToParent<Ready>);
    } else if (message === 'close') {
      end().catch(fail);
    } else {
      opened = start(message.start as Start);
      opened.then(({ ready }) => process.send?.({ ready } satisfies ToParent<Ready>), fail);
    }
  });
}

function fail(thrown: unknown): void {
  process.send?.({ failed: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  process.exitCode = 1;
  process.disconnect?.();
}

/** `ASSENT_BENCH_PROFILE=<folder>` writes a CPU profile of each child. */
function execArgvOf(): string[] {
  const folder = process.env['ASSENT_BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}
