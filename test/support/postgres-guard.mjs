/**
 * Runs one PostgreSQL server, and ends it with whoever started it.
 *
 * Standard input is the lifeline: a process that ends, even by SIGKILL, closes it. Then the server gets
 * SIGINT (a fast, orderly shutdown), and its folder is removed. Plain JavaScript, so that any Node runs it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const ORDERLY_MS_MAX = 20_000;

const { folder, command, args, options } = JSON.parse(process.argv[2] ?? '');
const server = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });

let wish = '';
process.stdin.on('data', (chunk) => {
  wish += chunk;
});
process.stdin.on('end', stop).on('error', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// Whoever read our output may be gone.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.on('exit', (code) => {
  if (wish !== 'keep' && process.stdin.readableEnded) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code ?? 1);
});

function stop() {
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGKILL'), ORDERLY_MS_MAX).unref();
}
