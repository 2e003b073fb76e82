import type { Administrator } from './administrator.ts';

/** Asks now and then for an election of preferred leaders, whatever else is under way. */
export async function electPreferredLeaders(
  administrator: Administrator,
  isDraining: () => boolean,
): Promise<void> {
  const { client } = administrator;
  while (!isDraining()) {
    await client.pause(2000);
    if (!isDraining()) await client.tried(() => administrator.electPreferredLeaders());
  }
}
