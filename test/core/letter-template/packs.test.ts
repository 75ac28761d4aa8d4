/** The templates that come with the packs `huabei` and `bank-loan`: read, linted, rendered. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Terms } from '#core/consent/terms.ts';
import { checkCreditCode } from '#core/identifier/unified-credit-code.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import { lintLetter } from '#core/letter-template/lint.ts';
import type { LetterNames } from '#core/letter-template/names.ts';
import { renderLetter } from '#core/letter-template/render.ts';
import { type Clause, parseTemplate, type Template } from '#core/letter-template/template.ts';
import type { Words } from '#core/letter-template/words.ts';
import { parseInput } from '#wire/input.ts';
import { letterTemplateSchema } from '#wire/templates.ts';
import { readYaml } from '../../../src/cli/packs/yaml.ts';
import { both } from './paper-template.ts';

const PACKS = { huabei: readPack('huabei'), 'bank-loan': readPack('bank-loan') } as const;
const TEMPLATES = Object.values(PACKS).flatMap((pack) => (pack['templates'] as Json[]).map(parseTemplate));

/** What other packs say (cn-credit, pboc). */
const ITEMS = [
  ...['basic', 'line', 'repayment', 'adverse', 'credit_info', 'credit_report', 'tax_amount', 'income', 'deposits'],
  ...['securities', 'insurance', 'real_estate', 'appointment', 'score'],
];
const PURPOSES = [
  ...['loan_apply', 'guarantor', 'post_loan', 'card_apply', 'representative', 'review', 'credit_reporting'],
  ...['firm_loan_apply', 'firm_post_loan'],
];
const PARTIES = ['pboc_database', 'bureau_a', 'bureau_b', ...Object.values(PACKS).flatMap(partiesOf)];

describe.each(TEMPLATES.map((template) => [template.id, template] as const))('%s', (_id, template) => {
  test('is a template for the wire, too', () => {
    expect(parseInput(letterTemplateSchema, template)).toEqual(template);
  });

  test('lints clean', () => {
    expect(lintLetter({ text: null, template })).toEqual([]);
  });

  test('refers to items, purposes and parties that packs have', () => {
    for (const { items, purposes, sources, recipients, candidates } of template.clauses) {
      expect(ITEMS).toEqual(expect.arrayContaining([...items]));
      expect(PURPOSES).toEqual(expect.arrayContaining([...purposes]));
      expect(PARTIES).toEqual(expect.arrayContaining([...sources, ...recipients, ...candidates]));
    }
  });

  test('makes a text of all its clauses that lints clean, and one of each of them', () => {
    const whole = renderLetter(template, template.clauses.map(grantOf), namesFor(template), 'zh');
    expect(lintLetter({ text: whole, template: null })).toEqual([]);
    expect(whole.length).toBeLessThan(template.screen.characters_max);
    for (const clause of template.clauses) {
      const text = renderLetter(template, [grantOf(clause)], namesFor(template), 'zh');
      expect(lintLetter({ text, template: null })).toEqual([]);
    }
  });

  test('has an English text without Chinese but for names, and opens as a translation', () => {
    const text = renderLetter(template, template.clauses.map(grantOf), namesFor(template), 'en');
    const words = text.replaceAll(/〔.*?〕|李示例|王示例|示例银行股份有限公司/g, '');
    expect(words).not.toMatch(/\p{Script=Han}/u);
    expect(text).toMatch(/^This is a translation\. The Chinese text is authoritative\.\n/);
  });

  test('names nobody by a credit code that GB 32100 has not', () => {
    const codes = template.candidates.flatMap(({ uscc }) => (uscc === null ? [] : [uscc]));
    expect(codes.map(checkCreditCode)).toEqual(codes.map(() => null));
  });

  test('has a box of its own for each clause, none of them ticked', () => {
    expect(template.screen.boxes.map(({ clauses }) => clauses)).toEqual(template.clauses.map(({ id }) => [id]));
    expect(template.screen.ticked).toEqual({ clauses: [], purposes: [] });
  });
});

