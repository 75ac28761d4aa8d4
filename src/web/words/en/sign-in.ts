import type { Spoken } from '../spoken.ts';
import type { signIn as zh } from '../zh/sign-in.ts';

export const signIn: Spoken<typeof zh> = {
  title: 'Sign in',
  lede: 'Use your passkey (fingerprint, face or screen lock) to see who looked, and to take authorizations back. No password, no text message.',
  submit: 'Sign in with a passkey',
  none: 'No passkey yet? You make one when you sign your first letter, or at a branch.',
  out: 'Sign out',
  problem: 'You are not signed in',
  stale: 'The page was open for too long: try again.',
  refused: 'This passkey is unknown, or was ended.',
  lost: (day) =>
    `The ledger lost what was recorded after ${day}, and with it the passkeys that were registered since. Make another one from the link of a letter, or take your document to a counter.`,
};
