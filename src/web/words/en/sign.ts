import type { Spoken } from '../spoken.ts';
import type { sign as zh } from '../zh/sign.ts';

export const sign: Spoken<typeof zh> = {
  title: 'Letter of authorization',
  lede: (grantee) => `${grantee} asks you to sign this letter. Read it first, then decide. You may say no.`,
  steps: { read: 'Read', answer: 'Answer', key: 'Passkey', sign: 'Tick and sign' },
  summary: {
    until: (end) => `until ${end}`,
    refuseNothing: 'Services that you have are not affected.',
    stopAnyTime: 'At any time under “My authorizations”, in no more steps than signing takes; at once.',
    notSaid: 'see the full text',
    owed: (amount) => `You will owe: ${amount}`,
  },
  text: {
    title: 'The full letter',
    erased: 'The text of this letter is erased.',
    english: 'English translation (not signed; the Chinese text counts)',
  },
  masked: {
    title: 'Name and number are covered',
    titleOf: (name) => `This letter is about ${name}`,
    body: 'Somebody else may have the link, so name and number are covered at first. If it is about you, show it in full, then answer and sign; if not, press “It is not me”.',
    submit: 'Show it in full',
    noted: 'Each view is recorded in the ledger first.',
  },
  warnings: 'Mind this',
  questions: {
    title: 'Before you sign, answer yourself',
    why: 'So that nobody uses your name, or makes you borrow for others. Do not let anybody answer for you.',
    submit: 'Send the answers',
    confirm: (by) => `${by} has this on record. Is this you?`,
    isMe: 'It is me',
    notMe: 'It is not me',
    free: 'Something else (please say)',
    done: 'The questions are answered: you can sign.',
    fine: 'None of these',
  },
  held: {
    title: 'Stop for a moment',
    body: (until) =>
      `Your answers suggest that somebody may be deceiving you. To protect you, this letter can’t be signed before ${until}.`,
    advice:
      'Call your bank or your family on a number that you know yourself, not one that you were given. “You need not repay” is always a fraud.',
  },
  key: {
    title: 'Sign with a passkey',
    why: 'A passkey is the fingerprint, face or screen lock of your phone. Fingerprint and face never leave it.',
    first: 'For the first time: be identified, and make a passkey',
    has: 'If you have a passkey already, sign below.',
    done: 'Your passkey is registered: you can sign now.',
    lost: 'Another phone, or the passkey is lost? Be identified again, and make a new one',
    again: 'Your passkey is registered: sign in with it to see your authorizations, and to take them back.',
  },
  form: {
    title: 'Tick each part, then sign',
    hint: 'Nothing is ticked beforehand. What you do not tick you do not agree to; you may agree to some of it.',
    without: 'What you leave out of this part:',
    submit: 'Sign with fingerprint or face',
    nothing: 'Nothing is ticked. If you agree to none of it, press “I do not agree”.',
  },
  actions: { QUERY: 'query', REPORT: 'report', PROVIDE: 'provide to others', SCORE: 'score', STORE: 'store' },
  clause: {
    query: (purposes, doors) => `I agree that ${doors} is queried, for ${purposes}`,
    report: (doors) => `I agree to reporting to ${doors}`,
    provide: (doors) => `I agree to providing to ${doors}`,
    other: (action) => `I agree to ${action}`,
    items: (names) => `: ${names}`,
    to: (end) => `valid until ${end}`,
    refusing: 'If you do not agree',
    revoking: 'If you take it back',
  },
  decline: {
    title: 'I do not agree',
    body: 'Then nothing is authorized, and you are not asked again at once.',
    submit: 'I do not agree',
  },
  notMe: {
    title: 'It is not me: I applied for nothing',
    body: 'Somebody may be using your name. This voids the letter, freezes everything of this institution, and tells it and the sources of the data.',
    submit: 'It is not me',
  },
  counter: {
    title: 'Without a phone',
    body: 'At a branch a clerk helps you, before a witness, to tick and sign the printed letter in ink. Your rights are the same; what is registered has evidence of grade C.',
    paper: 'The letter to print (PDF, A4)',
  },
  noScript: 'To sign with a passkey, turn on scripts in your browser. Reading, refusing and verifying work without.',
  problems: {
    cancelled: 'Not signed: you cancelled, or the device did not recognise you. You can try again.',
    absent: 'There is no passkey on this device that fits. Be identified and make one first, or go to a branch.',
    failed: 'The device did not finish signing. Try again; if it fails again, go to a branch.',
  },
  done: {
    signed: 'Signed',
    signedBody: 'Your authorization is registered. Keep the receipt below: anybody can verify it without trusting us.',
    suspended: 'Signed, and waiting for you to confirm',
    suspendedBody:
      'The ledger lost entries. You may have taken this back since, and we can’t know: until you sign in and confirm it, clause by clause, nobody can use it. The receipt that you keep verifies as before.',
    declined: 'You did not agree',
    declinedBody: 'Nothing is authorized. The institution does not ask for the same again for some time.',
    notMe: {
      title: 'The letter is void, and this institution is frozen',
      released: 'The letter is void; the freeze was lifted later by the person itself',
      body: (grantee) =>
        `You said that this letter is not yours: it is void, and nothing is authorized by it. Every authorization of ${grantee} for your data was frozen.`,
      told: (names) => `Told of it: ${names}.`,
      lift: 'Only your own signature lifts the freeze: no institution and no clerk can. Sign in, and lift it under “Freeze everything”.',
      next: [
        'Sign in to “My authorizations”: is there a letter that you never signed, or did anybody look?',
        'If so, take it back, and object to that line.',
        'If somebody uses your papers, report it to the police, by an official number that you looked up yourself.',
      ],
    },
    given: 'You agreed to',
    left: 'You did not agree to',
    back: (grantee) => `Back to ${grantee}`,
    me: 'My authorizations',
    receipt: 'Keep the receipt',
  },
  expired: {
    title: 'This letter has expired',
    body: 'It was not signed, and nothing is authorized. The institution can ask anew.',
    lost: 'The ledger lost entries. This letter is of before, and can’t be signed any more; if you had signed it, that is not recorded, and nobody can use it. The institution can ask anew.',
  },
};
