/** `assent explain`: why an access was decided so; asked of a server by its id, or read out of a receipt's file, offline. */
import { existsSync } from 'node:fs';
import { type Explanation, explainReceipt, partySignatory } from '#client/index.ts';
import { Failure, isFailure, readAs } from '#core/failure.ts';
import { type AccessId, type PartyId, parseId } from '#core/ids.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { nativeEd25519, nativeP256 } from '../../native.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { readTrusted, readVkey } from '../trust.ts';
import { serverOf } from './keeper.ts';
import { claimsLog, readReceipt } from './verify.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  lang: { type: 'string' },
  vkey: { type: 'string' },
  url: { type: 'string' },
  party: { type: 'string' },
  key: { type: 'string' },
} as const;
type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];
type Language = 'zh' | 'en';

export async function explainCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [what, ...more] = positionals;
  if (what === undefined || more.length > 0)
    throw new Usage('explain: want the file of a receipt, or the id of an access');
  const { lang = 'zh' } = values;
  if (lang !== 'zh' && lang !== 'en') throw new Usage('explain: want --lang zh or en');
  const explanation = existsSync(what) ? await fromReceipt(what, values) : await fromServer(what, values);
  if (values.json) terminal.json(explanation);
  else printExplanation(terminal, explanation, lang);
  return EXIT.holds;
}

async function fromReceipt(file: string, { vkey }: Values): Promise<Explanation> {
  const bytes = readReceipt(file);
  const trusted = vkey === undefined ? readTrusted(readConfig(process.env).keysDir) : [readVkey(vkey)];
  const [first, ...others] = trusted.filter((each) => claimsLog(bytes, each));
  if (first === undefined) {
    throw new Failure('key_invalid', 'the receipt’s log is not trusted: give its key with --vkey');
  }
  const explain = (by: VerifierKey) => explainReceipt(bytes, by, nativeEd25519, nativeP256);
  // Where a log has had several keys, any that leads to the receipt's will do.
  for (const each of others) {
    const found = await explain(each).catch(unlessFailure);
    if (found !== undefined) return found;
  }
  return explain(first);
}

function unlessFailure(thrown: unknown): undefined {
  if (!isFailure(thrown)) throw thrown;
}

async function fromServer(access: string, values: Values): Promise<Explanation> {
  const { party, key } = values;
  const id = readAs('input_invalid', `${access} is no file that is there, and no id of an access`, () =>
    parseId<AccessId>(access),
  );
  if (party === undefined || key === undefined) {
    throw new Usage('explain: want --party ID and --key FILE to ask a server; or the file of a receipt');
  }
  const { url, authority } = serverOf(readConfig(process.env), values);
  const signer = partySignatory(parseId<PartyId>(party), await readKey(key));
  return clientOf(url, [signer], authority).explainAccess(id);
}

const WORDS = {
  zh: {
    ok: '通过',
    failed: '未通过',
    met: '符合',
    broken: '未符合',
    follows: '由此',
    needed: '若要允许，须：',
    looked: '依据',
  },
  en: {
    ok: 'ok',
    failed: 'FAILED',
    met: 'met',
    broken: 'NOT MET',
    follows: 'follows',
    needed: 'It would be allowed, if:',
    looked: 'looked at',
  },
} as const;

export function printExplanation(output: Output, explanation: Explanation, lang: Language): void {
  const words = WORDS[lang];
  const { access, decision, codes, engine, checks, rules, would_allow } = explanation;
  output.line(`${access}: ${decision} ${codes.join(' ')} (engine ${engine})`);
  for (const { code, failed, asks, looked_at } of checks) {
    output.line(`  ${failed ? words.failed : words.ok}  ${code}  ${asks[lang]}`);
    if (failed) output.line(`        ${words.looked} ${JSON.stringify(looked_at)}`);
  }
  for (const { id, title, law, from, to, evidence, met, otherwise, items, asks } of rules) {
    const standing = met ? words.met : 'deny' in otherwise ? words.broken : words.follows;
    output.line(`  ${standing}  ${id}  ${title[lang]}  [${evidence}] ${from} – ${to ?? ''}`);
    for (const { title: text, doc, number, art } of law) {
      output.line(`        ${text?.[lang] ?? doc}${number === null ? '' : ` (${number})`} ${art}`);
    }
    if (!met) output.line(`        ${asks[lang]} → ${JSON.stringify(otherwise)}  ${items.join(', ')}`);
  }
  if (would_allow.length > 0) output.line(words.needed);
  for (const said of would_allow) output.line(`  · ${said[lang]}`);
}
