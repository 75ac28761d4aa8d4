/** `assent serve`: what it is told is read before all that serving takes is loaded, so that a mistyped line is told at once. */
import { readConfig } from '../../node/config.ts';
import { readArgs } from '../args.ts';

export async function serveCommand(args: readonly string[]): Promise<number> {
  readArgs(args, {}, 'none');
  const config = readConfig(process.env);
  const { serveLedger } = await import('../serving/serve-ledger.ts');
  return serveLedger(config);
}
