/** Witnesses: whether anybody outside cosigns, by a policy that this ledger could start with, and how far they got. */
import { isFailure } from '#core/failure.ts';
import type { WitnessPolicy } from '#core/tlog/policy.ts';
import type { KeySet } from '../../key-set.ts';
import { readWitnessing } from '../../node.ts';
import type { Config } from '../config.ts';
import type { Inspection } from '../inspect.ts';
import { fine, type Line, note, todo } from './line.ts';

const ID = 'witnesses';

/** The policy that a server would start with; a text: why none would. */
export function ownPolicy(config: Config, keys: KeySet): WitnessPolicy | undefined | string {
  try {
    return readWitnessing(config, keys)?.policy;
  } catch (failure) {
    if (!isFailure(failure, 'config_invalid')) throw failure;
    return failure.message;
  }
}

/** @param inspection undefined, where the database can't be looked at. */
export function witnessLines(config: Config, keys: KeySet, inspection: Inspection | undefined): readonly Line[] {
  const policy = ownPolicy(config, keys);
  if (policy === undefined) {
    return [
      note(
        ID,
        'ASSENT_WITNESS_POLICY is not set: nobody outside cosigns, so that only who keeps a checkpoint can tell a rewritten history',
        'Have others cosign: docs/trust.md says how to be witnessed, and what it costs.',
      ),
    ];
  }
  if (typeof policy === 'string') {
    return [todo(ID, `no server starts with this policy: ${policy}`, 'Mend the file (docs/trust.md has an example).')];
  }
  const { witnesses, quorum } = policy;
  const organisations = new Set(witnesses.map(({ organisation }) => organisation)).size;
  const said = `${witnesses.length} witnesses of ${organisations} organisations; quorum ${quorum?.name ?? 'none'}`;
  return [reached(said, quorum !== undefined, inspection)];
}

function reached(said: string, isWanted: boolean, inspection: Inspection | undefined): Line {
  const { published, witnessed } = inspection ?? {};
  if (!isWanted || published == null || witnessed === undefined) return fine(ID, said);
  if (witnessed === published) return fine(ID, `${said}; it has cosigned the ${published} entries that are published`);
  return note(
    ID,
    `${said}; it has cosigned ${witnessed ?? 'none'} of the ${published} entries that are published`,
    'If that stays so while a server runs, see that the witnesses answer: GET /ready says since when the quorum is missing.',
  );
}
