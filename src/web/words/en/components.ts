import type { Spoken } from '../spoken.ts';
import type { components as zh } from '../zh/components.ts';

export const components: Spoken<typeof zh> = {
  title: 'Components',
  lede: 'All pages are made of these: light and dark, phone and desktop, standard and elder mode alike.',
  names: {
    buttons: 'Buttons',
    notices: 'Notices',
    badges: 'Status',
    links: 'Rows of links',
    facts: 'Facts',
    summary: 'Summary card',
    ticks: 'Ticks',
    letter: 'Text of a letter',
    questions: 'Question cards',
    fields: 'Fields of a form',
    steps: 'Steps',
    records: 'Records',
    pager: 'Pages of a list',
    propagation: 'Who has been told',
    masked: 'Masked values',
    codes: 'Check code and QR code',
    panic: 'Freeze everything',
    states: 'Nothing, and errors',
    aloud: 'Reading aloud',
    legal: 'Legal text',
  },
  buttons: {
    sign: 'Sign with fingerprint or face',
    decline: 'Decline',
    revoke: 'Take back',
    unable: 'Tick first, then go on',
    more: 'Read the whole text',
  },
  notices: {
    info: 'Your device signs. Neither fingerprint nor face leaves it.',
    warn: 'This letter asks to report data. A late repayment is reported, and counts when you borrow again.',
    stop: 'You answered that somebody said it need not be repaid. Signing has stopped; it can go on after 24 hours.',
    done: 'The grant is taken back, from 26 November 2026, 10:30 on.',
  },
  links: [
    { title: 'Example City Commercial Bank', note: 'before a loan · signed 3 November 2026' },
    { title: 'Example Consumer Finance', note: 'after a loan · signed 18 February 2025' },
    { title: 'Example Guarantee Company', note: 'as a guarantor · signed 1 June 2024' },
  ],
  facts: [
    ['Institution', 'Example City Commercial Bank Co., Ltd.'],
    ['Purpose', 'a personal loan is applied for'],
    ['Check code', '7G3K-09QZ-M4TV'],
  ],
  summary: {
    who: 'Example City Commercial Bank',
    what: 'To query your credit report',
    why: 'To examine your application for a loan',
    from: 'The national credit database',
    long: '30 days from signing',
    refuse: 'The bank may not be able to examine your application. Nothing else you have with it is affected.',
    stop: 'Take it back at any time under “My authorizations”, in no more steps than signing; or at any branch.',
    contact: 'Data protection officer, 400-000-0000',
  },
  ticks: {
    query: 'I agree that my credit report is queried',
    queryWhy: 'To examine this one application.',
    report: 'I agree that the loan is reported',
    reportWhy: 'Repayments are reported each month once the loan is paid out.',
    provide: 'I agree that it is passed on to a guarantor',
    provideWhy: 'Your application does not depend on this.',
    items: ['Identity', 'Loans and repayments', 'Earlier queries'],
  },
  letter: `个人信息查询授权书

编号：示例-2026-0001
授权人：张*例（身份证号 110101********0015）
被授权人：示例市商业银行股份有限公司

一、本人授权贵行为审查贷款申请，向金融信用信息基础数据库查询本人信用报告。
**二、本授权自签署之日起 30 天内有效；本人可以随时撤回，撤回不影响撤回前已进行的查询。**
三、贵行不得将查询结果用于上述用途以外的目的。

罕用字：𠮷 䶮 㛃 · 阿依古丽·买买提
`,
  questions: {
    who: 'Who asked you to do this?',
    whoHint: 'An honest answer does not harm your application.',
    answers: ['I want it myself', 'Family or friends', 'Somebody from the phone or the net', 'I don’t know'],
    repay: 'Did anybody say that the money need not be repaid?',
    repayAnswers: ['No', 'Yes', 'I don’t know'],
    wrong: 'choose one',
  },
  fields: {
    name: 'Name',
    nameHint: 'As on the identity card; it may have a “·”.',
    reason: 'Why you object',
    reasonHint: 'Say which line is wrong, and why.',
    period: 'Period',
    periods: ['The last month', 'The last 2 years'],
    code: 'Check code',
    codeWrong: 'a check code has 12 characters, such as 7G3K-09QZ-M4TV',
  },
  steps: ['Read the letter', 'Tick', 'Answer', 'Be identified', 'Sign'],
  records: {
    caption: 'Who looked at my data',
    columns: ['When', 'Institution', 'Purpose', 'Ground', 'Result'],
    rows: [
      ['20 November 2026, 09:12', 'Example City Commercial Bank', 'before a loan', 'letter of 3 November 2026'],
      ['18 November 2026, 16:40', 'Example Consumer Finance', 'after a loan', 'no letter matches'],
      ['2 October 2026, 11:05', 'Example Guarantee Company', 'as a guarantor', 'letter of 1 June 2024'],
    ],
  },
  hearers: [
    ['Example City Commercial Bank', '10:30'],
    ['Example Credit Bureau', '10:31'],
    ['Example Housing Fund', ''],
    ['Example Guarantee Company', ''],
  ],
  aloud: 'Where a page runs a script, a button to read aloud stands here. Without one it is not shown.',
  masked: { name: 'name', idNumber: 'identity number' },
  qr: 'QR code that opens the receipt of this letter',
  states: {
    emptyTitle: 'Nobody has looked at your data',
    emptyBody: 'When somebody does, it stands here within a minute.',
    errorTitle: 'This letter has expired',
    errorNext: 'Ask the institution to send a new one.',
  },
  legal:
    'Whoever gave this authorization may take it back at any time. That counts from its registration, and leaves untouched what was done under it before.',
};
