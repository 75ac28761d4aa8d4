/**
 * A server without its doors, under load, to be killed: `node crash-child.ts <config as JSON> <name>`. Every line it
 * prints was true when it was printed: `try <key>` before a request, `ack <key> <index> <leaf>` after its answer.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { partySignatory } from '#client/sign.ts';
import type { GrantId } from '#core/ids.ts';
import { askAccess } from '#service/accesses.ts';
import { authenticate } from '#service/caller.ts';
import { enrol } from '#service/relationships.ts';
import { openNode } from '../../src/node.ts';
import { signedRequest } from './actors.ts';
import { registerAs } from './crash.ts';

const [configText = '', name = ''] = process.argv.slice(2);
const config = JSON.parse(configText);
const opened = await openNode(config, { info() {}, warn() {} });
const { context } = opened;
const say = (line: string) => writeSync(1, `${line}\n`);

async function write(
  key: string,
  act: () => Promise<{ readonly entry: { readonly index: number; readonly leaf: string } }>,
) {
  say(`try ${key}`);
  const { entry } = await act();
  say(`ack ${key} ${entry.index} ${entry.leaf}`);
}

const { party, key: lenderKey } = await registerAs(config, opened, `${name}-lender`, 'grantee');
const callOf = async (path: string, body: object, key: string) =>
  authenticate(context, await signedRequest(context, [partySignatory(party, lenderKey)], path, body, key));
say('open');
const identity = (n: string) => ({ id_type: 'other', id_number: n, name: '张示例', phone: null });

await Promise.all(
  Array.from({ length: 12 }, async (_, lane) => {
    for (let n = 0; ; n++) {
      const key = `${name}-${lane}-${n}`;
      await write(`party:${key}`, () => registerAs(config, opened, `party:${key}`));
      if (lane % 4 !== 0) continue;
      const subject = { principal: party, subject: 'person' as const, identity: identity(key) };
      const { handle } = await enrol(context, await callOf('/v1/relationships', subject, `enrol:${key}`), subject);
      const access = {
        principal: party,
        handle,
        ground: { grant: '0'.repeat(32) as GrantId },
        action: 'QUERY' as const,
        purpose: 'loan_apply',
        items: ['credit_report'],
        door: null,
        bound: null,
      };
      await write(`ask:${key}`, async () =>
        askAccess(context, await callOf('/v1/accesses', access, `ask:${key}`), access),
      );
    }
  }),
);
