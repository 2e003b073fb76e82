import { canListen } from '../../../control/steps/port-probe.ts';
import { type Finding, ok } from '../finding.ts';
import { holderOf } from './port-holder.ts';

/** A port that a start needs, and what for: `the API`, `broker 1 of demo`. */
export interface NeededPort {
  readonly port: number;
  readonly use: string;
}

/** Whether nobody has the ports that a start needs on this address. */
export async function portFindings(host: string, needed: readonly NeededPort[]): Promise<Finding[]> {
  const check = 'ports';
  const taken: Finding[] = [];
  for (const { port, use } of needed) {
    if (await canListen({ host, port })) continue;
    const holder = holderOf(port);
    taken.push({
      check,
      level: 'error',
      found: `Port ${port}, for ${use}, is in use${holder === null ? ' by another process' : ` by ${holder}`}.`,
      advice: `End that process, or choose another port with ${use === API ? '--port' : '--kafka-port'}.`,
    });
  }
  if (taken.length > 0) return taken;
  return [ok(check, `The ports ${needed.map(({ port }) => port).join(', ')} are free on ${host}.`)];
}

/** What the port of the API is for. */
export const API = 'the API';
