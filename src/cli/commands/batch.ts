/** `assent batch`: a list of accesses out of a file, decided as a job, and a file of what became of each row. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { partySignatory } from '#client/index.ts';
import { Failure } from '#core/failure.ts';
import { type JobId, type PartyId, parseId } from '#core/ids.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { formatCsv } from '../batch/csv.ts';
import { isJson, readList } from '../batch/list.ts';
import { cutList } from '../batch/parts.ts';
import { awaitDecided, openJob, type RowOutcome, readOutcomes, sendMissing } from '../batch/run.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';

const OPTIONS = {
  party: { type: 'string' },
  key: { type: 'string' },
  url: { type: 'string' },
  out: { type: 'string' },
  job: { type: 'string' },
} as const;

export async function batchCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [file, ...more] = positionals;
  const { party, key, out } = values;
  if (file === undefined || more.length > 0) throw new Usage('batch: want one FILE, CSV or JSON lines');
  if (party === undefined || key === undefined) throw new Usage('batch: want --party ID and --key FILE');
  const principal = parseId<PartyId>(party);
  const continued = values.job === undefined ? {} : { job: parseId<JobId>(values.job) };
  const url = values.url ?? `http://127.0.0.1:${readConfig(process.env).port}`;
  const client = clientOf(url, [partySignatory(principal, await readKey(key))]);
  const { parts, lines } = cutList(principal, readList(file));
  // Before anything is sent: what was decided for a file that can't be written would be uses of grants all the same.
  const results = out === undefined ? undefined : openResults(out);
  const job = await openJob(client, { principal, parts, ...continued });
  terminal.note(`job ${job}: ${lines.length} rows in ${parts.length} parts; if this is interrupted, add --job ${job}`);
  await sendMissing(client, job, parts, terminal);
  await awaitDecided(client, job, { said: terminal, rows: lines.length, sleep: (ms) => sleep(ms) });
  return await writeResults(lines, readOutcomes(client, job, parts), results);
}

interface Results {
  readonly name: string;
  readonly file: number;
}

/** @throws {Failure} `config_invalid`, if it can't be written. */
function openResults(name: string): Results {
  try {
    return { name, file: openSync(`${name}.part`, 'w') };
  } catch (cause) {
    throw new Failure('config_invalid', `--out ${name} can't be written: is its folder there?`, { cause });
  }
}

/** To a file of this name once it is whole, or to stdout. */
async function writeResults(
  lines: readonly number[],
  outcomes: AsyncIterable<RowOutcome>,
  results: Results | undefined,
): Promise<number> {
  const counts = { allow: 0, deny: 0, undecided: 0 };
  const write = (text: string) => (results === undefined ? process.stdout.write(text) : writeSync(results.file, text));
  const format = results !== undefined && isJson(results.name) ? formatJsonRow : formatCsvRow;
  if (format === formatCsvRow) write(formatCsv(['line', 'access', 'decision', 'codes']));
  for await (const outcome of outcomes) {
    counts[outcome.decision]++;
    write(format(lines[outcome.at] as number, outcome));
  }
  if (results !== undefined) {
    closeSync(results.file);
    renameSync(`${results.name}.part`, results.name);
  }
  terminal.note(`allowed ${counts.allow}, denied ${counts.deny}, undecided ${counts.undecided}`);
  return counts.undecided === 0 ? EXIT.holds : EXIT.findings;
}

function formatCsvRow(line: number, { access, decision, codes }: RowOutcome): string {
  return formatCsv([String(line), access, decision, codes.join(';')]);
}

function formatJsonRow(line: number, { access, decision, codes }: RowOutcome): string {
  return `${JSON.stringify({ line, access, decision, codes })}\n`;
}
