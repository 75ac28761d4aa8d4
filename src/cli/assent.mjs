#!/usr/bin/env node
/**
 * The `assent` command: installs what is missing, then runs main.ts on the Node that came with it.
 *
 * Plain JavaScript for Node 20, the only thing a machine must have.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithNpm } from './npm.mjs';
import { findNode, setup } from './setup.mjs';

try {
  await setup({ dev: false });
  run(findNode());
} catch (error) {
  process.stderr.write(`assent: ${error.message}\n`);
  process.exitCode = 1;
}

/** Runs main.ts as if it were this process: the same arguments, streams, signals and exit. */
function run(node) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to both of us. A second one would cut short the child's orderly end.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  endWithNpm(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`assent: ${node} could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const each of signals) process.off(each, forward);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}
