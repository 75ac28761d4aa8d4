/**
 * The story's credit bureau: a small provider as any could be, with `requirePermit` before its one route. Everybody that
 * it knows is made up.
 *
 * @module
 */
import { type Call, type Door, PERMIT_HEADER, requirePermit } from '#client/index.ts';
import { parseUtf8 } from '#core/bytes.ts';
import { PEOPLE, type TourPerson } from './tour/people.ts';

const REPORT: Readonly<Record<string, unknown>> = {
  credit_report: { accounts: 2, overdue: 0 },
  credit_info: { score_band: 'B' },
};

interface Asked {
  readonly id_type: string;
  readonly id_number: string;
  readonly items: readonly string[];
}

export type Bureau = (request: Request) => Promise<Response>;

/** The bureau as a fetch handler: `POST /reports` with a person and items. */
export function openBureau(door: Door): Bureau {
  const guard = requirePermit(door, {
    action: 'QUERY',
    subjectOf: (_request, body) => readAsked(body),
    itemsOf: (_request, body) => readAsked(body)?.items ?? [],
  });
  return async (request) => {
    const call: Call = { req: { raw: request }, res: new Response(null, { status: 404 }) };
    const turnedAway = await guard(call, async () => {
      call.res = await report(request);
    });
    return turnedAway ?? call.res;
  };
}

async function report(request: Request): Promise<Response> {
  const asked = readAsked(new Uint8Array(await request.arrayBuffer()));
  if (asked === null || !PEOPLE.some(({ id_number }) => id_number === asked.id_number)) {
    return new Response(null, { status: 404 });
  }
  return Response.json(Object.fromEntries(asked.items.map((item) => [item, REPORT[item]])));
}

function readAsked(body: Uint8Array): Asked | null {
  try {
    const { id_type, id_number, items } = JSON.parse(parseUtf8(body));
    return { id_type, id_number, items };
  } catch {
    return null;
  }
}

/** A lender's request for a person. */
export function reportRequest(
  permit: string | null,
  { id_type, id_number }: Pick<TourPerson, 'id_type' | 'id_number'>,
  items: readonly string[],
): Request {
  return new Request('http://bureau.example/reports', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(permit === null ? {} : { [PERMIT_HEADER]: permit }) },
    body: JSON.stringify({ id_type, id_number, items }),
  });
}
