import type { Spoken } from '../spoken.ts';
import type { addDevice as zh } from '../zh/add-device.ts';

export const addDevice: Spoken<typeof zh> = {
  title: 'Add a device',
  lede: 'Scan the code with the new device, and make a passkey there; then come back here, compare the number, and sign.',
  code: 'The link to open on the new device',
  hint: 'Scan the code with the new device, or open the link below on it.',
  until: 'The link is good until',
  once: 'It can be used once. Making a new one ends the former.',
  pressed: 'Does somebody tell you to do this?',
  pressedBody:
    'The new device signs for you as this one does. Send the link or the code to nobody, and add no device for anyone else. No bank and no police will ask you to add one.',
  go: 'The new device shows a number: compare it',
  again: 'Make a new link',
  back: 'Back to “My devices”',
  none: 'No device waits to be added',
  noneBody: 'No link was made yet; or it was used, or its 10 minutes are over.',
  make: 'Make a link',
  open: 'Waiting for the new device',
  openBody: 'Once a passkey is made there and the new device shows six digits, reload this page.',
  reload: 'Reload',
  compare: 'Does the new device show the same number?',
  compareBody:
    'Hold the new device beside this one, and compare digit by digit. If it shows another number, or none, do not sign: what waits may be somebody else’s device. Go back to “My devices” and make a new link, which ends the former.',
  does: 'Once you sign, the new device signs and signs in for you, with evidence of no better grade than the key that you sign with. You can end it at any time under “My devices”.',
  submit: 'The same number: sign and add it',
  different: 'Another number: do not add it',
  here: {
    title: 'Add this device to the ledger',
    lede: 'This link comes from another device of yours. Once added, this device opens the same person’s authorizations too, and signs for that person. Whose they are is not shown here.',
    steps: { make: 'Make', confirm: 'Confirm', compare: 'Compare' },
    notYours: 'If you did not just make this link yourself on another device, close this page.',
    make: 'Press the button; your device asks whether to make a passkey. Confirm with fingerprint, face or screen lock.',
    confirm: 'Confirm once with the passkey that you just made, to show that you have it.',
    compare: 'Compare this number on your first device',
    compareBody:
      'On the first device open “Add a device” under “My devices”. If it shows the same number, sign there. Until then this device opens nothing.',
    signIn: 'Once you signed, sign in here',
    failed: 'The passkey was not made',
    stale: { title: 'This step took too long', next: 'Open the link again, and do it once more. Nothing was changed.' },
    retry: 'Open the link again',
  },
};
