/** `--chains`: bytes, chains, tree and checkpoints alone, several times faster than the whole. */
import type { Depth } from '../node/watch.ts';
import { Usage } from './output.ts';

/** @param apart What asks for more than chains. @throws {Usage} */
export function depthOf<Name extends string>(
  command: string,
  values: { readonly chains?: boolean | undefined } & { readonly [name in Name]?: unknown },
  apart: readonly Name[],
): Depth {
  if (values.chains !== true) return 'whole';
  const asked = apart.find((name) => values[name] !== undefined);
  if (asked === undefined) return 'chains';
  throw new Usage(`${command}: --${asked} has nothing to look at with --chains: leave one of them out`);
}
