/**
 * A time-stamp, the certificate of the authority that the reader trusts, and what proves that the stamped tree goes on from the
 * receipt's: chosen as files, or dropped onto their field, in any order. They are told apart by what is in them, and are never
 * taken out of a receipt.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { CERTIFICATES_BYTES_MAX, parseTsaCertificates, type TsaCertificates } from '#time-stamp/certificates.ts';
import { STAMP_BYTES_MAX } from '#time-stamp/file.ts';
import { judgeStamp, type StampVerdict } from '#time-stamp/receipt-stamp.ts';
import { make } from '../desk/dom.ts';
import type { Tongue } from './words.ts';

interface Chosen<T> {
  readonly name: string;
  readonly content: T;
}

/** What was chosen until now, one of each kind. */
export interface StampFiles {
  readonly stamp?: Chosen<Uint8Array>;
  readonly certificates?: Chosen<TsaCertificates>;
  readonly proof?: Chosen<Uint8Array>;
}

/** What comes of them for a receipt: a verdict, or what is missing for one. */
export type StampShown =
  | { readonly kind: 'judged'; readonly verdict: StampVerdict; readonly isProofGiven: boolean }
  | { readonly kind: 'no_stamp' | 'no_certificate' | 'no_crypto' };

/** Tells files apart; `unknown` are the names of those that are none of the three. */
export async function sortStampFiles(
  files: readonly File[],
  before: StampFiles,
): Promise<{ readonly found: StampFiles; readonly unknown: readonly string[] }> {
  let found = before;
  const unknown: string[] = [];
  for (const file of files) {
    const one = await sortOne(file);
    if (one === undefined) unknown.push(file.name);
    else found = { ...found, ...one };
  }
  return { found, unknown };
}

async function sortOne(file: File): Promise<StampFiles | undefined> {
  const { name } = file;
  if (file.size > STAMP_BYTES_MAX) return undefined;
  try {
    const content = new Uint8Array(await file.arrayBuffer());
    const kind = kindOf(content);
    if (kind === 'stamp') return { stamp: { name, content } };
    if (kind === 'proof') return { proof: { name, content } };
    const isShort = content.length <= CERTIFICATES_BYTES_MAX;
    return isShort ? { certificates: { name, content: parseTsaCertificates(content) } } : undefined;
  } catch {
    // It can't be read, or is nothing of these.
    return undefined;
  }
}

/** What a file says that it is. Anyone can write that: it is judged by its content. */
export function kindOf(bytes: Uint8Array): 'stamp' | 'proof' | 'certificate' | null {
  try {
    const text = parseUtf8(bytes);
    if (text.includes('-----BEGIN CERTIFICATE-----')) return 'certificate';
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    if ('format' in value && value.format === 'assent/time-stamp/v1') return 'stamp';
    return 'hashes' in value && 'from' in value && 'to' in value ? 'proof' : null;
  } catch {
    return null;
  }
}

/** Null: nothing of it was chosen. @param isPossible Whether the browser hands out its cryptography. */
export async function examineStamp(
  receipt: Uint8Array,
  { stamp, certificates, proof }: StampFiles,
  by: { readonly vkey: VerifierKey; readonly ed25519: Ed25519; readonly isPossible: boolean },
): Promise<StampShown | null> {
  if (stamp === undefined && certificates === undefined && proof === undefined) return null;
  if (stamp === undefined) return { kind: 'no_stamp' };
  if (certificates === undefined) return { kind: 'no_certificate' };
  if (!by.isPossible) return { kind: 'no_crypto' };
  const terms = { file: stamp.content, certificates: certificates.content, proof: proof?.content };
  const verdict = await judgeStamp(receipt, [by.vkey], terms, by.ed25519);
  return { kind: 'judged', verdict, isProofGiven: proof !== undefined };
}

export function stampPart(
  { words }: Tongue,
  chosen: StampFiles,
  unknown: readonly string[],
  onFiles: (files: readonly File[]) => Promise<void>,
): HTMLElement {
  const said = words.stamp;
  const isWrong = unknown.length > 0;
  const input = make('input', {
    id: 'stamp-files',
    type: 'file',
    multiple: true,
    'aria-describedby': isWrong ? 'stamp-files-hint stamp-files-error' : 'stamp-files-hint',
    'aria-invalid': isWrong ? 'true' : undefined,
    'data-focus': isWrong,
  }) as HTMLInputElement;
  input.addEventListener('change', () => void onFiles([...(input.files ?? [])]));
  const names = (['stamp', 'certificates', 'proof'] as const).flatMap((kind) => {
    const file = chosen[kind];
    return file === undefined ? [] : [make('li', {}, `${said.kinds[kind]} ${file.name}`)];
  });
  const problem = make(
    'p',
    { class: 'wrong', id: 'stamp-files-error', role: 'alert' },
    said.unknown(unknown.join(', ')),
  );
  return make(
    'section',
    {},
    make('h2', {}, said.title),
    make(
      'div',
      { class: 'field drop', 'data-takes': 'stamp' },
      make('label', { for: 'stamp-files' }, said.label),
      make('p', { class: 'hint', id: 'stamp-files-hint' }, said.hint),
      ...(isWrong ? [problem] : []),
      input,
      ...(names.length === 0 ? [] : [make('ul', {}, ...names)]),
    ),
  );
}

/** The row of the verdict. */
export function sayStamp({ words, moment }: Tongue, shown: StampShown): HTMLElement {
  const said = words.stamp;
  if (shown.kind !== 'judged') return make('p', {}, said[shown.kind]);
  const { stamp, problem } = shown.verdict;
  if (stamp !== null) {
    // To the next whole second: by then it existed.
    const by = moment(Math.ceil(stamp.notLaterThan / 1_000) * 1_000);
    return make(
      'div',
      {},
      make('strong', { class: 'allow' }, said.by(by)),
      make('p', { class: 'soft' }, said.says(stamp.tsa, stamp.policy)),
    );
  }
  return make(
    'div',
    {},
    make('strong', { class: 'deny' }, said.not),
    make('p', {}, nextOf(said, shown)),
    make('p', { class: 'small', lang: 'en' }, `${problem.message} `, make('code', {}, problem.code)),
  );
}

function nextOf(said: Tongue['words']['stamp'], shown: Extract<StampShown, { kind: 'judged' }>): string {
  const sizes = shown.verdict.problem?.sizes ?? null;
  if (sizes !== null && sizes.stamped < sizes.receipt) return said.early(sizes.receipt);
  if (sizes !== null && sizes.stamped > sizes.receipt && !shown.isProofGiven)
    return said.unproven(sizes.receipt, sizes.stamped);
  return said.next;
}
