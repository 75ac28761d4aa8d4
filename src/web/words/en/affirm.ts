import type { Spoken } from '../spoken.ts';
import type { affirm as zh } from '../zh/affirm.ts';

export const affirm: Spoken<typeof zh> = {
  title: 'Affirm this passkey',
  lede: 'No new phone and no new passkey: you are identified once more, and confirm with this passkey.',
  left: {
    title: 'This passkey has to be affirmed',
    body: (day) =>
      `The ledger lost what was recorded after ${day}. You may have reported this passkey lost since, and we can’t know. So for now it only takes back, pauses, freezes and objects: it signs and confirms nothing, resumes nothing, and adds no device.`,
    how: 'Affirm it',
  },
  steps: { identify: 'Be identified', confirm: 'Confirm' },
  online: {
    title: 'Do it here, now',
    body: 'Choose an identity provider. It tells the ledger that this passkey is yours, and nothing else, and signs that; then you come back here.',
    submit: (name) => `Be identified by ${name}`,
    none: 'No identity provider is configured here: go to a counter.',
  },
  counter: {
    title: 'Or at a counter',
    body: 'Take your document and this device to the institution that identified you for this passkey. Once the clerk has checked the document, you are shown a code: open it on this device, and confirm with this passkey. The code is good for 15 minutes.',
  },
  others: {
    title: 'Other devices?',
    body: 'The passkey on each device is affirmed by itself: sign in on that device, and do the same there. Do not affirm one that is lost: end it, under “Devices”.',
  },
  link: 'This page is opened by the code, or the link, that a clerk shows you. If nothing happens, open it once more.',
  confirm: {
    title: 'Last: confirm with this passkey',
    body: (name) =>
      `${name} identified you. Confirm once with the passkey that you sign in with, to show that you still have it.`,
    warn: 'Once confirmed, this passkey signs for you again. If a call, a message or somebody beside you told you to open this page, stop.',
    submit: 'Confirm with fingerprint or face',
  },
  done: {
    title: 'The passkey is affirmed',
    body: 'It signs and confirms again. What you had authorized before the ledger lost entries is yours to confirm, one by one; until you do, nobody can use it.',
    go: 'See what waits for you',
  },
  failed: 'The passkey was not affirmed',
  again: 'Begin again',
  problems: {
    already_there: {
      title: 'This passkey counts already',
      next: 'Nothing is to be affirmed: sign in. Nothing was changed.',
    },
    challenge_stale: {
      title: 'This link is not whole, or is too old',
      next: 'Begin again; if a clerk gave it to you, ask for another one. Nothing was changed.',
    },
    identification_other: {
      title: 'It was not the holder of this passkey who was identified',
      next: 'Be identified yourself, with the document that you were registered with. Nothing was changed.',
    },
    subject_key_unknown: {
      title: 'The ledger does not know this passkey',
      next: 'It may have been registered in the time that is lost. Make another one from the link of a letter, or go to a counter. Nothing was changed.',
    },
    relationship_unknown: {
      title: 'There is no record to identify you by',
      next: 'What was kept of you is erased. Make another passkey from the link of a new letter. Nothing was changed.',
    },
  },
};
