/**
 * A small town for tests in a browser: the served ledger with two banks, a bureau, and a person who signed a letter for each;
 * and beside it the tour, where a newcomer gets a passkey and signs. Its time goes as it does outside.
 */
import type { BrowserContext } from 'playwright-core';
import type { Handle, LetterId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SignerState } from '#ledger/signer.ts';
import { letterCapability } from '#service/capabilities.ts';
import { openTour } from '../../../src/cli/tour/tour.ts';
import { bindPersonKey, enrolPerson, newPerson, type Person } from '../../support/actors.ts';
import { checkLedger } from '../../support/ledger-fixture.ts';
import { openPersonScene, type PersonScene } from '../../support/person-scene.ts';
import { signIn } from '../../support/sessions.ts';
import { type Served, serveSite } from './site.ts';

/** Somebody whom the first bank has asked for a letter. */
export interface Asked {
  readonly person: Person;
  readonly handle: Handle;
  readonly letter: LetterId;
  /** Of the letter's page, such as `/sign/<capability>`. */
  readonly path: string;
}

export interface Town extends Served {
  readonly scene: PersonScene;
  /** Where the tour begins: the first bank's own site. */
  readonly bank: string;
  /** Somebody new gets a link from the first bank. @param expiresAt Absent: there is time. */
  ask(expiresAt?: number): Promise<Asked>;
  /** Lets a browser go on as somebody with a key is signed in. */
  signIn(context: BrowserContext, person: Person, handle: Handle): Promise<void>;
}

/** Opens the town. Closing it audits its ledger. @param signerState The signer's memory, where a test goes on with it. */
export async function openTown(signerState?: SignerState): Promise<Town> {
  const scene = await openPersonScene(undefined, 'postgres', undefined, signerState);
  const { context, a, b, bureau, identifier } = scene;
  // Pages say how the published head stands.
  await context.ledger.publisher.published(2, 5_000);
  let providers: Parameters<typeof serveSite>[1] = () => [];
  const site = await serveSite(context, () => providers?.() ?? []);
  const keys = { lender: a.party.key, bureau: bureau.key, identifier: identifier.key };
  const tour = await openTour({
    ...{ context, ledgerUrl: site.url, host: '127.0.0.1', ports: [0, 0] },
    cast: { lender: a.party.party, funder: b.party.party, bureau: bureau.party, identifier: identifier.party },
    keyOf: async (name) => keys[name],
    template: { pack: 'huabei', id: 'huabei_letter', version: 1 },
  });
  providers = () => [tour.provider];
  return {
    url: site.url,
    scene,
    bank: `${tour.url}/`,
    async ask(expiresAt) {
      const person = await newPerson();
      const handle = await enrolPerson(context, a.party, person);
      await bindPersonKey(context, { lender: a.party, person, handle, identifier });
      const change = expiresAt === undefined ? {} : { expires_at: expiresAt as Instant };
      const { letter } = await scene.draft(a.party, handle, change);
      return { person, handle, letter, path: `/sign/${letterCapability(context, letter)}` };
    },
    async signIn(browser, person, handle) {
      const { token } = await signIn(context, person, handle);
      await browser.addCookies([{ name: 'assent', value: token, url: site.url, httpOnly: true }]);
    },
    async close() {
      await tour.close();
      await site.close();
      await checkLedger(scene.fixture);
      await scene.fixture.close();
    },
  };
}
