/** A device that signs, played by Chromium itself (WebAuthn's virtual authenticator): a phone with a fingerprint. */
import type { Page } from 'playwright-core';

/** COSE's numbers: ES256, Ed25519, RS256. */
export type Algorithm = -7 | -8 | -257;

export interface DeviceOptions {
  /** It makes keys of this kind only; by default of whichever kind the page names first. */
  readonly alg?: Algorithm;
}

/** A passkey as it can be carried to another device. */
export interface CarriedPasskey {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly privateKey: string;
  readonly signCount: number;
  readonly rpId?: string;
  readonly userHandle?: string;
}

export interface Device {
  /** Whether the finger is known: a device that fails to verify refuses (`NotAllowedError`). */
  setVerified(isVerified: boolean): Promise<void>;
  /** Whether somebody touches it at all; without, requests wait. */
  setPresent(isPresent: boolean): Promise<void>;
  exportPasskeys(): Promise<readonly CarriedPasskey[]>;
  importPasskeys(passkeys: readonly CarriedPasskey[]): Promise<void>;
  /** It is lost, with all that it held. */
  remove(): Promise<void>;
}

/** Gives a page a device, for as long as the page is open. To be called before the page loads what uses it. */
export async function addAuthenticator(page: Page, { alg }: DeviceOptions = {}): Promise<Device> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  if (alg !== undefined) await page.addInitScript(makeOnly, alg);
  return {
    async setVerified(isVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: isVerified });
    },
    async setPresent(isPresent) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: isPresent });
    },
    async exportPasskeys() {
      return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    },
    async importPasskeys(passkeys) {
      for (const credential of passkeys) {
        await session.send('WebAuthn.addCredential', { authenticatorId, credential });
      }
    },
    async remove() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}

/** In the page: Chromium's device makes every kind, so one that makes a single kind is asked for no other. */
function makeOnly(alg: number): void {
  const { credentials } = navigator;
  const create = credentials.create.bind(credentials);
  credentials.create = (options) => {
    const { publicKey } = options ?? {};
    if (publicKey === undefined) return create(options);
    const pubKeyCredParams = publicKey.pubKeyCredParams.filter((each) => each.alg === alg);
    // An empty list would mean the usual kinds.
    if (pubKeyCredParams.length === 0) return Promise.reject(new DOMException('no such kind', 'NotSupportedError'));
    return create({ ...options, publicKey: { ...publicKey, pubKeyCredParams } });
  };
}
