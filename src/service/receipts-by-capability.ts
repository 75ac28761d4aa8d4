/** Receipts for who has no key of a party: the path itself opens one. */
import { accessByCapability, erasureByCapability, receiptLetterByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { erasureReceiptOf, letterReceiptOf, receiptOf } from './receipts.ts';

/** @throws {Failure} `access_unknown`, if it is not a capability of this deployment; and as a receipt's. */
export async function receiptByCapability(context: Context, capability: string): Promise<string> {
  return receiptOf(context, accessByCapability(context, capability));
}

/** @throws {Failure} `letter_unknown`, if it is not a capability of this deployment; and as a letter's receipt. */
export async function letterReceiptByCapability(context: Context, capability: string): Promise<string> {
  return letterReceiptOf(context, receiptLetterByCapability(context, capability));
}

/** @throws {Failure} `erasure_unknown`, if it is not a capability of this deployment; and as an erasure's receipt. */
export async function erasureReceiptByCapability(context: Context, capability: string): Promise<string> {
  return erasureReceiptOf(context, erasureByCapability(context, capability));
}
