/** `assent witness`: cosigns others' logs, with a key and a memory of its own, on a port of its own. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '#core/failure.ts';
import { cosignerKey, formatCosignerVkey } from '#core/note/key.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import type { WitnessedLogs } from '#core/tlog/witness.ts';
import { nativeEd25519 } from '../../native.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { serveFetch } from '../../node/serve.ts';
import { holdWitnessState } from '../../node/witness-state.ts';
import { readArgs } from '../args.ts';
import { EXIT, explain, terminal, Usage } from '../output.ts';
import { openWitness } from '../witness/server.ts';

const OPTIONS = {
  name: { type: 'string' },
  key: { type: 'string' },
  logs: { type: 'string' },
  new: { type: 'boolean' },
  host: { type: 'string' },
  port: { type: 'string' },
} as const;

export async function witnessCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const want = (name: 'name' | 'key' | 'logs'): string => {
    const value = values[name];
    if (value === undefined) throw new Usage(`witness: want --${name}`);
    return value;
  };
  const key = await readKey(want('key'));
  const own = cosignerKey(want('name'), key.publicKey);
  const logs = readLogs(want('logs'));
  const path = join(readConfig(process.env).stateDir, `${own.keyId}.witness`);
  const state = holdWitnessState(path, values.new === true ? 'new' : 'existing');
  try {
    const witness = openWitness({
      name: own.cosigner,
      ...{ key, logs, state },
      ed25519: nativeEd25519,
      clock: Date.now,
      onSplitView: (origin) => terminal.note(`assent: ${origin} HAS FORKED: the proof is kept in ${path}`),
      onTrouble: (thrown) => terminal.note(`assent: a request could not be answered: ${explain(thrown)}`),
    });
    // Before anyone is told that it runs: who stops it at once is heard, too.
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    const server = await serveFetch(witness.fetch, { host: values.host ?? '127.0.0.1', port: readPort(values.port) });
    terminal.line(`A witness of ${logs.size} log${logs.size === 1 ? '' : 's'} at ${server.url}`);
    terminal.line(`for a policy: witness NAME ${formatCosignerVkey(own)} ${server.url}`);
    await stopped;
    await server.close();
  } finally {
    state.release();
  }
  return EXIT.holds;
}

/** The `log` lines of a policy file: a log with several keys has several lines. */
function readLogs(path: string): WitnessedLogs {
  let file: Uint8Array;
  try {
    file = readFileSync(path);
  } catch (cause) {
    throw new Failure('config_invalid', `--logs ${path} can't be read`, { cause });
  }
  const keys = parsePolicy(file).logs.map((log) => log.key);
  if (keys.length === 0) throw new Failure('config_invalid', `--logs ${path} names no log: want log <vkey>`);
  return Map.groupBy(keys, ({ name }) => name);
}

function readPort(text = '8790'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure('config_invalid', `--port is ${JSON.stringify(text)}, want a number from 0 to 65535`);
}
