/**
 * A server without its doors, under load, to be killed: `node crash-child.ts <config as JSON> <name>`. Every line it
 * prints was true when it was printed: `try <key>` before a request, `ack <key> <index> <leaf>` after its answer.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import type { GrantId } from '#core/ids.ts';
import { askAccess } from '#service/accesses.ts';
import { registerParty } from '#service/parties.ts';
import { enrol } from '#service/relationships.ts';
import { openNode } from '../../src/node.ts';
import { callOf } from './crash.ts';

const [config = '', name = ''] = process.argv.slice(2);
const { context } = await openNode(JSON.parse(config), { info() {}, warn() {} });
const say = (line: string) => writeSync(1, `${line}\n`);

async function write(
  key: string,
  act: () => Promise<{ readonly entry: { readonly index: number; readonly leaf: string } }>,
) {
  say(`try ${key}`);
  const { entry } = await act();
  say(`ack ${key} ${entry.index} ${entry.leaf}`);
}

const { party } = await registerParty(context, callOf(`${name}-lender`), { name: '示例消费金融', roles: ['grantee'] });
say('open');
const identity = (n: string) => ({ id_type: 'resident_id', id_number: n, name: '张示例', phone: null });

await Promise.all(
  Array.from({ length: 12 }, async (_, lane) => {
    for (let n = 0; ; n++) {
      const key = `${name}-${lane}-${n}`;
      await write(`party:${key}`, () =>
        registerParty(context, callOf(`party:${key}`), { name: key, roles: ['bureau'] }),
      );
      if (lane % 4 !== 0) continue;
      const subject = { principal: party, subject: 'person' as const, identity: identity(key) };
      const { handle } = await enrol(context, callOf(`enrol:${key}`), subject);
      await write(`ask:${key}`, () =>
        askAccess(context, callOf(`ask:${key}`), {
          principal: party,
          handle,
          ground: { grant: '0'.repeat(32) as GrantId },
          action: 'QUERY',
          purpose: 'loan_apply',
          items: ['credit_report'],
          door: null,
        }),
      );
    }
  }),
);
