/** The same in English. What is legal text in it is a translation, and the pages mark it as one. */
import { addDevice } from './en/add-device.ts';
import { affirm } from './en/affirm.ts';
import { certificate } from './en/certificate.ts';
import { components } from './en/components.ts';
import { desk } from './en/desk.ts';
import { docs } from './en/docs.ts';
import { erase } from './en/erase.ts';
import { failure } from './en/failure.ts';
import { frame } from './en/frame.ts';
import { home } from './en/home.ts';
import { keep } from './en/keep.ts';
import { key } from './en/key.ts';
import { me } from './en/me.ts';
import { paper } from './en/paper.ts';
import { parts } from './en/parts.ts';
import { receipt } from './en/receipt.ts';
import { sign } from './en/sign.ts';
import { signIn } from './en/sign-in.ts';
import { verify } from './en/verify.ts';
import type { Words } from './zh.ts';

export const en: Words = {
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
};
