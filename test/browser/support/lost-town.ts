/**
 * The small town after its ledger lost a day: yesterday's backup is put back, nobody has what was recorded since, and the log
 * goes on under another name (ADR 0028), by the ceremony itself.
 */
import { toBase64Url } from '#core/bytes.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { continueParty } from '#service/parties.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import { openIdentityProvider } from '../../../src/cli/identity-provider/provider.ts';
import { PEOPLE } from '../../../src/cli/tour/people.ts';
import { serveFetch } from '../../../src/node/serve.ts';
import { calledByKeeper, type Party } from '../../support/actors.ts';
import { backUp, restoreBackup } from '../../support/backup.ts';
import { continuingOn, nextOf, openNext } from '../../support/continued.ts';
import { addOperator } from '../../support/ink.ts';
import { checkLedger, type Fixture, random } from '../../support/ledger-fixture.ts';
import { memorySignerState } from '../../support/signer-state.ts';
import { type Served, serveSite } from './site.ts';
import { openTown, type Town } from './town.ts';

export interface LostTown extends Served {
  /** As it was, and goes on for nobody. */
  readonly before: Town;
  /** The ledger as it goes on. */
  readonly fixture: Fixture;
  /** Of an operator who works at the identifier's counter. */
  readonly clerk: Uint8Array;
  /** Two of the keeper say that a party goes on, with these keys besides its own two. */
  goOn(party: Party, ...more: readonly string[]): Promise<void>;
}

/**
 * Opens the town. Closing it audits its ledger, under both names.
 *
 * @param yesterday What people do before the backup is taken.
 * @param today And after it: what is lost.
 */
export async function openLostTown(
  yesterday: (town: Town) => Promise<void>,
  today: (town: Town) => Promise<void>,
): Promise<LostTown> {
  const state = memorySignerState();
  const before = await openTown(state);
  const { scene } = before;
  const old = scene.fixture;
  const clerk = random(32);
  const clerkKey = await addOperator(old.context, scene.identifier, clerk);
  await yesterday(before);
  await published(old);
  const backup = await backUp(old.store);
  await today(before);
  await published(old);
  const { note } = (await old.store.read(loadNewestCheckpoint)) ?? { note: '' };
  const copy = await restoreBackup('pglite', backup, '');
  const next = await nextOf(old);
  await continueUnderNewOrigin(continuingOn(old, { store: copy.store, state, next, lost: note }));
  const fixture = await openNext(old, next, { store: copy.store });
  const { context } = fixture;
  const goOn = async ({ party, key, admin }: Party, ...more: readonly string[]) => {
    const keys = [...[key, admin].map(({ publicKey }) => toBase64Url(publicKey)), ...more];
    const caller = await calledByKeeper(context, `/v1/parties/${party}/continuation`, { keys });
    await continueParty(context, caller, { party, keys });
  };
  await goOn(scene.identifier, toBase64Url(clerkKey.publicKey));
  await published(fixture);
  const providers: IdentityProvider[] = [];
  const site = await serveSite(context, () => providers);
  const identity = await serveFetch(
    openIdentityProvider({
      ...{ party: scene.identifier.party, key: scene.identifier.key, people: PEOPLE, clock: Date.now },
      ledger: { log: context.ledger.origin, origins: [site.url] },
      onTrouble: (thrown) => console.error(thrown),
    }).fetch,
    { host: '127.0.0.1', port: 0 },
  );
  const url = `${identity.url.replace('127.0.0.1', 'localhost')}/identify`;
  providers.push({ party: scene.identifier.party, name: { zh: '示例身份认证', en: 'Example Identity' }, url });
  return {
    ...{ url: site.url, before, fixture, clerk, goOn },
    async close() {
      await identity.close();
      await site.close();
      await checkLedger(fixture);
      await fixture.close();
      await copy.close();
      await before.close();
    },
  };
}

async function published({ ledger, store }: Pick<Fixture, 'ledger' | 'store'>): Promise<void> {
  await ledger.publisher.published((await store.read(loadHead))?.size ?? 0, 10_000);
}
