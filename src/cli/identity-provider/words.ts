/** What the synthetic identity provider says, in both languages. */
import type { Asked } from './asked.ts';

type Language = NonNullable<Asked['lang']>;

const zh = {
  other: { lang: 'en', text: 'English' },
  site: '示例身份认证',
  standIn: '这里代替真实的身份认证服务，仅供演示。这里的每个人都是虚构的。',
  choose: '您是谁？',
  why: '授权账本请我们确认您是谁。真实的服务会核验您的证件和面容；在这里，您选择一个虚构的人。',
  notYou: '如果不是您自己在账本页面上开始这一步，请关闭本页，什么都不会发生。',
  legend: '我是',
  confirm: '是我，确认',
  confirmed: '已确认',
  next: (name: string) => `我们已确认您是${name}。请返回账本，由您的设备签名，这把通行密钥才属于您。`,
  back: '返回授权账本',
  unreadable: '无法处理这个请求',
  again: '请回到授权账本的签署页面，重新开始这一步。没有确认任何人的身份。',
  code: '代码',
  idle: '请从授权账本的签署页面进入。',
} as const;

type Words = { readonly [K in keyof Omit<typeof zh, 'next' | 'other'>]: string } & {
  readonly next: (name: string) => string;
  readonly other: { readonly lang: Language; readonly text: string };
};

const en: Words = {
  other: { lang: 'zh-CN', text: '中文' },
  site: 'Example ID',
  standIn: 'This stands in for a real identity provider, for demonstration. Nobody in it is real.',
  choose: 'Who are you?',
  why: 'The ledger asks us who you are. A real service checks your document and your face; here you choose a made-up person.',
  notYou: 'If it was not you who began this on a page of the ledger, close this page: nothing happens.',
  legend: 'I am',
  confirm: 'It is me, confirm',
  confirmed: 'Confirmed',
  next: (name) =>
    `We confirmed that you are ${name}. Go back to the ledger and let your device sign: then the passkey is yours.`,
  back: 'Back to the ledger',
  unreadable: 'This request can’t be taken',
  again: 'Go back to the page of the ledger, and begin this step again. Nobody was identified.',
  code: 'Code',
  idle: 'Come here from a page of the ledger.',
};

/** Chinese first. */
export function wordsOf(lang: Language | undefined): Words {
  return lang === 'en' ? en : zh;
}
