import type { Spoken } from '../spoken.ts';
import type { failure as zh } from '../zh/failure.ts';

export const failure: Spoken<typeof zh> = {
  other: {
    title: 'This step was not done',
    next: 'Go back and try again; if it stays, tell the staff the code below.',
  },
  of: {
    already_there: {
      title: 'This passkey is bound already',
      next: 'Sign, or sign in, with it; if it was reported lost, make another one. Nothing was changed.',
    },
    already_signed: { title: 'This letter is signed already', next: 'Below is how it stands. Nothing was changed.' },
    challenge_stale: {
      title: 'This step took too long',
      next: 'Open the page again by the link of your letter, and do it once more. Nothing was changed.',
    },
    cross_site: {
      title: 'This was not sent by a page of this site',
      next: 'Go to the front page, and do it from a page here. Nothing was changed.',
    },
    identification_missing: {
      title: 'You have to be identified first',
      next: 'You had a key before: for a new one let an identity provider identify you, or go to a counter. No key was bound.',
    },
    identification_other: {
      title: 'Somebody else was identified than the letter is of',
      next: 'Let the person of the letter be identified, by the same document as was enrolled. No key was bound.',
    },
    input_invalid: {
      title: 'What was sent is not as wanted',
      next: 'Go back, look at it again, and send it once more.',
    },
    not_due: {
      title: 'This has to be kept still',
      next: 'Until when, and by which article, is under “Erase my data”. Nothing was erased.',
    },
    nothing_to_erase: { title: 'Nothing is left to be erased', next: 'There is nothing to do.' },
    invitation_over: {
      title: 'This link was used, or is too old',
      next: 'Make a new one on your first device, under “My devices”. If it was not you who used it, do not sign on the first device. Nothing was changed.',
    },
    invitation_unknown: {
      title: 'There is no such link',
      next: 'Look whether it is complete; a new one ends the former. Make another on your first device, under “My devices”.',
    },
    key_invalid: {
      title: 'This passkey can’t be used',
      next: 'Make it again; if your device can only make one of RS256, take another device, or go to a counter. No key was bound.',
    },
    letter_unknown: {
      title: 'There is no such letter',
      next: 'Look whether the link is complete. If it is, ask who gave it to you for a new one. Nothing was changed.',
    },
    letter_declined: { title: 'This letter was declined', next: 'Below is how it stands. Nothing was changed.' },
    grade_low: {
      title: 'The evidence of this passkey is not good enough',
      next: 'Sign with the passkey that you used then, or another one that you were identified for; or go to a branch. Nothing was changed.',
    },
    hold_mismatch: {
      title: 'There is no such freeze or pause',
      next: 'It may have been lifted. Look it up under “My authorizations”.',
    },
    key_suspended: {
      title: 'This passkey has to be affirmed',
      next: 'The ledger lost entries: with this passkey you can take back, pause, freeze and object, and nothing else. Sign in and affirm it, or go to a counter. Nothing was changed.',
    },
    quota_unknown: {
      title: 'This authorization can’t be confirmed',
      next: 'It is limited in number, and how often it was used is lost. Ask the institution for a new letter. Nothing was changed.',
    },
    key_ended: { title: 'This passkey has ended', next: 'Use another one of yours. Nothing was changed.' },
    letter_expired: { title: 'The time to sign it is over', next: 'Begin this step again. Nothing was changed.' },
    signed_ahead: { title: 'Your device’s clock is fast', next: 'Set it, and sign again. Nothing was changed.' },
    signed_before: {
      title: 'Your device’s clock is slow',
      next: 'Set it, or wait for some minutes, and sign again. Nothing was changed.',
    },
    statement_unknown: {
      title: 'There is no such statement, or it was signed',
      next: 'Look it up under “My authorizations”.',
    },
    subject_key_unknown: {
      title: 'This is not your passkey',
      next: 'Use one that is registered as yours. Nothing was changed.',
    },
    method_not_allowed: {
      title: 'This address can’t be opened like that',
      next: 'Go on by a button of the page before, or go to the front page. Nothing was changed.',
    },
    not_found: {
      title: 'There is no such page',
      next: 'Look whether the link or the code is complete, or go to the front page.',
    },
    store_unavailable: { title: 'It can’t be shown now', next: 'The database does not answer. Try again later.' },
  },
};
