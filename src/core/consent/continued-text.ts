/** How a log went on under another name, in words: one wording for every reader, in Chinese, which has authority, and in English. */
import type { Said } from './explain-text.ts';
import type { Continued } from './log-continued.ts';

export const CONTINUED: Said = { zh: '账本换过名称', en: 'under another name since' };

/** What is said of one change of the name, and what is not shown about it. */
export function sayContinued({ size, lost, proven, witnessed, attested }: Continued): readonly Said[] {
  if (lost === size) {
    return [
      {
        zh: `自第 ${size} 条记录起，这本账改用新的名称和密钥。没有丢失任何记录，此前的授权照旧有效。`,
        en: `From entry ${size} on this log goes on under another name and key. Nothing is lost, and what was authorized before stands as it did.`,
      },
      ...(witnessed === false ? [UNWITNESSED] : []),
      ...(attested ? [ATTESTED] : []),
    ];
  }
  const said: Said[] = [
    {
      zh: `自第 ${size} 条记录起，这本账改用新的名称和密钥：原账本签署过 ${lost} 条记录，其中 ${lost - size} 条已经丢失；此前的授权须由本人确认后才能使用。`,
      en: `From entry ${size} on this log goes on under another name and key: ${lost} entries were signed before, and ${lost - size} of them are lost; what was authorized before is suspended until its subject confirms it.`,
    },
  ];
  if (!proven) {
    said.push({
      zh: '没有证明留下的部分就是所丢失账本的开头。',
      en: 'Not proven to be a beginning of what was lost.',
    });
  }
  if (witnessed === false) said.push(UNWITNESSED);
  if (attested) said.push(ATTESTED);
  return said;
}

const ATTESTED: Said = {
  zh: '签署改名的恢复密钥不是此处可见的那一把：是否属于保管者，此处无法核验。',
  en: 'Whose the recovery key is that signed for this is not shown here.',
};
const UNWITNESSED: Said = {
  zh: '改名之前的最后一个检查点没有达到您的见证策略所要求的见证数目。',
  en: 'Unwitnessed: the quorum of your policy had not cosigned the last checkpoint of before.',
};
