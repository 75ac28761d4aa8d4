import type { Spoken } from '../spoken.ts';
import type { keep as zh } from '../zh/keep.ts';

export const keep: Spoken<typeof zh> = {
  title: 'Receipt of a letter',
  person: 'Given by',
  given: 'The ledger recorded that this letter was signed.',
  refused: 'The ledger recorded that this letter was declined: nothing is allowed by it.',
  suspended: {
    title: 'It waits for its subject to confirm it, and can’t be used',
    body: 'The ledger lost entries, and can’t know whether its subject took it back since. Until its subject confirms it, nobody queries, reports or uses anything on it. The file shows the letter as it was when it was signed, and not what came later.',
    own: 'Sign in, and confirm it',
  },
  record: {
    title: 'Record',
    grantee: 'Given to',
    time: 'Recorded',
    signed: 'Signed, as its signer says',
    grade: 'Evidence',
    identified: 'Identified by',
    log: 'Log',
    place: 'Entry',
    placeOf: (index, size) => `no. ${index} of a tree of ${size}`,
    leaf: 'Leaf hash',
  },
  clauses: {
    title: 'Clauses',
    asOf: (size, time) => `As they stood with ${size} entries in the tree, at ${time}.`,
    choice: 'Choice',
    given: 'given',
    notGiven: 'not given',
    now: 'Now',
    why: 'Why',
    data: 'Data',
    left: 'Declined data',
    doors: 'Source or recipient',
    candidates: 'Candidates',
    term: 'Term',
    from: 'the signature',
    termOf: (from, to) => `from ${from} until ${to}`,
  },
  proves: {
    title: 'What it proves, and what not',
    does: 'It proves that the ledger recorded this answer to this letter, at this place, and that a later change would show.',
    doesNot:
      'It does not prove that who signed understood, or was not forced or deceived; that data were queried or reported; or that there was no use beside the ledger. This page is the ledger’s own word: take the file, and verify it offline.',
  },
  files: {
    title: 'Keep and verify',
    code: 'QR code: opens the public page of this receipt',
    json: 'Download the receipt (JSON)',
    pdf: 'Download the receipt (PDF, with text and name)',
    noPdf: 'No PDF is made here: print this page.',
  },
  text: { title: 'Text of the letter', erased: 'The text has been erased.' },
  none: {
    now: { title: 'It can’t be shown now', next: 'Try again later: the receipt is none the worse for it.' },
    letter_unknown: { title: 'There is no such receipt', next: 'Look whether the link or the code is complete.' },
    erasure_unknown: {
      title: 'There is no such certificate',
      next: 'Look whether the link or the code is complete.',
    },
    already_signed: {
      title: 'This letter is signed already',
      next: 'There is nothing to print: its receipt is on the page to sign on.',
    },
    letter_declined: {
      title: 'This letter was declined',
      next: 'Nothing is authorized, and there is nothing to print.',
    },
    letter_expired: { title: 'This letter has expired', next: 'The institution can ask anew.' },
    letter_held: {
      title: 'This letter is held',
      next: 'An answer suggests that somebody may be deceiving you: for 24 hours it is neither signed nor printed. Call your bank or your family on a number that you know yourself.',
    },
    letter_unanswered: { title: 'There is no receipt yet', next: 'This letter is neither signed nor declined yet.' },
    not_told: {
      title: 'It can’t be shown yet',
      next: 'Law lets its subject be told of a part of it later. Come again in some days: the receipt is none the worse for it.',
    },
    glyph_missing: {
      title: 'A character has no glyph in the fonts of the PDF, so none was made',
      next: 'Print the page of the receipt instead.',
    },
    print_unavailable: { title: 'No PDF can be made here', next: 'Print the web page instead.' },
  },
};
