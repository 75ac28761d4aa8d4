/**
 * The `assent` command.
 *
 * @module
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isFailure } from '#core/failure.ts';
import { endWithNpm } from './npm.mjs';
import { EXIT, explain, isRefused, terminal, Usage } from './output.ts';

const USAGE = `assent <command>

  serve                  open the ledger and serve it (npm start)
  demo                   play the story on a throw-away ledger, and verify everything
  reset-demo             remove the demo's ledger, so that the next start plays it anew
  migrate                bring the database to this version's schema
  keygen FILE            make a private key for a party or a subject
  keygen DIR --ledger ORIGIN   make all the keys of a ledger that is to run on Workers
  keys ACTION            the ledger’s issuing key is exchanged in steps (docs/keys.md); signed by the keeper's two
                         status; add issuing: make and announce one; rotate issuing: it takes over; retire KEY;
                         compromised KEY --since TIME: it was in other hands, and ends at once;
                         recover: both administrators’ keys are lost or in other hands, by the recovery key
      --keeper FILE --url URL   as for party
      --recovery FILE --to FOLDER --lost | --since TIME   for recover
  party ACTION [ID]      register, show, add-key, retire-key, compromise-key, operator-left, suspend, reinstate,
                         continue, self-suspend, self-reinstate
      --name --role --key FILE --admin-key FILE     for register
      --key FILE --duty admin|query --operator ID   for add-key; --key for retire-key, each one for continue; --since TIME for compromise-key
      --from --to --compromised-since TIME          for self-suspend (default: from now until lifted)
      --admin FILE         sign as the party's own administrator (default: the keeper's two keys)
      --keeper FILE        a key of the keeper that is not in the data folder, given twice
      --url URL            of the server (default: the one on this machine)
  affirm FILE            a person at your counter, by its document: links to affirm its keys since entries were lost
      --party ID --key FILE   of a party that identifies persons; FILE is {"id_type", "id_number"} as JSON
      --url URL            of the ledger's pages (default: the server on this machine)
  sign URL               print the headers of a signed request, for curl -H @-
      --key FILE --party ID | --subject HANDLE [--body FILE] [--method GET|POST] [--idempotency-key KEY]
  batch FILE             ask for a whole list, CSV or JSON lines (docs/batch.md)
      --party ID --key FILE
      --out FILE           the results, CSV or JSON lines (default: CSV on stdout)
      --job ID             continue a job that was interrupted
      --url URL            of the server (default: the one on this machine)
  gateway                put a door before a system that can't be changed (docs/provider.md)
      --upstream URL --map FILE --party ID --key FILE --vkey TEXT|FILE
      --url URL            of the ledger (default: http://127.0.0.1:8787)
      --host --port        to listen on (default: 127.0.0.1:8788)
      --offline            take permits without asking, where the letter allows it
  identity-provider      stand in for an identity provider of the pages, with made-up people
      --party ID --key FILE --people FILE --log ORIGIN
      --url URL            of the ledger's pages (default: http://localhost:8787); several times, if it has several
      --host --port        to listen on (default: 127.0.0.1:8789)
  witness                cosign others' logs, with a key and a memory of its own (docs/trust.md)
      --name NAME          its key name, such as witness.example.org/w1
      --key FILE           its key, of assent keygen, used for nothing else
      --logs FILE          whom it cosigns: lines log <vkey>, and quorum none (C2SP tlog-policy)
      --new                the key's first start: it has cosigned nothing yet
      --host --port        to listen on (default: 127.0.0.1:8790)
  pack lint [DIR…]       look through packs, and say what is wrong and in which line (default: those of packs/)
  pack diff OLD NEW      what a new version of a pack changes, and whether it widens anything
  pack publish [DIR…]    publish packs, each after those it needs (default: those of packs/); signed by the keeper's two
  pack list              what a server has published
  pack withdraw ID       let no version of a pack decide any more
  profile ID on|off      switch a reading of the law that counsel must have decided on (--yes)
  engine raise N         decide by a later engine from here on
      --keeper FILE --url URL   as for party
  explain FILE|ID        why an access was decided so: out of its receipt, offline, or asked of a server
      --lang zh|en         Chinese has authority (default: zh)
      --vkey TEXT|FILE     as for verify; or --party ID --key FILE --url URL to ask a server
  retention              what is due for erasure, what is kept until when, and by which article
      --due                only what is due
      --erase              the keeper erases all that is due
      --party ID --key FILE --url URL   of a party's own relationships (default: of all, signed by the keeper's two)
  letter lint FILE       what in a letter's text or template goes against the law, why, and a better wording
  audit                  replay the whole ledger and decide everything again
      --vkey TEXT|FILE     the log's public key to trust (default: the one beside its keys)
      --list PARTY=FILE    compare with a door's own list of what it released (JSON lines: access, items, count)
      --skip-signatures    do not verify each entry's own signature (the tree's are verified)
      --chains             bytes, chains, tree and checkpoints alone: faster, and no decision is made again
      --mirror DIR         audit a mirror instead, offline; --vkey is wanted then
      --tsa FILE           judge the time-stamps that it holds, by a TSA’s certificate or its authority’s (PEM)
  monitor URL            follow a ledger as its auditor: consistency, every entry and decision, its age (docs/auditor.md)
      --vkey TEXT|FILE --party ID --key FILE   the log's key to trust, and the auditor's party and key
      --chains             as for audit
      --once               look once (default: until something is found, or it is stopped)
      --state FILE         its own last checkpoint (default: in the state folder)
      --every SECONDS --max-age HOURS   how often to look (10), and how old the last entry may be (26)
      --policy FILE        your own witnesses: their quorum must have cosigned what is served, within --max-age
      --receipts FILE|DIR  receipts that you hold, which must be of this history, and hold in it
      --tsa FILE           judge the time-stamps that are served, too, as for audit
      --authority HOST     what signatures name, where that is not the host of the URL
  reconcile FILE.csv     compare a door's own query list (access,time[,reason]) with the ledger (docs/auditor.md)
      --door ID --vkey TEXT|FILE
      --mirror DIR         of a mirror, offline; or --url URL --party ID --key FILE, as for monitor
      --from TIME --to TIME   what the list covers (default: from its first query to its last)
      --apart SECONDS      how far the times of one query may lie apart (300)
      --clock SECONDS      how far the door's clock may be off, before a query is called signed late (5)
  time-stamp URL         have a TSA (RFC 3161) stamp the newest checkpoint, and keep both (docs/keeper.md)
      --vkey TEXT|FILE --tsa FILE --tsa-url URL --dir DIR   the log's key; the TSA's certificate or its authority's (PEM)
      --tsa-policy OID     the policy that it is to stamp by (default: its own)
  mirror URL DIR         keep a whole copy of a ledger's entries, verified, to be audited offline
      --vkey --party --key --authority --tsa   as for monitor; time-stamps of its history are kept either way
  restore                put back what a restored backup lacks, from a mirror, under the keeper's two keys (docs/keeper.md)
      --mirror DIR         a folder that assent mirror made
      --dry-run            prove it, say what would be done, and write nothing
      --new-origin NAME    instead: nobody has the tail, and the log goes on under this name and new keys
      --lost-checkpoint FILE  with it: the newest checkpoint of this log that anybody has
      --log-keys FILE      with it: what the ledger said of its log keys then (v1/log/keys), if another one took over in what is lost
      --nothing-lost       instead of that: the whole log moves to another name, and all in it stands as it did
      --give-up            with --new-origin alone: what was begun under NAME is not done, and never will be
      --recovery FILE      with --new-origin: the recovery key as of what is left
      --tiles DIR          with it: tiles of what was lost, which prove that what is left is its beginning
      --signer-set-back    the signer's memory was restored from an old backup as well, and nobody signs elsewhere
      --vkey TEXT|FILE     the log's public key to trust (default: the one beside its keys)
      --tsa FILE           whose time-stamps go back as well (PEM; default: ASSENT_TSA_CERTIFICATE); without, they stay in the mirror
      --keeper FILE        as for party
  doctor                 configuration, database, clocks, keys, disks, port: what each is, and what to do
  verify FILE…           verify receipts, offline; /verify of a server does the same in a browser
      --vkey TEXT|FILE     the log's public key to trust (default: those of the policy, or in keys/)
      --policy FILE        your own witnesses and their quorum (C2SP tlog-policy): recorded is then witnessed or not
      --max-age HOURS      how long ago the quorum may have cosigned; else the receipt is stale
      --time-stamp FILE --tsa FILE   of one receipt: when it existed at the latest, by a TSA whose certificate is --tsa (PEM)
      --consistency FILE   the answer of GET /v1/proofs/consistency, where the stamped tree is larger than the receipt's
      --log-keys FILE      what the ledger says of its keys now (GET /v1/log/keys): what of the receipt is tainted
      --scan FILE --salt TEXT   of one receipt: whether this is the scan of a letter in it that was signed in ink
  receipt disclose FILE  make of a receipt one that opens only what is named, offline, on stdout (docs/exports.md)
      --open NAMES         such as text or signature:3, with commas; nothing for none
      --vkey TEXT|FILE     as for verify: what does not hold is not made
  export ACTION          a letter in others' shapes, of which its receipt is the proof (docs/exports.md)
      consent-record FILE  of a letter's receipt, offline: a record shaped as ISO/IEC TS 27560; --vkey as for verify
      vc LETTER            as a Verifiable Credential, asked of a server: --party ID --key FILE [--url URL]

  --json                 print the result as JSON, and nothing else, on stdout
  --help

Exit codes: audit 0 holds, 1 findings, 2 could not run; doctor 0 nothing to do, 1 something, 2 could not run; pack lint 0 clean, 1 problems, 2 could not run;
letter lint 0 no error, 1 an error, 2 could not run; batch 0 all rows decided, 1 some not, 2 could not run;
verify 0 recorded, 1 invalid or diverged, 2 could not run, 3 stale, 4 recorded, and its payload erased, 5 quorum not met; of several the first of 1, 5, 3, 4;
monitor 0 holds, 1 findings, 2 could not run, 3 stale, 5 quorum not met; mirror and reconcile 0 holds, 1 findings or differences, 2 could not run;
restore 0 restored, or nothing is missing, 1 refused, 2 could not run; every other command 0 or 2, demo 1 if a step went wrong.
Configuration: PORT, HOST, DATABASE_URL, ASSENT_ORIGIN, ASSENT_AUTHORITY, ASSENT_IDENTITY_PROVIDERS,
ASSENT_DATA_DIR, ASSENT_STATE_DIR, ASSENT_KEYS_DIR, ASSENT_WITNESS_POLICY (see README.md).`;

/** Each command is loaded when it is asked for, so that `verify` needs no database. */
const COMMANDS: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  'reset-demo': async () => (await import('./commands/reset-demo.ts')).resetDemoCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  keygen: async () => (await import('./commands/keygen.ts')).keygenCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  party: async () => (await import('./commands/party.ts')).partyCommand,
  profile: async () => (await import('./commands/law.ts')).profileCommand,
  engine: async () => (await import('./commands/law.ts')).engineCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  affirm: async () => (await import('./commands/affirm.ts')).affirmCommand,
  sign: async () => (await import('./commands/sign.ts')).signCommand,
  batch: async () => (await import('./commands/batch.ts')).batchCommand,
  pack: async () => (await import('./commands/pack.ts')).packCommand,
  gateway: async () => (await import('./commands/gateway.ts')).gatewayCommand,
  'identity-provider': async () => (await import('./commands/identity-provider.ts')).identityProviderCommand,
  witness: async () => (await import('./commands/witness.ts')).witnessCommand,
  retention: async () => (await import('./commands/retention.ts')).retentionCommand,
  letter: async () => (await import('./commands/letter.ts')).letterCommand,
  monitor: async () => (await import('./commands/monitor.ts')).monitorCommand,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  'time-stamp': async () => (await import('./commands/time-stamp.ts')).timeStampCommand,
  mirror: async () => (await import('./commands/mirror.ts')).mirrorCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  receipt: async () => (await import('./commands/receipt.ts')).receiptCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
};

