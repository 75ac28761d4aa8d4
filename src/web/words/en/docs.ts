import type { Spoken } from '../spoken.ts';
import type { docs as zh } from '../zh/docs.ts';

export const docs: Spoken<typeof zh> = {
  title: 'Assent API',
  contents: 'On this page',
  inEnglish: '',
};
