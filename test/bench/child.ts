/**
 * Child processes of the bench. A child never outlives its parent, however that ends: it goes when the channel does.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A running child, as its parent sees it. */
export interface Child<Ready, Question, Answer> {
  readonly ready: Ready;
  ask(question: Question): Promise<Answer>;
  /** CPU seconds (user and system) that it has used so far. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

/** What a child is: started once, then asked any number of times, one question after the other. */
export interface Served<Ready, Question, Answer> {
  readonly ready: Ready;
  answer(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

type FromParent =
  | { readonly kind: 'start' | 'ask'; readonly value: unknown }
  | { readonly kind: 'cpu' }
  | { readonly kind: 'close' };
type ToParent = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'failed'; readonly why: string };

/** Starts `file`, a module beside this one that calls {@link serveParent}. */
export async function startChild<Ready, Question, Answer>(
  file: string,
  options: unknown,
): Promise<Child<Ready, Question, Answer>> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: execArgv() });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  function send(message: FromParent): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onEnd = () => reject(new Error(`${file} ended before it answered`));
      child.once('exit', onEnd);
      child.once('message', (answer: ToParent) => {
        child.off('exit', onEnd);
        if (answer.kind === 'failed') reject(new Error(`${file}: ${answer.why}`));
        else resolve(answer.value);
      });
      child.send(message);
    });
  }

  async function close(): Promise<void> {
    if (child.connected) child.send({ kind: 'close' } satisfies FromParent);
    await ended;
  }

  try {
    return {
      ready: (await send({ kind: 'start', value: options })) as Ready,
      ask: (question) => send({ kind: 'ask', value: question }) as Promise<Answer>,
      cpuSeconds: () => send({ kind: 'cpu' }) as Promise<number>,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The child's side of {@link startChild}. */
export function serveParent<Options, Ready, Question, Answer>(
  start: (options: Options) => Promise<Served<Ready, Question, Answer>>,
): void {
  let served: Served<Ready, Question, Answer> | undefined;

  async function obey(message: FromParent): Promise<void> {
    switch (message.kind) {
      case 'start':
        served = await start(message.value as Options);
        return reply({ kind: 'value', value: served.ready });
      case 'ask':
        return reply({ kind: 'value', value: await served?.answer(message.value as Question) });
      case 'cpu':
        return reply({ kind: 'value', value: cpuSeconds() });
      case 'close':
        await served?.close();
        process.disconnect?.();
    }
  }

  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole group: the parent closes us in order.
  process.on('SIGINT', () => {});
  process.on('message', (message: FromParent) => {
    obey(message).catch((thrown: unknown) => {
      reply({ kind: 'failed', why: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    });
  });
}

function reply(message: ToParent): void {
  process.send?.(message);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** `ASSENT_BENCH_PROFILE=<folder>` has each child write a CPU profile. */
function execArgv(): string[] {
  const folder = process.env['ASSENT_BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}
