/** `assent doctor`: what a ledger on this machine stands on, and what to do about it. */
import { readConfig } from '../../node/config.ts';
import { diagnose } from '../../node/doctor.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal } from '../output.ts';

const OPTIONS = { json: { type: 'boolean' } } as const;

const MARKS = { fine: 'ok  ', note: 'note', todo: 'fix ' } as const;

export async function doctorCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const lines = await diagnose(readConfig(process.env));
  const count = lines.filter(({ state }) => state === 'todo').length;
  if (values.json) terminal.json({ todo: count, lines });
  else {
    for (const { id, state, says, next } of lines) {
      terminal.line(`${MARKS[state]}  ${id.padEnd(26)} ${says}`);
      if (next !== null) terminal.line(`${' '.repeat(33)}→ ${next}`);
    }
    terminal.line(count === 0 ? 'Nothing has to be done.' : `${count} to do.`);
  }
  return count === 0 ? EXIT.holds : EXIT.findings;
}
