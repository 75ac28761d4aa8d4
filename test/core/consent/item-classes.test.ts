/** Clauses by classes of items: what they stand for by the law in force, what the text then says, and what was asked. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { type ClauseDraft, expandItems, meantBy } from '#core/consent/item-classes.ts';
import { lawAt } from '#core/consent/law.ts';
import { makeText } from '#core/consent/letter-text.ts';
import type { TemplateRef } from '#core/consent/pinned-template.ts';
import { expectRequest } from '#core/consent/requested.ts';
import { ITEMS_MAX, type Terms } from '#core/consent/terms.ts';
import type { Instant } from '#core/instant.ts';
import { itemsOfClass } from '#core/pack/item-class.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { SOCIAL_INSURANCE, treePack } from '../../support/tree-pack.ts';
import { both } from '../letter-template/paper-template.ts';
import { dayOf } from '../pack/paper-pack.ts';
import {
  DAY,
  drafted,
  draftInput,
  HANDLE,
  LENDER,
  openedPaper,
  type Paper,
  published,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { requestOf, verifyAnew } from './paper-requests.ts';
import { SLOTS } from './paper-slots.ts';

const NOW = TODAY as Instant;
/** The catalogue, whose database has the registered name of the paper's bureau. */
const treeOf = (version: 1 | 2, from?: Pack['from']): Pack => {
  const tree = treePack(version, from);
  const parties = tree.parties.map((row) =>
    row.id === 'database' ? { ...row, name: both('示例 bureau', 'Example bureau') } : row,
  );
  return { ...tree, parties };
};
const TREE = treeOf(1);
const CLASSES = (TREE.classes ?? []).map(({ id }) => id);

function lawful(...packs: readonly Pack[]): Paper {
  const paper = openedPaper();
  for (const pack of packs) paper.write(published(pack), TODAY - DAY);
  return paper;
}
const law = lawAt(lawful(TREE), NOW);
const named = (of: string, version = 1) => ({ pack: TREE.id, version, class: of });
const clause = (items: readonly string[], item_classes?: ClauseDraft['item_classes']): ClauseDraft => {
  const { grant: _minted, ...rest } = terms();
  return { ...rest, items, ...(item_classes === undefined ? {} : { item_classes }) };
};
const itemsOf = (draft: ClauseDraft) => expandItems(law, draft).items;

describe('a clause', () => {
  test('has the items that it names, and behind them those of its classes, each once', () => {
    expect(itemsOf(clause(['item_3', 'credit_info'], [named(SOCIAL_INSURANCE)]))).toEqual([
      ...['item_3', 'credit_info', 'item_1', 'item_2', 'item_4'],
    ]);
    expect(expandItems(law, clause([], [named('class_2')]))).toEqual(clause(itemsOfClass(TREE, 'class_2') ?? []));
  });

  test('without a class stays as it is, with or without a law', () => {
    for (const [known, draft] of [
      [law, clause(['credit_info', 'credit_info'])],
      [null, clause(['credit_info'], [])],
    ] as const) {
      expect(expandItems(known, draft)).toEqual(clause(draft.items));
    }
  });

  test('has at most as many items as any clause', () => {
    const all = CLASSES.filter((id) => !id.includes('_', 6)).map((id) => named(id));
    const more = (count: number) => Array.from({ length: count }, (_, at) => `other_${at}`);
    expect(itemsOf(clause(more(ITEMS_MAX - 96), all))).toHaveLength(ITEMS_MAX);
    expectFailure('input_invalid', () => itemsOf(clause(more(ITEMS_MAX - 95), all)));
  });

  test('is refused for a class that is not there, and for any version but the one in force', () => {
    expectFailure('item_class_unknown', () => itemsOf(clause([], [named('class_9')])));
    for (const other of [named(SOCIAL_INSURANCE, 2), { ...named(SOCIAL_INSURANCE), pack: 'other' as PackId }]) {
      expectFailure('pack_not_in_force', () => itemsOf(clause([], [other])));
    }
    expectFailure('pack_not_in_force', () => expandItems(null, clause([], [named(SOCIAL_INSURANCE)])));
  });

  test('has just the items that are named or stand in a class of its, whichever those are', () => {
    const some = fc.subarray(TREE.items.map(({ id }) => id));
    fc.assert(
      fc.property(some, fc.array(fc.constantFrom(...CLASSES), { maxLength: 8 }), (items, classes) => {
        fc.pre(items.length <= ITEMS_MAX - 30);
        const wanted = new Set([...items, ...classes.flatMap((id) => itemsOfClass(TREE, id) ?? [])]);
        fc.pre(wanted.size <= ITEMS_MAX);
        const found = itemsOf(
          clause(
            items,
            classes.map((id) => named(id)),
          ),
        );
        expect(found).toHaveLength(wanted.size);
        expect(new Set(found)).toEqual(wanted);
      }),
    );
  });

  test('has them for good: of the version of its day, whatever is published later', () => {
    const before = itemsOf(clause([], [named(SOCIAL_INSURANCE)]));
    const wider = lawful(TREE, treeOf(2, dayOf('2030-01-01')));
    const draft = clause([], [named(SOCIAL_INSURANCE)]);
    expect(expandItems(lawAt(wider, NOW), draft).items).toEqual(before);
    const later = lawAt(wider, Date.parse('2030-06-01') as Instant);
    expectFailure('pack_not_in_force', () => expandItems(later, draft));
    expect(expandItems(later, clause([], [named(SOCIAL_INSURANCE, 2)])).items).toEqual([...before, 'item_97']);
  });
});

