import { brokerProcess, type Millrace } from '../support/millrace.ts';

/**
 * For programs that say `writing` and then write for some seconds: kills a broker upon it, as a crash would,
 * once. Every broker has a copy of their partition, which it leads or follows.
 */
export function killBrokerWhenWriting(millrace: Millrace, brokerId: number): (line: string) => void {
  let killed = false;
  return (line) => {
    if (killed || line !== 'writing') return;
    killed = true;
    const pid = brokerProcess(millrace.data, brokerId);
    if (pid === null) throw new Error(`broker ${brokerId} has no process`);
    process.kill(pid, 'SIGKILL');
  };
}
