/**
 * Installs what the lock file names, if that has not been done yet.
 *
 * Runs before every npm script and before the `assent` command, so it is plain JavaScript for Node 20
 * without dependencies. A stamp in node_modules says which lock file the last finished install was made
 * from; where it agrees, nothing happens. Everything is said on stderr: stdout belongs to the command.
 *
 *     node src/cli/setup.mjs          what running needs
 *     node src/cli/setup.mjs --dev    and what testing needs
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.assent-setup.json');
const LOCK = join(ROOT, '.assent-setup.lock');
const LOCK_NPM = join(LOCK, 'npm.pid');

const NODE_MAJOR_MIN = 24;
const LOCK_BEAT_MS = 1_000;
const LOCK_STALE_MS = 20_000;
const LOCK_WAIT_MS_MAX = 15 * 60_000;
const NPM_OUTPUT_CHARS_MAX = 100_000;
const NPM_OUTPUT_LINES_MAX = 20;

/** The npm settings of the caller that an install keeps: where packages come from, never which ones. */
const NPM_SETTINGS_KEPT =
  /registry$|^(cafile|ca|cert|key|cache|userconfig|globalconfig|strict_ssl|maxsockets)$|proxy$|offline$|^fetch_|^\/\//;

/** Returns the path of a Node that runs our TypeScript as it is, or undefined where none is installed. */
export function findNode() {
  return majorOf(process.versions.node) >= NODE_MAJOR_MIN ? process.execPath : findInstalledNode();
}

function findInstalledNode() {
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const names = [`node-${PLATFORM}`, `node-bin-${PLATFORM}`];
  return names.map((name) => join(MODULES, name, file)).find((path) => existsSync(path));
}

/**
 * Installs what is missing; returns at once if nothing is.
 *
 * @throws {Error} with a message for the user, if it cannot.
 */
export async function setup({ dev }) {
  if (isStamped(dev)) return;
  const unlock = await lock();
  try {
    if (isStamped(dev)) return;
    if (!isInstalled(dev)) await install(dev);
    checkNode();
    linkCommands();
    // Last: a stamp exists only where everything above has succeeded.
    writeFileSync(STAMP, `${JSON.stringify({ lock: lockDigest(), platform: PLATFORM, dev: isInstalled(true) })}\n`);
  } finally {
    unlock();
  }
}

const PLATFORM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

function isStamped(dev) {
  const stamp = readJson(STAMP);
  return stamp !== undefined && stamp.lock === lockDigest() && stamp.platform === PLATFORM && (stamp.dev || !dev);
}

/** Tells whether node_modules already is what the lock says, for instance after a plain `npm ci`. */
function isInstalled(dev) {
  // npm writes this file at the end of an install, so a broken-off one has none, or an older one.
  const installed = readJson(join(MODULES, '.package-lock.json'))?.packages;
  if (installed === undefined || findNode() === undefined) return false;
  return Object.entries(readJson(join(ROOT, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '' || wanted.optional || wanted.devOptional || wanted.peer || wanted.os || wanted.cpu) return true;
    if (wanted.dev && !dev) return true;
    return installed[path]?.integrity === wanted.integrity && existsSync(join(ROOT, path, 'package.json'));
  });
}

async function install(dev) {
  const parts = dev ? 'everything, development parts too' : 'what running needs';
  say(`installing ${parts} (once; this takes up to a minute or two) …`);
  const startMs = Date.now();
  const { code, output } = await npm([
    'ci',
    ...['--include=prod', '--include=optional', dev ? '--include=dev' : '--omit=dev'],
    // No package here needs its install script (see allowScripts in package.json). Node 20 only carries the
    // installation; what wants a newer Node runs on the one that is installed.
    ...['--ignore-scripts', '--engine-strict=false', '--install-strategy=hoisted'],
    ...['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
  ]);
  if (code !== 0) {
    throw new Error(
      `npm ci failed (exit ${code}).\n${indent(output)}\nCheck the network and free disk space, then run the same command again.`,
    );
  }
  say(`installed in ${Math.round((Date.now() - startMs) / 1000)} s`);
}

/** Runs the npm that called us, or the one on the PATH; resolves to its exit code and output. */
function npm(args) {
  const caller = process.env.npm_execpath ?? '';
  const script = /^np[mx]-cli\.c?js$/.test(basename(caller)) ? join(dirname(caller), 'npm-cli.js') : '';
  const found = script !== '' && existsSync(script);
  // The install removes node_modules, and with it the Node that may be running this very file.
  const [file, ...first] = found ? [process.env.npm_node_execpath ?? process.execPath, script] : ['npm'];
  const child = spawn(file, [...first, ...args], {
    cwd: ROOT,
    env: npmEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: !found && process.platform === 'win32',
  });
  if (child.pid !== undefined) writeFileSync(LOCK_NPM, String(child.pid));
  const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const stop = () => child.kill();
  for (const signal of stopSignals) process.on(signal, stop);
  return new Promise((resolve) => {
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(0, NPM_OUTPUT_CHARS_MAX);
    };
    const finish = (code, text) => {
      for (const signal of stopSignals) process.off(signal, stop);
      resolve({ code, output: text });
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => finish('none', `npm could not be started: ${error.message}`));
    child.on('close', (code, signal) => finish(code ?? signal, output));
  });
}