const REF: TemplateRef = { pack: TREE.id, pack_version: 1, id: 'huabei_letter', version: 1 };

test('the text of a letter by classes names just the items of its grants, in both languages', () => {
  const paper = lawful(TREE);
  const nameOf = new Map(TREE.items.map(({ id, name }) => [id, name]));
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...CLASSES), { minLength: 1, maxLength: 6 }), (classes) => {
      const items = itemsOf(
        clause(
          [],
          classes.map((id) => named(id)),
        ),
      );
      const grants: readonly Terms[] = [{ ...terms(), items }];
      const { text, translation } = makeText(paper, NOW, { principal: LENDER, template: REF, grants }, SLOTS);
      const listed = [text, translation].map((said) => said.match(/示例数据项\d+|Example item \d+/g)?.sort());
      expect(listed).toEqual([
        items.map((id) => nameOf.get(id)?.zh).sort(),
        items.map((id) => nameOf.get(id)?.en).sort(),
      ]);
      for (const id of items) expect(text).toContain(`【${headingOf(id)}】\n`);
    }),
    { numRuns: 30 },
  );
});

function headingOf(item: string): string {
  const { items, classes = [] } = TREE;
  const of = classes.find(({ id }) => id === items.find(({ id: own }) => own === item)?.class);
  return [classes.find(({ id }) => id === of?.parent), of].map((each) => each?.name.zh).join(' › ');
}

describe('the request that asked for a class', () => {
  const paper = lawful(TREE);
  const grants = [{ ...terms(), items: itemsOf(clause(['credit_info'], [named(SOCIAL_INSURANCE)])) }];
  const { warnings } = makeText(paper, NOW, { principal: LENDER, template: REF, grants }, SLOTS);
  const command = drafted({ template: REF, asks: true, warnings, grants });
  const { entry } = paper.write(command, TODAY);
  const body = {
    ...{ principal: LENDER, handle: HANDLE, slots: SLOTS, text: null, warnings: [] },
    template: { pack: REF.pack, id: REF.id, version: REF.version },
    expires_at: draftInput().expires_at,
    grants: [clause(['credit_info'], [named(SOCIAL_INSURANCE)])],
  } as unknown as JsonObject;
  const opened = { text: 'x', slots: SLOTS as unknown as Json };
  const asked = { name: 'letter.drafted', command, opened, path: '/v1/letters', body };
  const verify = async (grants: Json, before: Paper = paper) =>
    verifyAnew(expectRequest(before, entry, opened), await requestOf({ ...asked, body: { ...body, grants } }));
  const asking = (item_classes: Json, items: Json = ['credit_info']) =>
    [{ ...clause([]), items, item_classes }] as unknown as Json;

  test('asked for the items that its entry has', async () => {
    await verify(body['grants'] as Json);
    await verify([clause(grants[0]?.items ?? [])] as unknown as Json);
    await verify(asking([], grants[0]?.items as unknown as Json));
  });

  test.each<[string, Json]>([
    ['another class', asking([named('class_1_1')])],
    ['a class more', asking([named(SOCIAL_INSURANCE), named('class_1_1')])],
    ['no class', asking([])],
    ['another version', asking([named(SOCIAL_INSURANCE, 2)])],
    ['a class that is not there', asking([named('class_9')])],
    ['half a class', asking([{ pack: TREE.id, version: 1 }])],
    ['classes that are no list', asking(1)],
    ['items that are no list', asking([named(SOCIAL_INSURANCE)], 1)],
    ['items that are no codes', asking([named(SOCIAL_INSURANCE)], [1])],
    ['a clause that is none', [1]],
    ['clauses that are no list', 1],
  ])('is found where it asked for %s', async (_what, grants) => {
    await expectRefusal('entry_invalid', verify(grants));
  });

  test('is judged by the law of its own time', async () => {
    await expectRefusal('entry_invalid', verify(body['grants'] as Json, lawful()));
    expectFailure('entry_invalid', () => meantBy(null, clause([], [named(SOCIAL_INSURANCE)]) as unknown as Json));
  });
});
