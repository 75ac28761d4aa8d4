/** `assent letter lint FILE`: what in a letter goes against law or practice, why, and how to word it. */

import { LAWS } from '#core/letter-template/lint/rule.ts';
import { hasError } from '#core/letter-template/lint.ts';
import { readArgs } from '../args.ts';
import { type Located, lintFile } from '../letters/lint-file.ts';
import { EXIT, terminal, Usage } from '../output.ts';

const OPTIONS = { json: { type: 'boolean' } } as const;

export async function letterCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [action, file, ...more] = positionals;
  if (action !== 'lint' || file === undefined || more.length > 0) throw new Usage('letter: want lint and one file');
  const findings = lintFile(file);
  const clean = !hasError(findings);
  if (values.json) terminal.json({ file, clean, findings });
  else print(file, findings);
  return clean ? EXIT.holds : EXIT.findings;
}

function print(file: string, findings: readonly Located[]): void {
  for (const finding of findings) printFinding(file, finding);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  terminal.line(`${file}: ${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`);
}

function printFinding(file: string, { line, column, rule, severity, sentence, at, why, law, better }: Located): void {
  const path = at.kind === 'template' && at.path !== '' ? ` ${at.path}` : '';
  terminal.line(`${file}:${line}:${column}${path} ${rule} ${severity}: ${printable(sentence)}`);
  terminal.line(`  理由：${why.zh}`);
  terminal.line(`  why: ${why.en}`);
  terminal.line(`  依据：${law.map(({ doc, art }) => `《${LAWS[doc].zh}》${articleOf(art)}`).join('、')}`);
  terminal.line(
    `  law: ${law.map(({ doc, art, evidence }) => `${LAWS[doc].en}, art. ${art} [${evidence}]`).join('; ')}`,
  );
  terminal.line(`  建议：${better.zh}`);
  terminal.line(`  better: ${better.en}\n`);
}

/** 14§2 is 第14条第2款. */
function articleOf(art: string): string {
  const [article, paragraph] = art.split('§');
  return paragraph === undefined ? `第${article}条` : `第${article}条第${paragraph}款`;
}

/** The letter is another's: what it holds must not steer the terminal. */
function printable(sentence: string): string {
  return sentence.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
