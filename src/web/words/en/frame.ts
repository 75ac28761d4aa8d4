import type { Spoken } from '../spoken.ts';
import type { frame as zh } from '../zh/frame.ts';

export const frame: Spoken<typeof zh> = {
  product: 'authorization and consent ledger',
  skip: 'Skip to the content',
  nav: 'Main pages',
  home: 'Home',
  me: 'My authorizations',
  desk: 'Clerk’s desk',
  verify: 'Verify a receipt',
  docs: 'API docs',
  view: {
    title: 'How this is shown',
    language: 'Language',
    size: 'Text size',
    usual: 'Standard',
    elder: 'Elder mode',
    larger: 'Large',
    larger2: 'Larger',
    larger3: 'Largest',
  },
  noScript: 'This page has no script and asks nobody else for anything.',
  onlyOurScripts: 'This page runs this server’s own scripts only, and asks nobody else for anything.',
  translation: 'Translation; the Chinese text is authoritative',
};
