/** The database: whether it keeps what it acknowledged, whether its clock is right, and whether the ledger in it is ahead. */
import type { KeySet } from '../../key-set.ts';
import type { Inspected } from '../../node.ts';
import { isDemo } from '../key-set.ts';
import { fine, type Line, note, todo } from './line.ts';

export function databaseLines(keys: KeySet, inspected: Inspected): readonly Line[] {
  return [
    ...(keys.database === 'embedded' ? [embedded(keys)] : settings(inspected)),
    encoding(inspected),
    migrations(inspected),
    clock(inspected),
    ...standing(inspected),
    ...parties(inspected),
  ];
}

function embedded(keys: KeySet): Line {
  return (isDemo(keys) ? note : todo)(
    'database.kind',
    'embedded PGlite: good for a demo, a desk and tests. It survives the kill of the process, not the loss of power, and one process at a time opens it',
    'For a real ledger set DATABASE_URL to a PostgreSQL.',
  );
}

/** What a commit has to wait for, and a crash must not tear (log/practice.md, section 4). */
const WANTED = { fsync: ['on'], full_page_writes: ['on'], synchronous_commit: ['on', 'remote_apply'] } as const;

function settings({ settings: found }: Inspected): readonly Line[] {
  const durable = Object.entries(WANTED).map(([name, wanted]) => {
    const id = `database.${name}`;
    const value = found[name as keyof typeof WANTED] ?? 'unknown';
    if ((wanted as readonly string[]).includes(value)) return fine(id, `${name} is ${value}`);
    return todo(
      id,
      `${name} is ${value}: an acknowledged entry could be lost`,
      `ALTER SYSTEM SET ${name} = '${wanted[0]}'; then SELECT pg_reload_conf();`,
    );
  });
  const checksums =
    found.data_checksums === 'on'
      ? fine('database.data_checksums', 'data_checksums is on')
      : todo(
          'database.data_checksums',
          'data_checksums is off: a page that rots on disk is not noticed',
          'Stop PostgreSQL, run pg_checksums --enable on its data folder, and start it again.',
        );
  return [note('database.kind', `PostgreSQL ${found.server_version ?? ''}`.trim()), ...durable, checksums];
}

function encoding({ settings: { server_encoding, TimeZone } }: Inspected): Line {
  if (server_encoding === 'UTF8') {
    return fine(
      'database.encoding',
      `UTF8; TimeZone is ${TimeZone ?? 'unknown'}, which decides nothing: times are numbers in UTC`,
    );
  }
  return todo(
    'database.encoding',
    `the encoding is ${server_encoding ?? 'unknown'}: names of persons could be refused`,
    'Make a database WITH ENCODING ‘UTF8’ and move the ledger into it (pg_dump, pg_restore).',
  );
}

function migrations({ missingMigrations }: Inspected): Line {
  if (missingMigrations.length === 0) return fine('database.schema', 'the schema is this code’s');
  return todo(
    'database.schema',
    `the database has not had ${missingMigrations.join(', ')}`,
    'Make a backup, then run npx assent migrate (a start of the server does it, too).',
  );
}

/** Past this the ledger stops (design §4); from there down to this it is worth mending. */
const CLOCK_STOPS_MS = 5_000;
const CLOCK_HEED_MS = 1_000;

function clock({ databaseTime, processTime, head }: Inspected): Line {
  const apart = Math.abs(databaseTime - processTime);
  const ahead = (head?.time ?? 0) - databaseTime;
  const sync = 'Synchronise the clocks of both machines (NTP).';
  if (ahead > CLOCK_STOPS_MS) {
    return todo('clock', `the newest entry is ${ahead} ms ahead of the database’s clock: the ledger stops`, sync);
  }
  if (apart > CLOCK_HEED_MS) {
    const stops = apart > CLOCK_STOPS_MS ? ': the ledger stops' : ', and it stops at 5,000';
    return todo('clock', `the clocks of database and process are ${apart} ms apart${stops}`, sync);
  }
  return fine('clock', `the clocks of database and process are ${apart} ms apart`);
}

function standing({ by, signer, head, published, fenced }: Inspected): readonly Line[] {
  const size = head?.size ?? 0;
  if (fenced !== null) {
    return [
      todo(
        'signer',
        `the ledger is read-only: ${fenced}`,
        'Do not go on from this database: put back the newer one, or the signer’s own file; or have the tail put back from a mirror: npx assent restore --mirror DIR --dry-run; or, where nobody has it, go on under another name (docs/keeper.md).',
      ),
    ];
  }
  const where = `${size} entries, ${published ?? 0} of them published`;
  const said = by === 'server' ? `the server that holds the ledger says: ${where}` : where;
  if (signer === 'missing' && size > 0) {
    return [todo('signer', `${said}; the signer’s memory is missing`, 'Put its file back into ASSENT_STATE_DIR.')];
  }
  return [
    fine('signer', signer === 'held' ? `${said}; a running server signs` : `${said}; the signer’s memory agrees`),
  ];
}

const NAMED_MAX = 20;

/** Only after entries were lost: whoever waits is answered `key_waiting`, and asks the keeper why. */
function parties({ waiting = [] }: Inspected): readonly Line[] {
  if (waiting.length === 0) return [];
  const named = waiting.slice(0, NAMED_MAX).map(({ party, name }) => `${name} (${party})`);
  const more = waiting.length > NAMED_MAX ? [`${waiting.length - NAMED_MAX} more`] : [];
  return [
    todo(
      'parties.waiting',
      `entries were lost, and parties wait until it is said which of their keys count: ${[...named, ...more].join(', ')}`,
      'Ask each of them which of its keys it still has, then for each, identifiers first: npx assent party continue ID --key KEY (docs/keeper.md).',
    ),
  ];
}
