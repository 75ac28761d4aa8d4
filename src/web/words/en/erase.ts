import type { Spoken } from '../spoken.ts';
import type { erase as zh } from '../zh/erase.ts';

export const erase: Spoken<typeof zh> = {
  title: 'Erase my data',
  lede: 'Once the time is over for which law wants it kept, what is yours can be erased. Of what has to be kept still it says until when, and by which article.',
  now: 'Can be erased now',
  later: 'Has to be kept still',
  nothing: 'Nothing can be erased now',
  nothingBody:
    'What has to be kept is listed below. Come again once the time is over, or the ledger’s keeper erases it, as the law wants.',
  columns: ['Institution', 'What', 'Kept until', 'By'],
  classes: {
    letters: 'Letters and their evidence (name, document number, text, signature)',
    decisions: 'Records of decisions, uses and notices',
    objections: 'Objections and their replies',
    adverse_items: 'Adverse items',
    certificates: 'Evidence of a certification authority',
    face_images: 'Images of faces',
  },
  open: 'No end yet: an authorization counts still, or an objection is not answered',
  means: 'What erasing means',
  gone: 'It is destroyed together with the keys that open it, and nobody can restore it. Copies in backups last until the day that the keeper states.',
  stays:
    'The ledger’s record stays, which has nothing personal in it. Earlier receipts still verify; the texts behind them can’t be opened any more.',
  away: 'Once an institution’s letters are erased, it is not shown here any more; once all are, your passkey no longer counts, and you can’t sign in.',
  sure: 'I understand that it can’t be restored',
  submit: 'Erase',
  done: 'Erased',
  doneBody:
    'These are the certificates. Download the files now, or print this page: once you leave this page, it is not shown again.',
  person: 'All that was yours in this ledger is erased, and your passkey no longer counts.',
  certificate: 'Certificate of erasure',
  log: 'Log',
  entry: 'Entry',
  placeOf: (index) => `no. ${index}`,
  time: 'Recorded',
  what: 'What was erased',
  parts: (count) => `${count} parts`,
  leaf: 'Fingerprint of the entry',
  signature: 'The ledger’s signature',
  download: 'Download the certificate (JSON)',
  keysCertificate: 'Certificate for your keys',
  keysBody:
    'It says that your keys went with the letters of your last institution. Keep it apart from those above: to show one institution, its own is enough.',
  file: 'How to verify it',
  fileBody:
    'The file is a receipt: anyone with the log’s public key can verify offline which classes were erased, when and by which article, and what has to be kept still. It does not say whose data they were.',
  verify: 'Open the page that verifies',
};
