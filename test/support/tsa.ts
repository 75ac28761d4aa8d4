/**
 * A time-stamping authority for tests: openssl's own (`openssl ts -reply`), over HTTP on this machine, under a CA that is made
 * for it. Names and keys are made up each time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import { parseTsaCertificates } from '#time-stamp/certificates.ts';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
if (!HAS_OPENSSL) process.stderr.write('SKIPPED: openssl is missing, and no time-stamp can be made to test with\n');

export const POLICY = '1.3.6.1.4.1.99999.1';
export const OTHER_POLICY = '1.3.6.1.4.1.99999.2';

export interface TestTsa {
  readonly folder: string;
  readonly url: string;
  /** The authority that issued its certificate; and that certificate itself. */
  readonly ca: string;
  readonly certificate: string;
  /** How many it was asked. */
  asked(): number;
  /** Changes what is sent, from now on. */
  answers(
    by: (reply: Uint8Array) => { readonly status?: number; readonly type?: string; readonly body: Uint8Array },
  ): void;
  close(): Promise<void>;
}

export interface TsaKind {
  readonly key?: 'rsa' | 'ec' | 'ec-384';
  readonly extensions?: string;
  readonly digest?: 'sha256' | 'sha384' | 'sha512';
  readonly essDigest?: 'sha1' | 'sha256';
  readonly accuracy?: string;
  /** The key of the authority that issues its certificate, and what that one's own certificate says. */
  readonly caKey?: 'rsa' | 'ec' | 'ec-384';
  readonly caExtensions?: string;
}

const KEYS = {
  rsa: ['rsa:2048'],
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ec-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const;
const ISSUES = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

const STAMPS = 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n';

export async function openTsa({
  key = 'ec',
  extensions = STAMPS,
  digest = 'sha256',
  essDigest = 'sha256',
  accuracy = '',
  caKey = 'ec',
  caExtensions = ISSUES,
}: TsaKind = {}): Promise<TestTsa> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-tsa-'));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('ca.ext'), caExtensions);
  writeFileSync(at('tsa.ext'), extensions);
  writeFileSync(at('serial'), '01\n');
  writeFileSync(at('ts.cnf'), configuration(folder, digest, essDigest, accuracy));
  for (const [name, subject, kind] of [
    ['ca', '/O=Testing Authority 990001/CN=Test Root', KEYS[caKey]],
    ['tsa', '/O=Testing Authority 990001/CN=Test TSA', KEYS[key]],
  ] as const) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject];
    openssl(['req', '-new', '-nodes', '-newkey', ...kind, ...files]);
  }
  const sign = (name: string, by: readonly string[]) =>
    openssl([
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      ...by,
      '-days',
      name === 'ca' ? '60' : '30',
      '-extfile',
      at(`${name}.ext`),
      '-out',
      at(`${name}.pem`),
    ]);
  sign('ca', ['-signkey', at('ca.key')]);
  sign('tsa', ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial']);
  let asked = 0;
  let change: Parameters<TestTsa['answers']>[0] = (body) => ({ body });
  const server = createServer(async (incoming, response) => {
    asked += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { status = 200, type = 'application/timestamp-reply', body } = change(reply(folder, Buffer.concat(chunks)));
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    folder,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: at('ca.pem'),
    certificate: at('tsa.pem'),
    asked: () => asked,
    answers(by) {
      change = by;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function certificatesIn(file: string) {
  return parseTsaCertificates(readFileSync(file));
}

export function openssl(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args);
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

function reply(folder: string, query: Uint8Array): Uint8Array {
  writeFileSync(join(folder, 'query'), query);
  const [queryFile, out] = [join(folder, 'query'), join(folder, 'reply')];
  openssl(['ts', '-reply', '-config', join(folder, 'ts.cnf'), '-queryfile', queryFile, '-out', out]);
  return readFileSync(out);
}

function configuration(folder: string, digest: string, essDigest: string, accuracy: string): string {
  return `[tsa]
default_tsa = it
[it]
serial = ${folder}/serial
crypto_device = builtin
signer_cert = ${folder}/tsa.pem
signer_key = ${folder}/tsa.key
signer_digest = ${digest}
certs = ${folder}/ca.pem
default_policy = ${POLICY}
other_policies = ${OTHER_POLICY}
digests = sha256, sha512
${accuracy === '' ? '' : `accuracy = ${accuracy}\n`}ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = ${essDigest}
`;
}
