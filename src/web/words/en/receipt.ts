import type { Spoken } from '../spoken.ts';
import type { receipt as zh } from '../zh/receipt.ts';

export const receipt: Spoken<typeof zh> = {
  title: 'Receipt',
  none: {
    unknown: { title: 'There is no such receipt', next: 'Look whether the link or the code is complete.' },
    later: {
      title: 'It can’t be shown yet',
      next: 'Law lets its subject be told of a part of it later. Come again in some days: the receipt is none the worse for it.',
    },
    now: { title: 'It can’t be shown now', next: 'Try again later: the receipt is none the worse for it.' },
  },
  decision: {
    title: 'Decision',
    allowed: 'allowed',
    denied: 'denied',
    allowedMeans: 'The ledger allowed this one access.',
    deniedMeans: 'The ledger denied this one access: no data should have moved.',
  },
  asked: {
    title: 'What was asked',
    who: 'Who',
    what: 'What',
    why: 'Why',
    data: 'Data',
    door: 'Source or recipient',
    when: 'When',
    comma: ', ',
    moment: (moment) => `${moment} (Beijing time)`,
  },
  actions: { QUERY: 'query', REPORT: 'report', PROVIDE: 'provide', SCORE: 'score', STORE: 'store' },
  why: {
    title: 'Why',
    looked: (checks, rules) => `${checks} checks and ${rules} rules were looked at.`,
    none: 'None of them denied it.',
    wanted: 'It would be allowed, if',
  },
  record: {
    title: 'Record',
    code: 'Check code',
    place: 'Entry',
    placeOf: (index, size) => `no. ${index} of a tree of ${size}`,
    access: 'Access',
    decision: 'Decision',
    rederived: 're-derived by the same code',
    attested: 'attested by the ledger, not re-derived',
  },
  proves: {
    title: 'What it proves, and what not',
    does: 'It proves that the ledger decided so on this one access, at this place, and that a later change would show.',
    doesNot:
      'It does not prove that data were released, or how they were used; that who signed understood; or that there was no access beside the ledger. This page is the ledger’s own word: take the file, and verify it offline.',
  },
  verify: { title: 'Verify it offline', download: 'Download the receipt', page: 'Verify the file in your browser' },
};
