/** Grants that end with their facility, over HTTP: drafted and signed so, and over from its closing on, for good. */
import { expect, it } from 'vitest';
import { openCourt } from '../support/court.ts';
import { signersOf } from './door.ts';

it('a grant that was given until its facility ends is EXPIRED once that is closed, and no other facility revives it', async () => {
  const court = await openCourt({ time: '2024-05-01T10:00:00' });
  const [ending, lasting] = await court.give([
    { purposes: ['post_loan'], ends_with: 'facility' },
    { purposes: ['post_loan'], items: ['credit_info'] },
  ]);
  const read = async () => (await court.door.as(signersOf(court.lender)).get(`/v1/grants/${ending}`)).json;
  const query = (grant: unknown, items: readonly string[]) =>
    court.ask({ ground: { grant }, purpose: 'post_loan', items, stated: { reason: '01' } });
  expect((await read()).terms.ends_with).toBe('facility');

  const { fact } = await court.tell('/facilities', { from: '2024-05-01', last: null, years: 3 });
  expect(await query(ending, ['credit_report'])).toMatchObject({ decision: 'allow', codes: [] });
  court.setTime('2024-06-01T10:00:00');
  await court.tell(`/facilities/${fact}/closure`);
  expect(await query(ending, ['credit_report'])).toMatchObject({ decision: 'deny', codes: ['EXPIRED', 'NOFACILITY'] });
  expect((await read()).status).toBe('expired');

  await court.tell('/facilities', { from: '2024-06-01', last: null, years: 1 });
  expect(await query(ending, ['credit_report'])).toMatchObject({ decision: 'deny', codes: ['EXPIRED'] });
  expect(await query(lasting, ['credit_info'])).toMatchObject({ decision: 'allow', codes: [] });
  await court.close();
});
