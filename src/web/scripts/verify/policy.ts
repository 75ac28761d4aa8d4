/**
 * The reader's own witness policy: typed, chosen as a file, or dropped onto its field. It is kept apart from receipts, and is
 * never taken out of one.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { requireLogOf, type WitnessTerms } from '#core/consent/witnessing.ts';
import { isFailure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { POLICY_BYTES_MAX, parsePolicy, type WitnessPolicy } from '#core/tlog/policy.ts';
import { make } from '../desk/dom.ts';
import type { Tongue } from './words.ts';

export interface Wanted {
  /** The text of the policy; empty: no witness is asked for. */
  readonly policy: string;
  /** How old the quorum's cosignature may be, as it was typed, in hours; empty: of any age. */
  readonly hours: string;
}

export type PolicyProblem =
  | 'policy_invalid'
  | 'policy_unread'
  | 'policy_other_log'
  | 'policy_missing'
  | 'hours_invalid';

export interface PolicyFault {
  readonly problem: PolicyProblem;
  /** What the reader of the format says: in English, with the line. */
  readonly detail: string;
}

const PROBLEMS_OF_HOURS: readonly PolicyProblem[] = ['hours_invalid'];

/** The terms that were filled in; undefined: none were. */
export function termsOf(
  { policy: text, hours }: Wanted,
  vkey: VerifierKey,
  now: number,
): { readonly terms: WitnessTerms | undefined } | PolicyFault {
  const typed = hours.trim();
  if (text.trim() === '') return typed === '' ? { terms: undefined } : { problem: 'policy_missing', detail: '' };
  let policy: WitnessPolicy;
  try {
    // A field can't show whether its last line was ended.
    policy = parsePolicy(utf8(text.endsWith('\n') ? text : `${text}\n`));
  } catch (failure) {
    if (!isFailure(failure, 'policy_invalid')) throw failure;
    return { problem: 'policy_invalid', detail: failure.message };
  }
  try {
    requireLogOf(policy, vkey);
  } catch (failure) {
    if (!isFailure(failure, 'policy_invalid')) throw failure;
    return { problem: 'policy_other_log', detail: failure.message };
  }
  if (typed === '') return { terms: { policy, now } };
  if (!/^[1-9][0-9]{0,5}$/.test(typed)) return { problem: 'hours_invalid', detail: '' };
  return { terms: { policy, now, ageMax: Number(typed) * 3_600_000 } };
}

/** The text of a policy's file; null: it is none that can be read. */
export async function readPolicyFile(file: File): Promise<string | null> {
  if (file.size > POLICY_BYTES_MAX) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

export interface PolicyHandlers {
  onWanted(wanted: Wanted): void;
  onPolicyFile(file: File): Promise<void>;
}

export function policyPart(tongue: Tongue, wanted: Wanted, fault: PolicyFault | null, on: PolicyHandlers): HTMLElement {
  const { words } = tongue;
  const said = words.policy;
  const ofHours = fault !== null && PROBLEMS_OF_HOURS.includes(fault.problem);
  const ofText = fault !== null && !ofHours;
  const text = make('textarea', {
    id: 'policy',
    rows: '6',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    ...described('policy', ofText),
  }) as HTMLTextAreaElement;
  text.value = wanted.policy;
  const hours = make('input', {
    id: 'hours',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    ...described('hours', ofHours),
  }) as HTMLInputElement;
  hours.value = wanted.hours;
  const file = make('input', { id: 'policy-file', type: 'file' }) as HTMLInputElement;
  const tell = () => on.onWanted({ policy: text.value, hours: hours.value });
  text.addEventListener('input', tell);
  hours.addEventListener('input', tell);
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) void on.onPolicyFile(chosen);
  });
  return make(
    'section',
    {},
    make('h2', {}, said.title),
    make(
      'div',
      { class: 'field drop', 'data-takes': 'policy' },
      make('label', { for: 'policy' }, said.label),
      make('p', { class: 'hint', id: 'policy-hint' }, said.hint),
      ...(ofText ? [wrong(tongue, 'policy', fault)] : []),
      text,
      make('label', { for: 'policy-file' }, said.file),
      file,
    ),
    make(
      'div',
      { class: 'field' },
      make('label', { for: 'hours' }, said.hours),
      make('p', { class: 'hint', id: 'hours-hint' }, said.hoursHint),
      ...(ofHours ? [wrong(tongue, 'hours', fault)] : []),
      hours,
    ),
  );
}

function described(id: string, isWrong: boolean): Readonly<Record<string, string | boolean | undefined>> {
  return {
    'aria-describedby': isWrong ? `${id}-hint ${id}-error` : `${id}-hint`,
    'aria-invalid': isWrong ? 'true' : undefined,
    'data-focus': isWrong,
  };
}

function wrong({ words }: Tongue, id: string, { problem, detail }: PolicyFault): HTMLElement {
  const english = detail === '' ? [] : [' ', make('span', { lang: 'en' }, detail)];
  return make('p', { class: 'wrong', id: `${id}-error`, role: 'alert' }, words.policy[problem], ...english);
}