describe('the Huabei letter', () => {
  const [template] = TEMPLATES as [Template];
  const render = (clauses: readonly Clause[]) => renderLetter(template, clauses.map(grantOf), namesFor(template), 'zh');

  test('has two clauses, query and report, and every recipient by name (0.15 to 0.18)', () => {
    expect(template.clauses.map(({ action }) => action)).toEqual(['QUERY', 'REPORT']);
    expect(template.clauses[1]?.recipients).toEqual(['pboc_database', 'bureau_a', 'bureau_b']);
    expect(template.clauses[1]?.items).toEqual(['basic', 'line', 'repayment', 'adverse']);
  });

  test('calls its candidates as its pack does, since they are known by that name (0.19)', () => {
    const rows = PACKS.huabei['parties'] as { id: string; name: Words }[];
    expect(template.candidates.map(({ id, name }) => ({ id, name }))).toEqual(
      rows.map(({ id, name }) => ({ id, name })),
    );
  });

  test('lists the candidates and the processor with the report only (0.16, 0.19)', () => {
    const [query, report] = template.clauses as [Clause, Clause];
    expect(report.candidates).toEqual(['ant_consumer', 'funder_a', 'funder_b']);
    for (const name of ['示例银行甲股份有限公司', '示例银行乙股份有限公司', '重庆蚂蚁消费金融有限公司']) {
      expect(render([report])).toContain(name);
      expect(render([query])).not.toContain(name);
    }
    expect(render([report])).toMatch(/受托处理者：\n（1）重庆蚂蚁消费金融有限公司：/);
  });

  test('says what stops, closes and stays after a withdrawal (0.23)', () => {
    for (const words of ['撤回后停止', '撤回后关闭的服务', '撤回的前提', '撤回后保留', '替代办法']) {
      expect(render(template.clauses)).toContain(`**${words}：`);
    }
  });

  test('marks as illustrative what is nobody’s word', () => {
    for (const { name, illustrative } of template.candidates) {
      expect(name?.zh.startsWith('示例')).toBe(illustrative);
    }
  });
});

test('the letters of a bank are one for each person, and those of a firm', () => {
  expect(TEMPLATES.slice(1).map(({ id, signer, subject }) => [id, signer, subject])).toEqual([
    ['bank_loan_person', 'borrower', 'person'],
    ['bank_loan_spouse', 'spouse', 'person'],
    ['bank_loan_guarantor', 'guarantor', 'person'],
    ['bank_loan_representative', 'legal_representative', 'person'],
    ['bank_loan_firm', 'firm', 'firm'],
    ['bank_loan_firm_records', 'firm', 'firm'],
    ['bank_loan_post_loan', 'borrower', 'person'],
  ]);
});

test.each(['debt', 'scam'])('who borrows or guarantees is warned: without %s, lint fails (1.23, 1.34)', (kind) => {
  const owing = TEMPLATES.filter(({ signer }) => signer === 'borrower' || signer === 'guarantor');
  expect(owing.length).toBe(4);
  for (const template of owing) {
    const dropped = template.warnings.filter((warning) => warning.kind === kind).map(({ id }) => id);
    const without = {
      ...template,
      warnings: template.warnings.filter(({ id }) => !dropped.includes(id)),
      clauses: template.clauses.map((clause) => ({
        ...clause,
        warnings: clause.warnings.filter((id) => !dropped.includes(id)),
      })),
    };
    const found = lintLetter({ text: null, template: without });
    expect(found.map(({ rule, sentence }) => [rule, sentence])).toEqual([['L13', kind]]);
  }
});

function readPack(id: string): JsonObject {
  const { value, problems } = readYaml(id, readFileSync(`packs/${id}/pack.yaml`, 'utf8'));
  expect(problems).toEqual([]);
  return value as JsonObject;
}

function partiesOf(pack: JsonObject): readonly string[] {
  return (pack['parties'] as { id: string }[]).map(({ id }) => id);
}

function partyId(code: string): PartyId {
  return PARTIES.indexOf(code).toString(16).padStart(32, '0') as PartyId;
}

function grantOf(clause: Clause): Terms {
  return {
    grant: '0198abcdef0123456789abcdef012345' as GrantId,
    action: clause.action,
    purposes: clause.purposes,
    items: clause.items,
    sources: clause.sources.map(partyId),
    recipients: clause.recipients.map(partyId),
    ...(clause.candidates.length === 0 ? {} : { candidates: clause.candidates.map(partyId) }),
    from: null,
    to: Date.UTC(2027, 4, 31, 16),
    basis: clause.basis,
    necessity: clause.necessity,
    uses_max: null,
    frequency: clause.action === 'REPORT' ? { count: 1, period_ms: 30 * 86_400_000 } : null,
    staleness_ms: null,
  };
}

function namesFor({ subject, candidates }: Template): LetterNames {
  const table = (codes: readonly string[]) =>
    Object.fromEntries(codes.map((code) => [code, both(`〔${code}〕`, code)]));
  return {
    letter_no: 'EX-2024-001',
    grantee: {
      name: both('示例银行股份有限公司', 'Example Bank'),
      uscc: '91990001MA00000157',
      licence: both('示例金融许可证', 'example licence'),
      contact: both('示例路一号', 'Example Road 1'),
    },
    subject: {
      name: '李示例',
      id_type: both('居民身份证', 'Resident ID'),
      id_number: '9900**********0014',
      loan_card: null,
      signatory: subject === 'firm' ? '王示例' : null,
    },
    purposes: table(PURPOSES),
    items: table(ITEMS),
    itemClasses: {},
    parties: Object.fromEntries(
      PARTIES.map((party) => {
        const name = candidates.find(({ id }) => id === party)?.name ?? both(`〔${party}〕`, party);
        return [partyId(party), { party, name, uscc: null, contact: null }];
      }),
    ),
  };
}
