/**
 * The story: one person, one lender, one letter, from the first signature to the refusal after it is taken back. Played
 * through the public HTTP API alone, by the demo and into a new ledger.
 *
 * @module
 */

import {
  bindsText,
  type Client,
  openDoor,
  openIssuingKeys,
  partySignatory,
  provePartyKey,
  type Signatory,
  signBinding,
  signLetterStatement,
  signRevocation,
  subjectSignatory,
} from '#client/index.ts';
import { parseBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { AccessId, GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { Pack } from '#core/pack/pack.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { publishAll } from './packs/publish.ts';
import { type Bureau, openBureau, reportRequest } from './story-bureau.ts';
import { ANSWERS, clausesOf, NAMES, SLOTS, SUBJECT, TEMPLATE_ID } from './story-letter.ts';

export interface Storyteller {
  /** A client that signs with these keys. */
  readonly clientOf: (signers: readonly Signatory[]) => Client;
  /** The keeper's two administrators, who register the parties. */
  readonly keeper: readonly Signatory[];
  /** The law that its accesses are decided by. */
  readonly packs: readonly Pack[];
  /** Told the private seed of each party's business key, to be kept for who wants to go on. */
  readonly keep: (name: CastName, party: PartyId, seed: Uint8Array) => void;
  readonly origin: string;
  /** The log's public key: what lender and bureau trust. */
  readonly vkey: VerifierKey;
  readonly ed25519: Ed25519;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => number;
  readonly say: (line: string) => void;
}

/** Whose keys of the story are kept. */
export type CastName = 'identifier' | 'lender' | 'bureau';

/** Who plays in it, by the ids that the ledger gave them. */
export type StoryCast = Readonly<Record<CastName | 'funder', PartyId>>;

/** What the story made, by id: nothing of it says who anyone is. */
export interface Story {
  readonly cast: StoryCast;
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
  /** Allowed under the query grant. */
  readonly allowed: AccessId;
  /** Denied with PURPOSE: that purpose was not ticked. */
  readonly denied: AccessId;
  /** Denied with REVOKED: the person had taken the grant back. */
  readonly refused: AccessId;
  /** Allowed afterwards: reporting still stands. */
  readonly reported: AccessId;
}

const DAY_MS = 86_400_000;

/** Plays the story, and throws where a step is not as it should be. */
export async function playStory(teller: Storyteller): Promise<{ readonly story: Story; readonly lender: Client }> {
  const { say, clock } = teller;
  const cast = await castParties(teller);
  const { client } = cast;
  say(
    `1. The keeper, by two signatures, registered parties with keys: ${NAMES.identifier} · ${NAMES.lender} · ${NAMES.funder} · ${NAMES.bureau}`,
  );
  await publishLaw(teller, cast);
  const { handle } = await client.enrol({ principal: cast.lender, subject: 'person', identity: SUBJECT });
  const { lender: principal } = cast;
  // What the law asks of a subject is stated, coarsely: of age, or not.
  await client.attestSubject(handle, { principal, band: 'adult', own_income: true, guardian: false });
  const person = await teller.ed25519.importSeed(teller.random(32));
  const binding = await signBinding(person, cast.identifier, {
    log: teller.origin,
    handle,
    identifiedAt: clock(),
    identity: SUBJECT,
    salt: teller.random(32),
  });
  await client.bindKey(handle, { principal: cast.lender, ...binding } as Parameters<Client['bindKey']>[1]);
  say(`2. ${NAMES.identifier} identified the person and bound the person's key (evidence grade B)`);
  const drafted = await draftTwoClauses(teller, cast, handle);
  say(
    `3. ${NAMES.lender} drafted letter ${drafted.letter}: query, and report by whichever of two banks will grant the line. The ledger made its text, from ${madeFrom(drafted.template)}`,
  );
  await readBefore(teller, person, handle, drafted.letter);
  await answerBefore(teller, cast, drafted.letter);
  const signed = await signLetterStatement(
    person,
    { ...drafted, statement: drafted.statement as JsonObject },
    [true, true],
    clock(),
  );
  const { entry } = await client.signLetter(drafted.letter, signed as Parameters<Client['signLetter']>[1]);
  say(`4. The person ticked both clauses and signed: entry ${entry.index}, two grants`);
  const [query, report] = drafted.grants.map(({ grant }) => grant) as [GrantId, GrantId];
  const accesses = await useGrants(teller, { cast, handle, query, report, person });
  const { identifier, lender, funder, bureau } = cast;
  const played: StoryCast = { identifier: identifier.party, lender, funder, bureau };
  return { story: { cast: played, letter: drafted.letter, handle, query, report, ...accesses }, lender: client };
}

/** The keeper publishes the law, and registers the licences that it asks for. */
async function publishLaw({ clientOf, keeper, packs, say }: Storyteller, { lender, bureau }: Cast): Promise<void> {
  if (packs.length === 0) return;
  const client = clientOf(keeper);
  await publishAll(client, packs, () => {});
  const from = Date.parse('2020-01-01T00:00:00+08:00');
  await client.licenseParty(lender, { kind: 'bank', from, to: null });
  await client.licenseParty(bureau, { kind: 'personal_bureau', from, to: null });
  say(
    `   It published the law that decides below, and two licences: ${packs.map(({ id, version }) => `${id} ${version}`).join(', ')}`,
  );
}

interface Cast {
  readonly reports: Bureau;
  /** Waits until the bureau has settled. */
  readonly settled: () => Promise<void>;
  /** The lender's. */
  readonly client: Client;
  readonly identifier: { readonly party: PartyId; readonly key: SigningKey };
  readonly lender: PartyId;
  /** Another candidate for the line. */
  readonly funder: PartyId;
  readonly bureau: PartyId;
}

/** The keeper registers each party with two operators: one for its keys, one for its business. */
async function castParties(teller: Storyteller): Promise<Cast> {
  const { clientOf, keeper, keep, ed25519, random, origin } = teller;
  const register = async (cast: CastName | null, name: string, role: 'identifier' | 'grantee' | 'bureau') => {
    const seeds = [random(32), random(32)] as const;
    const [admin, key] = await Promise.all([ed25519.importSeed(seeds[0]), ed25519.importSeed(seeds[1])]);
    const keys = [
      { ...(await provePartyKey(admin, origin)), duty: 'admin' as const },
      { ...(await provePartyKey(key, origin)), duty: 'query' as const },
    ];
    const { party } = await clientOf(keeper).registerParty({ name, roles: [role], keys });
    if (cast !== null) keep(cast, party, seeds[1]);
    return { party, key };
  };
  const identifier = await register('identifier', NAMES.identifier, 'identifier');
  const lender = await register('lender', NAMES.lender, 'grantee');
  const funder = await register(null, NAMES.funder, 'grantee');
  const bureau = await register('bureau', NAMES.bureau, 'bureau');
  const client = clientOf([partySignatory(lender.party, lender.key)]);
  const { reports, settled } = await openReports(teller, bureau);
  const parties = { lender: lender.party, funder: funder.party, bureau: bureau.party };
  return { client, identifier, ...parties, reports, settled };
}

/** The bureau puts a door before its reports. */
async function openReports(
  { clientOf, origin, vkey, ed25519, clock, random }: Storyteller,
  { party, key }: { readonly party: PartyId; readonly key: SigningKey },
): Promise<Pick<Cast, 'reports' | 'settled'>> {
  const client = clientOf([partySignatory(party, key)]);
  const door = openDoor({
    party,
    client,
    doorKey: parseBase64Url((await client.doorKey(party)).key),
    log: origin,
    issuingKey: await openIssuingKeys(client, vkey, ed25519),
    ed25519,
    clock,
    random,
    offline: false,
    onUnsettled(_access, thrown) {
      throw thrown;
    },
  });
  return { reports: openBureau(door), settled: () => door.drain() };
}

/** The person's device shows the text, and makes sure that it is the very one that will be signed. */
async function readBefore({ clientOf }: Storyteller, person: SigningKey, handle: Handle, letter: LetterId) {
  const shown = await clientOf([subjectSignatory(handle, person)]).readLetter(letter);
  if (!bindsText(shown)) throw new Error('the story went wrong: the statement binds another text than is shown');
}

/** In the lender's app the person says in its own words who sent it, and who pays; a wrong answer stops the signing. */
async function answerBefore({ say }: Storyteller, { client, lender }: Cast, letter: LetterId): Promise<void> {
  const { asked } = await client.readLetter(letter);
  const { outcome, entry } = await client.answerLetter(letter, {
    principal: lender,
    answers: asked.questions.map(({ id }) => ({ question: id, answer: ANSWERS[id] ?? '清楚' })),
  });
  if (outcome !== 'clear') throw new Error('the story went wrong: an answer stopped the signing');
  say(
    `   The person answered what is asked before a loan, ${asked.questions.map(({ ask }) => ask.zh).join('')} (entry ${entry.index})`,
  );
}

/** The template that the letter is to be made from. */
export function templateIn(packs: readonly Pack[]) {
  const found = packs.flatMap(({ id: pack, templates }) => templates.map(({ id, version }) => ({ pack, id, version })));
  const named = found.find(({ id }) => id === TEMPLATE_ID);
  if (named === undefined) throw new Error(`the story wants a pack with the template ${TEMPLATE_ID}`);
  return named;
}

function madeFrom(template: Awaited<ReturnType<Client['draftLetter']>>['template']): string {
  if (template === null || typeof template === 'string') throw new Error('the story went wrong: no template was used');
  return `template ${template.id} of pack ${template.pack} ${template.pack_version}`;
}

function draftTwoClauses({ clock, packs }: Storyteller, cast: Cast, handle: Handle) {
  return cast.client.draftLetter({
    principal: cast.lender,
    handle,
    template: templateIn(packs),
    slots: SLOTS,
    text: null,
    warnings: [],
    expires_at: (clock() + DAY_MS) as Instant,
    grants: clausesOf(cast, clock()),
  });
}

interface Standing {
  readonly cast: Cast;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
  readonly person: SigningKey;
}

async function useGrants(
  teller: Storyteller,
  standing: Standing,
): Promise<Pick<Story, 'allowed' | 'denied' | 'refused' | 'reported'>> {
  const { say, clock, origin } = teller;
  const { client } = standing.cast;
  const { cast, handle, query, person } = standing;
  const asked = { principal: cast.lender, handle, door: cast.bureau, bound: null };
  const lookUp = (purpose: string) =>
    client.askAccess({ ...asked, ground: { grant: query }, action: 'QUERY', purpose, items: ['credit_report'] });
  const allowed = expectDecision(await lookUp('loan_apply'), []);
  const reason =
    allowed.law?.reason === undefined || allowed.law === null ? '' : `, reason ${allowed.law.reason} to give`;
  say(`5. Query for loan_apply: allow${reason}, with a permit for the bureau (entry ${allowed.entry.index})`);
  await handOver(teller, cast, allowed.permit);
  const denied = expectDecision(await lookUp('marketing'), ['PURPOSE']);
  say(`7. Query for marketing, which was not ticked: deny PURPOSE (entry ${denied.entry.index})`);
  await grantLine(teller, standing);
  const early = expectDecision(await lookUp('post_loan'), []);
  const revocation = await signRevocation(person, { log: origin, grant: query, grantee: cast.lender }, clock());
  const taken = await client.revokeGrant(query, revocation as Parameters<Client['revokeGrant']>[1]);
  say(`8. The person took the query grant back, by signature (entry ${taken.entry.index})`);
  await expectTurned(cast, early.permit, 'permit_denied');
  say('   A permit from before is refused at the bureau: the grant is checked again at hand-over');
  const refused = expectDecision(await lookUp('loan_apply'), ['REVOKED']);
  say(`9. The next query: deny REVOKED (entry ${refused.entry.index})`);
  const reported = expectDecision(await client.askAccess(reportOf(standing)), []);
  say(`10. Reporting still stands: allow (entry ${reported.entry.index})`);
  return { allowed: allowed.access, denied: denied.access, refused: refused.access, reported: reported.access };
}

/** Whose the report clause is shows when the line is granted: before that nobody reports (domain/seeds.md 0.19). */
async function grantLine({ say, clock }: Storyteller, { cast, handle, report }: Standing): Promise<void> {
  const { client, lender: principal } = cast;
  const early = expectDecision(await client.askAccess(reportOf({ cast, handle, report })), ['PARTY']);
  say(`   A report, before it is settled which bank grants the line: deny PARTY (entry ${early.entry.index})`);
  // After the loan a facility has to be in force (domain/law.md 2.11).
  await client.bindFacility(handle, { principal, from: dayAt(clock()), last: null, years: 3 });
  const { entry } = await client.bindGrantee(handle, { principal, grant: report, party: principal });
  const { bound } = await client.readGrant(report);
  say(`   The line is granted, and the report clause bound to that bank (entry ${entry.index}): ${bound?.said.zh}`);
}

function reportOf({ cast, handle, report }: Pick<Standing, 'cast' | 'handle' | 'report'>) {
  const what = { action: 'REPORT', purpose: 'credit_reporting', items: ['repayment'] } as const;
  return { principal: cast.lender, handle, ground: { grant: report }, ...what, door: cast.bureau, bound: null };
}

/** The bureau takes the permit once, releases the report, and settles; the same permit again is refused. */
async function handOver({ say }: Storyteller, cast: Cast, permit: string | null): Promise<void> {
  const response = await cast.reports(reportRequest(permit, SUBJECT, ['credit_report']));
  if (!response.ok) throw new Error(`the story went wrong: the bureau answered ${response.status}`);
  await cast.settled();
  say(`6. ${NAMES.bureau} redeemed the permit, released the report once, and settled`);
  await expectTurned(cast, permit, 'permit_redeemed');
  say('   The same permit again, and no permit at all: refused at the bureau');
  await expectTurned(cast, null, 'permit_required');
}

async function expectTurned(cast: Cast, permit: string | null, code: string): Promise<void> {
  const response = await cast.reports(reportRequest(permit, SUBJECT, ['credit_report']));
  const said = (await response.json()) as { readonly code?: string };
  if (said.code !== code) throw new Error(`the story went wrong: the bureau answered ${said.code}, want ${code}`);
}

function expectDecision<T extends { readonly decision: string; readonly codes: readonly string[] }>(
  access: T,
  codes: readonly string[],
): T {
  const want = codes.length === 0 ? 'allow' : 'deny';
  if (access.decision === want && access.codes.join() === codes.join()) return access;
  throw new Error(
    `the story went wrong: ${access.decision} ${access.codes.join(' ')}, want ${want} ${codes.join(' ')}`,
  );
}
