/**
 * Who reads all entries: an operator of a party with the role `auditor`. One that waits to be continued, since the log lost
 * entries, reads what there was before, and how the log was continued, without the keeper's leave (ADR 0032).
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { type Caller, type Request, tellCaller } from './caller.ts';
import type { Context } from './context.ts';

export interface Auditor {
  /** How many entries, from the first on, are shown to it; undefined: all that are published. */
  readonly readable: number | undefined;
}

/** That an auditor's key waits, and up to where it reads meanwhile. */
export class KeyWaiting extends Failure {
  readonly readable: number;

  constructor(readable: number) {
    const message = `entries were lost: until the keeper has continued the party, its auditor reads the first ${readable} entries`;
    super('key_waiting', message);
    this.readable = readable;
  }
}

/** @throws {Failure} `not_found`, for who is no auditor; else as {@link tellCaller}; `key_waiting` */
export async function authenticateAuditor(context: Context, request: Request): Promise<Auditor> {
  const { caller, waiting } = await tellCaller(context, request);
  const entries = isAuditor(caller) ? waiting?.entries : undefined;
  if (waiting !== undefined && entries === undefined) throw waiting.failure;
  if (!isAuditor(caller)) throw new Failure('not_found', 'no such path');
  return { readable: entries };
}

/** Not who looks after keys: an auditor sees all that the ledger decided, of everyone. */
function isAuditor(caller: Caller): boolean {
  return caller.kind === 'party' && caller.duty === 'query' && caller.roles.includes('auditor');
}

/** Requires that the first `end` entries are shown to an auditor. @throws {KeyWaiting} */
export function requireReadable({ readable }: Auditor, end: number): void {
  if (readable !== undefined && end > readable) throw new KeyWaiting(readable);
}
