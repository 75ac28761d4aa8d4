/**
 * What the pages say, in Chinese: the language that counts. One file for each group of pages; words/en.ts has the same keys.
 *
 * @module
 */
import type { Spoken } from './spoken.ts';
import { addDevice } from './zh/add-device.ts';
import { affirm } from './zh/affirm.ts';
import { certificate } from './zh/certificate.ts';
import { components } from './zh/components.ts';
import { desk } from './zh/desk.ts';
import { docs } from './zh/docs.ts';
import { erase } from './zh/erase.ts';
import { failure } from './zh/failure.ts';
import { frame } from './zh/frame.ts';
import { home } from './zh/home.ts';
import { keep } from './zh/keep.ts';
import { key } from './zh/key.ts';
import { me } from './zh/me.ts';
import { paper } from './zh/paper.ts';
import { parts } from './zh/parts.ts';
import { receipt } from './zh/receipt.ts';
import { sign } from './zh/sign.ts';
import { signIn } from './zh/sign-in.ts';
import { verify } from './zh/verify.ts';

export const zh = {
  frame,
  parts,
  failure,
  home,
  docs,
  receipt,
  keep,
  paper,
  certificate,
  components,
  key,
  sign,
  signIn,
  addDevice,
  affirm,
  me,
  erase,
  desk,
  verify,
} as const;

export type Words = Spoken<typeof zh>;