/** Leaves out settings of the npm command that called us: `npm start --omit=optional` must not reach the install. */
function npmEnvironment() {
  const kept = ([name]) => {
    const setting = /^npm_config_(.*)$/i.exec(name)?.[1];
    return setting === undefined || NPM_SETTINGS_KEPT.test(setting.toLowerCase());
  };
  return Object.fromEntries(Object.entries(process.env).filter(kept));
}

/** npm passes over an optional package that it could not fetch, and Node is one. */
function checkNode() {
  const node = findNode();
  if (node !== undefined && isNewEnough(node)) return;
  throw new Error(
    `Node ${NODE_MAJOR_MIN} for ${PLATFORM} ${node === undefined ? 'was not installed' : 'does not run here'}.\n` +
      `Install Node ${NODE_MAJOR_MIN} or newer yourself, then run the same command with it.`,
  );
}

function isNewEnough(node) {
  const run = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return run.status === 0 && majorOf(run.stdout.slice(1)) >= NODE_MAJOR_MIN;
}

/** Makes the two links that commands are found by, in node_modules/.bin, which npm puts first on the PATH. */
function linkCommands() {
  // Lets `npx assent` find the command of this very project, so that npx fetches nothing.
  link('assent', join(ROOT, 'src', 'cli', 'assent.mjs'));
  // Lets `node` in an npm script be the one installed. npm 11 links it, npm 10 does not; and on a system with
  // another C library (Alpine) it is there but does not run, and must not hide the system's own.
  const node = findInstalledNode();
  if (node !== undefined && isNewEnough(node)) link('node', node);
  else rmSync(join(MODULES, '.bin', 'node'), { force: true });
}

function link(name, target) {
  const folder = join(MODULES, '.bin');
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(relative(folder, target), path);
  } catch (error) {
    // Windows asks for a privilege here. `npm run assent` works without the link.
    if (process.platform !== 'win32') throw error;
  }
}

/**
 * Takes the install lock, waiting for whoever holds it; returns what gives it back.
 *
 * The holder touches the folder every second. One that was killed stops doing so, and is passed over once
 * the npm that it had started is gone, too. (Two waiters who find a dead lock in the same instant may both go
 * on; then one npm fails, and says so.)
 */
async function lock() {
  const deadline = Date.now() + LOCK_WAIT_MS_MAX;
  let told = false;
  while (!tryMakeLock()) {
    if (Date.now() > deadline)
      throw new Error(`another install has held ${LOCK} for too long.\nStop it, or remove that folder.`);
    if (isLockDead()) {
      rmSync(LOCK, { recursive: true, force: true });
      continue;
    }
    if (!told) say('waiting for another install in this folder …');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_BEAT_MS / 2));
  }
  const beat = setInterval(touchLock, LOCK_BEAT_MS);
  return () => {
    clearInterval(beat);
    rmSync(LOCK, { recursive: true, force: true });
  };
}

function tryMakeLock() {
  try {
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new Error(`cannot write to ${ROOT}: ${error.message}\nRun this as a user who may.`);
  }
}

function touchLock() {
  try {
    utimesSync(LOCK, new Date(), new Date());
  } catch {
    // Somebody removed it by hand. The install goes on.
  }
}

function isLockDead() {
  const stat = statSync(LOCK, { throwIfNoEntry: false });
  if (stat === undefined || Date.now() - stat.mtimeMs < LOCK_STALE_MS) return false;
  const npmPid = readJson(LOCK_NPM);
  return npmPid === undefined || !isAlive(npmPid);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

/** npm says first what went wrong, then how it is used. */
function indent(text) {
  const lines = text.trimEnd().split('\n').slice(0, NPM_OUTPUT_LINES_MAX);
  return lines.map((line) => `  ${line}`).join('\n');
}

function say(text) {
  process.stderr.write(`assent: ${text}\n`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await setup({ dev: process.argv.includes('--dev') });
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
