/**
 * The tour's lender: a made-up bank's own site. It asks a person for a letter, sends it to the ledger's page, gets it back
 * with the result, and asks for accesses, as any lender's system does by the API.
 *
 * @module
 */
import { type Context as Call, Hono } from 'hono';
import { html } from 'hono/html';
import { type Client, Refused } from '#client/index.ts';
import type { GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Bureau, reportRequest } from '../story-bureau.ts';
import { clausesOf, NAMES, SLOTS } from '../story-letter.ts';
import { type Html, TOUR_STYLE, tourHeaders, tourPage } from './page.ts';
import { PEOPLE, type TourPerson } from './people.ts';

export interface LenderSite {
  readonly client: Client;
  readonly lender: PartyId;
  readonly funder: PartyId;
  readonly bureau: PartyId;
  readonly reports: Bureau;
  readonly template: { readonly pack: string; readonly id: string; readonly version: number };
  /** Where people reach the ledger's pages, and this site. */
  readonly ledgerUrl: string;
  readonly ownUrl: () => string;
  readonly clock: () => number;
}

interface Application {
  readonly person: TourPerson;
  readonly handle: Handle;
  readonly query: GrantId;
}

const DAY_MS = 86_400_000;

/** Makes the site. What was applied for is remembered while it runs. */
export function openLenderSite(site: LenderSite): Hono {
  const applications = new Map<string, Application>();
  const app = new Hono();
  app.get('/tour.css', (call) => call.body(TOUR_STYLE.text, 200, TOUR_STYLE.headers));
  app.get('/', (call) => show(call, home()));
  // Its forms are sent by its own pages. Who is no browser says nothing.
  app.post('*', (call, next) =>
    (call.req.header('sec-fetch-site') ?? 'same-origin') === 'same-origin'
      ? next()
      : show(call, problem('请从本行的页面办理 · Begin on a page of this bank'), 403),
  );
  app.post('/apply', async (call) => {
    const { person } = await call.req.parseBody();
    const applicant = PEOPLE[Number(person)];
    if (applicant === undefined) return show(call, problem('请选择一个人 · Choose somebody'), 400);
    const { letter, application, path } = await apply(site, applicant);
    applications.set(letter, application);
    return call.redirect(`${site.ledgerUrl}${path}`, 303);
  });
  app.get('/back', (call) =>
    show(call, back(call.req.query('letter') ?? '', call.req.query('result') ?? '', applications)),
  );
  app.post('/query', async (call) => {
    const { letter, purpose } = await call.req.parseBody();
    const application = applications.get(String(letter));
    if (application === undefined)
      return show(call, problem('没有这份申请，请重新申请 · No such application: apply again'), 404);
    return show(call, await query(site, String(letter), application, String(purpose)));
  });
  app.onError((thrown, call) => {
    const said = thrown instanceof Refused ? `${thrown.code}: ${thrown.message}` : '出错了 · Something went wrong';
    return show(call, problem(said), 502);
  });

  function show(call: Call, body: Html, status: 200 | 400 | 403 | 404 | 502 = 200) {
    return call.html(tourPage(`${NAMES.lender} · 演示`, body), status, tourHeaders([site.ledgerUrl]));
  }
  return app;
}

/** Enrols the person, states that it is of age, and drafts the letter. */
async function apply({ client, ...site }: LenderSite, person: TourPerson) {
  const { lender: principal, clock } = site;
  const identity = { ...person, phone: null };
  const { handle } = await client.enrol({ principal, subject: 'person', identity });
  await client.attestSubject(handle, { principal, band: 'adult', own_income: true, guardian: false });
  const drafted = await client.draftLetter({
    principal,
    handle,
    template: site.template,
    slots: { ...SLOTS, subject: { ...SLOTS.subject, name: person.name, id_number: maskNumber(person.id_number) } },
    text: null,
    warnings: [],
    expires_at: (clock() + DAY_MS) as Instant,
    return_to: `${site.ownUrl()}/back`,
    owed: '¥10,000.00',
    confirm: [
      {
        id: 'employer',
        by: site.bureau,
        zh: '登记的工作单位：示例机械有限公司，自 1899 年 3 月起。',
        en: 'Employer on record: Example Machines Co., since March 1899.',
      },
    ],
    grants: clausesOf(site, clock()),
  });
  const [query] = drafted.grants.map(({ grant }) => grant) as [GrantId];
  return { letter: drafted.letter as LetterId, path: drafted.sign_path, application: { person, handle, query } };
}

