/**
 * The `assent` command.
 *
 * @module
 */
import { isFailure } from '#core/failure.ts';
import { EXIT, explain, terminal, Usage } from './output.ts';

const USAGE = `assent <command>

  serve                  open the ledger and serve it (npm start)
  demo                   play the story on a throw-away ledger, and verify everything
  migrate                bring the database to this version's schema
  audit                  replay the whole ledger and decide everything again
      --vkey TEXT|FILE     the log's public key to trust (default: the one beside its keys)
      --skip-signatures    do not verify each entry's own signature (the tree's are verified)
  verify FILE…           verify receipts, offline
      --vkey TEXT|FILE     the log's public key to trust (default: those in keys/)

  --json                 print the result as JSON, and nothing else, on stdout
  --help

Exit codes: audit 0 holds, 1 findings, 2 could not run; verify 0 recorded, 1 invalid or diverged, 2 could not run
(3 stale, 4 erased, 5 quorum not met are kept for later); every other command 0 or 2, demo 1 if a step went wrong.
Configuration: PORT, HOST, DATABASE_URL, ASSENT_DATA_DIR, ASSENT_STATE_DIR, ASSENT_KEYS_DIR (see README.md).`;

/** Each command is loaded when it is asked for, so that `verify` needs no database. */
const COMMANDS: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
};

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) {
    terminal.line(USAGE);
    return EXIT.holds;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw new Usage(`no command ${JSON.stringify(name)}`);
  return (await load())(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.exitCode = EXIT.couldNotRun;
  terminal.note(thrown instanceof Usage ? `assent: ${thrown.message}\n\n${USAGE}` : `assent: ${explain(thrown)}`);
  if (!isFailure(thrown) && !(thrown instanceof Usage) && thrown instanceof Error) terminal.note(thrown.stack ?? '');
}
