/** Writes src/store/sql.gen.ts out of sql/: Workers have no disk to read migrations from. Run after changing sql/. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const SQL = new URL('../../sql/', import.meta.url);
export const GENERATED: URL = new URL('../../src/store/sql.gen.ts', import.meta.url);

/** Splits at semicolons that end a line outside `$$` bodies; drivers run one statement at a time. */
export function statementsOf(text: string): string[] {
  const code = text.replace(/^\s*--.*$/gm, '');
  const statements: string[] = [];
  let current = '';
  let quoted = false;
  for (const line of code.split('\n')) {
    if (line.trim() === '' && !quoted) continue;
    current += `${line}\n`;
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
    if (!quoted && line.trimEnd().endsWith(';')) {
      statements.push(current.trim().replace(/;$/, ''));
      current = '';
    }
  }
  if (current.trim() !== '') throw new Error(`sql ends within a statement: ${current}`);
  return statements;
}

export function generate(): string {
  const migrations = readdirSync(SQL)
    .filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name))
    .sort()
    .map((name) => ({
      id: Number(name.slice(0, 4)),
      name: name.replace(/\.sql$/, ''),
      statements: statementsOf(readFileSync(new URL(name, SQL), 'utf8')),
    }));
  return [
    '// Generated from sql/ by test/tidy/embed-sql.ts. Do not edit.',
    'export interface Migration {',
    '  readonly id: number;',
    '  readonly name: string;',
    '  readonly statements: readonly string[];',
    '}',
    '',
    `export const MIGRATIONS: readonly Migration[] = ${JSON.stringify(migrations, null, 2)};`,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(GENERATED, generate());
