/** `assent audit`: replays the ledger from entry 0, and says what is not as it must be. */
import { readFileSync } from 'node:fs';
import { toBase64 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { type AccessId, type PartyId, parseId } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { readConfig } from '../../node/config.ts';
import { auditNode } from '../../node.ts';
import { readArgs } from '../args.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  'skip-signatures': { type: 'boolean' },
  list: { type: 'string', multiple: true },
} as const;

/** With `--json` all of them are listed. */
const TAINTED_LISTED_MAX = 20;

type Report = Awaited<ReturnType<typeof auditNode>>;

export async function auditCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const report = await auditNode(readConfig(process.env), {
    vkey: values.vkey === undefined ? undefined : formatVkey(readVkey(values.vkey)),
    entrySignatures: values['skip-signatures'] !== true,
    lists: (values.list ?? []).map(readList),
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  });
  terminal.progress('');
  if (values.json) terminal.json({ ...report, root: toBase64(report.root) });
  else printReport(terminal, report);
  return report.holds && report.conduct.length === 0 ? EXIT.holds : EXIT.findings;
}

/** `PARTY=FILE`: a door's own list, one JSON object a line: {"access": id or null, "items": [codes], "count": number}. */
function readList(given: string) {
  const at = given.indexOf('=');
  if (at < 0) throw new Usage('audit: want --list PARTY=FILE');
  const [door, file] = [parseId<PartyId>(given.slice(0, at)), given.slice(at + 1)];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read: want a door's own list`, { cause });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return { door, releases: lines.map((line, at) => readRelease(line, `${file}:${at + 1}`)) };
}

function readRelease(line: string, at: string) {
  try {
    const { access, items, count } = JSON.parse(line);
    const areItems = Array.isArray(items) && items.every((item) => typeof item === 'string');
    if (areItems && Number.isSafeInteger(count)) {
      return {
        access: access === null ? null : parseId<AccessId>(access),
        items: items as string[],
        count: count as number,
      };
    }
  } catch {
    // Said below, with the place.
  }
  throw new Failure('input_invalid', `${at}: want {"access": id or null, "items": [codes], "count": number}`);
}

export function printReport(output: Output, report: Report): void {
  output.line(`${report.origin}: ${report.size} entries, root ${toBase64(report.root)}`);
  output.line(
    `replayed: ${report.decisions} access decisions decided again, ${report.signatures} entry signatures, ${report.requests} signed requests, ` +
      `${report.checkpoints} checkpoints, ${report.partsOpened} payload parts opened, ${report.attested} entries attested only`,
  );
  for (const { code, index, message } of report.findings) {
    output.line(`FINDING ${code}${index === null ? '' : ` entry ${index}`}: ${message}`);
  }
  if (report.findingCount > report.findings.length)
    output.line(`… and ${report.findingCount - report.findings.length} more`);
  for (const { index, party, key } of report.tainted.slice(0, TAINTED_LISTED_MAX)) {
    output.line(`TAINTED entry ${index}: signed with key ${key} of party ${party}, since declared compromised`);
  }
  if (report.tainted.length > TAINTED_LISTED_MAX) {
    output.line(`… and ${report.tainted.length - TAINTED_LISTED_MAX} more that are tainted`);
  }
  for (const { code, index, party, message } of report.conduct) {
    output.line(`CONDUCT ${code}${index === null ? '' : ` entry ${index}`}: party ${party}: ${message}`);
  }
  output.line(report.holds ? 'The ledger holds.' : `The ledger does NOT hold: ${report.findingCount} findings.`);
}
