/** Every template that this project ships makes its letter under the law that it ships. */
import { describe, expect, test } from 'vitest';
import { type LetterSlots, makeText } from '#core/consent/letter-text.ts';
import { decide } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { lintLetter } from '#core/letter-template/lint.ts';
import { parseTemplate } from '#core/letter-template/template.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';
import { both } from '../letter-template/paper-template.ts';
import {
  calledByKeeper,
  changed,
  drafted,
  keysOfParty,
  LENDER,
  openedPaper,
  paperId,
  published,
  REL,
  relationshipOf,
  TODAY,
  terms,
} from './paper-ledger.ts';

const PACKS = readShipped();
const paper = openedPaper();
for (const pack of PACKS) paper.write(published(pack), TODAY);
/** A party of the ledger for each party of the packs, by its name. */
const IDS = new Map(
  PACKS.flatMap(({ parties }) => parties).map(({ id, name, kind }, at): [string, PartyId] => {
    const party = paperId<PartyId>(0x5000 + at);
    const role = kind === 'lender' ? ('grantee' as const) : ('bureau' as const);
    const input = { name: name.zh, roles: [role], keys: keysOfParty(party), ...calledByKeeper() };
    paper.write({ type: 'party.registered', stream: partyStream(party), input }, TODAY);
    return [id, party];
  }),
);
const idsOf = (codes: readonly string[]) => codes.map((code) => IDS.get(code) ?? expect.unreachable(code));

const TEMPLATES = PACKS.flatMap(({ id: pack, version: pack_version, templates }) =>
  templates.map((json) => ({ ref: { pack, pack_version, id: json.id, version: json.version }, json })),
);

describe.each(TEMPLATES.map((each) => [each.ref.id, each] as const))('%s', (_id, { ref, json }) => {
  const template = parseTemplate(json);
  const grants = template.clauses.map(
    ({ action, purposes, items, sources, recipients, candidates, basis, necessity }, at): Terms => ({
      ...terms(),
      grant: paperId<GrantId>(0x6000 + at),
      ...{ action, purposes, items, basis, necessity },
      sources: idsOf(sources),
      recipients: idsOf(recipients),
      ...(candidates.length === 0 ? {} : { candidates: idsOf(candidates) }),
    }),
  );
  const view = changed(paper, { [REL]: { ...relationshipOf(paper), subject: template.subject } });
  const slots: LetterSlots = {
    letter_no: 'EX-1890-001',
    grantee: { uscc: '91990001MA00000157', licence: both('示例金融许可证'), contact: both('示例路一号') },
    subject: {
      name: '李示例',
      id_type: both('居民身份证'),
      id_number: '9900**********0014',
      loan_card: null,
      signatory: template.subject === 'firm' ? '王示例' : null,
    },
    doors: [],
  };
  const now = TODAY as Instant;
  const letter = { principal: LENDER, template: ref, grants };

  test('makes a letter of all its clauses, which lints without an error, and may be its entry', () => {
    const named = changed(view, {
      [partyStream(LENDER)]: { ...(view.state(partyStream(LENDER)) as object), name: '示例银行股份有限公司' },
    });
    const { text, warnings } = makeText(named, now, letter, slots);
    expect(lintLetter({ text, template: null }).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(text.length).toBeLessThan(template.screen.characters_max);
    expect(decide(view, drafted({ ...letter, warnings, asks: template.teach_back.length > 0 }), now)).toMatchObject({
      template: ref,
    });
  });
});
