/**
 * The letter before it is signed, printed for a counter: its exact text, boxes to tick, and lines to sign on, for its subject,
 * clerk and witness. What is ticked and signed on it is brought in as a letter in ink (ADR 0016).
 *
 * @module
 */

import type { Action } from '#core/consent/terms.ts';
import { ACTIONS } from '#core/consent/verdict-text.ts';
import type { LetterId } from '#core/ids.ts';
import { WORDING } from '#core/letter-template/wording.ts';
import { sayTime } from '../keep/letter-words.ts';
import type { PrintFonts } from './faces.ts';
import { sayPage } from './letter-pdf.ts';
import { textBlocks } from './letter-text.ts';
import { type Block, printSheet } from './sheet.ts';

export interface FormContent {
  readonly letter: LetterId;
  readonly text: string;
  /** Registered name of who drafted it. */
  readonly grantee: string;
  readonly clauses: readonly { readonly action: Action }[];
  /** What the person will owe, as it is shown; null: it is not said. */
  readonly owed: string | null;
  /** Facts on record that the person confirms, and whose record each is of, by its registered name. */
  readonly facts: readonly { readonly said: string; readonly of: string }[];
  /** Until when it can be brought in; and when it was drafted, which the file's date says. */
  readonly expires_at: number;
  readonly drafted_at: number;
  /** What the code opens: the page on which the same letter can be signed; null: no code. */
  readonly url: string | null;
}

/** @throws {Failure} `glyph_missing` */
export function letterForm(content: FormContent, fonts: PrintFonts): Promise<Uint8Array> {
  const { letter, text, grantee, expires_at, drafted_at, url } = content;
  const blocks: readonly Block[] = [
    { kind: 'title', text: '授权书（纸质签署）' },
    { kind: 'fact', label: '被授权人', value: grantee },
    { kind: 'fact', label: '授权书编号', value: letter },
    { kind: 'fact', label: '登记期限', value: `须在${sayTime(expires_at).zh}之前登记，逾期作废` },
    { kind: 'line', text: '' },
    ...textBlocks(text),
    ...ticks(content),
    ...shownBefore(content),
    // Nobody signs on a page that says nothing.
    { kind: 'room', height: 200 },
    { kind: 'heading', text: '签署' },
    { kind: 'line', text: '逐项勾选之后签名。未勾选的，视为不同意。不愿签署的，不必说明理由。' },
    ...['授权人（签名）', '签署日期', '经办人（姓名、工号）', '见证人（姓名、工号）'].map(
      (label): Block => ({ kind: 'blank', label }),
    ),
  ];
  return printSheet(
    {
      title: `授权书 ${letter}`,
      ...{ blocks, time: drafted_at, foot: `授权书 ${letter}`, struck: '以下空白', page: sayPage },
      qr: url === null ? null : { url, caption: '扫码在手机上签署' },
    },
    fonts,
  );
}

/** What the page of the letter shows beside the text: who signs on paper is told no less. */
function shownBefore({ owed, facts }: FormContent): readonly Block[] {
  if (owed === null && facts.length === 0) return [];
  return [
    { kind: 'heading', text: '签署前另行告知' },
    ...(owed === null ? [] : [{ kind: 'bold', text: `您将要归还：${owed}` } as const]),
    ...facts.map(({ said, of }): Block => ({ kind: 'line', text: `${of}登记：${said}` })),
    ...(facts.length === 0 ? [] : [{ kind: 'line', text: '上面登记的情况有一条不是您本人的，请不要签署。' } as const]),
  ];
}

/** A text from a template has a line to tick in each clause; a text of one's own may have none. */
function ticks({ text, clauses }: FormContent): readonly Block[] {
  const { tick } = WORDING.zh;
  if (text.includes(tick)) return [];
  return [
    { kind: 'heading', text: '选择' },
    ...clauses.map(({ action }, at): Block => ({ kind: 'line', text: `${at + 1}．${ACTIONS[action].zh}。${tick}` })),
  ];
}
