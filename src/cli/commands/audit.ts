/** `assent audit`: replays the ledger from entry 0, and says what is not as it must be. */
import { toBase64 } from '#core/bytes.ts';
import { formatVkey } from '#core/note/key.ts';
import { readConfig } from '../../node/config.ts';
import { auditNode } from '../../node.ts';
import { readArgs } from '../args.ts';
import { EXIT, type Output, terminal } from '../output.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  'skip-signatures': { type: 'boolean' },
} as const;

type Report = Awaited<ReturnType<typeof auditNode>>;

export async function auditCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const report = await auditNode(readConfig(process.env), {
    vkey: values.vkey === undefined ? undefined : formatVkey(readVkey(values.vkey)),
    entrySignatures: values['skip-signatures'] !== true,
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  });
  terminal.progress('');
  if (values.json) terminal.json({ ...report, root: toBase64(report.root) });
  else printReport(terminal, report);
  return report.holds ? EXIT.holds : EXIT.findings;
}

export function printReport(output: Output, report: Report): void {
  output.line(`${report.origin}: ${report.size} entries, root ${toBase64(report.root)}`);
  output.line(
    `replayed: ${report.decisions} access decisions decided again, ${report.signatures} entry signatures, ` +
      `${report.checkpoints} checkpoints, ${report.partsOpened} payload parts opened, ${report.attested} entries attested only`,
  );
  for (const { code, index, message } of report.findings) {
    output.line(`FINDING ${code}${index === null ? '' : ` entry ${index}`}: ${message}`);
  }
  if (report.findingCount > report.findings.length)
    output.line(`… and ${report.findingCount - report.findings.length} more`);
  output.line(report.holds ? 'The ledger holds.' : `The ledger does NOT hold: ${report.findingCount} findings.`);
}
