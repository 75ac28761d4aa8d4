import { type LintRule, nothing, phrase } from './rule.ts';

const SEVERAL_DOCUMENTS = /(?:勾选|点击|打勾|一键)[^。；《]{0,24}《[^》]{1,40}》[、，,及和与并]*《/gu;

/** Ticked before, or not to be unticked; one box for several documents: consent is given, and freely (PIPL 14; P-02). */
export const preTicked: LintRule = {
  rule: 'L08',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '14', evidence: 'V' },
    { doc: 'network-data-regulation', art: '22', evidence: 'V' },
  ],
  why: {
    zh: '同意须由个人在充分知情的前提下自愿、明确作出；预先勾选、不能改选或一框同意多份文件，都不是本人的选择。',
    en: 'Consent is voluntary and explicit; what is ticked before, can’t be changed, or stands for several documents is nobody’s choice.',
  },
  better: {
    zh: '□ 同意　□ 不同意（默认均未勾选；每份文件、每一项授权各设一个选框）',
    en: '□ agree　□ do not agree (neither ticked at first; a box of its own for each document and each item)',
  },
  phrases: [
    phrase(/☑|☒|✅|\[[xX√✓]\]|[（(][√✓][）)]/gu),
    phrase(
      /默认(?:已)?(?:勾选|选中|选择|全选)|预先?勾选|已(?:为您|代您)(?:预先)?(?:勾选|选中)|不可(?:取消|更改|修改)(?:勾选|选择)?/gu,
      {
        unlessNear: /不(?:会|得|再|予|作)?(?:默认|预先?勾选|替)|(?:均|未|没有|无)[^，。；]{0,6}(?:勾选|选中)|未默认/u,
      },
    ),
    phrase(SEVERAL_DOCUMENTS, { unlessWith: /分别|逐[一项份]|各自|单独/u }),
  ],
  inText: nothing,
  inTemplate: ({ screen }) => [
    ...(['ticked', 'disabled'] as const).flatMap((mark) =>
      (['clauses', 'purposes'] as const).flatMap((kind) =>
        screen[mark][kind].map((code, at) => ({ path: `screen.${mark}.${kind}[${at}]`, said: code })),
      ),
    ),
    ...screen.boxes.flatMap(({ documents }, at) =>
      documents.length > 1
        ? [{ path: `screen.boxes[${at}].documents`, said: documents.map(({ zh }) => zh).join('、') }]
        : [],
    ),
  ],
};
