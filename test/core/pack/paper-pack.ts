/** Packs on paper: small, with a row in every section, and what a test says of them. */
import { encodeCanonical, type Json } from '#core/canonical.ts';
import type { Day } from '#core/pack/day.ts';
import { type Pack, type PackVersions, parsePack } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';

const both = (text: string) => ({ zh: `示例${text}`, en: text });
export const dayOf = (text: string) => text as Day;

const RULE = {
  id: 'R-1',
  title: both('rule'),
  law: [{ doc: 'law-1', art: '1' }],
  applies: {
    actions: ['QUERY'],
    subjects: null,
    item_kinds: ['credit'],
    purpose_kinds: null,
    bases: null,
    regions: ['99', '990001'],
  },
  require: 'written_consent',
  params: { days: null, workdays: null, years: null, count: null, grade: null, owed_to: null },
  otherwise: { deny: 'NEED_WRITTEN' },
  from: '2020-01-01',
  to: null,
  severity: 'error',
  evidence: 'V',
  profile: null,
  replaces: null,
};

/** A row in every section, all of it right. */
export const PAPER_PACK = {
  id: 'paper',
  version: 1,
  title: both('paper'),
  needs: [],
  from: '2020-01-01',
  to: null,
  laws: [{ id: 'law-1', title: both('law'), number: '示例第1号', from: '2019-01-01', to: null, evidence: 'V' }],
  profiles: [{ id: 'P-1', title: both('profile'), warning: both('ask counsel'), evidence: 'rec' }],
  items: [
    {
      id: 'credit_report',
      name: both('report'),
      kinds: ['credit'],
      level: 3,
      fi_class: 'C2',
      illustrative: true,
      evidence: 'S',
    },
  ],
  purposes: [
    {
      id: 'loan_apply',
      name: both('loan'),
      subjects: ['person', 'firm'],
      kind: 'application',
      reasons: [{ scheme: 'reason_person', code: '02' }],
      feedback_days: 30,
      evidence: 'rec',
    },
  ],
  codes: [{ scheme: 'reason_person', code: '02', name: both('loan'), flagged: false, evidence: 'S' }],
  parties: [
    {
      id: 'bureau',
      name: both('bureau'),
      kind: 'bureau',
      illustrative: true,
      cadence: 'monthly',
      closes: '17:30',
      evidence: 'rec',
    },
  ],
  rules: [
    RULE,
    {
      ...RULE,
      id: 'R-2',
      require: 'never',
      otherwise: { flag: 'review' },
      severity: 'warning',
      profile: 'P-1',
      replaces: 'R-1',
    },
    {
      ...RULE,
      id: 'R-3',
      require: 'within_retention',
      params: { ...RULE.params, years: 5 },
      otherwise: { deny: 'EXPIRED' },
    },
    { ...RULE, id: 'R-4', require: 'never', params: { ...RULE.params, days: 20 }, otherwise: { oblige: 'reply_due' } },
  ],
  retention: [
    {
      id: 'K-1',
      covers: 'letters',
      what: both('letters'),
      keep: { years: 5 },
      limit: 'at_least',
      from: 'relationship_end',
      law: [],
      profile: 'P-1',
      evidence: 'rec',
    },
    {
      id: 'K-2',
      covers: 'face_images',
      what: both('faces'),
      keep: { event: 'verification' },
      limit: 'at_most',
      from: 'verification',
      law: [{ doc: 'law-1', art: '2' }],
      profile: null,
      evidence: 'V',
    },
  ],
  calendar: { years: [{ year: 2024, evidence: 'V', holidays: ['2024-10-01'], workdays: ['2024-09-29'] }] },
  areas: [{ code: '990001', name: both('county'), from: '2019-01-01', to: '2020-01-01', evidence: 'S' }],
  templates: [{ id: 'query-letter', version: 1, slots: [{ any: ['thing', null, 1, true] }] }],
} satisfies Json;

export const paperBytes = (value: Json) => encodeCanonical(value);

/** The paper pack with other fields. */
export function paperPack(change: Partial<Record<keyof typeof PAPER_PACK, Json>> = {}): Pack {
  return parsePack(paperBytes({ ...PAPER_PACK, ...change }));
}

/** The paper pack with other rules: the first rule, changed. */
export function withRules(...changes: readonly Partial<PackRule>[]): Pack {
  const [first] = paperPack().rules as [PackRule];
  return { ...paperPack(), rules: changes.map((change) => ({ ...first, ...change })) };
}

export function versionsOf(...packs: readonly Pack[]): PackVersions {
  const versions = new Map<Pack['id'], Pack[]>();
  for (const pack of packs) versions.set(pack.id, [...(versions.get(pack.id) ?? []), pack]);
  return versions;
}