/** After a message about one command, all of them would only push it out of sight. */
const HELP = 'All commands: npx assent --help';

/** What is said of one command, or of all where there is none of this name. */
function usageOf(name: string): string {
  if (!Object.hasOwn(COMMANDS, name)) return USAGE;
  // A command's lines begin with its name behind two spaces; what belongs to it is further in.
  const parts = USAGE.split(/\n(?= {2}[a-z])/);
  const own = parts.filter((part) => part.trimStart().split(/\s/, 1)[0] === name);
  return [...own.map((part) => part.trimEnd().split('\n\n', 1)[0]), '', HELP].join('\n');
}

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) {
    terminal.line(usageOf(name === 'help' ? (args[0] ?? '') : name));
    return EXIT.holds;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw new Usage(`no command ${JSON.stringify(name)}`);
  return (await load())(args);
}

/**
 * A command starts in half the time where its code was compiled before. Kept beside the packages, where only those write who can
 * write the code itself: in a common folder for temporary files others could lay theirs. Where it can't be written, there is none.
 */
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/assent', import.meta.url)));

endWithNpm(() => process.kill(process.pid, 'SIGTERM'));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.exitCode = EXIT.couldNotRun;
  const isSaid = thrown instanceof Usage || isFailure(thrown) || isRefused(thrown);
  terminal.note(`assent: ${thrown instanceof Usage ? `${thrown.message}. ${HELP}` : explain(thrown)}`);
  if (!isSaid && thrown instanceof Error) terminal.note(thrown.stack ?? '');
}
