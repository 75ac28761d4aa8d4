/** `assent migrate`: brings the database to this version's schema. */

import { readConfig } from '../../node/config.ts';
import { migrateNode } from '../../node.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal } from '../output.ts';

export async function migrateCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, { json: { type: 'boolean' } }, 'none');
  const ran = await migrateNode(readConfig(process.env));
  if (values.json) terminal.json({ ran });
  else terminal.line(ran.length === 0 ? 'nothing to do: the database is up to date' : `ran ${ran.join(', ')}`);
  return EXIT.holds;
}
