/**
 * What a rule of the ledger is: one for each type of entry, and one code for the server, the audit and the verifier.
 *
 * State is a fold: `evolve(state, entry) → state`. A command is an entry's body before it is decided: `decide` adds
 * the outcome, or throws. Nothing else is read but the view: the states of streams as they are at that index.
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import type { Instant } from '../instant.ts';
import type { Pack } from '../pack/pack.ts';
import type { Shape } from '../shape.ts';
import type { StreamHead } from '../tlog/chain.ts';
import type { Owner } from '../tlog/payload.ts';
import type { StreamId } from '../tlog/stream.ts';
import type { Auth } from './auth.ts';

/** The states of streams at one moment of the ledger. A stream that does not exist yet has neither head nor state. */
export interface View {
  head(stream: StreamId): StreamHead | undefined;
  state(stream: StreamId): JsonObject | undefined;
  /** The pack of a digest; undefined, or absent: its bytes are not at hand. By its name it is the same everywhere. */
  pack?(digest: string): Pack | undefined;
}

/** Where and when an input is decided. */
export interface Occasion {
  readonly view: View;
  readonly stream: StreamId;
  readonly now: Instant;
}

/** What `evolve` takes of an entry. */
export interface Event<Input> {
  readonly stream: StreamId;
  readonly seq: number;
  readonly time: Instant;
  readonly body: Input & JsonObject;
}

export interface Rule<Input extends JsonObject = JsonObject, State extends JsonObject = JsonObject> {
  /** How a call may be authenticated that makes this entry. None: the ledger itself makes it. */
  readonly auth: readonly Auth[];
  /** Reads the fields of the body that the decision takes as given. */
  readonly input: Shape<Input>;
  /** The fields that the decision adds. */
  readonly outcome: readonly string[];
  /** The parts that the payload may have, and whose they are. */
  readonly parts: Readonly<Record<string, Owner>>;
  /** The parts that this entry's payload has: evidence is never left out. None: the entry has no payload. */
  needs(input: Input): readonly string[];
  /**
   * The other streams that the decision reads. Their heads are pinned in the body's `saw`. How often the log was continued
   * is asked of its own stream besides (`epoch.ts`): an entry's place in the tree says that already.
   */
  reads(input: Input): readonly StreamId[];
  /**
   * Decides, and returns the outcome's fields.
   *
   * @throws {Failure} if the input may not become an entry at all.
   */
  decide(input: Input, occasion: Occasion): { readonly [name: string]: Json };
  evolve(state: State | undefined, event: Event<Input>): State;
}
