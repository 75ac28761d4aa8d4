/**
 * The receipt of a letter on paper, for its subject: what is recorded, the exact text, how to verify it, and what it does not
 * prove. It has names, so it is nobody else's.
 *
 * @module
 */
import { ACTIONS, ANSWERS, GRADE_TEXTS, NOBODY } from '#core/consent/verdict-text.ts';
import type { OwnLetter, ShownClause } from '#service/shown-letter.ts';
import { STATUSES, sayTime } from '../keep/letter-words.ts';
import type { PrintFonts } from './faces.ts';
import { textBlocks } from './letter-text.ts';
import { type Block, printSheet } from './sheet.ts';

export interface LetterContent extends OwnLetter {
  /** The absolute address of the public page: what the code opens. */
  readonly url: string;
}

/** @throws {Failure} `glyph_missing` */
export function letterPdf(content: LetterContent, fonts: PrintFonts): Promise<Uint8Array> {
  const { letter } = content.verdict;
  const blocks: readonly Block[] = [
    { kind: 'title', text: '授权书凭证' },
    { kind: 'code', text: letter.check_code },
    ...recorded(content),
    { kind: 'heading', text: '各项授权' },
    ...content.clauses.flatMap(clauseBlocks),
    ...toVerify(content),
    ...notProven(),
    { kind: 'page' },
    ...theText(content),
  ];
  const title = `授权书凭证 ${letter.check_code}`;
  return printSheet(
    {
      ...{ title, blocks, time: letter.time, foot: title, struck: '以下空白', page: sayPage },
      qr: { url: content.url, caption: '扫码查看登记情况' },
    },
    fonts,
  );
}

export function sayPage(page: number, pages: number): string {
  return `第 ${page} 页，共 ${pages} 页（${page}/${pages}）`;
}

function recorded({ verdict, log, grantee, identifiedBy, name }: LetterContent): readonly Block[] {
  const { letter, asOf } = verdict;
  return [
    fact('结果', ANSWERS[letter.answer].zh),
    ...(name === null ? [] : [fact('授权人', name)]),
    fact('被授权人', grantee ?? letter.grantee),
    fact('登记时间', sayTime(letter.time).zh),
    ...(letter.signed_at === null ? [] : [fact('签署时间', `${sayTime(letter.signed_at).zh}，由签署设备或签署人所称`)]),
    fact('证据等级', GRADE_TEXTS[letter.evidence.grade].zh),
    fact('身份核验', identifiedBy ?? letter.evidence.identified_by ?? NOBODY.zh),
    fact('账本', log),
    fact('账本位置', `第 ${letter.index} 条；核验时树中共 ${asOf} 条`),
    fact('叶哈希', letter.leaf),
    fact('授权书编号', letter.letter),
  ];
}

function clauseBlocks(clause: ShownClause, at: number): readonly Block[] {
  const { action, given, purposes, items, declined, doors, candidates, from, to, status } = clause;
  const list = (said: readonly { readonly zh: string }[]) => said.map(({ zh }) => zh).join('、');
  const start = from === null ? '签署之时' : sayTime(from).zh;
  return [
    { kind: 'bold', text: `${at + 1}．${ACTIONS[action].zh}：${given ? '同意' : '不同意'}（${STATUSES[status].zh}）` },
    { kind: 'line', text: `用途：${list(purposes)}。信息：${list(items)}。` },
    ...(declined.length === 0 ? [] : [line(`本人未同意的信息：${list(declined)}。`)]),
    ...(doors.length === 0 ? [] : [line(`来源或接收方：${doors.join('、')}。`)]),
    ...(candidates.length === 0 ? [] : [line(`候选的被授权人：${candidates.join('、')}。`)]),
    line(`期限：自${start}起，至${sayTime(to).zh}止（不含）。`),
  ];
}

function toVerify({ url, standing }: LetterContent): readonly Block[] {
  return [
    { kind: 'heading', text: '如何核验' },
    line(`各项的现状以树中 ${standing.size} 条时为准，之后的变化请扫码查看：${url}`),
    line(
      '离线核验：保存同一页面上的 JSON 凭证，用账本公布的公钥核验，不必相信账本、被授权人或本纸。命令：npx assent verify receipt.json',
    ),
    line(
      '核对码是登记条目叶哈希的前 60 位：本纸、页面和 JSON 凭证上的应当相同。原文中加粗的整行，在所签署的文本里前后各有两个星号。',
    ),
  ];
}

function notProven(): readonly Block[] {
  return [
    { kind: 'heading', text: '本凭证不证明什么' },
    line(
      '它不证明签署人真正明白，或者没有受到胁迫、欺骗；不证明数据是否已经被查询或报送；不证明账本之外没有别的使用。本纸只是登记情况的抄本，可以被改动：以核验的结果为准。',
    ),
  ];
}

function theText({ text }: LetterContent): readonly Block[] {
  if (text === null) return [line('授权书原文已从账本删除；登记和证明仍然有效。')];
  return [{ kind: 'heading', text: '授权书原文' }, ...textBlocks(text)];
}

function fact(label: string, value: string): Block {
  return { kind: 'fact', label, value };
}

function line(text: string): Block {
  return { kind: 'line', text };
}
