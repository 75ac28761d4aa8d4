import type { Spoken } from '../spoken.ts';
import type { failure as zh } from '../zh/failure.ts';

export const failure: Spoken<typeof zh> = {
  other: {
    title: 'This step was not done',
    next: 'Go back and try again; if it stays, tell the staff the code below.',
  },
  of: {
    cross_site: {
      title: 'This was not sent by a page of this site',
      next: 'Go to the front page, and do it from a page here. Nothing was changed.',
    },
    input_invalid: {
      title: 'What was sent is not as wanted',
      next: 'Go back, look at it again, and send it once more.',
    },
    not_found: {
      title: 'There is no such page',
      next: 'Look whether the link or the code is complete, or go to the front page.',
    },
    store_unavailable: { title: 'It can’t be shown now', next: 'The database does not answer. Try again later.' },
  },
};
