import type { Spoken } from '../spoken.ts';
import type { home as zh } from '../zh/home.ts';

export const home: Spoken<typeof zh> = {
  title: 'An authorization and consent ledger',
  lede: 'Who looked at your data, and by which letter, stands here. Anyone can check it, and nobody can change it unseen.',
  what: {
    title: 'What this is',
    body: 'A person or a firm signs a letter of authorization, clause by clause. Before any data is queried, reported or passed on, a decision is taken here. Each allow, each denial and each withdrawal is an entry of a signed, hash-chained Merkle log that anyone can check without trusting its keeper.',
  },
  gone: { title: 'The database does not answer.', body: 'The rest of this page is as it was. Try again later.' },
  standing: {
    title: 'How the ledger stands',
    origin: 'Origin',
    entries: 'Entries',
    root: 'Root',
    checkpoint: 'Newest checkpoint',
    entriesOf: (size) => `${size} entries`,
    key: 'Public key',
    readOnly: 'The ledger is read-only.',
  },
  story: {
    title: 'One letter, from signature to withdrawal',
    letter: 'The letter, signed',
    grants: 'Its grants',
    withdrawn: 'withdrawn',
    allow: 'allow',
    deny: 'deny',
    receipt: 'receipt',
    tour: 'Play it yourself: apply at a made-up bank, and sign',
  },
  next: {
    title: 'What to try next',
    begin:
      'Nobody is registered yet: make keys for a party and register it. The whole ledger can be audited at any time.',
    example: 'example',
    verify: 'Take a receipt and verify it offline; then audit the whole ledger.',
  },
  more: {
    title: 'For developers and verifiers',
    verify: 'Verify a receipt',
    verifyNote: 'drag its file onto the page; nothing is sent, and it works offline',
    docs: 'API docs',
    docsNote: 'every operation, field and code of a problem',
    openapi: 'openapi.json',
    openapiNote: 'OpenAPI 3.1',
    checkpoint: 'Checkpoint',
    checkpointNote: 'the newest tree head, signed by the ledger',
    components: 'Components',
    componentsNote: 'everything that the pages are made of',
  },
};