function maskNumber(number: string): string {
  return `${number.slice(0, 4)}${'*'.repeat(number.length - 8)}${number.slice(-4)}`;
}

async function query(site: LenderSite, letter: string, { person, handle, query: grant }: Application, purpose: string) {
  const items = ['credit_report'];
  const asked = { principal: site.lender, handle, door: site.bureau, bound: null };
  const access = await site.client.askAccess({ ...asked, ground: { grant }, action: 'QUERY', purpose, items });
  if (access.decision === 'deny') return decided(letter, access.codes, null);
  const answer = await site.reports(reportRequest(access.permit, person, items));
  return decided(letter, [], answer.ok ? await answer.text() : null);
}

function home(): Html {
  return html`<h1>${NAMES.lender}</h1>
<p>您在这里扮演一位客户，向这家虚构的银行申请信贷额度。银行会请您在授权账本上签署授权书。<br>
<span class="soft" lang="en">Play a customer who applies for a credit line. The bank sends you to the ledger, to sign a letter.</span></p>
<form class="sheet" method="post" action="/apply">
<h2>您是谁？ <span class="soft" lang="en">Who are you?</span></h2>
${PEOPLE.map(({ name }, at) => html`<label><input type="radio" name="person" value="${at}" required> ${name}</label>`)}
<button>申请额度 <span lang="en">Apply</span></button>
</form>`;
}

const RESULTS: Readonly<Record<string, string>> = {
  signed: '客户已在账本上签署授权书。 The customer signed on the ledger.',
  declined: '客户没有同意。 The customer declined.',
};

function back(letter: string, result: string, applications: ReadonlyMap<string, Application>): Html {
  const application = applications.get(letter);
  return html`<h1>${NAMES.lender}</h1>
<p class="sheet" role="status">${RESULTS[result] ?? '客户还没有答复。 The customer has not answered.'}</p>
${application === undefined ? '' : lookUps(letter)}
<p><a href="/">再申请一次 <span lang="en">apply again</span></a></p>`;
}

/** What the bank's clerk may try, with and without a ground for it. */
function lookUps(letter: string): Html {
  const look = (purpose: string, label: Html) => html`<form method="post" action="/query">
<input type="hidden" name="letter" value="${letter}"><input type="hidden" name="purpose" value="${purpose}"><button>${label}</button></form>`;
  return html`<section class="sheet"><h2>现在扮演银行 <span class="soft" lang="en">Now play the bank</span></h2>
${look('loan_apply', html`为贷款审批查询信用报告 <span lang="en">query for the loan</span>`)}
${look('marketing', html`为营销查询（未获授权） <span lang="en">query for marketing</span>`)}
<p class="soft">客户撤回授权之后，再查询一次看看。 <span lang="en">Query again after the customer took it back.</span></p></section>`;
}

function decided(letter: string, codes: readonly string[], report: string | null): Html {
  return html`<h1>${NAMES.lender}</h1>
<section class="sheet" role="status">${
    codes.length === 0
      ? html`<h2>账本允许 <span class="soft" lang="en">allowed</span></h2><p>征信机构凭许可交出了：<span lang="en">The bureau released:</span> <code>${report ?? '—'}</code></p>`
      : html`<h2>账本拒绝 <span class="soft" lang="en">denied</span> <code>${codes.join(' ')}</code></h2><p>没有任何数据被交出。 <span lang="en">Nothing was released.</span></p>`
  }</section>
${lookUps(letter)}`;
}

function problem(said: string): Html {
  return html`<h1>${NAMES.lender}</h1><p class="sheet" role="alert">${said}</p><p><a href="/">返回 <span lang="en">back</span></a></p>`;
}
