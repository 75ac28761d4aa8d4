/** Time-stamps: whether the authority answers, and how old the newest one is. Nothing else waits for them. */
import type { Config } from '../config.ts';
import type { Inspection } from '../inspect.ts';
import { fine, type Line, note, todo } from './line.ts';

const ID = 'time-stamps';
const LOOK =
  'The ledger goes on without. See that ASSENT_TSA_URL answers, and that ASSENT_TSA_CERTIFICATE is its certificate’s (docs/keeper.md).';

/** No line, where no authority is asked and none was. */
export function stampLines({ timeStamps: settings }: Config, inspection: Inspection): readonly Line[] {
  const { timeStamps: found, published, processTime } = inspection;
  if (found === null || (settings === undefined && found.newest === null)) return [];
  const { newest, asking } = found;
  const last = newest === null ? 'there is none yet' : sayNewest(newest, processTime);
  if (settings === undefined)
    return [note(ID, `${last}; no authority is asked any more (ASSENT_TSA_URL is not set)`, null)];
  if (asking?.why != null)
    return [todo(ID, `the authority gives none since ${dateOf(asking.failing_since)}: ${asking.why}; ${last}`, LOOK)];
  if (newest === null) return [note(ID, `${last}: a server that signs asks ${settings.url} soon after it starts`)];
  // Two rounds: within the first one nothing is late.
  const isLate = (published ?? 0) > newest.size && processTime - newest.not_later_than > 2 * settings.everyMs;
  if (!isLate) return [fine(ID, last)];
  return [
    todo(ID, `${last}; ${published} entries are published since`, 'Start the server: the process that signs asks.'),
  ];
}

function sayNewest({ size, not_later_than }: { readonly size: number; readonly not_later_than: number }, now: number) {
  const minutes = Math.max(0, Math.floor((now - not_later_than) / 60_000));
  const age = minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
  return `the newest is of ${dateOf(not_later_than)}, ${age} old, over the tree of ${size} entries`;
}

function dateOf(time: number | null): string {
  return time === null ? 'an unknown time' : new Date(time).toISOString();
}
