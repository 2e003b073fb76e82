import { NetworkError } from '../base/network.ts';
import type { World } from '../base/world.ts';
import type { Endpoint } from '../metadata/endpoint.ts';

/** A living kernel accepts or refuses at once; silence says nothing. */
const PATIENCE_MS = 500;

type Answer = 'accepted' | 'refused' | 'unknown';

/**
 * Whether a broker's process is certainly gone: a living one listens from before its registration until it
 * stops, and is accepted for by its kernel even while it stands still. Listeners on this controller's own
 * host are asked when there are some, since what clients are told may be an address that does not lead back
 * from here. Never rejects for what an answer is.
 */
export async function isRefused(
  world: World,
  endpoints: readonly Endpoint[],
  ownHost: string,
): Promise<boolean> {
  const near = endpoints.filter(({ host }) => host === ownHost);
  const asked = near.length > 0 ? near : endpoints;
  const answers = await Promise.all(asked.map((endpoint) => ask(world, endpoint)));
  return answers.length > 0 && answers.every((answer) => answer === 'refused');
}

async function ask(world: World, { host, port }: Endpoint): Promise<Answer> {
  try {
    const connection = await world.network.connect({ host, port, timeoutMs: PATIENCE_MS });
    connection.destroy();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return error.code === 'ECONNREFUSED' ? 'refused' : 'unknown';
  }
}
