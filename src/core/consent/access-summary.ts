/** What a receipt's verdict says of an access: asked what, decided how, and where that stands. */
import type { Hash } from '../hash.ts';
import type { Entry } from '../tlog/entry.ts';
import type { Ground } from './asked.ts';
import { checkCode } from './check-code.ts';

export interface AccessSummary {
  readonly access: string;
  readonly stream: string;
  readonly index: number;
  /** {@link checkCode} of its entry. */
  readonly check_code: string;
  readonly time: number;
  readonly principal: string;
  readonly action: string;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: string | null;
  /** What it stands on; null where the handle was not the caller's. */
  readonly ground: Ground | null;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly engine: number;
}

export function accessSummary(entry: Entry, index: number, leaf: Hash): AccessSummary {
  const { access, principal, action, purpose, items, door, ground, decision, codes, engine } =
    entry.body as unknown as AccessSummary & { readonly ground?: Ground };
  return {
    access,
    stream: entry.stream,
    index,
    check_code: checkCode(leaf),
    time: entry.time,
    principal,
    action,
    purpose,
    items,
    door,
    ground: ground ?? null,
    decision,
    codes,
    engine,
  };
}
