import type { Spoken } from '../spoken.ts';
import type { key as zh } from '../zh/key.ts';

export const key: Spoken<typeof zh> = {
  title: 'Make a passkey',
  lede: 'A passkey is your signature on this device: opened by fingerprint, face or screen lock. It never leaves the device, and nobody can use it for you.',
  steps: { make: 'Make', identify: 'Be identified', confirm: 'Confirm' },
  make: {
    body: 'Press the button; your device asks whether to make one. Confirm with fingerprint, face or screen lock.',
    submit: 'Make a passkey',
    absent: 'This device can’t make a passkey that we take (ES256 or Ed25519). Use another device, or go to a branch.',
  },
  identify: {
    title: 'Show that it is your own',
    body: 'Choose who identifies you. It tells the ledger only that this key belongs to the person of this letter, and signs that.',
    submit: (name) => `Be identified by ${name}`,
    none: 'No identity provider is configured here.',
    link: 'Without identification, by this link alone',
    linkBody:
      'A key that is registered so is of the lowest grade of evidence (D): good to refuse and to take back, but what it signs supports no query and no report.',
    linkSubmit: 'Register it by the link alone',
  },
  confirm: {
    title: 'Last step: confirm with this key',
    identified: (name) =>
      `${name} has identified you. Confirm once with the passkey that you just made, to show that you have it.`,
    linked:
      'Confirm once with the passkey that you just made, to show that you have it. Nobody identified you for it: its grade of evidence is D.',
    submit: 'Confirm with fingerprint or face',
  },
  back: 'Back to the letter',
  failed: 'The passkey is not registered',
};
